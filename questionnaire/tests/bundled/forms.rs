//! Reading the bundled forms from their sheets.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use questionnaire::expr::Moment;
use questionnaire::form::Form;
use questionnaire::interview::{Answer, Interview, Plan, Prefill, Still, Table, Tables};
use questionnaire::xlsform::{Problem, Reading, Severity};
use questionnaire::{workbook, xlsform};

/// 2026-03-02T08:00 in Jambi.
pub(crate) const NOW: Moment = Moment { unix_ms: 1_772_413_200_000, offset_min: 420 };

/// The file of a bundled form.
pub(crate) fn file(form: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bundled").join(form).join(name)
}

/// What is read of a bundled form.
pub(crate) fn reading(name: &str) -> Reading {
    let sheets = ["survey.csv", "choices.csv", "settings.csv", "entities.csv"];
    let bytes = sheets.map(|sheet| (sheet, fs::read(file(name, sheet)).unwrap()));
    let set: Vec<(&str, &[u8])> = bytes.iter().map(|(sheet, bytes)| (*sheet, bytes.as_slice())).collect();
    xlsform::read(&workbook::read_set(&set).unwrap(), name)
}

/// A bundled form.
pub(crate) fn form(name: &str) -> Form {
    let Reading { form, problems } = reading(name);
    let errors: Vec<&Problem> = problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    form.unwrap_or_else(|| panic!("{errors:?}"))
}

/// An interview with a bundled form, just begun, about nobody that the register knows.
pub(crate) fn interview(plan: &Arc<Plan>, name: &str) -> Interview {
    let mut tables = Tables::new();
    for table in &plan.form().tables {
        let text = fs::read_to_string(file(name, &table.file)).unwrap();
        tables.insert(table.name.clone(), Arc::new(Table::from_csv(&text).unwrap()));
    }
    Interview::begin(Arc::clone(plan), &tables, Arc::new(Still::new(NOW)), Prefill::default())
}

/// The path of the question called `name`, which is unique in a bundled form, in a row of its repeat counted from 1.
pub(crate) fn path(form: &Form, name: &str, row: usize) -> String {
    let mut ids = form.ids().filter(|&id| form.node(id).name == name);
    let id = ids.next().unwrap_or_else(|| panic!("no question {name}"));
    assert!(ids.next().is_none(), "{name} is not unique");
    let Some(repeat) = form.repeat_around(id) else { return form.path(id) };
    let above = form.path(repeat);
    form.path(id).replacen(&above, &format!("{above}[{row}]"), 1)
}

/// Answers a question in the text of a submission.
pub(crate) fn answer(interview: &mut Interview, path: &str, text: &str) {
    let form = interview.plan().form();
    let plain: String = path.split(['[', ']']).step_by(2).collect();
    let id = form.ids().find(|&id| form.path(id) == plain).unwrap();
    let answer = Answer::of(&form.node(id).kind, text);
    interview.answer(path, answer).unwrap_or_else(|refusal| panic!("{path}: {refusal}"));
}
