//! An interview put down, to be taken up again where it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::interview::environment::Environment;
use crate::interview::path::Path;
use crate::interview::plan::Plan;
use crate::interview::prelist::Prefill;
use crate::interview::session::Interview;
use crate::interview::settle::Calculations;
use crate::interview::sheet::Sheet;
use crate::interview::stored::Extent;
use crate::interview::table::Tables;
use crate::interview::trail::{Happening, Trail};
use crate::interview::tree::{CellAt, RowAt};
use crate::interview::walk::Stop;

/// An interview put down. Holds personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The form's id.
    pub form: String,
    /// The form's version: a draft is finished on the version it was begun with.
    pub version: String,
    /// Index of the language being shown.
    pub language: usize,
    /// All answers, those kept aside among them.
    pub answers: Value,
    /// The screen that is open.
    pub at: Mark,
    /// Questions that a person answered or confirmed, where the register knew a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Path>,
    /// Reasons for unusual answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<Path, String>,
    /// Decides the order of shuffled choices.
    pub shuffle: u32,
    /// What the register knew when the interview began.
    pub prefill: Prefill,
    /// What happened so far.
    pub trail: Trail,
}

/// The screen that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// That of a question, or of several in a group or row.
    At(Path),
    /// That which asks for one more row.
    Another(Path),
    /// The last.
    End,
}

/// Why a draft cannot be taken up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the draft was begun on version {version} of form {form}, which is not the one at hand")]
pub struct OtherForm {
    /// The draft's form.
    pub form: String,
    /// Its version.
    pub version: String,
}

impl Interview {
    /// The interview as it stands, to be kept.
    pub fn save(&self) -> Draft {
        let sheet = &self.sheet;
        let mut touched: Vec<Path> =
            sheet.prelist.keys().filter(|&&at| sheet.tree.cell(at).touched).map(|&at| sheet.path(at)).collect();
        touched.sort();
        Draft {
            form: sheet.plan.form.id.clone(),
            version: sheet.plan.form.version.clone(),
            language: sheet.language,
            answers: sheet.write(Extent::All),
            at: match self.stop {
                Stop::Question(at) | Stop::Group(at) => Mark::At(sheet.path(at)),
                Stop::Another(at) => Mark::Another(sheet.path(at)),
                Stop::End => Mark::End,
            },
            touched,
            reasons: sheet.reasons(|_| true),
            shuffle: sheet.shuffle,
            prefill: self.prefill.clone(),
            trail: self.trail.clone(),
        }
    }

    /// Takes up a draft. What was calculated stays as it was until something that it depends on changes.
    pub fn resume(
        plan: Arc<Plan>,
        tables: &Tables,
        environment: Arc<dyn Environment>,
        draft: Draft,
    ) -> Result<Self, OtherForm> {
        if (&draft.form, &draft.version) != (&plan.form.id, &plan.form.version) {
            return Err(OtherForm { form: draft.form, version: draft.version });
        }
        let mut sheet = Sheet::new(plan, tables, environment);
        sheet.shuffle = draft.shuffle;
        sheet.begun_ms = draft.trail.events.first().map(|event| event.start);
        sheet.language = draft.language.min(sheet.plan.form.languages.len() - 1);
        sheet.tree.row_mut(RowAt::ROOT).begun = true;
        sheet.read(&draft.answers);
        sheet.bind_again(RowAt::ROOT, &draft.prefill);
        let mut settling = sheet.settle_all(Calculations::Keep);
        sheet.settle(&mut settling);
        sheet.recall(&draft);
        let mut interview = Interview { stop: Stop::End, sheet, trail: draft.trail, prefill: draft.prefill };
        interview.trail.leave_open();
        interview.note(Happening::FormResume, None);
        interview.go(interview.sheet.stop_at(&draft.at));
        Ok(interview)
    }
}

impl Sheet {
    /// The reasons for the answers that `wanted` holds for.
    pub(crate) fn reasons(&self, wanted: impl Fn(CellAt) -> bool) -> BTreeMap<Path, String> {
        let cells = self.tree.walk(&self.plan).into_iter();
        let reasons = cells.filter_map(|at| Some((at, self.tree.cell(at).reason.clone()?)));
        reasons.filter(|&(at, _)| wanted(at)).map(|(at, reason)| (self.path(at), reason)).collect()
    }

    fn recall(&mut self, draft: &Draft) {
        for path in &draft.touched {
            if let Some(at) = self.find_path(path.as_str()) {
                self.tree.cell_mut(at).touched = true;
            }
        }
        for (path, reason) in &draft.reasons {
            if let Some(at) = self.find_path(path.as_str()) {
                self.tree.cell_mut(at).reason = Some(reason.clone());
            }
        }
    }

    fn stop_at(&self, mark: &Mark) -> Stop {
        let found = match mark {
            Mark::At(path) => self.find_path(path.as_str()).map(|at| self.stop_for(at)),
            Mark::Another(path) => self.find_path(path.as_str()).map(Stop::Another),
            Mark::End => Some(Stop::End),
        };
        found.filter(|stop| self.stops().contains(stop)).unwrap_or_else(|| self.stops()[0])
    }
}
