//! Canonical JSON: one text for one value, so that equality of values is equality of bytes.
//!
//! Keys unique, sorted by UTF-8 bytes and free of escapes; no whitespace; minimal escapes in strings;
//! integers of at most 15 digits, every other number a string.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::limits;

/// Why and where a text is not canonical JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not canonical JSON at byte {at}: {why}")]
pub struct NotCanonical {
    /// Offset of the first byte that breaks the rule.
    pub at: usize,
    /// The rule, in words.
    pub why: &'static str,
}

/// Checks that `text` is one canonical JSON value nested no deeper than [`limits::JSON_DEPTH_MAX`].
pub fn check(text: &str) -> Result<(), NotCanonical> {
    check_around(text, 0)
}

/// Checks a canonical text whose register values stand `levels` deep in it and are bounded from there.
pub fn check_around(text: &str, levels: usize) -> Result<(), NotCanonical> {
    let mut scan = Scan::new(text, levels);
    scan.value(0)?;
    if scan.is_done() { Ok(()) } else { scan.fail("something follows the value") }
}

/// Reads a canonical text once, from left to right: what it hands out has been checked.
pub(crate) struct Scan<'a> {
    whole: &'a str,
    text: &'a [u8],
    at: usize,
    depth_max: usize,
}

impl<'a> Scan<'a> {
    /// Stands at the beginning of a text whose register values stand `levels` deep in it.
    pub(crate) fn new(whole: &'a str, levels: usize) -> Scan<'a> {
        Scan { whole, text: whole.as_bytes(), at: 0, depth_max: levels + limits::JSON_DEPTH_MAX }
    }

    /// Whether all is read.
    pub(crate) fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    /// Passes over exactly these bytes, if they stand here.
    pub(crate) fn take(&mut self, bytes: &str) -> bool {
        let found = self.text[self.at..].starts_with(bytes.as_bytes());
        self.at += if found { bytes.len() } else { 0 };
        found
    }

    /// What stands up to the next quote.
    pub(crate) fn up_to_quote(&mut self) -> Option<&'a str> {
        let rest = &self.whole[self.at..];
        let found = &rest[..rest.find('"')?];
        self.at += found.len();
        Some(found)
    }

    /// One value that stands `depth` deep.
    pub(crate) fn part(&mut self, depth: usize) -> Result<&'a str, NotCanonical> {
        let start = self.at;
        self.value(depth)?;
        Ok(&self.whole[start..self.at])
    }

    /// An object that stands `depth` deep, member by member: names are unique and in order.
    pub(crate) fn members(
        &mut self,
        depth: usize,
        mut member: impl FnMut(&'a str, &'a str),
    ) -> Result<(), NotCanonical> {
        if self.peek() != b'{' {
            return self.fail("an object is missing");
        }
        let whole = self.whole;
        self.object(depth, &mut |name, value| member(&whole[name], &whole[value]))
    }

    fn fail<T>(&self, why: &'static str) -> Result<T, NotCanonical> {
        Err(NotCanonical { at: self.at, why })
    }

    fn peek(&self) -> u8 {
        // NUL stands for the end: it is no canonical byte anywhere.
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), NotCanonical> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        self.fail("not a JSON value")
    }

    fn value(&mut self, depth: usize) -> Result<(), NotCanonical> {
        if depth > self.depth_max {
            return self.fail("nested too deeply");
        }
        match self.peek() {
            b'{' => self.object(depth, &mut |_, _| {}),
            b'[' => self.array(depth),
            b'"' => self.string().map(|_| ()),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            b'-' | b'0'..=b'9' => self.integer(),
            b' ' | b'\t' | b'\n' | b'\r' => self.fail("whitespace"),
            _ => self.fail("not a JSON value"),
        }
    }

    fn object(
        &mut self,
        depth: usize,
        member: &mut impl FnMut(Range<usize>, Range<usize>),
    ) -> Result<(), NotCanonical> {
        self.at += 1;
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(());
        }
        let mut last: Option<Range<usize>> = None;
        loop {
            if self.peek() != b'"' {
                return self.fail("a key is missing");
            }
            let start = self.at;
            let escaped = self.string()?;
            let key = start + 1..self.at - 1;
            if escaped {
                self.at = start;
                return self.fail("a key with an escape");
            }
            if let Some(last) = last.replace(key.clone())
                && self.text[last] >= self.text[key.clone()]
            {
                self.at = start;
                return self.fail("keys not unique and sorted");
            }
            if self.peek() != b':' {
                return self.fail("a colon is missing");
            }
            self.at += 1;
            let value = self.at;
            self.value(depth + 1)?;
            member(key, value..self.at);
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.fail("an object is not closed"),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), NotCanonical> {
        self.at += 1;
        if self.peek() == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.fail("an array is not closed"),
            }
        }
    }

    /// Passes over a string; tells whether it holds an escape.
    fn string(&mut self) -> Result<bool, NotCanonical> {
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(escaped);
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                0..0x20 => return self.fail("a control character or the end within a string"),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), NotCanonical> {
        let rest = &self.text[self.at + 1..];
        match rest {
            [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
            [b'u', b'0', b'0', high @ b'0'..=b'1', low, ..] => {
                let digit = match low {
                    b'0'..=b'9' => low - b'0',
                    b'a'..=b'f' => low - b'a' + 10,
                    _ => return self.fail("an escape that is not minimal"),
                };
                let code = (high - b'0') * 16 + digit;
                if matches!(code, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d) {
                    return self.fail("an escape that is not minimal");
                }
                self.at += 6;
            }
            _ => return self.fail("an escape that is not minimal"),
        }
        Ok(())
    }

    fn integer(&mut self) -> Result<(), NotCanonical> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        let digits = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        let number = &self.text[digits..self.at];
        let minus = digits > start;
        let fine = match number {
            [] => false,
            [b'0'] => !minus,
            [b'0', ..] => false,
            _ => number.len() <= 15,
        };
        if !fine || matches!(self.peek(), b'.' | b'e' | b'E') {
            self.at = start;
            return self.fail("a number that is not an integer of at most 15 digits");
        }
        Ok(())
    }
}

/// One register value: canonical JSON text. A short one stands in place, a copy of a long one shares it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(SmolStr);

impl Value {
    /// Accepts canonical JSON of at most [`limits::VALUE_BYTES_MAX`] bytes.
    pub fn new(text: &str) -> Result<Value, NotCanonical> {
        if text.len() > limits::VALUE_BYTES_MAX {
            return Err(NotCanonical { at: limits::VALUE_BYTES_MAX, why: "the value is too long" });
        }
        check(text)?;
        Ok(Value(text.into()))
    }

    /// A part of a text that was checked as a whole.
    pub(crate) fn part(text: &str) -> Value {
        Value(text.into())
    }

    /// A JSON string.
    pub fn text(text: &str) -> Value {
        Value(serde_json::to_string(text).expect("a string is JSON").into())
    }

    /// `true` or `false`.
    pub fn bool(value: bool) -> Value {
        Value(if value { "true" } else { "false" }.into())
    }

    /// An integer; beyond [`limits::INTEGER_MAX`] it becomes a string, as canonical form asks.
    pub fn integer(value: i64) -> Value {
        if value.unsigned_abs() > limits::INTEGER_MAX.unsigned_abs() {
            return Value::text(&value.to_string());
        }
        Value(value.to_string().into())
    }

    /// The canonical text of any JSON value; numbers that are not short integers become strings.
    pub fn of(json: &serde_json::Value) -> Result<Value, NotCanonical> {
        let mut text = String::new();
        write(json, &mut text)?;
        Value::new(&text)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text inside a JSON string; `None` for any other value.
    pub fn as_text(&self) -> Option<String> {
        serde_json::from_str(&self.0).ok()
    }

    /// The value as a JSON tree.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).expect("canonical text is JSON")
    }
}

fn write(json: &serde_json::Value, to: &mut String) -> Result<(), NotCanonical> {
    match json {
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(n) if n.unsigned_abs() <= limits::INTEGER_MAX.unsigned_abs() => to.push_str(&n.to_string()),
            _ => to.push_str(Value::text(&number.to_string()).as_str()),
        },
        serde_json::Value::Array(items) => {
            to.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    to.push(',');
                }
                write(item, to)?;
            }
            to.push(']');
        }
        serde_json::Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            to.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    to.push(',');
                }
                to.push_str(Value::text(key).as_str());
                to.push(':');
                write(&fields[key], to)?;
            }
            to.push('}');
        }
        other => to.push_str(&other.to_string()),
    }
    Ok(())
}

impl fmt::Debug for Value {
    /// Shows the length only: values are personal data and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Value::new(raw.get()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts_pass() {
        for text in
            ["null", "true", "-7", "0", "999999999999999", r#""""#, r#""é\n\u0001""#, r#"{"a":1,"b":[{},[]],"é":"x"}"#]
        {
            assert_eq!(check(text), Ok(()), "{text}");
            assert_eq!(Value::of(&serde_json::from_str(text).expect("JSON")).expect("canonical").as_str(), text);
        }
    }

    #[test]
    fn every_other_spelling_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            (" 1", 0),
            ("1 ", 1),
            ("1.5", 0),
            ("1e3", 0),
            ("-0", 0),
            ("01", 0),
            ("1234567890123456", 0),
            (r#"{"b":1,"a":1}"#, 7),
            (r#"{"a":1,"a":1}"#, 7),
            (r#"{"a": 1}"#, 5),
            (r#"{"\n":1}"#, 1),
            (r#"{"a":1"#, 6),
            ("[1,]", 3),
            ("[1", 2),
            (r#""\/""#, 1),
            (r#""\u000a""#, 1),
            (r#""\u001F""#, 1),
            (r#""\u0041""#, 1),
            ("\"\n\"", 1),
            ("\"a", 2),
            ("tru", 0),
            ("NaN", 0),
        ] {
            assert_eq!(check(text).expect_err(text).at, at, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(check(&nested(limits::JSON_DEPTH_MAX)).is_ok());
        assert_eq!(check(&nested(100_000)).expect_err("too deep").why, "nested too deeply");
    }

    #[test]
    fn numbers_that_are_identifiers_or_fractions_become_strings() {
        let json: serde_json::Value =
            serde_json::from_str(r#"{"lat":-1.61,"nik":1571010101010001,"n":3}"#).expect("JSON");
        assert_eq!(Value::of(&json).expect("canonical").as_str(), r#"{"lat":"-1.61","n":3,"nik":"1571010101010001"}"#);
    }
}
