//! The hybrid clock: wall time that never runs backwards within a writer (section 12).

use serde::{Deserialize, Serialize};

use crate::limits;

/// Milliseconds since 1970 by the author's clock, pushed forward so that a writer's next save is always later.
///
/// It chooses which of several values is *shown*; what is *kept* is decided by contexts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clock(pub i64);

impl Clock {
    /// The clock of a writer's next changeset, `max(wall, last + 1)`.
    ///
    /// A device that had run more than [`limits::CLOCK_AHEAD_MS_MAX`] ahead of the wall restarts at the wall.
    pub fn tick(last: Clock, wall_ms: i64) -> Clock {
        let wall = wall_ms.clamp(0, limits::CLOCK_MS_MAX);
        if last.0 > wall + limits::CLOCK_AHEAD_MS_MAX {
            return Clock(wall);
        }
        Clock(wall.max(last.0 + 1))
    }

    /// The clock everybody ranks a changeset by, fixed by the server when it first stores it.
    pub fn effective(self, received_ms: i64) -> Clock {
        Clock(self.0.min(received_ms + limits::CLOCK_TOLERANCE_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_still_moves_forward() {
        assert_eq!(Clock::tick(Clock(1_000), 900), Clock(1_001));
        assert_eq!(Clock::tick(Clock(1_000), 5_000), Clock(5_000));
    }

    #[test]
    fn a_device_ten_years_ahead_restarts_at_the_wall() {
        let ten_years = 10 * 365 * 86_400_000;
        assert_eq!(Clock::tick(Clock(ten_years), 1_000), Clock(1_000));
    }

    #[test]
    fn nobody_outranks_by_a_clock_in_the_future() {
        assert_eq!(Clock(i64::MAX).effective(1_000), Clock(1_000 + limits::CLOCK_TOLERANCE_MS));
        assert_eq!(Clock(900).effective(1_000), Clock(900));
    }
}
