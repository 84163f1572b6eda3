//! A small deterministic source of numbers: the same seed gives the same bytes on every machine, for ever.
//! Not for keys or anything else that must not be guessed.

/// Splitmix64. The algorithm is fixed: generated worlds are compared by their bytes.
#[derive(Clone, Debug)]
pub struct Seed {
    state: u64,
}

impl Seed {
    /// A stream that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An independent stream for item `index` of the thing called `label`, whatever was drawn before.
    /// Adding a draw for one item therefore never changes another.
    pub fn of(seed: u64, label: &str, index: u64) -> Self {
        let mut state = seed;
        for byte in label.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        Self { state: mix(state ^ mix(index)) }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number in `0..bound`; `bound` is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of a 128-bit product: no division, and a bias far below what any test here could see.
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// An index in `0..len`.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `per_mille` of a thousand cases.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < u64::from(per_mille)
    }

    /// One of the items, each as likely as the other.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.index(items.len())]
    }

    /// One of the items by weight.
    pub fn weighted<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let total: u64 = items.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (item, weight) in items {
            if left < u64::from(*weight) {
                return *item;
            }
            left -= u64::from(*weight);
        }
        unreachable!("the draw is below the sum of the weights")
    }
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_splitmix64() {
        let mut seed = Seed::new(1234567);
        assert_eq!([seed.bits(), seed.bits()], [6457827717110365317, 3203168211198807973]);
    }

    #[test]
    fn streams_of_neighbouring_items_differ() {
        let first = |index| Seed::of(7, "household", index).bits();
        assert_ne!(first(0), first(1));
        assert_ne!(first(1), Seed::of(7, "person", 1).bits());
    }

    #[test]
    fn weights_decide_how_often_an_item_comes() {
        let mut seed = Seed::new(1);
        let rare = (0..10_000).filter(|_| seed.weighted(&[(true, 1), (false, 9)])).count();
        assert!((900..1100).contains(&rare), "{rare}");
    }
}
