//! An interview that any screen can hold: where it stands, what is answered, how it goes on.

mod finish;
mod rows;

use std::sync::Arc;

use serde::Serialize;

use crate::form::{Background, Kind};
use crate::interview::answer::{self, Answer};
use crate::interview::check::Problem;
use crate::interview::choices::Offer;
use crate::interview::environment::Environment;
use crate::interview::message::Tongue;
use crate::interview::moment;
use crate::interview::outline::Section;
use crate::interview::path::Path;
use crate::interview::plan::Plan;
use crate::interview::prelist::Prefill;
use crate::interview::screen::Screen;
use crate::interview::settle::{Calculations, Settling};
use crate::interview::sheet::Sheet;
use crate::interview::table::Tables;
use crate::interview::trail::{Happening, Trail};
use crate::interview::tree::{CellAt, RowAt};
use crate::interview::walk::Stop;

pub use finish::Finished;

/// An interview that is going on.
#[derive(Clone)]
pub struct Interview {
    pub(crate) sheet: Sheet,
    pub(crate) stop: Stop,
    pub(crate) trail: Trail,
    pub(crate) prefill: Prefill,
}

/// What an answer or another step changed, besides what it was about.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Changes {
    /// Values that are others now.
    pub values: Vec<Path>,
    /// Questions that are asked now and were not.
    pub appeared: Vec<Path>,
    /// Questions that were asked and are not any more.
    pub vanished: Vec<Path>,
    /// Whether rows came, went or moved.
    pub rows: bool,
}

/// Why a step cannot be taken. The interview is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such place in this interview.
    #[error("there is no such place in this interview")]
    NoSuchPlace,
    /// It is not asked at present, or no question.
    #[error("this is not asked")]
    NotAsked,
    /// It can only be read.
    #[error("this can only be read")]
    ReadOnly,
    /// The register knows nothing about it that could be confirmed.
    #[error("there is nothing to confirm")]
    NothingToConfirm,
    /// A count says how many rows there are.
    #[error("another answer says how many rows there are")]
    Counted,
    /// The row is about somebody whom the register knows: say what became of them.
    #[error("the register knows whom this row is about; say what became of them instead")]
    RowOfRegister,
}

impl Refusal {
    /// The sentence for whoever is interviewing.
    pub fn text(self, tongue: Tongue) -> &'static str {
        match (tongue, self) {
            (Tongue::Indonesian, Refusal::NoSuchPlace) => "Bagian ini tidak ada dalam wawancara.",
            (Tongue::Indonesian, Refusal::NotAsked) => "Pertanyaan ini sedang dilewati.",
            (Tongue::Indonesian, Refusal::ReadOnly) => "Isian ini tidak dapat diubah.",
            (Tongue::Indonesian, Refusal::NothingToConfirm) => "Tidak ada data awal untuk dikonfirmasi.",
            (Tongue::Indonesian, Refusal::Counted) => "Jumlah baris mengikuti jawaban lain.",
            (Tongue::Indonesian, Refusal::RowOfRegister) => {
                "Baris ini ada dalam daftar awal dan tidak dapat dihapus. Catat apa yang terjadi dengannya."
            }
            (Tongue::English, Refusal::NoSuchPlace) => "There is no such place in this interview.",
            (Tongue::English, Refusal::NotAsked) => "This question is skipped at present.",
            (Tongue::English, Refusal::ReadOnly) => "This cannot be changed.",
            (Tongue::English, Refusal::NothingToConfirm) => "There is no prelist value to confirm.",
            (Tongue::English, Refusal::Counted) => "Another answer says how many rows there are.",
            (Tongue::English, Refusal::RowOfRegister) => {
                "This row is on the prelist and cannot be removed. Record what became of them."
            }
        }
    }
}

impl Interview {
    /// Begins an interview.
    pub fn begin(plan: Arc<Plan>, tables: &Tables, environment: Arc<dyn Environment>, prefill: Prefill) -> Self {
        let mut sheet = Sheet::new(plan, tables, environment);
        let mut beginning = sheet.settling();
        sheet.begun_ms = Some(sheet.environment.now().unix_ms);
        sheet.take_background();
        sheet.begin_row(RowAt::ROOT, &prefill, &mut beginning);
        let mut settling = sheet.settle_all(Calculations::Run);
        sheet.begin_computed(RowAt::ROOT, &mut settling);
        settling.begin_after(&mut beginning);
        sheet.settle(&mut settling);
        let user = sheet.environment.background(Background::Username);
        let mut interview = Interview { sheet, stop: Stop::End, trail: Trail::of(user), prefill };
        interview.note(Happening::FormStart, None);
        interview.go(interview.sheet.stops()[0]);
        interview
    }

    /// The form that is asked.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.sheet.plan
    }

    /// The screen that is open.
    pub fn screen(&self) -> Screen {
        self.sheet.screen(self.stop)
    }

    /// Takes an answer; [`Answer::Empty`] takes one back. An answer that breaks a rule is taken as well: it is shown
    /// with its problem, and `next` does not go on before it is mended.
    pub fn answer(&mut self, path: &str, answer: impl Into<Answer>) -> Result<Changes, Refusal> {
        let at = self.question_at(path)?;
        let kind = &self.sheet.plan.form.node(self.sheet.tree.cell(at).node).kind;
        let mut text = answer::normal(kind, &answer.into().text());
        if matches!(kind, Kind::SelectMultiple(_)) {
            text = self.sheet.in_order_of_list(at, &text);
        }
        Ok(self.take(at, text))
    }

    /// Confirms what the register knew: it is the answer.
    pub fn confirm(&mut self, path: &str) -> Result<Changes, Refusal> {
        let at = self.question_at(path)?;
        let text = self.sheet.prelist_text(at).ok_or(Refusal::NothingToConfirm)?;
        Ok(self.take(at, text))
    }

    /// Says why an unusual answer is right; an empty reason takes it back. Another answer needs another reason.
    pub fn explain(&mut self, path: &str, reason: &str) -> Result<(), Refusal> {
        let at = self.question_at(path)?;
        let reason = reason.trim();
        self.sheet.tree.cell_mut(at).reason = (!reason.is_empty()).then(|| reason.to_owned());
        self.note(Happening::ChangeReason, Some(at));
        Ok(())
    }

    /// Goes to the next screen, unless something on this one is wrong.
    #[expect(clippy::should_implement_trait, reason = "the word on the button; an interview is no iterator")]
    pub fn next(&mut self) -> Result<Screen, Vec<Problem>> {
        let questions = self.sheet.questions_at(self.stop);
        let wrong: Vec<CellAt> = questions.into_iter().filter(|&at| self.sheet.find_problem(at).is_some()).collect();
        if !wrong.is_empty() {
            wrong.iter().for_each(|&at| self.note(Happening::ConstraintError, Some(at)));
            return Err(wrong.into_iter().filter_map(|at| self.sheet.find_problem(at)).collect());
        }
        let stops = self.sheet.stops();
        let next = match self.sheet.place_of(self.stop, &stops) {
            Ok(place) => place + 1,
            Err(place) => place,
        };
        self.go(stops.get(next).copied().unwrap_or(Stop::End));
        Ok(self.screen())
    }

    /// Goes to the screen before, whatever is wrong on this one.
    pub fn back(&mut self) -> Screen {
        let stops = self.sheet.stops();
        let place = self.sheet.place_of(self.stop, &stops).unwrap_or_else(|place| place);
        self.go(stops[place.saturating_sub(1)]);
        self.screen()
    }

    /// Goes to the screen of a question, or to the first one of a group or row.
    pub fn jump(&mut self, path: &str) -> Result<Screen, Refusal> {
        let at = self.sheet.find_path(path).ok_or(Refusal::NoSuchPlace)?;
        self.note(Happening::Jump, Some(at));
        self.go(self.sheet.stop_for(at));
        Ok(self.screen())
    }

    /// Goes to the end, where the interview can be finished.
    pub fn jump_to_end(&mut self) -> Screen {
        self.note(Happening::Jump, None);
        self.go(Stop::End);
        self.screen()
    }

    /// The groups and rows, with how far each of them is.
    pub fn outline(&self) -> Vec<Section> {
        let current = match self.stop {
            Stop::Question(at) | Stop::Group(at) | Stop::Another(at) => Some(at),
            Stop::End => None,
        };
        self.sheet.outline(current)
    }

    /// All that is wrong in the whole interview, in the order of the form.
    pub fn problems(&self) -> Vec<Problem> {
        self.sheet.list_problems()
    }

    /// The choices of a question whose label holds `text`, at most `most` of them.
    pub fn search_choices(&self, path: &str, text: &str, most: usize) -> Result<Vec<Offer>, Refusal> {
        let at = self.sheet.find_path(path).ok_or(Refusal::NoSuchPlace)?;
        Ok(self.sheet.list_offers(at, text, most).0)
    }

    /// The value at `path` in the text of a submission, as formulas see it.
    pub fn value(&self, path: &str) -> Option<&str> {
        Some(self.sheet.tree.value(self.sheet.find_path(path)?))
    }

    /// The place as ODK's audit names it: a row by its position, counted from 1; 0 where it is set aside.
    pub fn path_by_position(&self, path: &str) -> Option<String> {
        Some(self.sheet.path_by_position(self.sheet.find_path(path)?))
    }

    /// Whether the place is asked at present.
    pub fn is_asked(&self, path: &str) -> bool {
        self.sheet.find_path(path).is_some_and(|at| self.sheet.tree.cell(at).asked)
    }

    /// What the interview is called by the form (`instance_name`), where it says so.
    pub fn name(&self) -> Option<String> {
        let formula = self.sheet.plan.form.instance_name.as_ref()?;
        Some(self.sheet.answer_of(formula, CellAt::ROOT)).filter(|name| !name.is_empty())
    }

    /// What happened so far.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Which of the form's languages is shown.
    pub fn language(&self) -> usize {
        self.sheet.language
    }

    /// The language in which the interview itself speaks.
    pub fn tongue(&self) -> Tongue {
        self.sheet.tongue()
    }

    /// Shows the form in another of its languages; one that it does not have changes nothing.
    pub fn set_language(&mut self, language: usize) {
        if language < self.sheet.plan.form.languages.len() && language != self.sheet.language {
            self.sheet.language = language;
            self.note(Happening::ChangeLanguage, None);
        }
    }

    fn question_at(&self, path: &str) -> Result<CellAt, Refusal> {
        let at = self.sheet.find_path(path).ok_or(Refusal::NoSuchPlace)?;
        let cell = self.sheet.tree.cell(at);
        if !cell.asked || !self.sheet.plan.is_answerable(cell.node) {
            return Err(Refusal::NotAsked);
        }
        if self.sheet.is_read_only(at) {
            return Err(Refusal::ReadOnly);
        }
        Ok(at)
    }

    fn take(&mut self, at: CellAt, text: String) -> Changes {
        let old = self.sheet.tree.value(at).to_owned();
        self.sheet.tree.cell_mut(at).touched = true;
        let mut settling = self.sheet.settling();
        self.sheet.set_raw(at, text, &mut settling);
        self.sheet.settle(&mut settling);
        let new = self.sheet.tree.value(at);
        if old != new {
            let node = self.sheet.path_by_position(at);
            self.trail.change(node, &old, new, self.sheet.environment.now());
        }
        settling.changed.remove(&at);
        self.stay_in_sight();
        self.changes(&settling)
    }

    pub(crate) fn changes(&self, settling: &Settling) -> Changes {
        let sheet = &self.sheet;
        let is_leaf = |at: &&CellAt| sheet.plan.is_leaf(sheet.tree.cell(**at).node);
        let shown = |at: &&CellAt| sheet.plan.is_shown(sheet.tree.cell(**at).node);
        let turned =
            |asked: bool| settling.turned.iter().filter(shown).filter(move |at| sheet.tree.cell(**at).asked == asked);
        Changes {
            values: settling.changed.iter().filter(is_leaf).map(|&at| sheet.path(at)).collect(),
            appeared: turned(true).map(|&at| sheet.path(at)).collect(),
            vanished: turned(false).map(|&at| sheet.path(at)).collect(),
            rows: settling.rows_changed,
        }
    }

    /// Where the screen that is open is gone, the one that follows it is shown.
    pub(crate) fn stay_in_sight(&mut self) {
        let stops = self.sheet.stops();
        if let Err(place) = self.sheet.place_of(self.stop, &stops) {
            self.go(stops[place]);
        }
    }

    pub(crate) fn go(&mut self, stop: Stop) {
        self.stop = stop;
        let (what, at) = match stop {
            Stop::Question(at) => (Happening::Question, Some(at)),
            Stop::Group(at) => (Happening::GroupQuestions, Some(at)),
            Stop::Another(at) => (Happening::AddPrompt, Some(at)),
            Stop::End => (Happening::EndScreen, None),
        };
        let node = at.map(|at| self.sheet.path_by_position(at)).unwrap_or_default();
        self.trail.open(what, node, self.sheet.environment.now());
    }

    pub(crate) fn note(&mut self, what: Happening, at: Option<CellAt>) {
        let node = at.map(|at| self.sheet.path_by_position(at)).unwrap_or_default();
        self.trail.note(what, node, self.sheet.environment.now());
    }
}

impl Sheet {
    /// Writes down what the device knows when the interview begins.
    fn take_background(&mut self) {
        let now = self.environment.now();
        let plan = Arc::clone(&self.plan);
        for at in self.tree.cells_of(&plan, RowAt::ROOT) {
            let Kind::Background(what) = plan.form.node(self.tree.cell(at).node).kind else { continue };
            let text = match what {
                Background::Start => Some(moment::date_time(now)),
                Background::Today => Some(moment::date(now)),
                Background::End => None,
                what => self.environment.background(what),
            };
            self.tree.cell_mut(at).raw = text.unwrap_or_default();
        }
    }

    /// Writes down when the interview was ended or last saved.
    pub(crate) fn take_end(&mut self, settling: &mut Settling) {
        let now = moment::date_time(self.environment.now());
        let plan = Arc::clone(&self.plan);
        for at in self.tree.cells_of(&plan, RowAt::ROOT) {
            if plan.form.node(self.tree.cell(at).node).kind == Kind::Background(Background::End) {
                self.set_raw(at, now.clone(), settling);
            }
        }
    }
}
