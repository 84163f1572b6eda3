//! The one place of this crate that asks for the time and for randomness; everything else is handed them.

use std::sync::Arc;

/// Where time and randomness come from.
pub trait Ambient: Send + Sync {
    /// The wall clock, milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Fills `bytes` with unguessable ones.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Ambient + '_ {
    /// `N` unguessable bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// What a time-ordered id is made of: now, and ten random bytes.
    pub fn id_parts(&self) -> (u64, [u8; 10]) {
        (u64::try_from(self.now_ms()).unwrap_or(0), self.random())
    }
}

/// The machine's clock and the system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Machine {
    /// The machine, shared.
    pub fn shared() -> Arc<dyn Ambient> {
        Arc::new(Machine)
    }
}

impl Ambient for Machine {
    #[allow(clippy::disallowed_methods, reason = "this is the injected clock")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has a random source");
    }
}
