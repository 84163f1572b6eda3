//! Rules about tests.

use super::Finding;
use super::checkout::{Checkout, Source};
use super::literals::take_apart;

pub(super) fn ignored_tests(checkout: &Checkout) -> Vec<Finding> {
    checkout.sources.iter().flat_map(ignored_in).collect()
}

fn ignored_in(source: &Source) -> Vec<Finding> {
    let code = take_apart(&source.text).code;
    let ignored = code.lines().zip(1..).filter(|(line, _)| line.trim_start().starts_with("#[ignore"));
    ignored.map(|(_, number)| Finding::new(format!("{}:{number}", source.path), "a test is ignored")).collect()
}
