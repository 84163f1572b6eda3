//! Paradata: what was opened, answered and left, and when.

mod audit;
mod compact;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::Moment;

/// What happened, in the words of ODK's audit log where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it; `audit` gives ODK's words")]
pub enum Happening {
    FormStart,
    FormResume,
    FormFinalize,
    FinalizeError,
    Question,
    GroupQuestions,
    AddPrompt,
    EndScreen,
    Jump,
    AddRepeat,
    DeleteRepeat,
    MoveRepeat,
    ConstraintError,
    ChangeLanguage,
    ChangeReason,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub what: Happening,
    /// Where, as ODK writes paths; empty where it concerns the whole form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub node: String,
    /// When it began, in milliseconds since 1970 by the device's clock.
    pub start: i64,
    /// When it ended, where it lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// The answer before, where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The answer after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// All that happened in an interview, in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Trail {
    /// Who is interviewing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The events; those of one screen follow the screen's own.
    pub events: Vec<Event>,
    /// Which of the events is the screen that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<usize>,
}

impl Trail {
    pub(crate) fn of(user: Option<String>) -> Self {
        Trail { user, events: Vec::new(), open: None }
    }

    /// Something happened at one moment.
    pub(crate) fn note(&mut self, what: Happening, node: String, at: Moment) {
        self.events.push(Event { what, node, start: at.unix_ms, end: None, old: None, new: None });
    }

    /// A screen is shown; the one before is left.
    pub(crate) fn open(&mut self, what: Happening, node: String, at: Moment) {
        self.leave(at);
        self.open = Some(self.events.len());
        self.note(what, node, at);
    }

    /// The screen is left.
    pub(crate) fn leave(&mut self, at: Moment) {
        if let Some(open) = self.open.take() {
            self.events[open].end = Some(at.unix_ms);
        }
    }

    /// The screen that was open when the interview was put down stays without an end: nobody knows when it was left.
    pub(crate) fn leave_open(&mut self) {
        self.open = None;
    }

    /// An answer on the screen that is open, or on another one, is changed.
    pub(crate) fn change(&mut self, node: String, old: &str, new: &str, at: Moment) {
        let same = |event: &Event| event.what == Happening::Question && event.node == node;
        let open = self.open.filter(|&open| same(&self.events[open]));
        // On a screen of several questions the time of a change counts from the change before.
        let since = self.events.last().map_or(at.unix_ms, |event| event.end.unwrap_or(event.start));
        let place = match open.or_else(|| self.in_group(&node)) {
            Some(place) => place,
            None => {
                self.events.push(Event {
                    what: Happening::Question,
                    node,
                    start: since,
                    end: None,
                    old: None,
                    new: None,
                });
                self.events.len() - 1
            }
        };
        let event = &mut self.events[place];
        event.old.get_or_insert_with(|| old.to_owned());
        event.new = Some(new.to_owned());
        if open.is_none() {
            event.end = Some(at.unix_ms);
        }
    }

    /// The last event, where it is an earlier change of the same question on the screen that is open: typing on is one
    /// change.
    fn in_group(&self, node: &str) -> Option<usize> {
        let last = self.events.len().checked_sub(1)?;
        let event = &self.events[last];
        let inside = self.open.is_some_and(|open| open < last);
        (inside && event.what == Happening::Question && event.node == node).then_some(last)
    }

    /// Milliseconds spent at each question or screen of several.
    pub fn spent_ms(&self) -> BTreeMap<&str, i64> {
        let mut spent = BTreeMap::new();
        for event in &self.events {
            let lasts = matches!(event.what, Happening::Question | Happening::GroupQuestions);
            if let Some(end) = event.end.filter(|_| lasts) {
                *spent.entry(event.node.as_str()).or_insert(0) += (end - event.start).max(0);
            }
        }
        spent
    }
}
