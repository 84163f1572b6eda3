//! Values and registers as people read them.

use serde_json::Value as Json;
use sync_protocol::Value;

use crate::labels;
use crate::paper::Paper;
use crate::words::Word;

/// A register's value for a screen.
pub(crate) fn readable(paper: &Paper, register: &str, value: &Value) -> String {
    let json = value.json();
    match (register, &json) {
        ("outcome", Json::String(code)) => labels::outcome(paper.language, code).to_owned(),
        ("status", Json::String(code)) => labels::status(paper.language, code).to_owned(),
        ("position", Json::Object(at)) => position(at).unwrap_or_else(|| value.as_str().to_owned()),
        (name, Json::Number(ms)) if name.ends_with("_at") && ms.as_i64().is_some() => {
            paper.zone.moment(ms.as_i64().unwrap_or_default()).to_string()
        }
        _ => plain(paper, &json),
    }
}

fn plain(paper: &Paper, json: &Json) -> String {
    match json {
        Json::Null => "–".to_owned(),
        Json::Bool(true) => paper.word(Word::Yes).to_owned(),
        Json::Bool(false) => paper.word(Word::No).to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(|item| plain(paper, item)).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn position(at: &serde_json::Map<String, Json>) -> Option<String> {
    let part = |name: &str| match at.get(name)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let accuracy = part("acc").map(|metres| format!(" (±{metres} m)")).unwrap_or_default();
    Some(format!("{}, {}{accuracy}", part("lat")?, part("lon")?))
}

/// The end of an id: what a person types.
pub(crate) fn short(id: impl ToString) -> String {
    let id = id.to_string();
    id[id.len().saturating_sub(SHORT_DIGITS)..].to_owned()
}

/// Digits at the end of an id, which are random.
const SHORT_DIGITS: usize = 8;
