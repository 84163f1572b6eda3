//! The one place of this crate that looks at the clock: for measuring, never for deciding.

use std::time::Instant;

/// Measures wall time.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[allow(clippy::disallowed_methods, reason = "this is the crate's one place")]
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Seconds since the beginning.
    pub fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
