//! The end of an interview: all of it is checked, and what does not count is left behind.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Interview;
use crate::interview::check::Problem;
use crate::interview::path::Path;
use crate::interview::stored::Extent;
use crate::interview::trail::{Happening, Trail};
use crate::register::{Change, Verification};

/// An interview that is finished, as the visit's record keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finished {
    /// The form's id.
    pub form: String,
    /// The form's version.
    pub version: String,
    /// What the interview is called by the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All answers that count, in JSON.
    pub answers: Value,
    /// Why unusual answers are right, by question.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<Path, String>,
    /// What became of the register's values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verification: Vec<Verification>,
    /// What the register is to be told.
    pub changes: Vec<Change>,
    /// What happened, and when.
    pub trail: Trail,
}

impl Interview {
    /// Finishes the interview; refused with the list of all that is wrong, if anything is. May be called again.
    pub fn finalize(&mut self) -> Result<Finished, Vec<Problem>> {
        let mut settling = self.sheet.settling();
        self.sheet.take_end(&mut settling);
        self.sheet.settle(&mut settling);
        let problems = self.problems();
        if !problems.is_empty() {
            self.note(Happening::FinalizeError, None);
            return Err(problems);
        }
        self.trail.leave(self.sheet.environment.now());
        self.note(Happening::FormFinalize, None);
        Ok(self.finished())
    }

    fn finished(&self) -> Finished {
        let form = &self.sheet.plan.form;
        Finished {
            form: form.id.clone(),
            version: form.version.clone(),
            name: self.name(),
            answers: self.sheet.write(Extent::Counting),
            reasons: self.sheet.reasons(|at| self.sheet.is_warned(at)),
            verification: self.sheet.verification(),
            changes: self.sheet.register_changes(),
            trail: self.trail.clone(),
        }
    }
}
