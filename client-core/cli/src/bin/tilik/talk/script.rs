//! An interview from a file of answers: a JSON object by the names of the questions, for scripts and tests.
//!
//! Groups may be left out or written as objects around their questions, a repeat is a list with an object for each row, in
//! the order of the rows that the prelist knows and then new ones. So the answers of a saved visit are such a file.

use std::path::Path;

use client_core::{Device, Scaling, Visit};
use questionnaire::interview::{Answer, Interview, Problem, Question, Screen, Shows, Standing};
use serde_json::{Map, Value};

use super::Ended;
use super::files::{self, NoFile};
use crate::exit::Failure;
use crate::prompts;
use crate::words::Word;

/// Screens after which an interview that does not come to its end is left.
const SCREENS_MAX: usize = 100_000;

/// Answers by the names of questions.
pub(crate) struct Answers(Map<String, Value>);

/// Reads a file of answers.
pub(crate) fn read(path: &Path) -> Result<Answers, Failure> {
    match serde_json::from_str(&prompts::text_of(path)?) {
        Ok(Value::Object(answers)) => Ok(Answers(answers)),
        _ => Err(Failure::NotAnswers),
    }
}

/// How a file of answers is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// What the file does not answer and the prelist knows is right.
    pub(crate) confirm: bool,
    /// How photos are kept.
    pub(crate) scaling: Scaling,
}

/// Gives all answers, from the first screen on. A question for a file is answered by where it lies.
pub(crate) fn play(
    device: &mut Device,
    visit: &mut Visit,
    answers: &Answers,
    manner: Manner,
) -> Result<Ended, Failure> {
    let root = format!("/{}", visit.interview().plan().form().nodes[0].name);
    let _ = device.visit_step(visit, |interview| interview.jump(&root))?;
    for _ in 0..SCREENS_MAX {
        let screen = visit.interview().screen();
        match &screen.shows {
            Shows::End => return Ok(Ended::Asked),
            Shows::Another(another) => {
                let name = another.path.as_str().rsplit('/').next().unwrap_or_default();
                let wanted = scope(answers, &screen).and_then(|scope| find(scope, name)).and_then(Value::as_array);
                if wanted.is_some_and(|rows| rows.len() > another.rows) {
                    let _ = device.visit_step(visit, |interview| interview.add_row(another.path.as_str()))?;
                    continue;
                }
            }
            Shows::Questions(questions) => {
                if let Some(row) = superfluous(answers, &screen)
                    && device.visit_step(visit, |interview| interview.remove_row(&row))?.is_ok()
                {
                    continue;
                }
                for question in questions.iter().filter(|question| !question.read_only) {
                    give(device, visit, answers, &screen, question, manner)?;
                }
            }
        }
        if let Err(problems) = device.visit_step(visit, Interview::next)? {
            return Ok(Ended::Stopped(all_wrong(visit, problems)));
        }
    }
    Ok(Ended::Left)
}

/// Everything that is wrong so far, what stopped the interview first.
fn all_wrong(visit: &Visit, first: Vec<Problem>) -> Vec<Problem> {
    let mut problems = first;
    for problem in visit.interview().problems() {
        // Whatever was not reached yet is only missing.
        if visit.interview().value(problem.path.as_str()).is_some_and(|value| !value.is_empty())
            && !problems.iter().any(|known| known.path == problem.path)
        {
            problems.push(problem);
        }
    }
    problems
}

fn give(
    device: &mut Device,
    visit: &mut Visit,
    answers: &Answers,
    screen: &Screen,
    question: &Question,
    manner: Manner,
) -> Result<(), Failure> {
    let path = question.path.as_str();
    let untouched = question.prelist.as_ref().is_some_and(|beside| beside.standing == Standing::Untouched);
    let (value, reason) = match scope(answers, screen).and_then(|scope| find(scope, &question.name)) {
        Some(Value::Object(both)) => (both.get("value"), both.get("reason").and_then(Value::as_str)),
        value => (value, None),
    };
    // What cannot be answered shows as a problem of the screen, or the file said more than was asked.
    if let Some(Value::String(path)) = value.filter(|_| files::is_asked(question))
        && let Some(name) = attached(device, visit, question, path, manner.scaling)?
    {
        let _ = device.visit_step(visit, |interview| interview.answer(question.path.as_str(), name))?;
    } else if let Some(value) = value {
        let _ = device.visit_step(visit, |interview| interview.answer(path, answer_of(value)))?;
    } else if manner.confirm && untouched {
        let _ = device.visit_step(visit, |interview| interview.confirm(path))?;
    }
    if let Some(reason) = reason {
        let _ = device.visit_step(visit, |interview| interview.explain(path, reason))?;
    }
    Ok(())
}

/// The name of a file that the answer says the place of. The answers of a saved visit say names, which lie nowhere.
fn attached(
    device: &mut Device,
    visit: &Visit,
    question: &Question,
    path: &str,
    scaling: Scaling,
) -> Result<Option<String>, Failure> {
    match files::attach(device, visit, question, path, scaling) {
        Ok(attached) => Ok(Some(attached.named.name)),
        Err(NoFile::Say(Word::NoSuchFile)) => Ok(None),
        Err(NoFile::Say(_)) => Err(Failure::NotAFile(question.name.clone())),
        Err(NoFile::Store(error)) => Err(error.into()),
    }
}

fn answer_of(value: &Value) -> Answer {
    match value {
        Value::Null => Answer::Empty,
        Value::Bool(true) => Answer::Text("OK".to_owned()),
        Value::Bool(false) => Answer::Empty,
        Value::String(text) => Answer::Text(text.clone()),
        Value::Array(names) => Answer::Choices(names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        other => Answer::Text(other.to_string()),
    }
}

/// The object that holds the answers of a screen: the file's own, or that of the row.
fn scope<'a>(answers: &'a Answers, screen: &Screen) -> Option<&'a Map<String, Value>> {
    rows_around(screen)
        .try_fold(&answers.0, |scope, (name, row)| find(scope, name)?.as_array()?.get(row - 1)?.as_object())
}

/// A row that the file does not have: a repeat begins with one although nobody said so.
fn superfluous(answers: &Answers, screen: &Screen) -> Option<String> {
    let rows: Vec<(&str, usize)> = rows_around(screen).collect();
    let ((name, row), outer) = rows.split_last()?;
    let around = outer
        .iter()
        .try_fold(&answers.0, |scope, (name, row)| find(scope, name)?.as_array()?.get(row - 1)?.as_object())?;
    let listed = find(around, name)?.as_array()?;
    let heading = screen.headings.iter().rev().find(|heading| heading.row.is_some())?;
    (listed.len() < *row).then(|| heading.path.to_string())
}

/// The rows around a screen, outermost first: the repeat's name and the row's place, counted from 1.
fn rows_around(screen: &Screen) -> impl Iterator<Item = (&str, usize)> {
    screen.headings.iter().filter_map(|heading| {
        let last = heading.path.as_str().rsplit('/').next()?;
        Some((last.split('[').next()?, heading.row?))
    })
}

/// A value by name, at this level or in the groups of it.
fn find<'a>(scope: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = scope.get(name) {
        return Some(value);
    }
    let groups = scope.iter().filter(|(group, _)| !group.starts_with('@')).filter_map(|(_, value)| value.as_object());
    groups.filter(|group| !group.contains_key("value")).find_map(|group| find(group, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_found_in_groups_and_not_in_rows() {
        let scope = json!({"a": 1, "g": {"b": 2, "h": {"c": 3}}, "m": [{"d": 4}], "e": {"value": 5, "reason": "x"}});
        let scope = scope.as_object().unwrap();
        let found = |name| find(scope, name).cloned();
        assert_eq!((found("a"), found("b"), found("c")), (Some(json!(1)), Some(json!(2)), Some(json!(3))));
        assert_eq!((found("d"), found("reason")), (None, None));
        assert_eq!(found("e"), Some(json!({"value": 5, "reason": "x"})));
    }

    #[test]
    fn an_answer_is_written_as_json() {
        for (value, expected) in [
            (json!("2"), Answer::Text("2".into())),
            (json!(2.5), Answer::Text("2.5".into())),
            (json!(true), Answer::Text("OK".into())),
            (json!(["a", "b"]), Answer::Choices(vec!["a".into(), "b".into()])),
            (json!(null), Answer::Empty),
        ] {
            assert_eq!(answer_of(&value), expected);
        }
    }
}
