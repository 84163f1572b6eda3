//! No bytes bring the reader of bundles and receipts down; what must hold stands in `tests/protocol/foreign.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target runs one of them")]
#[path = "../../tests/protocol/foreign.rs"]
mod foreign;

fuzz_target!(|bytes: &[u8]| foreign::bundle(bytes));
