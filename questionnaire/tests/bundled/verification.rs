//! The household verification: `verification.csv` says what follows from which answers.
//!
//! An answer is `question=value` or `question[row]=value`; `+member` adds a row, `-member[2]` removes one. A claim that
//! does not begin with the outcome stands in a complete visit with Budi, who lives there, in the first row.
//! Expected is `open`, `closed`, `fine`, `violated`, `missing` (needed and not there), `warned`, `calm`, or a value.

use std::path::Path;
use std::sync::Arc;

use questionnaire::interview::{Interview, Plan, Rule};
use questionnaire::xlsform::Severity;

use crate::forms;

const FORM: &str = "verification";
const HOME: &[&str] = &["outcome=complete", "name=Budi", "presence=here"];

struct Claim {
    text: String,
    answers: Vec<String>,
    expected: Vec<String>,
}

fn claims() -> Vec<Claim> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bundled/verification.csv");
    let mut rows = csv::Reader::from_path(file).unwrap();
    let parts = |cell: &str| cell.split(';').map(|part| part.trim().to_owned()).collect();
    let of =
        |row: csv::StringRecord| Claim { text: row[0].to_owned(), answers: parts(&row[1]), expected: parts(&row[2]) };
    rows.records().map(|row| of(row.unwrap())).collect()
}

#[test]
fn every_skip_range_and_cross_check_holds() {
    let plan = Arc::new(Plan::new(forms::form(FORM)));
    let mut broken = Vec::new();
    let claims = claims();
    assert!(claims.len() > 140, "the table of claims is read whole");
    for claim in claims {
        let mut interview = forms::interview(&plan, FORM);
        let home: &[&str] = if claim.answers[0].starts_with("outcome") { &[] } else { HOME };
        let steps = home.iter().copied().chain(claim.answers.iter().map(String::as_str));
        steps.for_each(|step| take(&mut interview, step));
        let failed = claim.expected.iter().filter(|expected| !holds(&interview, expected));
        broken.extend(failed.map(|expected| format!("{}: {expected}", claim.text)));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_form_is_read_without_a_warning() {
    let problems = forms::reading(FORM).problems;
    assert!(problems.iter().all(|problem| problem.severity == Severity::Remark), "{problems:?}");
}

#[test]
fn every_text_is_there_in_both_languages() {
    let form = forms::form(FORM);
    assert_eq!(form.languages.len(), 2);
    for node in &form.nodes {
        for text in [&node.label, &node.hint, &node.constraint_message, &node.warning_message] {
            assert!(text.is_empty() || text.0.iter().flatten().count() == 2, "{}", node.name);
        }
        assert!(node.constraint.is_none() || !node.constraint_message.is_empty(), "{} says nothing", node.name);
        assert!(node.warning.is_none() || !node.warning_message.is_empty(), "{} says nothing", node.name);
    }
    for choice in form.lists.iter().flat_map(|list| &list.choices) {
        assert_eq!(choice.label.0.iter().flatten().count(), 2, "{}", choice.name);
    }
}

#[test]
fn every_code_list_names_its_source_and_version() {
    for list in forms::form(FORM).lists {
        let column = |name: &str| list.columns.iter().position(|column| column == name).unwrap();
        for choice in &list.choices {
            for column in ["code", "source", "list_version"].map(column) {
                assert!(!choice.extra[column].is_empty(), "{} of {}", choice.name, list.name);
            }
        }
    }
}

fn take(interview: &mut Interview, step: &str) {
    let form = interview.plan().form();
    if let Some(repeat) = step.strip_prefix('+') {
        let path = form.path(form.ids().find(|&id| form.node(id).name == repeat).unwrap());
        interview.add_row(&path).unwrap();
    } else if let Some(row) = step.strip_prefix('-') {
        let (repeat, row) = split(row);
        let path = form.path(form.ids().find(|&id| form.node(id).name == repeat).unwrap());
        interview.remove_row(&format!("{path}[{row}]")).unwrap();
    } else {
        let (question, value) = step.split_once('=').unwrap();
        let path = path(interview, question);
        forms::answer(interview, &path, value);
    }
}

fn holds(interview: &Interview, expected: &str) -> bool {
    if let Some((question, value)) = expected.split_once(" = ") {
        return interview.value(&path(interview, question)) == Some(value);
    }
    let (question, state) = expected.split_once(' ').unwrap();
    let path = path(interview, question);
    let problem = interview
        .problems()
        .into_iter()
        .find(|problem| interview.path_by_position(problem.path.as_str()).as_deref() == Some(&path));
    let rule = problem.map(|problem| problem.rule);
    match state {
        "open" => interview.is_asked(&path),
        "closed" => !interview.is_asked(&path),
        "fine" => rule.is_none_or(Rule::is_soft),
        "calm" => rule.is_none(),
        "warned" => rule == Some(Rule::Warning),
        "violated" => rule == Some(Rule::Constraint),
        "missing" => rule == Some(Rule::Required),
        other => panic!("no such state: {other}"),
    }
}

fn path(interview: &Interview, question: &str) -> String {
    let (name, row) = split(question);
    forms::path(interview.plan().form(), name, row)
}

/// `nik[2]` is the second row's, `nik` the first's.
fn split(question: &str) -> (&str, usize) {
    match question.strip_suffix(']').and_then(|question| question.split_once('[')) {
        Some((name, row)) => (name, row.parse().unwrap()),
        None => (question, 1),
    }
}
