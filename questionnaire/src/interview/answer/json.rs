//! Answers in JSON: multiple choices as lists, numbers as numbers where nothing is lost by it, all else as text.

use serde_json::{Number, Value};

use super::words;
use crate::form::Kind;

/// The value `text` of a question of this kind.
pub(crate) fn to_json(kind: &Kind, text: &str) -> Value {
    match kind {
        _ if text.is_empty() => Value::Null,
        Kind::SelectMultiple(_) | Kind::Rank(_) if words(text).join(" ") == text => words(text).into(),
        Kind::Integer | Kind::Decimal | Kind::Range(_) => number(text).map_or_else(|| text.into(), Value::Number),
        _ => text.into(),
    }
}

/// The number that is written exactly as `text`, so `007` and `1.50` are none.
fn number(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i64>() {
        return (whole.to_string() == text).then(|| whole.into());
    }
    let number: f64 = text.parse().ok()?;
    (number.to_string() == text).then(|| Number::from_f64(number)).flatten()
}

/// The text of a value in JSON; `None` for an object or a list of other things than texts and numbers.
pub(crate) fn from_json(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => plain(number),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        Value::Array(items) => {
            let words = items.iter().map(|item| match item {
                Value::Array(_) | Value::Object(_) | Value::Null => None,
                item => from_json(item),
            });
            words.collect::<Option<Vec<_>>>()?.join(" ")
        }
        Value::Object(_) => return None,
    })
}

fn plain(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_loses_nothing_is_a_number_and_every_text_comes_back() {
        for (text, json) in [
            ("12", "12"),
            ("-3", "-3"),
            ("1.5", "1.5"),
            ("007", "\"007\""),
            ("1.50", "\"1.50\""),
            ("abc", "\"abc\""),
            ("9007199254740993", "9007199254740993"),
            ("1571010101900001999999", "\"1571010101900001999999\""),
        ] {
            let value = to_json(&Kind::Decimal, text);
            assert_eq!(value.to_string(), json, "{text}");
            let read: Value = serde_json::from_str(json).unwrap();
            assert_eq!(from_json(&read).unwrap(), text);
        }
        assert_eq!(to_json(&Kind::Text, "12"), Value::from("12"));
    }
}
