//! Clocks and dice of everybody in a simulated world: all time is one number, all chance comes from the seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use server::ambient::Ambient;

use crate::seed::Seed;

/// The true time of a world, milliseconds since 1970. Nothing passes unless a step lets it.
#[derive(Clone, Default)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn at(ms: i64) -> Time {
        Time(Arc::new(AtomicI64::new(ms)))
    }

    pub(super) fn ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// What a device knows of time and chance: a clock that may be wrong, and its own dice.
#[derive(Clone)]
pub(super) struct Wrist {
    time: Time,
    wrong_by: Arc<AtomicI64>,
    dice: Arc<Mutex<Seed>>,
}

impl Wrist {
    pub(super) fn new(time: &Time, dice: Seed) -> Wrist {
        Wrist { time: time.clone(), wrong_by: Arc::default(), dice: Arc::new(Mutex::new(dice)) }
    }

    /// Sets the device's clock off by so many milliseconds.
    pub(super) fn set_wrong_by(&self, ms: i64) {
        self.wrong_by.store(ms, Ordering::Relaxed);
    }
}

impl client_core::Env for Wrist {
    fn utc_offset_minutes(&self) -> i32 {
        420
    }

    fn now_ms(&self) -> i64 {
        self.time.ms() + self.wrong_by.load(Ordering::Relaxed)
    }

    fn random(&self, to: &mut [u8]) {
        fill(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner), to);
    }
}

/// What the server knows of time and chance: a clock that may be wrong, and its own dice.
pub(super) struct Room {
    time: Time,
    wrong_by: AtomicI64,
    dice: Mutex<Seed>,
}

impl Room {
    pub(super) fn new(time: &Time, dice: Seed) -> Room {
        Room { time: time.clone(), wrong_by: AtomicI64::new(0), dice: Mutex::new(dice) }
    }

    /// Sets the server's clock off by so many milliseconds.
    pub(super) fn set_wrong_by(&self, ms: i64) {
        self.wrong_by.store(ms, Ordering::Relaxed);
    }
}

impl Ambient for Room {
    fn now_ms(&self) -> i64 {
        self.time.ms() + self.wrong_by.load(Ordering::Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) {
        fill(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner), bytes);
    }
}

pub(super) fn fill(dice: &mut Seed, to: &mut [u8]) {
    for chunk in to.chunks_mut(8) {
        chunk.copy_from_slice(&dice.bits().to_be_bytes()[..chunk.len()]);
    }
}
