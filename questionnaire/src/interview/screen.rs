//! What a screen shows, ready to be drawn.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::form::{Kind, Media, Range};
use crate::interview::answer::Answer;
use crate::interview::check::Problem;
use crate::interview::choices::{CHOICES_MAX, Offer};
use crate::interview::path::Path;
use crate::interview::prelist::Standing;
use crate::interview::sheet::Sheet;
use crate::interview::tree::CellAt;
use crate::interview::walk::Stop;

/// A screen of the interview.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Screen {
    /// What it shows.
    pub shows: Shows,
    /// The groups and rows that it stands in, outermost first.
    pub headings: Vec<Heading>,
    /// Its place among all screens that there are at present, counted from 0.
    pub place: usize,
    /// How many screens there are at present, the end among them.
    pub places: usize,
}

/// What a screen shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// One question, or several that belong on one screen.
    Questions(Vec<Question>),
    /// Whether there is one more row.
    Another(Another),
    /// Nothing is left to ask.
    End,
}

/// A group or row around a screen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heading {
    /// Where.
    pub path: Path,
    /// What it is called.
    pub label: String,
    /// For a row, its place counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
}

/// The question whether a repeat has one more row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Another {
    /// The repeat; `add_row` takes it.
    pub path: Path,
    /// What the repeat is called.
    pub label: String,
    /// How many rows there are.
    pub rows: usize,
}

/// A question or note.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Where.
    pub path: Path,
    /// Its name in the form.
    pub name: String,
    /// What it asks for, e.g. `integer`.
    pub kind: &'static str,
    /// What is read out.
    pub label: String,
    /// The line below.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The longer help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guidance: String,
    /// Files beside the label.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<Media, String>,
    /// Words of the appearance cell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub appearance: Vec<String>,
    /// Of the parameters cell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The scale of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The choices offered, at most [`CHOICES_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Offer>,
    /// Whether there are more of them, to be searched for.
    pub more_choices: bool,
    /// The answer.
    pub value: Answer,
    /// What the register knew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prelist: Option<Beside>,
    /// Whether an answer is needed.
    pub required: bool,
    /// Whether it can only be read.
    pub read_only: bool,
    /// What is wrong with the answer; that there is none is said by `next` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Whether the answer is unusual, for which `reason` may stand.
    pub warned: bool,
    /// Why an unusual answer is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A prelist value beside its question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// The value.
    pub value: Answer,
    /// As it is said: the label of a choice.
    pub label: String,
    /// Where it comes from.
    pub source: String,
    /// When it was true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What became of it.
    pub standing: Standing,
}

impl Sheet {
    pub(crate) fn screen(&self, stop: Stop) -> Screen {
        let stops = self.stops();
        let place = self.place_of(stop, &stops).unwrap_or_else(|place| place);
        let (shows, inside) = match stop {
            Stop::Another(at) => (Shows::Another(self.another(at)), self.tree.above(&self.plan, at)),
            Stop::End => (Shows::End, None),
            Stop::Question(at) => (self.questions(stop), self.tree.above(&self.plan, at)),
            Stop::Group(at) => (self.questions(stop), Some(at)),
        };
        let headings = inside.map(|at| self.headings(at)).unwrap_or_default();
        Screen { shows, headings, place, places: stops.len() }
    }

    fn questions(&self, stop: Stop) -> Shows {
        Shows::Questions(self.questions_at(stop).into_iter().map(|at| self.question(at)).collect())
    }

    fn another(&self, series: CellAt) -> Another {
        let rows = self.tree.series(&self.plan, series).rows.len();
        Another { path: self.path(series), label: self.label(series), rows }
    }

    /// The groups and rows from the outermost to `at`, without the form itself and groups that have no label.
    fn headings(&self, at: CellAt) -> Vec<Heading> {
        let around = std::iter::successors(Some(at), |&at| self.tree.above(&self.plan, at));
        let mut headings: Vec<Heading> = around.filter_map(|at| self.heading(at)).collect();
        headings.reverse();
        headings
    }

    fn heading(&self, at: CellAt) -> Option<Heading> {
        let cell = self.tree.cell(at);
        let series = self.tree.series_around(&self.plan, cell.row).filter(|_| self.tree.is_head(at));
        let row = series.map(|series| self.position(series, cell.row));
        let has_label = !self.plan.form.node(cell.node).label.is_empty();
        let shown = row.is_some() || has_label && at != CellAt::ROOT;
        shown.then(|| Heading { path: self.path(at), label: self.title(at), row })
    }

    pub(crate) fn question(&self, at: CellAt) -> Question {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let (choices, more_choices) = match self.plan.has_choices(self.tree.cell(at).node) {
            true => self.list_offers(at, "", CHOICES_MAX),
            false => (Vec::new(), false),
        };
        let media = node.media.iter().map(|(&media, text)| (media, self.wording(text, at)));
        let problem = self.find_problem(at).filter(|problem| problem.rule != super::check::Rule::Required);
        Question {
            path: self.path(at),
            name: node.name.clone(),
            kind: node.kind.name(),
            label: self.wording(&node.label, at),
            hint: self.wording(&node.hint, at),
            guidance: self.wording(&node.guidance, at),
            media: media.collect(),
            appearance: node.appearance.clone(),
            parameters: node.parameters.clone(),
            range: if let Kind::Range(range) = &node.kind { Some(range.clone()) } else { None },
            choices,
            more_choices,
            value: Answer::of(&node.kind, self.tree.value(at)),
            prelist: self.beside(at),
            required: self.is_required(at),
            read_only: self.is_read_only(at),
            problem,
            warned: self.is_warned(at),
            reason: self.tree.cell(at).reason.clone(),
        }
    }

    fn beside(&self, at: CellAt) -> Option<Beside> {
        let listed = self.prelist.get(&at)?;
        let text = self.prelist_text(at)?;
        let kind = &self.plan.form.node(self.tree.cell(at).node).kind;
        Some(Beside {
            label: self.spoken(at, &text),
            value: Answer::of(kind, &text),
            source: listed.source.clone(),
            date: listed.date.clone(),
            standing: self.standing(at)?,
        })
    }
}
