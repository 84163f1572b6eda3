//! The table of functions: what each is called, what it takes and gives, and how far it is supported.

mod base64;
mod call;
mod dates;
mod digests;
mod lists;
mod nodes;
mod numbers;
mod places;
mod rows;
mod selects;
mod shuffle;
mod table;
mod texts;
mod truths;

use std::ops::Range;

use super::error::{Mistake, ParseError};
pub use table::{Builtin, list_functions};

/// A function that an expression may call.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name, e.g. `selected-at`.
    pub name: &'static str,
    /// What it does.
    pub builtin: Builtin,
    /// The fewest arguments it takes.
    pub least: usize,
    /// The most arguments it takes; [`ANY_NUMBER`] where there is no end.
    pub most: usize,
    /// What it gives.
    pub gives: Gives,
    /// Whether it may give another value although no answer has changed.
    pub volatile: bool,
    /// How far it means here what its author expects.
    pub support: Support,
}

/// [`Function::most`] of a function that takes as many arguments as it gets.
pub const ANY_NUMBER: usize = usize::MAX;

/// The kind of a function's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the kinds of value of XPath")]
pub enum Gives {
    Nodes,
    Text,
    Number,
    Boolean,
    /// The kind of one of its arguments.
    Either,
}

/// How far a function is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// As ODK defines it.
    Full,
    /// Not ODK's, but of a dialect (SurveyCTO, CHT, Enketo) that leaves no doubt; says what is meant.
    Foreign(&'static str),
    /// Of a dialect, and without a meaning here: the value is empty. Says what to do instead.
    Absent(&'static str),
}

/// The function of that name.
pub fn find_function(name: &str) -> Option<&'static Function> {
    list_functions().iter().find(|function| function.name == name)
}

impl Function {
    pub(super) fn check(&self, given: usize, at: Range<usize>) -> Result<(), ParseError> {
        if given >= self.least && given <= self.most && self.takes(given) {
            return Ok(());
        }
        let wants = match (self.least, self.most) {
            (least, most) if least == most => least.to_string(),
            (least, ANY_NUMBER) => format!("at least {least}"),
            (least, most) => format!("{least} to {most}"),
        };
        let word = if wants.ends_with(" 1") || wants == "1" { "argument" } else { "arguments" };
        let message = format!("{}() takes {wants} {word}, and {given} are given", self.name);
        Err(ParseError::syntax(at, message)
            .of(Mistake::Arguments(self.name.to_owned()))
            .advise("look for a comma or a bracket in the wrong place"))
    }

    /// Arguments that come in pairs after the first ones.
    fn takes(&self, given: usize) -> bool {
        match self.builtin {
            Builtin::IndexedRepeat => given % 2 == 1,
            Builtin::WeightedChecklist => given.is_multiple_of(2),
            _ => true,
        }
    }
}

/// The error for a name that the table does not hold.
pub(super) fn unknown(name: &str, at: Range<usize>) -> ParseError {
    let advice = match closest(name) {
        Some(known) => format!("did you mean {known}()?"),
        None => "look the function up in ODK's documentation of form operators and functions".into(),
    };
    ParseError::syntax(at, format!("there is no function {name}()"))
        .of(Mistake::UnknownFunction(name.to_owned()))
        .advise(advice)
}

/// How many wrong letters a slip of the pen has at most.
const EDITS_MAX: usize = 2;

/// The known name that the fewest changed letters lead to, if few enough.
fn closest(name: &str) -> Option<&'static str> {
    let bare = name.to_lowercase().replace('_', "-");
    let known = list_functions().iter().map(|function| function.name);
    let alike = known.filter(|known| known.len().abs_diff(bare.len()) <= EDITS_MAX);
    let (distance, known) = alike.map(|known| (edits(&bare, known), known)).min()?;
    (distance <= EDITS_MAX && distance <= known.len() / 2).then_some(known)
}

/// How many letters to change, add or remove to make one word of the other (Levenshtein's distance).
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
