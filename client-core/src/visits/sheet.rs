//! An interview in the store: its answers as they stand, and its events one line each, so that an answer is a small write.

use std::collections::BTreeMap;

use questionnaire::interview::{Draft, Event, Interview, Mark, Path, Trail};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::drafts::DraftId;
use crate::error::{Error, Result};
use crate::forms::FormLine;
use crate::store::interviews;

/// A draft without what never changes and without what is only added to.
#[derive(Serialize, Deserialize)]
struct Sheet {
    answers: Value,
    at: Mark,
    language: usize,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    reasons: BTreeMap<Path, String>,
    shuffle: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    touched: Vec<Path>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

/// Writes an interview down where it differs from what lies there; returns the events that lie there now.
pub(super) fn write(store: &Connection, draft: DraftId, interview: &Interview, kept: &[Event]) -> Result<Vec<Event>> {
    let Draft { answers, at, language, reasons, shuffle, touched, trail, .. } = interview.save();
    let answered = count(&answers);
    let sheet = Sheet { answers, at, language, reasons, shuffle, touched, user: trail.user };
    interviews::put_sheet(store, draft, &interviews::text(&sheet), answered, interview.name().as_deref())?;
    for (place, event) in trail.events.iter().enumerate() {
        if kept.get(place) != Some(event) {
            interviews::put_event(store, draft, place, &interviews::text(event))?;
        }
    }
    Ok(trail.events)
}

/// Reads an interview back, with the events that lie there.
pub(super) fn read(store: &Connection, draft: DraftId, form: &FormLine) -> Result<(Draft, Vec<Event>)> {
    let begun = interviews::find(store, draft)?.ok_or(Error::NotFound("interview in this draft"))?;
    let sheet: Sheet = parsed(&interviews::sheet(store, draft)?)?;
    let events: Vec<Event> =
        interviews::events(store, draft)?.iter().map(|event| parsed(event)).collect::<Result<_>>()?;
    let trail = json!({"events": events, "user": sheet.user});
    let trail: Trail = serde_json::from_value(trail).map_err(|_| Error::FileDamaged)?;
    let draft = Draft {
        form: form.form.clone(),
        version: form.version.clone(),
        language: sheet.language,
        answers: sheet.answers,
        at: sheet.at,
        touched: sheet.touched,
        reasons: sheet.reasons,
        shuffle: sheet.shuffle,
        prefill: parsed(&begun.prefill)?,
        trail,
    };
    Ok((draft, events))
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    // It was written by this module.
    serde_json::from_str(text).map_err(|_| Error::FileDamaged)
}

/// How many answers there are.
fn count(answers: &Value) -> usize {
    match answers {
        Value::Null => 0,
        Value::Object(members) => {
            members.iter().filter(|(name, _)| !name.starts_with('@')).map(|(_, v)| count(v)).sum()
        }
        // A list of texts is one answer, a list of rows is what stands in them.
        Value::Array(rows) if rows.iter().any(Value::is_object) => rows.iter().map(count).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_wherever_they_stand() {
        let answers = json!({"a": "1", "g": {"b": ["x", "y"]}, "m": [{"@row": "1", "c": 2}, {"@row": "2"}]});
        assert_eq!(count(&answers), 3);
    }
}
