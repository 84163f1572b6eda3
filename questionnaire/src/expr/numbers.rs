//! Numbers as text and text as numbers.

use super::calendar;

/// A number as ODK stores it: no exponent, no `.0`, the fewest digits that read back as the same number; empty for
/// what is not a number.
pub(super) fn text(number: f64) -> String {
    if number.is_nan() {
        String::new()
    } else if number.is_infinite() {
        String::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        // Adding 0 turns -0 into 0.
        format!("{}", number + 0.0)
    }
}

/// What `number()` makes of a text: a decimal number in the spelling of XPath 1.0 (no exponent, no plus), or a date or
/// dateTime in days since 1970-01-01, as ODK's specification adds; else NaN, also where the text is empty.
///
/// Days are those of the clock on the wall: a date is a whole number, and a dateTime that tells its offset is moved to
/// `offset_min()`, the minutes that the device's time is ahead of UTC.
pub(super) fn number(text: &str, offset_min: impl FnOnce() -> i32) -> f64 {
    let text = text.trim_matches(is_xml_space);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.parse().unwrap_or(f64::NAN);
    }
    if text.len() < calendar::DATE_LENGTH || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return f64::NAN;
    }
    calendar::parse(text).map_or(f64::NAN, |instant| instant.days(offset_min))
}

/// The white space of XML, which XPath's functions speak of.
pub(super) fn is_xml_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
