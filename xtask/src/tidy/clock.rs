//! The clock is asked in one file per crate, and in some crates in none.

use std::collections::BTreeMap;

use super::Finding;
use super::checkout::{Checkout, Source};
use super::literals::take_apart;

const READINGS: &[&str] = &["SystemTime::now", "Instant::now", "OffsetDateTime::now", "Utc::now", "Local::now"];

/// How many files of a folder may ask; the first folder that fits counts.
const PLACES: &[(&str, usize)] = &[
    ("client-core/cli/", 1),
    ("client-core/", 0),
    // What measures is no part of the crate.
    ("questionnaire/examples/", usize::MAX),
    ("questionnaire/", 0),
    ("server/", 1),
    ("sync-protocol/", 0),
    ("tests/src/bin/sim", 0),
    ("tests/src/sim", 0),
    // The demo and the benchmark measure; each place says so with an `allow`.
    ("tests/", usize::MAX),
    ("xtask/", usize::MAX),
];

pub(super) fn readings_outside_the_injected_places(checkout: &Checkout) -> Vec<Finding> {
    let mut asking: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    for source in &checkout.sources {
        let Some(reading) = first_reading(source) else { continue };
        let (folder, _) = place_of(&source.path);
        asking.entry(folder).or_default().push(reading);
    }
    let too_many = asking.into_iter().filter(|(folder, files)| files.len() > place_of(folder).1);
    too_many.flat_map(|(_, files)| files).collect()
}

fn place_of(path: &str) -> (&'static str, usize) {
    PLACES.iter().copied().find(|(folder, _)| path.starts_with(folder)).unwrap_or(("", 0))
}

fn first_reading(source: &Source) -> Option<Finding> {
    let code = take_apart(&source.text).code;
    code.lines().zip(1..).find_map(|(line, number)| {
        let reading = READINGS.iter().find(|reading| line.contains(**reading))?;
        let place = format!("{}:{number}", source.path);
        Some(Finding::new(place, format!("asks `{reading}`; more files of this crate ask than may")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKING: &str = "//! X.\nlet a = Instant::now();\n";
    const SILENT: &str = "//! X.\n// Instant::now\nlet a = \"Instant::now\";\n";

    fn check(files: &[(&str, &str)], expected: usize) {
        let sources = files.iter().map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() });
        let checkout = Checkout { sources: sources.collect(), folders: Vec::new(), packages: Vec::new() };
        assert_eq!(readings_outside_the_injected_places(&checkout).len(), expected, "{files:?}");
    }

    #[test]
    fn one_file_of_the_server_may_ask_and_none_of_the_core() {
        check(&[("server/src/a.rs", ASKING), ("server/src/b.rs", SILENT)], 0);
        check(&[("server/src/a.rs", ASKING), ("server/src/b.rs", ASKING)], 2);
        check(&[("client-core/cli/src/a.rs", ASKING)], 0);
        check(&[("client-core/src/a.rs", ASKING)], 1);
        check(&[("tests/src/sim/world.rs", ASKING)], 1);
        check(&[("tests/src/bench/a.rs", ASKING), ("tests/src/bench/b.rs", ASKING)], 0);
        check(&[("surprise/src/a.rs", ASKING)], 1);
    }
}
