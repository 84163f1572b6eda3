//! What a device asks of the world around it: the time and randomness. Nothing else in this crate knows either.

use sync_protocol::RecordId;

/// The clock and the dice of a device, given to it when it is opened.
pub trait Env {
    /// Milliseconds since 1970 by the device's own clock, right or wrong.
    fn now_ms(&self) -> i64;
    /// Fills `to` with unpredictable bytes: ids and keys are made of them.
    fn random(&self, to: &mut [u8]);
    /// Minutes that local time is ahead of UTC, 420 in Jambi: what "today" means in an interview.
    fn utc_offset_minutes(&self) -> i32;
}

/// `N` random bytes.
pub(crate) fn dice<const N: usize>(env: &dyn Env) -> [u8; N] {
    let mut bytes = [0; N];
    env.random(&mut bytes);
    bytes
}

/// The id of a new record: time-ordered, so that a page of new records fills the index from one side.
pub(crate) fn new_record(env: &dyn Env) -> RecordId {
    RecordId::minted(env.now_ms().max(0) as u64, dice(env))
}
