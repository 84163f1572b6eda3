//! The parameters cell: `key=value` pairs, and which of them a type knows.

use std::collections::BTreeMap;

use crate::form::{Kind, Range};
use crate::xlsform::names;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// Reads the pairs of a cell; a part that is no pair is told of.
pub(super) fn read(cell: &str, spot: &Spot, report: &mut Report) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for part in parts(cell) {
        match part.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() && !value.contains('=') => {
                parameters.insert(key.to_lowercase(), value.to_owned());
            }
            _ => report.error(spot, Fault::ParameterUnreadable { part }),
        }
    }
    parameters
}

/// The parts between blanks, commas and semicolons; blanks around `=` separate nothing.
fn parts(cell: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in
        cell.split(|char: char| char.is_whitespace() || matches!(char, ',' | ';')).filter(|word| !word.is_empty())
    {
        match parts.last_mut() {
            Some(last) if last.ends_with('=') || word.starts_with('=') => last.push_str(word),
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

const AUDIT: &[&str] = &[
    "identify-user",
    "location-max-age",
    "location-min-interval",
    "location-priority",
    "track-changes",
    "track-changes-reasons",
];
const GEOPOINT: &[&str] = &["allow-mock-accuracy", "capture-accuracy", "reference-geometry", "warning-accuracy"];
const GEO: &[&str] = &["allow-mock-accuracy", "incremental", "reference-geometry"];
const RANGE: &[&str] = &["end", "placeholder", "start", "step", "tick_interval", "tick_labelset"];
const SELECT: &[&str] = &["label", "randomize", "seed", "value"];

fn accepted(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Audio | Kind::Background(crate::form::Background::BackgroundAudio) => &["quality"],
        Kind::Background(crate::form::Background::Audit) => AUDIT,
        Kind::Geopoint => GEOPOINT,
        Kind::Geotrace | Kind::Geoshape => GEO,
        Kind::Image => &["app", "keep-position", "max-pixels"],
        Kind::Text => &["rows"],
        Kind::Range(_) => RANGE,
        Kind::SelectOne(_) | Kind::SelectMultiple(_) | Kind::Rank(_) => SELECT,
        _ => &[],
    }
}

/// Tells of keys that the type does not know and of values that cannot be meant.
pub(super) fn check(kind: &Kind, parameters: &BTreeMap<String, String>, spot: &Spot, report: &mut Report) {
    let accepted = accepted(kind);
    for (key, value) in parameters {
        if !accepted.contains(&key.as_str()) {
            let suggestion = names::nearest(key, accepted.iter().copied());
            report.warning(spot, Fault::ParameterUnknown { key: key.clone(), accepted, suggestion });
        } else if let Some(expected) = fault_of(key, value) {
            report.error(spot, Fault::ParameterInvalid { key: key.clone(), value: value.clone(), expected });
        }
    }
    if parameters.contains_key("seed") && !parameters.contains_key("randomize") {
        report.warning(spot, Fault::SeedWithoutRandomize);
    }
}

/// What is expected of the value instead.
fn fault_of(key: &str, value: &str) -> Option<Expected> {
    let lower = value.to_lowercase();
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite);
    let is_whole = value.parse::<u64>().is_ok();
    let (holds, expected) = match key {
        "randomize" | "track-changes" | "identify-user" | "allow-mock-accuracy" | "incremental" | "keep-position" => {
            (matches!(lower.as_str(), "true" | "false" | "yes" | "no"), Expected::TrueOrFalse)
        }
        "seed" => (is_number || (value.starts_with("${") && value.ends_with('}')), Expected::NumberOrReference),
        "capture-accuracy" | "warning-accuracy" => (is_number, Expected::Number),
        "max-pixels" | "rows" | "location-min-interval" | "location-max-age" => (is_whole, Expected::WholeNumber),
        "quality" => (
            matches!(lower.as_str(), "voice-only" | "low" | "normal" | "external"),
            Expected::OneOf("voice-only, low, normal, external"),
        ),
        "track-changes-reasons" => (lower == "on-form-edit", Expected::OneOf("on-form-edit")),
        "location-priority" => (
            matches!(lower.as_str(), "no-power" | "low-power" | "balanced" | "high-accuracy"),
            Expected::OneOf("no-power, low-power, balanced, high-accuracy"),
        ),
        "value" | "label" => (names::is_name(value), Expected::Name),
        _ => (true, Expected::Name),
    };
    (!holds).then_some(expected)
}

/// What a parameter's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// `true` or `false`.
    TrueOrFalse,
    /// A number.
    Number,
    /// A number without a fraction, 0 or more.
    WholeNumber,
    /// A number or `${name}`.
    NumberOrReference,
    /// A name of a column.
    Name,
    /// A number other than 0.
    NotZero,
    /// No more than the distance from start to end.
    NotAboveWidth,
    /// One of these.
    OneOf(&'static str),
}

/// The scale that the parameters of a range describe.
pub(super) fn range(parameters: &BTreeMap<String, String>, spot: &Spot, report: &mut Report) -> Range {
    let mut number = |key: &str, default: &str| {
        let text = parameters.get(key).map_or(default, String::as_str);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => (text.to_owned(), value),
            _ => {
                let (key, value) = (key.to_owned(), text.to_owned());
                report.error(spot, Fault::ParameterInvalid { key, value, expected: Expected::Number });
                (default.to_owned(), default.parse().unwrap_or(1.0))
            }
        }
    };
    let ((start, from), (end, to), (step, by)) = (number("start", "1"), number("end", "10"), number("step", "1"));
    let mut decimal = [from, to, by].iter().any(|value| value.fract() != 0.0);
    for key in ["tick_interval", "placeholder"] {
        let value = parameters.get(key).and_then(|text| text.parse::<f64>().ok());
        decimal |= value.is_some_and(|value| value.fract() != 0.0);
    }
    let expected = match by {
        0.0 => Some(Expected::NotZero),
        _ if by.abs() > (to - from).abs() => Some(Expected::NotAboveWidth),
        _ => None,
    };
    if let Some(expected) = expected {
        report.error(spot, Fault::ParameterInvalid { key: "step".into(), value: step.clone(), expected });
    }
    Range { start, end, step, decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_however_they_are_separated() {
        for cell in ["start=1 end=5", "start=1,end=5", " start = 1 ;  end= 5 ", "START=1\nend=5"] {
            let mut report = Report::default();
            let parameters = read(cell, &Spot::default(), &mut report);
            let expected = [("end", "5"), ("start", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(parameters, BTreeMap::from(expected), "{cell}");
            assert!(!report.has_errors(), "{cell}");
        }
    }

    #[test]
    fn what_is_no_pair_is_an_error() {
        for cell in ["start", "start=", "=1", "a=b=c"] {
            let mut report = Report::default();
            read(cell, &Spot::default(), &mut report);
            assert!(report.has_errors(), "{cell}");
        }
    }

    #[test]
    fn a_scale_is_decimal_where_a_value_has_a_fraction() {
        for (cell, decimal, has_errors) in [
            ("", false, false),
            ("start=1.0 end=2.0", false, false),
            ("start=0 end=1 step=0.5", true, false),
            ("start=10 end=1", false, false),
            ("step=0", false, true),
            ("start=1 end=3 step=5", false, true),
            ("end=ten", false, true),
        ] {
            let mut report = Report::default();
            let parameters = read(cell, &Spot::default(), &mut report);
            assert_eq!(range(&parameters, &Spot::default(), &mut report).decimal, decimal, "{cell}");
            assert_eq!(report.has_errors(), has_errors, "{cell}");
        }
    }
}
