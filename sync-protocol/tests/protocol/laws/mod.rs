//! Laws of the merge on arbitrary histories of several writers.
//!
//! `history` makes the histories, `replica` takes them in, `oracle` says from what each author had seen, without the
//! merge, what must stand at the end. Every other module is a law or a few that belong together.

mod device;
mod history;
mod lives;
mod oracle;
mod order;
mod parts;
mod replacement;
mod replica;
mod texts;

/// Cases of a law that everything else stands on.
const CASES: u32 = 10_000;
/// Cases of a law that follows from others, or that the main laws exercise too.
const FEWER_CASES: u32 = 2_000;

fn cases(cases: u32) -> proptest::test_runner::Config {
    // Shrinking prints the smallest history; a file of past failures would belong to one machine.
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
