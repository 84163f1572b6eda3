//! Whether a text is what its kind asks for, and how a kind writes what was typed or calculated.

use super::Point;
use crate::form::{Kind, Range};
use crate::interview::message::Message;

/// What is wrong with `text` as an answer of this kind; the choices of a list are not looked at.
pub(crate) fn fault(kind: &Kind, text: &str) -> Option<Message> {
    let good = match kind {
        _ if text.is_empty() => true,
        Kind::Integer if !is_integer(text) => return Some(Message::NotWhole),
        Kind::Integer => true,
        Kind::Decimal if !is_number(text) => return Some(Message::NotNumber),
        Kind::Decimal => true,
        Kind::Range(range) => return range_fault(range, text),
        Kind::Date if !is_date(text) => return Some(Message::NotDate),
        Kind::Time if !is_time(text) => return Some(Message::NotTime),
        Kind::DateTime if !is_date_time(text) => return Some(Message::NotDate),
        Kind::Geopoint => point(text).is_some(),
        Kind::Geotrace => points(text, 2),
        Kind::Geoshape => points(text, 3),
        _ => true,
    };
    (!good).then_some(Message::NotPosition)
}

/// `text` as a question of this kind writes it: without spaces around, `007` as `7`, `1,5` as `1.5`.
///
/// What cannot be understood is kept as it is, so that nothing typed is lost; [`fault`] tells of it.
pub(crate) fn normal(kind: &Kind, text: &str) -> String {
    let trimmed = text.trim();
    match kind {
        Kind::Integer => integer(trimmed),
        Kind::Decimal | Kind::Range(_) => decimal(trimmed),
        Kind::Date => trimmed.split_once('T').map_or(trimmed, |(date, _)| date).to_owned(),
        Kind::SelectMultiple(_) | Kind::Rank(_) => trimmed.split_whitespace().collect::<Vec<_>>().join(" "),
        Kind::Text | Kind::Calculate | Kind::Hidden | Kind::Note | Kind::Background(_) => text.to_owned(),
        _ => trimmed.to_owned(),
    }
}

/// A calculation's result as the kind writes it. As in ODK, a whole number loses its fraction, and what cannot be one is
/// empty.
pub(crate) fn calculated(kind: &Kind, text: &str) -> String {
    match kind {
        Kind::Integer => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => (number.trunc() as i64).to_string(),
            _ => String::new(),
        },
        Kind::Decimal | Kind::Range(_) if fault(kind, &normal(kind, text)).is_some() => String::new(),
        kind => normal(kind, text),
    }
}

fn integer(text: &str) -> String {
    match text.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// One comma and no point is a decimal comma; `1.500,5` is left to its author.
fn decimal(text: &str) -> String {
    let pointed = match (text.matches(',').count(), text.contains('.')) {
        (1, false) => text.replace(',', "."),
        _ => text.to_owned(),
    };
    match pointed.parse::<f64>() {
        Ok(number) if number.is_finite() && is_number(&pointed) => number.to_string(),
        _ => text.to_owned(),
    }
}

fn is_integer(text: &str) -> bool {
    // Nine digits in Collect, eighteen here: what a 64-bit number surely holds.
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.parse::<f64>().is_ok()
}

fn range_fault(range: &Range, text: &str) -> Option<Message> {
    let Ok(value) = text.parse::<f64>() else { return Some(Message::NotNumber) };
    let ends = (range.start.parse::<f64>(), range.end.parse::<f64>());
    let (Ok(start), Ok(end)) = ends else { return None };
    let inside = value >= start.min(end) && value <= start.max(end);
    (!inside).then(|| Message::OutsideScale { start: range.start.clone(), end: range.end.clone() })
}

fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut part = |digits: usize| {
        let text = parts.next()?;
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
    };
    match (part(4), part(2), part(2)) {
        (Some(year), Some(month), Some(day)) => day >= 1 && day <= days_of(year, month),
        _ => false,
    }
}

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// `08:30`, `08:30:00`, `08:30:00.000`, each with `Z`, `+07:00`, `+07` or nothing after it.
fn is_time(text: &str) -> bool {
    let zone = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let mut parts = clock.split(':');
    let mut below = |limit: f64| parts.next().and_then(|part| part.parse::<f64>().ok()).is_some_and(|n| n < limit);
    let good = below(24.0) && below(60.0);
    let seconds = parts.next().is_none_or(|part| part.parse::<f64>().is_ok_and(|seconds| seconds < 61.0));
    good && seconds && parts.next().is_none() && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    let digits = text.get(1..).unwrap_or("").replace(':', "");
    match text.get(..1) {
        None => true,
        Some("Z") => digits.is_empty(),
        Some(_) => matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_date_time(text: &str) -> bool {
    match text.split_once('T') {
        Some((date, time)) => is_date(date) && is_time(time),
        None => is_date(text),
    }
}

/// Reads `lat lon [altitude [accuracy]]`.
pub(crate) fn point(text: &str) -> Option<Point> {
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let (latitude, longitude) = (*numbers.first()?, *numbers.get(1)?);
    let real = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && numbers.len() <= 4;
    let or_zero = |at: usize| numbers.get(at).copied().unwrap_or(0.0);
    real.then(|| Point { latitude, longitude, altitude: or_zero(2), accuracy: or_zero(3) })
}

fn points(text: &str, least: usize) -> bool {
    let parts: Vec<&str> = text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.len() >= least && parts.iter().all(|part| point(part).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &Kind, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(fault(kind, text), None, "{text}");
        }
        for text in bad {
            assert!(fault(kind, text).is_some(), "{text}");
        }
    }

    #[test]
    fn only_what_a_kind_can_mean_is_an_answer() {
        check(&Kind::Integer, &["", "0", "-12"], &["a", "1.5", "1.500", "-", "1234567890123456789"]);
        check(&Kind::Decimal, &["1", "-1.5", ".5"], &["1,5,2", "1e5", "NaN", "inf", "."]);
        check(&Kind::Date, &["2024-02-29", "1899-12-31"], &["2023-02-29", "2024-13-01", "2024-1-1", "29-02-2024"]);
        check(&Kind::Time, &["08:30", "23:59:59.000+07:00", "08:30Z"], &["24:00", "8", "08:61", "08:30+7"]);
        check(&Kind::DateTime, &["2024-02-29T08:30:00.000+07:00", "2024-02-29"], &["2024-02-30T08:30"]);
        check(&Kind::Geopoint, &["-1.6 103.6", "-1.6 103.6 0 5.5"], &["91 0", "1", "a b"]);
        check(&Kind::Geoshape, &["0 0;0 1;1 1;0 0"], &["0 0;0 1"]);
        let scale = Range { start: "1".into(), end: "5".into(), step: "1".into(), decimal: false };
        check(&Kind::Range(scale), &["1", "5"], &["0", "6", "x"]);
    }

    #[test]
    fn a_decimal_comma_is_a_point_and_leading_zeros_go() {
        assert_eq!(normal(&Kind::Decimal, " 1,50 "), "1.5");
        assert_eq!(normal(&Kind::Decimal, "1.500,5"), "1.500,5");
        assert_eq!(normal(&Kind::Integer, " 007"), "7");
        assert_eq!(normal(&Kind::Integer, "tujuh"), "tujuh");
        assert_eq!(normal(&Kind::Date, "2026-08-17T00:00:00.000+07:00"), "2026-08-17");
    }
}
