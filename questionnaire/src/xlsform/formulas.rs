//! Expressions and texts with expressions inside, read from cells; what they name is remembered and checked at the end.

use crate::expr::{Formula, ParseError};
use crate::form::{Piece, Template};
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// All that the cells of a form name.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    pub(super) uses: Vec<Use>,
    /// Calculations that cannot be read, with the names of their questions.
    pub(super) unreadable: Vec<(String, Spot, ParseError)>,
}

/// What one cell names.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) spot: Spot,
    /// The list of choices whose label it is.
    pub(super) list: Option<String>,
    pub(super) names: Vec<String>,
    /// Tables and lists.
    pub(super) tables: Vec<Table>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// `pulldata()` reads files only.
    pub(super) is_file: bool,
}

impl Formulas {
    /// Reads an expression; one that cannot be read is an error.
    pub(super) fn read(&mut self, text: &str, spot: &Spot, report: &mut Report) -> Option<Formula> {
        match Formula::parse_with_remarks(text) {
            Ok((formula, remarks)) => {
                for remark in remarks {
                    let (what, advice) = (remark.message, remark.advice);
                    report.warning(spot, Fault::FormulaRemark { what, advice });
                }
                self.remember(&formula, spot);
                Some(formula)
            }
            Err(error) => {
                report.error(spot, unreadable(text, error));
                None
            }
        }
    }

    /// Reads the calculation of the question `name`. Whether one that cannot be read is an error shows at the end: it
    /// is none where nothing in the form uses the value.
    pub(super) fn read_calculation(
        &mut self,
        name: &str,
        text: &str,
        spot: &Spot,
        report: &mut Report,
    ) -> Option<Formula> {
        match Formula::parse(text) {
            Ok(_) => self.read(text, spot, report),
            Err(error) => {
                self.unreadable.push((name.to_owned(), spot.clone(), error));
                None
            }
        }
    }

    /// Reads `yes`, `no` or an expression; `None` for no.
    pub(super) fn read_truth(&mut self, text: &str, spot: &Spot, report: &mut Report) -> Option<Formula> {
        match text.to_lowercase().as_str() {
            "no" | "n" | "false" | "false()" => None,
            "yes" | "y" | "true" | "true()" => Some(constant("true()")),
            _ => self.read(text, spot, report),
        }
    }

    /// Reads a condition, for which `yes` and `no` are rare but possible.
    pub(super) fn read_condition(&mut self, text: &str, spot: &Spot, report: &mut Report) -> Option<Formula> {
        match text.to_lowercase().as_str() {
            "no" | "false" => Some(constant("false()")),
            "yes" | "true" => Some(constant("true()")),
            _ => self.read(text, spot, report),
        }
    }

    /// Takes a text apart at its `${name}` and `instance(…)…`.
    pub(super) fn read_text(&mut self, text: &str, spot: &Spot, report: &mut Report) -> Template {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut prose = if text.contains("instance(") { 0 } else { PROSE_MAX };
        while let Some((begin, end)) = next_value(rest, prose < PROSE_MAX) {
            let value = match end {
                Some(end) => Formula::parse(&without_blanks(&rest[begin..end])).ok().map(|formula| (formula, end)),
                None => None,
            };
            match value {
                Some((formula, end)) => {
                    push_plain(&mut pieces, &rest[..begin]);
                    self.remember(&formula, spot);
                    pieces.push(Piece::Value(formula));
                    rest = &rest[end..];
                }
                None => {
                    if rest[begin..].starts_with("${") {
                        report.error(spot, Fault::ReferenceBroken);
                        break;
                    }
                    prose += 1;
                    let after = begin + rest[begin..].chars().next().map_or(1, char::len_utf8);
                    push_plain(&mut pieces, &rest[..after]);
                    rest = &rest[after..];
                }
            }
        }
        push_plain(&mut pieces, rest);
        Template(pieces)
    }

    fn remember(&mut self, formula: &Formula, spot: &Spot) {
        let mut names: Vec<String> = formula.names().into_iter().map(str::to_owned).collect();
        names.extend(formula.last_saved_names().into_iter().map(str::to_owned));
        let is_file = formula.text().contains("pulldata");
        let tables: Vec<Table> =
            formula.instances().into_iter().map(|name| Table { name: name.to_owned(), is_file }).collect();
        if !names.is_empty() || !tables.is_empty() {
            self.uses.push(Use { spot: spot.clone(), list: None, names, tables });
        }
    }

    /// Remembers names that stand alone in a cell.
    pub(super) fn remember_names(&mut self, names: impl IntoIterator<Item = String>, spot: &Spot) {
        let names = names.into_iter().collect();
        self.uses.push(Use { spot: spot.clone(), list: None, names, tables: Vec::new() });
    }
}

/// An expression of ours.
pub(super) fn constant(text: &str) -> Formula {
    Formula::parse(text).expect("expressions of ours can be read")
}

/// The name of `${name}` where the text is nothing else.
pub(super) fn sole_name(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("${")?.strip_suffix('}')?.trim();
    super::names::is_plain_name(name).then_some(name)
}

pub(super) fn unreadable(text: &str, error: ParseError) -> Fault {
    let part = part_of(text, &error);
    Fault::FormulaUnreadable { why: error.message, advice: error.advice, part }
}

/// The part of the text that an error means.
pub(super) fn part_of(text: &str, error: &ParseError) -> String {
    let part = text.get(error.at.clone()).unwrap_or_default().trim();
    part.chars().take(PART_CHARS_MAX).collect()
}

const PART_CHARS_MAX: usize = 40;

/// How often a text may say `instance(` without meaning it; whoever says so more often never does.
const PROSE_MAX: usize = 20;

fn push_plain(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Plain(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Plain(text.to_owned())),
    }
}

/// `${ name }` is written often enough.
fn without_blanks(value: &str) -> String {
    let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.map_or_else(|| value.to_owned(), |name| format!("${{{}}}", name.trim()))
}

/// Where the next value begins and ends; no end where it is broken.
fn next_value(text: &str, seeks_instances: bool) -> Option<(usize, Option<usize>)> {
    let reference = text.find("${");
    let instance = text.find("instance(").filter(|_| seeks_instances);
    match (reference, instance) {
        (Some(reference), Some(instance)) if instance < reference => Some((instance, end_of_instance(text, instance))),
        (None, Some(instance)) => Some((instance, end_of_instance(text, instance))),
        (Some(reference), _) => Some((reference, text[reference..].find('}').map(|length| reference + length + 1))),
        (None, None) => None,
    }
}

/// The end of `instance('list')/root/item[…]/label`.
fn end_of_instance(text: &str, begin: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut in_path = false;
    for (index, char) in text[begin..].char_indices() {
        let at = begin + index;
        match (quote, char) {
            (Some(open), _) if char == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if depth > 0 => quote = Some(char),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                if depth == 0 {
                    return in_path.then_some(at);
                }
                depth -= 1;
                in_path |= depth == 0;
            }
            (None, _) if depth > 0 => {}
            (None, '/') => in_path = true,
            (None, char) if char.is_alphanumeric() || matches!(char, '_' | '-') => {}
            _ => return in_path.then_some(at),
        }
    }
    (depth == 0 && in_path).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut report = Report::default();
        let Template(pieces) = Formulas::default().read_text(text, &Spot::default(), &mut report);
        let pieces: Vec<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Plain(text) => text.clone(),
                Piece::Value(formula) => format!("<{}>", formula.text()),
            })
            .collect();
        assert_eq!(pieces, expected);
        assert!(!report.has_errors());
    }

    #[test]
    fn a_text_is_taken_apart_at_its_values() {
        check("", &[]);
        check("Berapa umur?", &["Berapa umur?"]);
        check("Umur ${name}?", &["Umur ", "<${name}>", "?"]);
        check("${a}${b}", &["<${a}>", "<${b}>"]);
        check("${ a }", &["<${a}>"]);
        check("costs $5 {about}", &["costs $5 {about}"]);
        check(
            "You chose instance('c')/root/item[name = ${q}]/label, right?",
            &["You chose ", "<instance('c')/root/item[name = ${q}]/label>", ", right?"],
        );
        check("for instance (this)", &["for instance (this)"]);
        check("e.g. instance() alone", &["e.g. instance() alone"]);
    }

    #[test]
    fn a_broken_reference_is_an_error() {
        for text in ["${name", "a ${} b", "${a b}", "${1}"] {
            let mut report = Report::default();
            Formulas::default().read_text(text, &Spot::default(), &mut report);
            assert!(report.has_errors(), "{text}");
        }
    }

    #[test]
    fn only_a_lone_reference_is_one() {
        assert_eq!(sole_name(" ${a} "), Some("a"));
        assert_eq!(sole_name("${a} + 1"), None);
        assert_eq!(sole_name("a"), None);
    }
}
