//! An answer by its kind, and as the text of an ODK submission, in which every value is held.

mod json;
mod shape;

use serde::{Deserialize, Serialize};

use crate::form::Kind;

pub(crate) use json::{from_json, to_json};
pub(crate) use shape::{calculated, fault, normal};

/// What a person answers. In JSON a text, number or list of texts; `null` for no answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// None.
    #[default]
    Empty,
    /// Any text: of a text question, a date `2026-08-17`, a time, a file's name, one choice, or what was typed where a
    /// number was asked for and cannot be read as one.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Names of choices.
    Choices(Vec<String>),
    /// A position.
    Point(Point),
}

/// A position on the earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Metres above the ellipsoid; 0 where unknown.
    pub altitude: f64,
    /// Metres of doubt; 0 where unknown.
    pub accuracy: f64,
}

impl Answer {
    /// `text` as the kind understands it; a text that the kind cannot take stays a text.
    pub fn of(kind: &Kind, text: &str) -> Self {
        if text.is_empty() {
            return Answer::Empty;
        }
        let typed = match kind {
            Kind::Integer => text.parse().map(Answer::Integer).ok(),
            Kind::Decimal | Kind::Range(_) => text.parse().map(Answer::Number).ok(),
            Kind::SelectMultiple(_) | Kind::Rank(_) => Some(Answer::Choices(words(text))),
            Kind::Geopoint => shape::point(text).map(Answer::Point),
            _ => None,
        };
        typed.unwrap_or_else(|| Answer::Text(text.to_owned()))
    }

    /// As it is written in a submission.
    pub fn text(&self) -> String {
        match self {
            Answer::Empty => String::new(),
            Answer::Text(text) => text.clone(),
            Answer::Integer(number) => number.to_string(),
            Answer::Number(number) => number.to_string(),
            Answer::Choices(names) => names.join(" "),
            Answer::Point(point) => point.text(),
        }
    }
}

impl Point {
    fn text(&self) -> String {
        format!("{} {} {} {}", self.latitude, self.longitude, self.altitude, self.accuracy)
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Answer::Text(text.to_owned())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Answer::Text(text)
    }
}

impl From<i64> for Answer {
    fn from(number: i64) -> Self {
        Answer::Integer(number)
    }
}

impl From<Point> for Answer {
    fn from(point: Point) -> Self {
        Answer::Point(point)
    }
}

impl<const N: usize> From<[&str; N]> for Answer {
    fn from(names: [&str; N]) -> Self {
        Answer::Choices(names.map(str::to_owned).to_vec())
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_hands_in_answers_as_json() {
        for (json, text) in [
            ("null", ""),
            ("\"Ana\"", "Ana"),
            ("7", "7"),
            ("2.5", "2.5"),
            ("[\"a\",\"b\"]", "a b"),
            (r#"{"latitude":-1.6,"longitude":103.6,"altitude":0,"accuracy":5}"#, "-1.6 103.6 0 5"),
        ] {
            let answer: Answer = serde_json::from_str(json).unwrap();
            assert_eq!(answer.text(), text, "{json}");
        }
    }
}
