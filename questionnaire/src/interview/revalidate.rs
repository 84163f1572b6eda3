//! Checking a stored visit again with the engine that asked it: on the server, and after fields of two visits were
//! merged into a household that nobody recorded so.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::expr::Moment;
use crate::form::Kind;
use crate::interview::check::{Problem, Rule};
use crate::interview::environment::Still;
use crate::interview::message::Message;
use crate::interview::path::Path;
use crate::interview::plan::Plan;
use crate::interview::settle::Calculations;
use crate::interview::sheet::Sheet;
use crate::interview::stored::Misfit;
use crate::interview::table::Tables;
use crate::interview::tree::{CellAt, RowAt};

/// A visit as it is stored.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    /// All answers, as [`crate::interview::Finished::answers`].
    pub answers: &'a Value,
    /// The reasons that were given for unusual answers.
    pub reasons: &'a BTreeMap<Path, String>,
    /// When the interview was held: what `today()` and `now()` mean.
    pub moment: Moment,
    /// Index of the form's language to speak in.
    pub language: usize,
}

/// All that is wrong with a stored visit, in the order of the form; what found no place comes last.
///
/// Values calculated from the time or from chance are taken as they are stored, all others are calculated again.
pub fn validate(plan: Arc<Plan>, tables: &Tables, visit: &Visit<'_>) -> Vec<Problem> {
    let mut sheet = Sheet::new(plan, tables, Arc::new(Still::new(visit.moment)));
    sheet.language = visit.language.min(sheet.plan.form.languages.len() - 1);
    sheet.tree.row_mut(RowAt::ROOT).begun = true;
    let misfits = sheet.read(visit.answers);
    for (path, reason) in visit.reasons {
        if let Some(at) = sheet.find_path(path.as_str()) {
            sheet.tree.cell_mut(at).reason = Some(reason.clone());
        }
    }
    let before = Before::of(&sheet);
    let mut settling = sheet.settle_all(Calculations::RunSteady);
    sheet.settle(&mut settling);
    let mut problems: Vec<Problem> =
        sheet.tree.walk(&sheet.plan).into_iter().flat_map(|at| sheet.stored_problems(at, &before)).collect();
    problems.extend(misfits.iter().map(|misfit| sheet.misfit_problem(misfit)));
    problems
}

/// What was stored, before anything was calculated.
struct Before {
    calculated: HashMap<CellAt, String>,
    rows: HashMap<CellAt, usize>,
}

impl Before {
    fn of(sheet: &Sheet) -> Self {
        let mut before = Before { calculated: HashMap::new(), rows: HashMap::new() };
        for at in sheet.tree.walk(&sheet.plan) {
            match sheet.plan.form.node(sheet.tree.cell(at).node).kind {
                Kind::Calculate => {
                    before.calculated.insert(at, sheet.tree.cell(at).raw.clone());
                }
                Kind::Repeat { count: Some(_) } if sheet.tree.is_series(&sheet.plan, at) => {
                    before.rows.insert(at, sheet.tree.series(&sheet.plan, at).rows.len());
                }
                _ => {}
            }
        }
        before
    }
}

impl Sheet {
    fn stored_problems(&self, at: CellAt, before: &Before) -> Vec<Problem> {
        let cell = self.tree.cell(at);
        if let Some(&stored) = before.rows.get(&at) {
            let counted = self.tree.series(&self.plan, at).rows.len();
            let message = Message::RowCount { stored, counted };
            return (stored != counted).then(|| self.problem(at, Rule::Calculation, &message)).into_iter().collect();
        }
        if !self.plan.is_leaf(cell.node) {
            return Vec::new();
        }
        let mut problems: Vec<Problem> = self.find_problem(at).into_iter().collect();
        if !cell.asked && !cell.raw.is_empty() && self.plan.is_answerable(cell.node) {
            problems.push(self.problem(at, Rule::Skipped, &Message::SkippedButAnswered));
        }
        if cell.asked && cell.left.is_some() {
            let message = Message::ChoiceGone { answer: cell.raw.clone() };
            problems.push(self.problem(at, Rule::Choice, &message));
        }
        if let Some(stored) = before.calculated.get(&at).filter(|stored| **stored != self.tree.value(at)) {
            let calculated = self.tree.value(at).to_owned();
            let message = Message::CalculationDiffers { stored: stored.clone(), calculated };
            problems.push(self.problem(at, Rule::Calculation, &message));
        }
        problems
    }

    fn misfit_problem(&self, misfit: &Misfit) -> Problem {
        let path = format!("{}/{}", self.path(misfit.above), misfit.name);
        Problem {
            path: Path::from(path.as_str()),
            label: misfit.name.clone(),
            rule: Rule::Unknown,
            message: Message::NotInForm.text(self.tongue()),
        }
    }
}
