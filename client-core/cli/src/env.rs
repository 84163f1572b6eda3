//! The machine's clock, its dice and its patience: the one file of this crate that asks for time or chance.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client_core::Env;

/// The machine that the program runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Env for Machine {
    #[allow(clippy::disallowed_methods, reason = "this is the place that the clock is injected from")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn utc_offset_minutes(&self) -> i32 {
        60 * zone_hours()
    }

    fn random(&self, to: &mut [u8]) {
        getrandom::fill(to).expect("an operating system without randomness cannot keep a key");
    }
}

/// Hours that local time is ahead of UTC: 7, 8 or 9, as `TILIK_ZONE` says; 7, the west of Indonesia, where it says nothing.
pub fn zone_hours() -> i32 {
    let told = std::env::var("TILIK_ZONE").ok();
    let hours = told.and_then(|told| told.trim().trim_start_matches('+').parse().ok());
    hours.filter(|hours| (7..=9).contains(hours)).unwrap_or(7)
}

/// A number below 2³², for jitter.
pub(crate) fn dice() -> u32 {
    let mut bytes = [0; 4];
    Machine.random(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// Lets a while pass: the server asked for it, or the network needs it.
#[allow(clippy::disallowed_methods, reason = "nothing can be awaited: the server said when to come back")]
pub(crate) fn pause(a_while: Duration) {
    std::thread::sleep(a_while);
}
