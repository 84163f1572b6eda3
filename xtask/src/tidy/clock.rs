//! The clock is asked in one place per crate, and nowhere else.

use super::Finding;
use super::checkout::{Checkout, Source};
use super::literals::take_apart;

const READINGS: &[&str] = &["SystemTime::now", "Instant::now", "OffsetDateTime::now", "Utc::now", "Local::now"];

/// Where asking is the purpose: a crate's own clock, and programs that measure or talk to a person.
const INJECTED_PLACES: &[&str] = &[
    "server/src/clock.rs",
    "client-core/cli/src/clock.rs",
    "tests/src/clock.rs",
    "tests/src/bench/",
    "tests/src/bin/bench",
    "tests/src/demo/",
    "tests/src/bin/demo",
    "xtask/src/gate.rs",
];

pub(super) fn readings_outside_the_injected_places(checkout: &Checkout) -> Vec<Finding> {
    let others = checkout.sources.iter().filter(|source| !may_ask(&source.path));
    others.flat_map(readings_in).collect()
}

fn may_ask(path: &str) -> bool {
    INJECTED_PLACES.iter().any(|place| path.starts_with(place))
}

fn readings_in(source: &Source) -> Vec<Finding> {
    let code = take_apart(&source.text).code;
    let numbered = code.lines().zip(1..);
    let asked = numbered.filter_map(|(line, number)| {
        let reading = READINGS.iter().find(|reading| line.contains(**reading))?;
        Some(Finding::new(format!("{}:{number}", source.path), format!("asks `{reading}`")))
    });
    asked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_found_in_code_and_not_in_a_comment_or_text() {
        let text = "//! X.\n// Instant::now\nlet a = \"Instant::now\";\nlet b = Instant::now();\n".to_owned();
        let source = Source { path: "server/src/households.rs".to_owned(), text };
        assert_eq!(readings_in(&source), [Finding::new("server/src/households.rs:4", "asks `Instant::now`")]);
    }
}
