//! The style that a machine can judge; [`RULES`] is the whole list.
//!
//! What needs understanding (names, why a comment says what it says) stays with the reviewer.

mod checkout;
mod clock;
mod dependencies;
mod layout;
mod literals;
mod sql;
mod suite;

use anyhow::{Result, bail};

use crate::tidy::checkout::Checkout;
use crate::workspace::Workspace;

/// One rule, why it exists, and the function that finds where it is broken.
struct Rule {
    name: &'static str,
    why: &'static str,
    weight: Weight,
    find: fn(&Checkout) -> Vec<Finding>,
}

/// What a broken rule means for the change that breaks it.
#[derive(Clone, Copy, PartialEq)]
enum Weight {
    /// It does not land.
    Refuse,
    /// Somebody looks twice.
    Warn,
}

const RULES: &[Rule] = &[
    Rule {
        name: "first-line",
        why: "Whoever opens a file learns from its first line what it is for.",
        weight: Weight::Refuse,
        find: layout::files_without_a_first_line,
    },
    Rule {
        name: "top-level",
        why: "The top level is the map of the project, and a map changes on purpose.",
        weight: Weight::Refuse,
        find: layout::unknown_top_level_folders,
    },
    Rule {
        name: "file-length",
        why: "A long file usually holds two nouns; it is worth a second look, not more.",
        weight: Weight::Warn,
        find: layout::long_files,
    },
    Rule {
        name: "arrows",
        why: "Server and device know the protocol and never each other, so either can be replaced alone.",
        weight: Weight::Refuse,
        find: dependencies::forbidden_arrows,
    },
    Rule {
        name: "purity",
        why: "Crates without I/O, clock and randomness can be simulated, and compile for a browser.",
        weight: Weight::Refuse,
        find: dependencies::impure_dependencies,
    },
    Rule {
        name: "declared-once",
        why: "One version of a dependency for all crates, chosen in the root Cargo.toml.",
        weight: Weight::Refuse,
        find: dependencies::versions_in_members,
    },
    Rule {
        name: "clock",
        why: "Only an injected clock can be ten years off in a test.",
        weight: Weight::Refuse,
        find: clock::readings_outside_the_injected_places,
    },
    Rule {
        name: "sql-home",
        why: "Another database engine can follow only if every statement lives in the two stores.",
        weight: Weight::Refuse,
        find: sql::statements_outside_the_stores,
    },
    Rule {
        name: "sql-fixed",
        why: "A statement put together at run time can be neither prepared once nor read in one place.",
        weight: Weight::Refuse,
        find: sql::statements_with_inserted_names,
    },
    Rule {
        name: "no-ignored-tests",
        why: "A test that nobody runs claims what nobody knows.",
        weight: Weight::Refuse,
        find: suite::ignored_tests,
    },
];

/// A place where a rule is broken.
#[derive(Debug, PartialEq)]
struct Finding {
    /// Relative to the root, with `:line` where there is one.
    place: String,
    detail: String,
}

impl Finding {
    fn new(place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: place.into(), detail: detail.into() }
    }
}

/// Prints every finding; an error if one of them must not land.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let checkout = Checkout::read(workspace)?;
    let mut refused = 0;
    for rule in RULES {
        let findings = (rule.find)(&checkout);
        if findings.is_empty() {
            continue;
        }
        let label = if rule.weight == Weight::Refuse { "error" } else { "warning" };
        println!("{label}: {}: {}", rule.name, rule.why);
        for Finding { place, detail } in &findings {
            println!("    {place}: {detail}");
        }
        refused += if rule.weight == Weight::Refuse { findings.len() } else { 0 };
    }
    if refused > 0 {
        bail!("{refused} places break a rule of xtask/src/tidy.rs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn this_workspace_breaks_no_rule() {
        let workspace = Workspace::find().expect("tests run inside the workspace");
        run(&workspace).expect("every rule holds; the findings are printed above");
    }

    #[test]
    fn every_rule_has_its_own_name_and_one_sentence() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            assert!(rule.why.ends_with('.') && rule.why.matches(". ").count() == 0, "{}", rule.name);
        }
    }
}
