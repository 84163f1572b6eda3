//! A finished interview as the registers of its visit's record: what a device writes and the server reads again.
//!
//! A register's value has bounds that answers and paradata may exceed; then they stand in pieces. What bounds there are
//! is the caller's to say.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::form::Kind;

/// All answers that count, as [`crate::interview::Finished::answers`].
pub const ANSWERS: &str = "answers";
/// `name@version` of the form.
pub const FORM: &str = "form";
/// Hash of the form's package, 64 hexadecimal digits.
pub const PACKAGE: &str = "package";
/// Why unusual answers are right, by question.
pub const REASONS: &str = "reasons";
/// What happened and when, as [`crate::interview::Trail::to_compact`].
pub const PARADATA: &str = "paradata";
/// Code of the language that was shown at the end, or its name where it has no code.
pub const LANGUAGE: &str = "language";

/// Before the name of a file that the visit took: the register that says where its bytes are.
pub const ATTACHMENT: &str = "attachment/";

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of its JSON text.
    pub bytes_max: usize,
    /// Levels of lists and objects in it.
    pub depth_max: usize,
}

/// Writes a value under a name; where it exceeds the bounds, its JSON text in pieces under `name/1`, `name/2`, ….
pub fn put(name: &str, value: &Value, bounds: Bounds, into: &mut BTreeMap<String, Value>) {
    let value = textual(value);
    let text = value.to_string();
    if text.len() <= bounds.bytes_max && depth(&value) <= bounds.depth_max {
        into.insert(name.to_owned(), value);
        return;
    }
    for (number, piece) in (1..).zip(pieces(&text, bounds.bytes_max)) {
        into.insert(format!("{name}/{number}"), Value::from(piece));
    }
}

/// Reads what [`put`] wrote, given the registers one by one.
pub fn find(name: &str, mut register: impl FnMut(&str) -> Option<Value>) -> Option<Value> {
    if let Some(value) = register(name) {
        return Some(value);
    }
    let mut text = String::new();
    for number in 1.. {
        let Some(piece) = register(&format!("{name}/{number}")) else { break };
        text.push_str(piece.as_str()?);
    }
    serde_json::from_str(&text).ok()
}

/// The register that a property fills: the form says `full_name` where the register says `name`, because ODK keeps
/// `name` for itself.
pub fn register_of(property: &str) -> &str {
    if property == "full_name" { "name" } else { property }
}

/// A register's value as an answer to a question of this kind; `None` where it cannot be one.
pub fn answer_of(kind: &Kind, value: Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) => None,
        (Kind::Geopoint, Value::Object(at)) => {
            let part = |name: &str| match at.get(name) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            let beyond = |name: &str| part(name).unwrap_or_else(|| "0".to_owned());
            Some(format!("{} {} {} {}", part("lat")?, part("lon")?, beyond("alt"), beyond("acc")).into())
        }
        // A file is called by its name in answers; the register says which bytes it has.
        (kind, Value::Object(file)) if kind.is_file() => file.get("name").cloned().filter(Value::is_string),
        (_, Value::Object(_)) => None,
        (_, answer) => Some(answer),
    }
}

/// An answer as a register's value: positions are objects there.
pub fn value_of(kind: &Kind, answer: &Value) -> Value {
    let position = match (kind, answer) {
        (Kind::Geopoint, Value::String(text)) => position(text),
        _ => None,
    };
    position.unwrap_or_else(|| answer.clone())
}

/// Latitude, longitude, altitude where it is known, accuracy: fractions as they were taken, metres whole where they are.
fn position(text: &str) -> Option<Value> {
    let mut parts = text.split_whitespace();
    let (lat, lon) = (parts.next()?, parts.next()?);
    let mut at = json!({"lat": lat, "lon": lon});
    for name in ["alt", "acc"] {
        let metres = parts.next().unwrap_or("0");
        // A zero means that nobody knows.
        if metres.parse().is_ok_and(|metres: f64| metres != 0.0) {
            at[name] = metres.parse::<i64>().map_or_else(|_| metres.into(), Value::from);
        }
    }
    Some(at)
}

/// Numbers other than integers of 15 digits become texts, as the sync protocol asks: the interview reads both.
fn textual(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none_or(|whole| whole.unsigned_abs() >= LONG) => {
            Value::from(number.to_string())
        }
        Value::Array(items) => items.iter().map(textual).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), textual(value))).collect(),
        other => other.clone(),
    }
}

/// The smallest number of 16 digits.
const LONG: u64 = 1_000_000_000_000_000;

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The text in pieces that as JSON strings have at most `bytes_max` bytes each.
fn pieces(text: &str, bytes_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut written) = (0, QUOTES);
    for (at, letter) in text.char_indices() {
        let bytes = written_bytes(letter);
        if written + bytes > bytes_max && at > from {
            pieces.push(&text[from..at]);
            (from, written) = (at, QUOTES);
        }
        written += bytes;
    }
    pieces.push(&text[from..]);
    pieces
}

const QUOTES: usize = 2;

/// Bytes of a letter within a JSON string. The text of JSON holds no control characters.
fn written_bytes(letter: char) -> usize {
    match letter {
        '"' | '\\' => 2,
        letter => letter.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value, bounds: Bounds) -> BTreeMap<String, Value> {
        let mut registers = BTreeMap::new();
        put("answers", value, bounds, &mut registers);
        registers
    }

    #[test]
    fn a_position_is_the_same_after_the_way_there_and_back() {
        for (register, answer) in [
            (json!({"acc": 5, "lat": "-1.600000", "lon": "103.6"}), "-1.600000 103.6 0 5"),
            (json!({"acc": "4.5", "alt": 12, "lat": "-1.6", "lon": "103.6"}), "-1.6 103.6 12 4.5"),
            (json!({"lat": "-1.6", "lon": "103.6"}), "-1.6 103.6 0 0"),
        ] {
            assert_eq!(answer_of(&Kind::Geopoint, register.clone()), Some(answer.into()));
            assert_eq!(value_of(&Kind::Geopoint, &answer.into()), register);
        }
    }

    #[test]
    fn only_what_can_be_an_answer_is_one() {
        assert_eq!(answer_of(&Kind::Text, Value::Null), None);
        assert_eq!(answer_of(&Kind::Text, json!({"a": 1})), None);
        assert_eq!(answer_of(&Kind::Geopoint, json!({"lat": "1"})), None);
        assert_eq!(answer_of(&Kind::Integer, json!(3)), Some(json!(3)));
        let photo = json!({"blob": "00", "bytes": 1, "name": "a.jpg", "type": "image/jpeg"});
        assert_eq!(answer_of(&Kind::Image, photo.clone()), Some(json!("a.jpg")));
        assert_eq!((answer_of(&Kind::Text, photo), answer_of(&Kind::Image, json!({}))), (None, None));
        assert_eq!(value_of(&Kind::Decimal, &json!(1.5)), json!(1.5));
    }

    #[test]
    fn what_fits_is_one_value_and_what_does_not_comes_back_from_its_pieces() {
        let value = json!({"a": {"b": ["ya, \"é\"\\", 1.5, 1234567890123456_i64]}, "c": "x".repeat(40)});
        let textual = json!({"a": {"b": ["ya, \"é\"\\", "1.5", "1234567890123456"]}, "c": "x".repeat(40)});
        for (bytes_max, depth_max, pieces) in [(1_000, 3, 1), (1_000, 2, 1), (30, 3, 5), (4, 9, 60)] {
            let registers = written(&value, Bounds { bytes_max, depth_max });
            let is_whole = registers.contains_key("answers");
            assert_eq!(is_whole, depth_max > 2 && bytes_max > 100, "{bytes_max} {depth_max}");
            assert!(registers.len() >= pieces, "{}", registers.len());
            assert!(registers.values().all(|value| is_whole || value.to_string().len() <= bytes_max));
            assert_eq!(find("answers", |name| registers.get(name).cloned()), Some(textual.clone()));
        }
    }

    #[test]
    fn pieces_without_one_of_them_are_nothing() {
        let mut registers = written(&json!("x".repeat(50)), Bounds { bytes_max: 20, depth_max: 1 });
        registers.remove("answers/2");
        assert_eq!(find("answers", |name| registers.get(name).cloned()), None);
        assert_eq!(find("answers", |_| None), None);
    }
}
