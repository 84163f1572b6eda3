//! Finds parcels in bytes that come bit by bit, so that nobody holds a whole bundle in memory.

use super::{First, MAGIC_BYTES, Parcel, first, is_magic};

/// Bytes that are hashed for parcels that are none before anybody counts them.
const WASTED_BYTES_FREE: u64 = 64 << 20;
/// How many times the bytes that came may be hashed for parcels that are none; a damaged bundle takes once.
const WASTED_TIMES_MAX: u64 = 4;

/// Holds what may still become a parcel, and gives out those that are whole.
#[derive(Debug, Default)]
pub struct Sieve {
    held: Vec<u8>,
    /// Bytes of `held` that are done with.
    done: usize,
    is_end: bool,
    came: u64,
    /// Bytes that were hashed for parcels that were none.
    wasted: u64,
}

impl Sieve {
    /// The next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.held.drain(..self.done);
        self.done = 0;
        if self.gave_up() {
            self.held.clear();
            return;
        }
        self.held.extend_from_slice(bytes);
        self.came += bytes.len() as u64;
    }

    /// No more bytes come: what is not whole by now never will be.
    pub fn end(&mut self) {
        self.is_end = true;
    }

    /// Whether no more bytes come and all were looked at.
    pub fn is_at_end(&self) -> bool {
        self.is_end
    }

    /// Whether these bytes asked for more work than any bundle is worth: no more parcels are looked for.
    pub fn gave_up(&self) -> bool {
        self.wasted > WASTED_BYTES_FREE + WASTED_TIMES_MAX * self.came
    }

    /// The next whole parcel; `None` until more bytes come.
    pub fn next_parcel(&mut self) -> Option<Parcel> {
        loop {
            if self.gave_up() {
                return None;
            }
            let rest = &self.held[self.done..];
            let Some(at) = rest.windows(MAGIC_BYTES).position(is_magic) else {
                // The beginning of a magic may be at the end.
                self.done += rest.len().saturating_sub(MAGIC_BYTES - 1);
                return None;
            };
            self.done += at;
            match first(&self.held[self.done..]) {
                First::Whole(parcel, length) => {
                    self.done += length;
                    return Some(parcel);
                }
                First::Unknown if !self.is_end => return None,
                First::Unknown => self.done += MAGIC_BYTES,
                First::None(hashed) => {
                    self.wasted += hashed as u64;
                    self.done += MAGIC_BYTES;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changeset::ChangesetHash;
    use crate::ids::WriterId;
    use crate::parcel::Label;
    use crate::{BlobHash, limits};

    fn parcels() -> [Parcel; 3] {
        let writer = WriterId::from_u128(7);
        let changeset = |seq| Label::Changeset { writer, seq, hash: ChangesetHash([2; 32]) };
        let piece = Label::Piece { writer, blob: BlobHash([3; 32]), bytes: 9, from: 4 };
        [changeset(1), piece, changeset(2)].map(|label| Parcel { label, sealed: b"sealed".to_vec() })
    }

    #[test]
    fn parcels_are_found_however_their_bytes_come() {
        let whole = [b"foreign".as_slice(), &parcels().map(|parcel| parcel.to_bytes()).concat(), b"\x89til"].concat();
        for step in [1, 3, 7, 64, whole.len()] {
            let (mut sieve, mut found) = (Sieve::default(), Vec::new());
            for part in whole.chunks(step) {
                sieve.feed(part);
                found.extend(std::iter::from_fn(|| sieve.next_parcel()));
            }
            sieve.end();
            assert_eq!((found.as_slice(), sieve.next_parcel()), (parcels().as_slice(), None), "{step} at a time");
        }
    }

    #[test]
    fn a_torn_parcel_hides_none_behind_it() {
        let [one, two, three] = parcels().map(|parcel| parcel.to_bytes());
        for cut in 0..two.len() {
            let torn = [one.as_slice(), &two[..cut], &three].concat();
            let found: Vec<Label> = Parcel::list(&torn).iter().map(|parcel| parcel.label).collect();
            assert_eq!(found, [parcels()[0].label, parcels()[2].label], "cut at {cut}");
        }
    }

    #[test]
    fn a_label_reads_back_and_a_length_beyond_the_bound_is_none() {
        for parcel in parcels() {
            assert_eq!(Label::from_bytes(&parcel.label.to_bytes()), Some(parcel.label));
        }
        let mut bytes = parcels()[0].to_bytes();
        bytes[8..12].copy_from_slice(&(limits::ENTRY_BYTES_MAX as u32 + 1).to_be_bytes());
        let mut sieve = Sieve::default();
        sieve.feed(&bytes);
        assert_eq!((sieve.next_parcel(), sieve.held.len() - sieve.done), (None, MAGIC_BYTES - 1));
    }
}
