//! Law: however an interview came to its answers, everything that depends on them is what it would be from scratch.

use std::sync::Arc;

use proptest::prelude::*;

use super::{device, plan};
use crate::form::Kind;
use crate::interview::settle::Calculations;
use crate::interview::{Interview, Prefill, Sheet, Tables};

/// One row of a random form; numbers choose what it looks at.
#[derive(Debug, Clone)]
struct Line {
    sort: u8,
    looks_at: (usize, usize),
    formula: u8,
}

#[derive(Debug, Clone)]
enum Step {
    Answer(usize, u8),
    AddRow(usize),
    RemoveRow(usize),
    MoveRow(usize, usize),
}

fn line() -> impl Strategy<Value = Line> {
    (0u8..12, (any::<usize>(), any::<usize>()), 0u8..8).prop_map(|(sort, looks_at, formula)| Line {
        sort,
        looks_at,
        formula,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<usize>(), 0u8..6).prop_map(|(question, value)| Step::Answer(question, value)),
        1 => any::<usize>().prop_map(Step::AddRow),
        1 => any::<usize>().prop_map(Step::RemoveRow),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(row, to)| Step::MoveRow(row, to)),
    ]
}

/// A form of such lines: each looks only at names above it, so that hardly one turns in circles; rows may look at all
/// rows.
fn form(lines: &[Line]) -> String {
    let mut rows = "list l: 0=a 1=b 2=a 3=b\n integer q0\n".to_owned();
    let mut known = vec!["q0".to_owned()];
    let mut depth = 0;
    for (at, line) in (1..).zip(lines) {
        let name = format!("q{at}");
        let look = |at: usize| &known[at % known.len()];
        let (one, two) = (look(line.looks_at.0), look(line.looks_at.1));
        let condition = condition(line.formula, one, two);
        match line.sort {
            0..=2 => rows += &format!("integer {name} | relevant: {condition}\n"),
            3..=5 => {
                rows += &format!(
                    "calculate {name} | calculation: {} | relevant: {condition}\n",
                    sum(line.formula, one, two)
                )
            }
            6 => rows += &format!("one:l {name} | filter: name = ${{{one}}} or taste = if({condition}, 'a', 'b')\n"),
            7 if depth < 3 => {
                rows += &format!("repeat {name} | count: if(${{{one}}} > 3, 1, ${{{one}}})\n");
                depth += 1;
            }
            8 if depth < 3 => {
                rows += &format!("repeat {name} | relevant: {condition}\n");
                depth += 1;
            }
            9 if depth < 3 => {
                rows += &format!("group {name} | relevant: {condition}\n");
                depth += 1;
            }
            10 if depth > 0 => {
                rows += "end\n";
                depth -= 1;
            }
            _ => rows += &format!("integer {name}\n"),
        }
        if matches!(line.sort, 0..=6 | 11) {
            known.push(name);
        }
    }
    rows + &"end\n".repeat(depth)
}

fn condition(formula: u8, one: &str, two: &str) -> String {
    match formula {
        0 => format!("${{{one}}} = 1"),
        1 => format!("${{{one}}} != '' and ${{{two}}} < 3"),
        2 => format!("sum(${{{one}}}) > 2"),
        3 => format!("count-non-empty(${{{one}}}) mod 2 = 0"),
        4 => format!("not(${{{one}}} = ${{{two}}})"),
        5 => format!("position(..) = 1 or ${{{two}}} = 2"),
        _ => "true()".to_owned(),
    }
}

fn sum(formula: u8, one: &str, two: &str) -> String {
    match formula {
        0..=2 => format!("coalesce(${{{one}}}, 0) + coalesce(${{{two}}}, 0)"),
        3 => format!("sum(${{{one}}})"),
        4 => "count(../q0) + position(..)".to_owned(),
        5 => format!("concat(${{{one}}}, '-', ${{{two}}})"),
        _ => format!("if(${{{one}}} = 1, ${{{two}}}, 7)"),
    }
}

fn take(interview: &mut Interview, step: &Step) {
    let sheet = &interview.sheet;
    let cells = sheet.tree.walk(&sheet.plan);
    let pick = |at: usize, wanted: &dyn Fn(crate::interview::CellAt) -> bool| {
        let fit: Vec<_> = cells.iter().copied().filter(|&at| wanted(at)).collect();
        (!fit.is_empty()).then(|| sheet.path(fit[at % fit.len()]).to_string())
    };
    let is_question = |at| sheet.plan.is_answerable(sheet.tree.cell(at).node);
    let is_head = |at| at != crate::interview::CellAt::ROOT && sheet.tree.is_head(at);
    // A step that is refused changes nothing, which is part of the law.
    match *step {
        Step::Answer(question, value) => {
            let text = if value == 5 { String::new() } else { value.to_string() };
            pick(question, &is_question).map(|path| interview.answer(&path, text.as_str()).is_ok());
        }
        Step::AddRow(repeat) => {
            pick(repeat, &|at| sheet.tree.is_series(&sheet.plan, at)).map(|path| interview.add_row(&path).is_ok());
        }
        Step::RemoveRow(row) => {
            pick(row, &is_head).map(|path| interview.remove_row(&path).is_ok());
        }
        Step::MoveRow(row, to) => {
            pick(row, &is_head).map(|path| interview.move_row(&path, to % 4 + 1).is_ok());
        }
    }
}

/// All that is decided by the answers, cell by cell.
pub(crate) fn decided(sheet: &Sheet) -> Vec<(String, bool, String)> {
    let cells = sheet.tree.walk(&sheet.plan).into_iter();
    cells.map(|at| (sheet.path_by_position(at), sheet.tree.cell(at).asked, sheet.tree.value(at).to_owned())).collect()
}

/// A sheet that holds the same answers and nothing calculated.
pub(crate) fn from_scratch(interview: &Interview) -> Sheet {
    let plan = Arc::clone(interview.plan());
    let mut sheet = Sheet::new(Arc::clone(&plan), &Tables::new(), device());
    sheet.read(&interview.sheet.write(crate::interview::stored::Extent::All));
    for at in sheet.tree.walk(&plan) {
        if matches!(plan.form.node(sheet.tree.cell(at).node).kind, Kind::Calculate) {
            sheet.tree.cell_mut(at).raw.clear();
        }
    }
    let mut settling = sheet.settle_all(Calculations::Run);
    sheet.settle(&mut settling);
    sheet
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn from_scratch_equals_step_by_step(
        lines in proptest::collection::vec(line(), 1..25),
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        let plan = plan(&form(&lines));
        prop_assume!(plan.cycles().is_empty());
        let mut interview = Interview::begin(plan, &Tables::new(), device(), Prefill::default());
        for step in &steps {
            take(&mut interview, step);
        }
        let whole = from_scratch(&interview);
        prop_assert_eq!(decided(&interview.sheet), decided(&whole), "{}", form(&lines));
    }

    #[test]
    fn a_draft_says_the_same_after_any_steps(
        lines in proptest::collection::vec(line(), 1..20),
        steps in proptest::collection::vec(step(), 1..15),
    ) {
        let plan = plan(&form(&lines));
        prop_assume!(plan.cycles().is_empty());
        let mut interview = Interview::begin(plan, &Tables::new(), device(), Prefill::default());
        steps.iter().for_each(|step| take(&mut interview, step));
        let draft = interview.save();
        let taken = Interview::resume(Arc::clone(interview.plan()), &Tables::new(), device(), draft.clone()).unwrap();
        prop_assert_eq!(&taken.save().answers, &draft.answers);
        prop_assert_eq!(taken.save().at, draft.at);
        prop_assert_eq!(decided(&taken.sheet), decided(&interview.sheet));
    }
}
