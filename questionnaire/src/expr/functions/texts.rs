//! Functions of text. Letters are counted as Unicode counts them.

use crate::expr::ast::Expr;
use crate::expr::evaluate::Scope;
use crate::expr::functions::{Builtin, base64, digests};
use crate::expr::numbers::is_xml_space;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(super) fn texts(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        let text = |index: usize| self.text(&arguments[index]);
        Some(match builtin {
            Builtin::String => Value::Text(self.text_or_node(arguments.first())),
            Builtin::Concat => Value::Text(self.all_texts(arguments).concat()),
            Builtin::Join => Value::Text(self.all_texts(&arguments[1..]).join(&text(0))),
            Builtin::Contains => Value::Boolean(text(0).contains(&text(1))),
            Builtin::StartsWith => Value::Boolean(text(0).starts_with(&text(1))),
            Builtin::EndsWith => Value::Boolean(text(0).ends_with(&text(1))),
            Builtin::StringLength => Value::Number(self.text_or_node(arguments.first()).chars().count() as f64),
            Builtin::NormalizeSpace => Value::Text(normalize_space(&self.text_or_node(arguments.first()))),
            Builtin::Substr => {
                let end = arguments.get(2).map(|end| self.number(end));
                Value::Text(substr(&text(0), self.number(&arguments[1]), end))
            }
            Builtin::Substring => {
                let length = arguments.get(2).map(|length| self.number(length));
                Value::Text(substring(&text(0), self.number(&arguments[1]), length))
            }
            Builtin::SubstringBefore => {
                Value::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(before, _)| before.to_owned()))
            }
            Builtin::SubstringAfter => {
                Value::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(_, after)| after.to_owned()))
            }
            Builtin::Translate => Value::Text(translate(&text(0), &text(1), &text(2))),
            Builtin::Digest => {
                let encoding = arguments.get(2).map_or_else(|| "base64".to_owned(), |encoding| self.text(encoding));
                Value::Text(digests::digest(&text(0), &text(1), &encoding).unwrap_or_default())
            }
            Builtin::Base64Decode => Value::Text(
                base64::decode(&text(0)).map_or_else(String::new, |b| String::from_utf8_lossy(&b).into_owned()),
            ),
            Builtin::Uuid => Value::Text(self.uuid(arguments.first())),
            Builtin::LineBreak => Value::Text("\n".to_owned()),
            Builtin::Lower => Value::Text(text(0).to_lowercase()),
            Builtin::Upper => Value::Text(text(0).to_uppercase()),
            Builtin::FormatNumber => Value::Text(text(0)),
            _ => return None,
        })
    }

    fn uuid(&self, length: Option<&Expr>) -> String {
        match length {
            None => uuid_v4(self.world.random_bits()),
            Some(length) => random_letters(self.number(length), || self.world.random_bits()),
        }
    }
}

/// From one index up to before another, both from 0 and from the end where negative.
fn substr(text: &str, start: f64, end: Option<f64>) -> String {
    let length = text.chars().count() as f64;
    let index = |index: f64| {
        let index = if index.is_nan() { 0.0 } else { index.trunc() };
        (if index < 0.0 { length + index } else { index }).clamp(0.0, length) as usize
    };
    let (start, end) = (index(start), end.map_or(length as usize, index));
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}

/// XPath's own: from a position, from 1, that many letters, both rounded.
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let start = (start + 0.5).floor();
    let end = length.map_or(f64::INFINITY, |length| start + (length + 0.5).floor());
    let inside = |position: f64| position >= start && position < end;
    text.chars().enumerate().filter(|(index, _)| inside((index + 1) as f64)).map(|(_, c)| c).collect()
}

fn normalize_space(text: &str) -> String {
    let words: Vec<&str> = text.split(is_xml_space).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Each letter of `from` becomes the one at its place in `to`, or nothing where `to` is shorter.
fn translate(text: &str, from: &str, to: &str) -> String {
    let replaced = |c: char| match from.chars().position(|from| from == c) {
        Some(index) => to.chars().nth(index),
        None => Some(c),
    };
    text.chars().filter_map(replaced).collect()
}

/// A random UUID of version 4 (RFC 9562).
fn uuid_v4(random: u128) -> String {
    let bits = random & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let digits = format!("{bits:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

/// How long an identifier of `uuid(length)` may be.
const RANDOM_LETTERS_MAX: f64 = 256.0;

/// That many random digits and capitals.
fn random_letters(length: f64, mut random: impl FnMut() -> u128) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const A_DRAW: usize = 16;
    let length = if length.is_nan() { 0.0 } else { length.clamp(0.0, RANDOM_LETTERS_MAX) } as usize;
    let mut letters = String::with_capacity(length);
    let mut bits = 0;
    for index in 0..length {
        if index % A_DRAW == 0 {
            bits = random();
        }
        letters.push(char::from(LETTERS[(bits % 36) as usize]));
        bits /= 36;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substr_counts_from_zero_and_from_the_end() {
        for (start, end, expected) in [
            (0.0, Some(2.0), "sé"),
            (1.0, None, "élamat"),
            (-3.0, None, "mat"),
            (0.0, Some(-3.0), "séla"),
            (5.0, Some(2.0), ""),
            (99.0, None, ""),
            (f64::NAN, Some(1.0), "s"),
        ] {
            assert_eq!(substr("sélamat", start, end), expected, "{start} {end:?}");
        }
    }

    #[test]
    fn substring_follows_the_examples_of_xpath() {
        for (start, length, expected) in [
            (2.0, Some(3.0), "234"),
            (2.0, None, "2345"),
            (1.5, Some(2.6), "234"),
            (0.0, Some(3.0), "12"),
            (f64::NAN, Some(3.0), ""),
            (1.0, Some(f64::NAN), ""),
            (-42.0, Some(f64::INFINITY), "12345"),
            (f64::NEG_INFINITY, Some(f64::INFINITY), ""),
        ] {
            assert_eq!(substring("12345", start, length), expected, "{start} {length:?}");
        }
    }

    #[test]
    fn translate_replaces_or_removes_letter_by_letter() {
        assert_eq!(translate("bar", "abc", "ABC"), "BAr");
        assert_eq!(translate("--aaa--", "abc-", "ABC"), "AAA");
        assert_eq!(translate("aa", "aa", "bc"), "bb");
    }

    #[test]
    fn identifiers_have_the_form_that_is_promised() {
        assert_eq!(uuid_v4(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid_v4(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(random_letters(5.0, || 35), "Z0000");
        assert_eq!(random_letters(-1.0, || 0), "");
        assert_eq!(random_letters(f64::INFINITY, || 0).len(), 256);
    }
}
