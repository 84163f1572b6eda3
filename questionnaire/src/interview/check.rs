//! What is wrong with an answer, or with there being none.

use serde::Serialize;

use crate::form::{Kind, Text};
use crate::interview::answer;
use crate::interview::message::{Message, Tongue};
use crate::interview::path::Path;
use crate::interview::sheet::Sheet;
use crate::interview::tree::CellAt;

/// Something that is wrong, at a place that one can jump to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// The question.
    pub path: Path,
    /// What the question is called.
    pub label: String,
    /// Which rule is broken.
    pub rule: Rule,
    /// What to say about it, in the language being shown.
    pub message: String,
}

/// The rules that an answer may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The text is not what the kind of question asks for.
    Kind,
    /// `constraint`.
    Constraint,
    /// `required`.
    Required,
    /// `warning`: may stay, with a reason.
    Warning,
    /// Of a stored visit: an answer that is not among the choices.
    Choice,
    /// Of a stored visit: an answer to what is skipped.
    Skipped,
    /// Of a stored visit: an answer to what is not asked at all.
    Unknown,
    /// Of a stored visit: a calculated value or number of rows that does not follow from the answers.
    Calculation,
}

impl Rule {
    /// Whether an interview may end with it.
    pub fn is_soft(self) -> bool {
        matches!(self, Rule::Warning)
    }
}

impl Sheet {
    /// The language for what the interview itself says: English where the form is shown in English, else Bahasa
    /// Indonesia.
    pub(crate) fn tongue(&self) -> Tongue {
        let language = &self.plan.form.languages[self.language];
        let code = language.code.as_deref().unwrap_or("").to_lowercase();
        let english = code.starts_with("en") || language.name.to_lowercase().starts_with("english");
        if english { Tongue::English } else { Tongue::Indonesian }
    }

    /// The first rule that the answer at `at` breaks; ODK as well looks at the constraint before the lack of an answer.
    pub(crate) fn find_problem(&self, at: CellAt) -> Option<Problem> {
        let cell = self.tree.cell(at);
        if !cell.asked || !self.plan.is_leaf(cell.node) {
            return None;
        }
        if self.tree.value(at).is_empty() {
            return self.is_missing(at).then(|| self.required_problem(at));
        }
        self.kind_problem(at).or_else(|| self.constraint_problem(at)).or_else(|| self.warning_problem(at))
    }

    /// Whether an answer is needed and there is none.
    pub(crate) fn is_missing(&self, at: CellAt) -> bool {
        self.is_required(at) && self.tree.value(at).is_empty()
    }

    /// A note that is required lets nobody go on while it is shown, as in ODK: forms say "this cannot be" so.
    pub(crate) fn is_required(&self, at: CellAt) -> bool {
        let node = self.tree.cell(at).node;
        let required = self.plan.form.node(node).required.as_ref();
        self.plan.is_shown(node) && required.is_some_and(|formula| self.holds(formula, at))
    }

    /// Read-only is whatever stands in something read-only.
    pub(crate) fn is_read_only(&self, at: CellAt) -> bool {
        std::iter::successors(Some(at), |&at| self.tree.above(&self.plan, at)).any(|at| {
            let read_only = self.plan.form.node(self.tree.cell(at).node).read_only.as_ref();
            read_only.is_some_and(|formula| self.holds(formula, at))
        })
    }

    pub(crate) fn problem(&self, at: CellAt, rule: Rule, message: &Message) -> Problem {
        self.problem_saying(at, rule, message.text(self.tongue()))
    }

    fn problem_saying(&self, at: CellAt, rule: Rule, message: String) -> Problem {
        Problem { path: self.path(at), label: self.label(at), rule, message }
    }

    /// The question's label; its name where it has none.
    pub(crate) fn label(&self, at: CellAt) -> String {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let label = self.find_wording(&node.label, at).filter(|label| !label.is_empty());
        label.unwrap_or_else(|| node.name.clone())
    }

    fn required_problem(&self, at: CellAt) -> Problem {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let ours = if matches!(node.kind, Kind::Note) { Message::Halted } else { Message::Required };
        self.problem_in_words_of(at, Rule::Required, &node.required_message, &ours)
    }

    fn kind_problem(&self, at: CellAt) -> Option<Problem> {
        let kind = &self.plan.form.node(self.tree.cell(at).node).kind;
        let fault = answer::fault(kind, self.tree.value(at))?;
        Some(self.problem(at, Rule::Kind, &fault))
    }

    fn constraint_problem(&self, at: CellAt) -> Option<Problem> {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let broken = node.constraint.as_ref().is_some_and(|formula| !self.holds(formula, at));
        broken.then(|| self.problem_in_words_of(at, Rule::Constraint, &node.constraint_message, &Message::Constraint))
    }

    /// A warning for which a reason was given is none.
    fn warning_problem(&self, at: CellAt) -> Option<Problem> {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let explained = self.tree.cell(at).reason.is_some();
        let broken = !explained && node.warning.as_ref().is_some_and(|formula| !self.holds(formula, at));
        broken.then(|| self.problem_in_words_of(at, Rule::Warning, &node.warning_message, &Message::Warning))
    }

    /// Whether the answer breaks the rule of `warning`, explained or not.
    pub(crate) fn is_warned(&self, at: CellAt) -> bool {
        let node = self.plan.form.node(self.tree.cell(at).node);
        !self.tree.value(at).is_empty() && node.warning.as_ref().is_some_and(|formula| !self.holds(formula, at))
    }

    /// The form's own words, else ours.
    fn problem_in_words_of(&self, at: CellAt, rule: Rule, own: &Text, ours: &Message) -> Problem {
        match self.find_wording(own, at).filter(|words| !words.is_empty()) {
            Some(words) => self.problem_saying(at, rule, words),
            None => self.problem(at, rule, ours),
        }
    }

    /// All that is wrong, in the order of the form.
    pub(crate) fn list_problems(&self) -> Vec<Problem> {
        self.tree.walk(&self.plan).into_iter().filter_map(|at| self.find_problem(at)).collect()
    }
}
