//! The default cell: a value, or an expression that gives one.

use crate::form::Kind;

/// Whether a default is computed. As in other readers of XLSForm, it is where it holds a call, a reference or an
/// operator outside of quotes; a date, a time and a place hold hyphens without being a difference.
pub(super) fn is_computed(text: &str, kind: &Kind) -> bool {
    let hyphens_are_plain =
        matches!(kind, Kind::Date | Kind::DateTime | Kind::Geopoint | Kind::Geotrace | Kind::Geoshape);
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if let Some(length) = number(rest) {
            rest = &rest[length..];
            continue;
        }
        match char {
            '\'' | '"' => {
                let end = rest[1..].find(char).map_or(1, |end| end + 2);
                rest = &rest[end..];
            }
            '-' if hyphens_are_plain => return false,
            '*' | '+' | '-' | '|' => return true,
            '$' if is_reference(rest) => return true,
            ' ' if rest.starts_with(" mod ") || rest.starts_with(" div ") => return true,
            _ => {
                let length = name(rest);
                if length > 0 && rest[length..].starts_with('(') {
                    return true;
                }
                rest = &rest[length.max(char.len_utf8())..];
            }
        }
    }
    false
}

/// The value as an answer is written: a spreadsheet shows a moment with a blank in the middle.
pub(super) fn written(text: &str, kind: &Kind) -> String {
    match kind {
        Kind::DateTime => text.replacen(' ', "T", 1),
        Kind::Date => text.strip_suffix(" 00:00:00").unwrap_or(text).to_owned(),
        _ => text.to_owned(),
    }
}

/// The length of a number, date or time at the start of `text`.
fn number(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let begins = digits.strip_prefix('.').unwrap_or(digits).starts_with(|char: char| char.is_ascii_digit());
    if !begins {
        return None;
    }
    let sign = text.len() - digits.len();
    let is_date = matches!(digits.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, ..])
        && digits[..4].bytes().all(|byte| byte.is_ascii_digit());
    let length = match is_date {
        true => 10,
        false => digits.find(|char: char| !(char.is_ascii_digit() || char == '.')).unwrap_or(digits.len()),
    };
    (digits.is_char_boundary(length)).then_some(sign + length)
}

fn is_reference(text: &str) -> bool {
    text.strip_prefix("${").is_some_and(|rest| rest.contains('}'))
}

/// The length of a name at the start of `text`, a prefix allowed.
fn name(text: &str) -> usize {
    let mut length = 0;
    for (index, char) in text.char_indices() {
        let continues = char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | ':');
        let begins = char.is_alphabetic() || char == '_';
        if (index == 0 && !begins) || !continues {
            break;
        }
        length = index + char.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_computed_where_it_looks_like_it() {
        for (text, kind, expected) in [
            ("yes", Kind::Text, false),
            ("12", Kind::Integer, false),
            ("-5", Kind::Integer, false),
            ("5-3", Kind::Integer, false),
            ("5 - 3", Kind::Integer, true),
            ("today()", Kind::Date, true),
            ("2020-01-01", Kind::Date, false),
            ("2020-01-01", Kind::Text, false),
            ("${a}", Kind::Text, true),
            ("concat('a', 'b')", Kind::Text, true),
            ("Other (specify)", Kind::Text, false),
            ("well-known", Kind::Text, false),
            ("see - saw", Kind::Text, true),
            ("'a - b'", Kind::Text, false),
            ("1 div 2", Kind::Decimal, true),
            ("-6.9 107.6 0 0", Kind::Geopoint, false),
            ("it's", Kind::Text, false),
            ("costs $5", Kind::Text, false),
            ("€ 5", Kind::Text, false),
        ] {
            assert_eq!(is_computed(text, &kind), expected, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_as_an_answer_is() {
        assert_eq!(written("2020-01-01 08:30:00", &Kind::DateTime), "2020-01-01T08:30:00");
        assert_eq!(written("2020-01-01 00:00:00", &Kind::Date), "2020-01-01");
    }
}
