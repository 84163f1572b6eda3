//! Counters for whoever watches the server: Prometheus text, a handful of series, no label with an id in it.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sync_protocol::exchange::VerdictRange;

/// Upper bounds of the duration buckets, in milliseconds.
const BUCKETS_MS: [u64; 9] = [5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000];

/// How long something took, many times.
#[derive(Debug, Default)]
pub struct Durations {
    buckets: [AtomicU64; BUCKETS_MS.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Durations {
    /// Notes one.
    pub fn note(&self, took: std::time::Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bucket, bound) in self.buckets.iter().zip(BUCKETS_MS) {
            if us <= bound * 1_000 {
                bucket.fetch_add(1, Relaxed);
            }
        }
        self.count.fetch_add(1, Relaxed);
        self.sum_us.fetch_add(us, Relaxed);
    }

    fn write(&self, name: &str, help: &str, to: &mut String) {
        let _ = writeln!(to, "# HELP {name} {help}\n# TYPE {name} histogram");
        for (bucket, bound) in self.buckets.iter().zip(BUCKETS_MS) {
            let _ = writeln!(to, "{name}_bucket{{le=\"{}\"}} {}", seconds(bound * 1_000), bucket.load(Relaxed));
        }
        let count = self.count.load(Relaxed);
        let sum = seconds(self.sum_us.load(Relaxed));
        let _ = writeln!(to, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
    }
}

/// Microseconds as seconds, in decimals.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

macro_rules! counters {
    ($($(#[$doc:meta])* $field:ident = $name:literal $({$labels:literal})?: $help:literal;)*) => {
        /// What has happened since the start.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $($(#[$doc])* pub $field: AtomicU64,)*
            /// How long exchanges took, from the whole request to the whole answer.
            pub exchange_seconds: Durations,
        }

        impl Metrics {
            /// Everything as Prometheus text.
            pub fn to_text(&self) -> String {
                let mut text = String::new();
                let mut last = "";
                $(
                    if last != $name {
                        let _ = writeln!(text, concat!("# HELP ", $name, " ", $help, "\n# TYPE ", $name, " counter"));
                        last = $name;
                    }
                    let _ = writeln!(text, "{} {}", concat!($name, $("{", $labels, "}")?), self.$field.load(Relaxed));
                )*
                let _ = last;
                let help = "How long exchanges took.";
                self.exchange_seconds.write("tilik_exchange_seconds", help, &mut text);
                text
            }
        }
    };
}

counters! {
    /// Exchanges answered.
    exchanges = "tilik_exchanges_total" {"outcome=\"answered\""}: "Exchanges by outcome.";
    /// Exchanges refused as a whole.
    exchanges_refused = "tilik_exchanges_total" {"outcome=\"refused\""}: "Exchanges by outcome.";
    /// Changesets stored for the first time.
    changesets_stored = "tilik_changesets_total" {"outcome=\"stored\""}: "Changesets that came in, by outcome.";
    /// Changesets that were not stored.
    changesets_refused = "tilik_changesets_total" {"outcome=\"refused\""}: "Changesets that came in, by outcome.";
    /// Rows and evictions sent to devices.
    rows_sent = "tilik_rows_sent_total": "Rows and evictions sent to devices.";
    /// Bytes of exchange bodies as they arrived, compressed.
    bytes_in = "tilik_exchange_bytes_total" {"direction=\"in\""}: "Bytes of exchange bodies on the wire.";
    /// Bytes of exchange answers as they left, compressed.
    bytes_out = "tilik_exchange_bytes_total" {"direction=\"out\""}: "Bytes of exchange bodies on the wire.";
    /// Sign-ins that worked.
    sign_ins = "tilik_sign_ins_total" {"outcome=\"accepted\""}: "Sign-ins by password, by outcome.";
    /// Sign-ins that did not.
    sign_ins_refused = "tilik_sign_ins_total" {"outcome=\"refused\""}: "Sign-ins by password, by outcome.";
    /// Devices enrolled.
    enrolments = "tilik_enrolments_total": "Devices enrolled.";
}

impl Metrics {
    /// Notes a sign-in by password.
    pub fn sign_in(&self, accepted: bool) {
        if accepted { &self.sign_ins } else { &self.sign_ins_refused }.fetch_add(1, Relaxed);
    }

    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, many: u64) {
        counter.fetch_add(many, Relaxed);
    }
}

/// Saves of devices by verdict, as the sync path counts them once they are durable.
#[derive(Debug, Default)]
pub struct Verdicts([AtomicU64; 5]);

/// The verdicts' words, in the order they are counted.
const VERDICTS: [&str; 5] = ["applied", "applied_with_conflict", "parked", "quarantined", "rejected"];

impl Verdicts {
    /// Counts the saves of these ranges.
    pub fn note(&self, ranges: &[VerdictRange]) {
        for range in ranges {
            let counted = self.0.iter().zip(VERDICTS).filter(|(_, word)| *word == range.verdict.word());
            counted.for_each(|(count, _)| Metrics::add(count, range.last - range.first + 1));
        }
    }

    /// Everything as Prometheus text.
    pub fn to_text(&self) -> String {
        let mut text =
            "# HELP tilik_saves_total Saves of devices by verdict.\n# TYPE tilik_saves_total counter\n".to_owned();
        for (count, word) in self.0.iter().zip(VERDICTS) {
            let _ = writeln!(text, "tilik_saves_total{{verdict=\"{word}\"}} {}", count.load(Relaxed));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saves_are_counted_by_verdict() {
        use sync_protocol::Verdict;
        let verdicts = Verdicts::default();
        let range = |first, last, verdict| VerdictRange { first, last, verdict };
        verdicts.note(&[range(1, 10, Verdict::Applied), range(11, 11, Verdict::AppliedWithConflict)]);
        let text = verdicts.to_text();
        assert!(text.contains("{verdict=\"applied\"} 10\n"), "{text}");
        assert!(text.contains("{verdict=\"applied_with_conflict\"} 1\n"), "{text}");
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.sign_in(true);
        metrics.exchange_seconds.note(std::time::Duration::from_millis(7));
        let text = metrics.to_text();
        for line in [
            "# TYPE tilik_exchanges_total counter",
            "tilik_sign_ins_total{outcome=\"accepted\"} 1",
            "tilik_enrolments_total 0",
            "tilik_exchange_seconds_bucket{le=\"0.005\"} 0",
            "tilik_exchange_seconds_bucket{le=\"0.01\"} 1",
            "tilik_exchange_seconds_sum 0.007",
            "tilik_exchange_seconds_count 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
        assert_eq!(text.matches("# TYPE tilik_changesets_total").count(), 1);
    }
}
