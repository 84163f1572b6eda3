//! The order in which `randomize` puts nodes, as ODK's specification fixes it, so that a seed gives one order everywhere.

/// The generator of Park and Miller, `x → 16807 x mod (2³¹ − 1)`.
pub(super) struct ParkMiller {
    state: i64,
}

impl ParkMiller {
    const MODULUS: i64 = 2_147_483_647;

    pub(super) fn new(seed: i64) -> Self {
        let state = seed % Self::MODULUS;
        Self { state: if state <= 0 { state + Self::MODULUS - 1 } else { state } }
    }

    /// The next number, from 0 up to 1.
    pub(super) fn next(&mut self) -> f64 {
        self.state = self.state * 16_807 % Self::MODULUS;
        (self.state - 1) as f64 / (Self::MODULUS - 1) as f64
    }
}

/// The items in the order of the inside-out variant of the shuffle of Fisher and Yates.
pub(super) fn shuffled<T: Copy>(items: &[T], mut random: impl FnMut() -> f64) -> Vec<T> {
    let mut order = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let other = ((random() * (index + 1) as f64) as usize).min(index);
        order.push(*item);
        order.swap(index, other);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_order() {
        let mut generator = ParkMiller::new(42);
        assert_eq!(shuffled(&["A", "B", "C", "D", "E", "F"], || generator.next()), ["A", "F", "C", "B", "D", "E"]);
    }

    #[test]
    fn every_seed_shuffles_without_loss() {
        for seed in [0, 1, -1, i64::MIN, i64::MAX, 2_147_483_647] {
            let mut generator = ParkMiller::new(seed);
            let mut items = shuffled(&[1, 2, 3, 4, 5, 6, 7], || generator.next());
            items.sort_unstable();
            assert_eq!(items, [1, 2, 3, 4, 5, 6, 7], "{seed}");
        }
    }
}
