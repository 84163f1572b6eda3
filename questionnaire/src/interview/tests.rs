//! What an interview promises, claim by claim.

#[cfg(feature = "workbook")]
mod bundled;
mod drafts;
mod graphs;
mod incremental;
mod lists;
#[cfg(feature = "workbook")]
mod real_forms;
mod registers;
mod relevance;
mod repeats;
mod sessions;
mod sketch;
mod stored_visits;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::expr::Moment;
use crate::form::Background;
use crate::interview::{Environment, Interview, Plan, Prefill, Tables};

/// A device whose clock goes on a second at each look.
#[derive(Debug, Default)]
struct Device {
    seconds: AtomicI64,
    drawn: AtomicU64,
}

impl Environment for Device {
    fn now(&self) -> Moment {
        let seconds = self.seconds.fetch_add(1, Ordering::Relaxed);
        Moment { unix_ms: 1_786_927_800_000 + seconds * 1_000, offset_min: 420 }
    }

    fn random_bits(&self) -> u128 {
        let drawn = u128::from(self.drawn.fetch_add(1, Ordering::Relaxed)) + 1;
        drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    fn background(&self, what: Background) -> Option<String> {
        match what {
            Background::Username => Some("sari".into()),
            Background::DeviceId => Some("tilik:7".into()),
            _ => None,
        }
    }
}

fn device() -> Arc<Device> {
    Arc::new(Device::default())
}

fn plan(rows: &str) -> Arc<Plan> {
    Arc::new(Plan::new(sketch::form(rows)))
}

fn begin(rows: &str) -> Interview {
    begin_with(rows, &Tables::new(), Prefill::default())
}

fn begin_with(rows: &str, tables: &Tables, prefill: Prefill) -> Interview {
    Interview::begin(plan(rows), tables, device(), prefill)
}
