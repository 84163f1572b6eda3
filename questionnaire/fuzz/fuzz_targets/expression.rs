//! No text brings the reader of expressions down, and what is printed reads back as itself.

#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use questionnaire::expr::{Formula, Mistake, Moment, World};

/// Conditions multiply what an evaluation looks at; more than these are read and not evaluated.
const CONDITIONS_MAX: usize = 4;

fuzz_target!(|text: &str| {
    match Formula::parse_with_remarks(text) {
        Err(error) => assert!(text.get(error.at.clone()).is_some(), "{error:?}"),
        Ok((formula, remarks)) => {
            assert!(remarks.iter().all(|remark| text.get(remark.at.clone()).is_some()), "{remarks:?}");
            let printed = formula.to_string();
            match Formula::parse(&printed) {
                Ok(again) => assert_eq!(again.expr(), formula.expr()),
                // Brackets that printing adds may be one too many.
                Err(error) => assert_eq!(error.mistake, Mistake::Limit, "{error:?}"),
            }
            formula.references();
            if printed.matches(['[', '(']).count() <= CONDITIONS_MAX {
                formula.answer(&Tower, 2);
            }
        }
    }
});

/// Six nodes above each other that are called like their height.
struct Tower;

const HEIGHT: u8 = 6;

impl World for Tower {
    type Node = u8;

    fn document(&self) -> u8 {
        0
    }

    fn parent(&self, node: u8) -> Option<u8> {
        node.checked_sub(1)
    }

    fn name(&self, node: u8) -> &str {
        ["", "a", "b", "a", "row", "x", "y"][usize::from(node)]
    }

    fn children(&self, node: u8, name: Option<&str>, into: &mut Vec<u8>) {
        into.extend(Some(node + 1).filter(|node| *node <= HEIGHT && name.is_none_or(|name| self.name(*node) == name)));
    }

    fn text(&self, node: u8) -> Cow<'_, str> {
        Cow::Borrowed(["", "1", "2024-05-31", "a b", "", "1 2 3 4;1 3", "-0.5"][usize::from(node)])
    }

    fn instance(&self, _name: &str) -> Option<u8> {
        Some(0)
    }

    fn rows_where(&self, _parent: u8, _child: &str, _column: &str, _value: &str) -> Option<Vec<u8>> {
        None
    }

    fn named(&self, _name: &str, from: u8, into: &mut Vec<u8>) {
        into.push(from);
    }

    fn row_of(&self, node: u8) -> Option<u8> {
        (node >= 4).then_some(4)
    }

    fn is_relevant(&self, node: u8) -> bool {
        node != 3
    }

    fn choice_label(&self, _question: &str, _value: &str, _from: u8) -> Option<Cow<'_, str>> {
        None
    }

    fn property(&self, _name: &str) -> Option<Cow<'_, str>> {
        None
    }

    fn now(&self) -> Moment {
        Moment { unix_ms: i64::MAX, offset_min: i32::MIN }
    }

    fn random(&self) -> f64 {
        1.0
    }

    fn random_bits(&self) -> u128 {
        u128::MAX
    }
}
