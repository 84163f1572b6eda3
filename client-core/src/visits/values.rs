//! Registers as answers and answers as registers: a position is one text in a form and one object in the register.

use questionnaire::form::Kind;
use serde_json::{Value as Json, json};
use sync_protocol::Value;

/// A register's value as an answer to a question of this kind; `None` where it cannot be one.
pub(super) fn answer_of(kind: &Kind, value: &Value) -> Option<Json> {
    match (kind, value.json()) {
        (_, Json::Null) => None,
        (Kind::Geopoint, Json::Object(at)) => {
            let part = |name: &str| match at.get(name) {
                Some(Json::String(text)) => Some(text.clone()),
                Some(Json::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            let beyond = |name: &str| part(name).unwrap_or_else(|| "0".to_owned());
            Some(format!("{} {} {} {}", part("lat")?, part("lon")?, beyond("alt"), beyond("acc")).into())
        }
        (_, Json::Object(_)) => None,
        (_, answer) => Some(answer),
    }
}

/// An answer as a register's value. `None` where it is longer than a register may be.
pub(super) fn value_of(kind: &Kind, answer: &Json) -> Option<Value> {
    let position = match (kind, answer) {
        (Kind::Geopoint, Json::String(text)) => position(text),
        _ => None,
    };
    Value::of(position.as_ref().unwrap_or(answer)).ok()
}

/// Latitude, longitude, altitude where it is known, accuracy: fractions as they were taken, metres whole where they are.
fn position(text: &str) -> Option<Json> {
    let mut parts = text.split_whitespace();
    let (lat, lon) = (parts.next()?, parts.next()?);
    let mut at = json!({"lat": lat, "lon": lon});
    for name in ["alt", "acc"] {
        let metres = parts.next().unwrap_or("0");
        // A zero means that nobody knows.
        if metres.parse().is_ok_and(|metres: f64| metres != 0.0) {
            at[name] = metres.parse::<i64>().map_or_else(|_| metres.into(), Json::from);
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_the_same_after_the_way_there_and_back() {
        for (register, answer) in [
            (r#"{"acc":5,"lat":"-1.600000","lon":"103.6"}"#, "-1.600000 103.6 0 5"),
            (r#"{"acc":"4.5","alt":12,"lat":"-1.6","lon":"103.6"}"#, "-1.6 103.6 12 4.5"),
            (r#"{"lat":"-1.6","lon":"103.6"}"#, "-1.6 103.6 0 0"),
        ] {
            let value = Value::new(register).unwrap();
            assert_eq!(answer_of(&Kind::Geopoint, &value), Some(answer.into()));
            assert_eq!(value_of(&Kind::Geopoint, &answer.into()), Some(value));
        }
    }

    #[test]
    fn only_what_can_be_an_answer_is_one() {
        let value = |text| Value::new(text).unwrap();
        assert_eq!(answer_of(&Kind::Text, &value("null")), None);
        assert_eq!(answer_of(&Kind::Text, &value(r#"{"a":1}"#)), None);
        assert_eq!(answer_of(&Kind::Geopoint, &value(r#"{"lat":"1"}"#)), None);
        assert_eq!(answer_of(&Kind::Integer, &value("3")), Some(json!(3)));
        assert_eq!(value_of(&Kind::Decimal, &json!(1.5)), Some(value("\"1.5\"")));
        assert_eq!(value_of(&Kind::Text, &json!("x".repeat(70_000))), None);
    }
}
