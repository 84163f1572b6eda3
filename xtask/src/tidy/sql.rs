//! SQL lives in the two stores, and is written out in full.

use super::Finding;
use super::checkout::{Checkout, Source};
use super::literals::{Literal, take_apart};

const STORES: &[&str] = &["server/src/store", "client-core/src/store"];

/// Programs there measure or read databases from outside.
const OUTSIDE_THE_PRODUCT: &[&str] = &["tests/", "xtask/"];

/// How a statement begins, and what must follow somewhere in it.
const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT ", " FROM "),
    ("INSERT INTO ", ""),
    ("INSERT OR ", " INTO "),
    ("REPLACE INTO ", ""),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("WITH ", " AS ("),
    ("CREATE TABLE ", ""),
    ("CREATE INDEX ", ""),
    ("CREATE UNIQUE INDEX ", ""),
    ("CREATE VIRTUAL TABLE ", ""),
    ("ALTER TABLE ", ""),
    ("DROP TABLE ", ""),
    ("PRAGMA ", ""),
];

/// What stands directly before the name of a table.
const BEFORE_A_TABLE: &[&str] = &["FROM {", "JOIN {", "INTO {", "UPDATE {", "TABLE {"];

pub(super) fn statements_outside_the_stores(checkout: &Checkout) -> Vec<Finding> {
    let others = checkout.sources.iter().filter(|source| !starts_with_any(&source.path, STORES));
    let product = others.filter(|source| !starts_with_any(&source.path, OUTSIDE_THE_PRODUCT));
    product.flat_map(|source| findings(source, "SQL outside a store", is_statement)).collect()
}

pub(super) fn statements_with_inserted_names(checkout: &Checkout) -> Vec<Finding> {
    let product = checkout.sources.iter().filter(|source| !starts_with_any(&source.path, OUTSIDE_THE_PRODUCT));
    product.flat_map(|source| findings(source, "a table's name is filled in", inserts_a_name)).collect()
}

fn starts_with_any(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn findings(source: &Source, detail: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<Finding> {
    let literals = take_apart(&source.text).literals;
    let wrong = literals.into_iter().filter(|literal: &Literal<'_>| is_wrong(literal.text));
    wrong.map(|literal| Finding::new(format!("{}:{}", source.path, literal.line), detail)).collect()
}

/// Keywords in capitals, or a text that is nothing but a statement in small letters.
fn is_statement(text: &str) -> bool {
    let flat = flatten(text);
    let reads_as = |flat: &str| {
        STATEMENTS
            .iter()
            .any(|(begin, then)| flat.strip_prefix(begin).is_some_and(|rest| format!(" {rest}").contains(then)))
    };
    let begins_in_small_letters = flat.starts_with(char::is_lowercase);
    reads_as(&flat) || begins_in_small_letters && looks_like_code(&flat) && reads_as(&flat.to_uppercase())
}

/// Sentences for people do not use these.
fn looks_like_code(flat: &str) -> bool {
    flat.contains(['(', '*', '=', '$', '?', '_', ';'])
}

fn inserts_a_name(text: &str) -> bool {
    let flat = flatten(text);
    let in_capitals = flat.to_uppercase();
    is_statement(text) && BEFORE_A_TABLE.iter().any(|before| in_capitals.contains(before))
}

/// One blank between words, one at the end; the line ends of SQL are no words.
fn flatten(text: &str) -> String {
    let mut flat = text.replace("\\n", " ").replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    flat.push(' ');
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_from_sentences() {
        for (text, expected) in [
            ("SELECT id\n   FROM household WHERE id = $1", true),
            ("select id from household where id = $1", true),
            ("INSERT INTO t VALUES ($1)", true),
            ("pragma user_version = 3", true),
            ("UPDATE household SET doc = $1", true),
            ("select a household from the list", false),
            ("Select the area from which to export (one of yours)", false),
            ("update the app", false),
            ("with every visit", false),
            ("", false),
        ] {
            assert_eq!(is_statement(text), expected, "{text}");
        }
    }

    #[test]
    fn a_table_name_that_is_filled_in_is_found() {
        assert!(inserts_a_name("SELECT id FROM {table} WHERE id = $1"));
        assert!(!inserts_a_name("SELECT id FROM household WHERE id IN ({places})"));
    }
}
