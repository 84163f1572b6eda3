//! SurveyCTO's `search()`: choices from a table, which the rows of the choices sheet only describe.

use crate::form::{Choice, Piece, Text};
use crate::xlsform::names;

/// What a call of `search()` means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) table: String,
    /// The column stored.
    pub(super) value: String,
    /// The column shown.
    pub(super) label: String,
    /// The expression that a row must make true.
    pub(super) filter: Option<String>,
}

/// Choices of a list that describes a table; a longer one describes none.
pub(super) const DESCRIBED_MAX: usize = 1_000;

/// Reads `search('table', 'matches', 'column', value, 'filter column', value)`; the one choice whose name is no number
/// names the columns.
pub(super) fn read(call: &str, choices: &[Choice]) -> Option<Search> {
    let inside = call.strip_prefix("search(")?.strip_suffix(')')?;
    let arguments = arguments(inside);
    let table = literal(arguments.first()?)?;
    let mut described = choices.iter().filter(|choice| choice.name.parse::<f64>().is_err());
    let described = described.next().filter(|_| described.next().is_none())?;
    let label = column_of(&described.label).unwrap_or_else(|| described.name.clone());
    let filter = filter(&arguments[1..])?;
    let is_column = names::is_name(&described.name) && names::is_name(&label);
    is_column.then(|| Search { table, value: described.name.clone(), label, filter })
}

/// The conditions of the arguments after the table; `None` where they cannot be read.
fn filter(arguments: &[String]) -> Option<Option<String>> {
    let [how, columns, value, more @ ..] = arguments else {
        return arguments.is_empty().then_some(None);
    };
    let columns = literal(columns)?;
    let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
    let how = literal(how)?;
    let condition = |column: &&str| match how.as_str() {
        "matches" => Some(format!("{column} = {value}")),
        "contains" => Some(format!("contains({column}, {value})")),
        "startswith" => Some(format!("starts-with({column}, {value})")),
        "endswith" => Some(format!("ends-with({column}, {value})")),
        _ => None,
    };
    let any = columns.iter().map(condition).collect::<Option<Vec<_>>>()?.join(" or ");
    let [column, value] = more else {
        return more.is_empty().then_some(Some(any));
    };
    Some(Some(format!("({any}) and {} = {value}", literal(column)?)))
}

/// The arguments between commas outside of brackets and quotes.
fn arguments(inside: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut quote) = (0usize, None);
    for char in inside.chars() {
        match (quote, char) {
            (Some(open), _) if char == open => quote = None,
            (None, '\'' | '"') => quote = Some(char),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut().expect("there is always one").push(char);
    }
    arguments.iter().map(|argument| argument.trim().to_owned()).collect()
}

fn literal(argument: &str) -> Option<String> {
    let quote = argument.chars().next().filter(|char| matches!(char, '\'' | '"'))?;
    let inside = argument.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.is_empty()).then(|| inside.to_owned())
}

fn column_of(label: &Text) -> Option<String> {
    let template = label.0.iter().flatten().next()?;
    match template.0.as_slice() {
        [Piece::Plain(text)] => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::form::Template;

    fn choice(name: &str, label: &str) -> Choice {
        let label = Text(vec![Some(Template(vec![Piece::Plain(label.to_owned())]))]);
        Choice { name: name.to_owned(), label, media: BTreeMap::new(), extra: Vec::new() }
    }

    #[track_caller]
    fn check(call: &str, expected: Option<(&str, Option<&str>)>) {
        let choices = [choice("id_key", "name_key"), choice("-99", "Refused")];
        let search = read(call, &choices);
        let expected = expected.map(|(table, filter)| Search {
            table: table.into(),
            value: "id_key".into(),
            label: "name_key".into(),
            filter: filter.map(str::to_owned),
        });
        assert_eq!(search, expected, "{call}");
    }

    #[test]
    fn a_search_is_read_as_a_table_and_a_filter() {
        check("search('plots')", Some(("plots", None)));
        check("search('plots', 'matches', 'village', ${village})", Some(("plots", Some("village = ${village}"))));
        check(
            "search('plots', 'contains', 'a, b', ${q}, 'c', '1, 2')",
            Some(("plots", Some("(contains(a, ${q}) or contains(b, ${q})) and c = '1, 2'"))),
        );
        check("search(${plots})", None);
        check("search('plots', 'resembles', 'a', ${q})", None);
        check("search()", None);
    }
}
