//! What an interview asks of whoever holds it: the time, chance, and what the device knows of itself.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::expr::Moment;
use crate::form::Background;

/// The surroundings of an interview.
pub trait Environment: Send + Sync {
    /// The device's clock, right or wrong.
    fn now(&self) -> Moment;

    /// 128 unpredictable bits, each call others.
    fn random_bits(&self) -> u128;

    /// What is known of the device and who is signed in; `None` where it is not known. Never asked for `Start`, `End`
    /// and `Today`, which follow from [`Environment::now`].
    fn background(&self, what: Background) -> Option<String>;
}

/// Surroundings that stand still: one moment, numbers that are always the same. For checking a stored visit again.
#[derive(Debug)]
pub struct Still {
    moment: Moment,
    drawn: AtomicU64,
}

impl Still {
    /// The clock stands at `moment`.
    pub fn new(moment: Moment) -> Self {
        Still { moment, drawn: AtomicU64::new(0) }
    }
}

impl Environment for Still {
    fn now(&self) -> Moment {
        self.moment
    }

    fn random_bits(&self) -> u128 {
        // SplitMix64, two halves: well spread, and the same every time.
        let half = || {
            let mut z =
                self.drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u128::from(z ^ (z >> 31))
        };
        (half() << 64) | half()
    }

    fn background(&self, _: Background) -> Option<String> {
        None
    }
}
