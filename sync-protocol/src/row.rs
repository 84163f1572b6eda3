//! A row's one text: what both sides store, what travels, and what is hashed for the digest (section 7).
//!
//! ```text
//! {"by":[["<writer>",1,1700000000000,"<author>"]],"collection":"household","id":"…",
//!  "is":{"address":"…"},"of":{…},"or":{…},"seen":[["<writer>",1,305419896]]}
//! ```
//!
//! `by` lists every dot that a sibling names as `[writer, save, effective clock, author]`: first the one that most
//! registers of a single value have (of equals the greatest), then the others in order. `is` holds the registers of a single
//! value, `of` the place in `by` where that is not the first; `or` the registers with several siblings, each `[place, value]`;
//! `seen` the record's context; `ahead` context entries that wait for their save. Empty parts are left out.
//! A record written by one save so carries one dot for all its registers.
//!
//! A partial row (`"part":1`) holds only the registers that changed and the context entries that changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::canonical::{NotCanonical, Value, check_around};
use crate::clock::Clock;
use crate::digest::RowHash;
use crate::ids::{Collection, Dot, RecordId, Seen, UserId, WriterId};
use crate::merge::{Ahead, Register, Row, Sibling, Stamp};
use crate::save::{SeenLine, context_of, seen_lines};

/// A text that is not a row.
#[derive(Debug, thiserror::Error)]
pub enum NotARow {
    /// Not canonical JSON.
    #[error(transparent)]
    Canonical(#[from] NotCanonical),
    /// Canonical JSON of another shape.
    #[error("not the shape of a row")]
    Shape(#[from] serde_json::Error),
    /// The parts of the row contradict each other.
    #[error("the row contradicts itself: {0}")]
    Contradiction(&'static str),
}

/// How deep a register's value may stand in a row: in the row, `or`, the list of siblings, the sibling.
const VALUE_LEVEL: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText<'a> {
    #[serde(default)]
    ahead: BTreeMap<String, Vec<SeenLine>>,
    by: Vec<(WriterId, u64, Clock, UserId)>,
    collection: Collection,
    id: RecordId,
    #[serde(borrow, default)]
    is: RawRegisters<'a>,
    #[serde(default)]
    of: BTreeMap<String, usize>,
    #[serde(borrow, default)]
    or: BTreeMap<Cow<'a, str>, Vec<(usize, &'a RawValue)>>,
    #[serde(default)]
    part: u8,
    #[serde(default)]
    seen: Vec<SeenLine>,
}

/// Names and values of an object in the order of its text, which canonical form has sorted already: a map built from it
/// is built at once, and most lines that come are new records with many registers.
#[derive(Default)]
struct RawRegisters<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawRegisters<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> serde::de::Visitor<'de> for Pairs {
            type Value = RawRegisters<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of registers")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(64);
                while let Some(pair) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    pairs.push((pair.0.0, pair.1));
                }
                Ok(RawRegisters(pairs))
            }
        }
        from.deserialize_map(Pairs)
    }
}

/// A name that borrows from the text where it can.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl Row {
    /// The row's canonical text.
    pub fn to_text(&self) -> String {
        self.encode(false)
    }

    /// The text of a row that holds only what changed: these registers and context entries.
    pub fn part_to_text(&self, registers: &[&str], writers: &[WriterId]) -> String {
        let part = Row {
            collection: self.collection,
            id: self.id,
            context: self.context.iter().filter(|(w, _)| writers.contains(w)).map(|(w, s)| (*w, *s)).collect(),
            registers: registers
                .iter()
                .filter_map(|name| self.registers.get_key_value(*name))
                .map(|(name, register)| (name.clone(), register.clone()))
                .collect(),
            stamps: self.stamps.clone(),
        };
        part.encode(true)
    }

    /// Takes over what a partial row says: the registers it holds as they are there, its context entries, its stamps.
    pub fn patch(&mut self, part: Row) {
        self.registers.extend(part.registers);
        self.context.extend(part.context);
        self.stamps.extend(part.stamps);
        let registers = &self.registers;
        self.stamps.retain(|dot, _| registers.values().any(|r| r.siblings.iter().any(|s| s.dot == *dot)));
    }

    /// Reads a whole row.
    pub fn parse(text: &str) -> Result<Row, NotARow> {
        match Row::parse_any(text)? {
            (row, false) => Ok(row),
            (_, true) => Err(NotARow::Contradiction("a partial row where a whole one is due")),
        }
    }

    /// Reads a row and tells whether it is partial.
    pub fn parse_any(text: &str) -> Result<(Row, bool), NotARow> {
        check_around(text, VALUE_LEVEL)?;
        let text: RowText<'_> = serde_json::from_str(text)?;
        let dots: Vec<Dot> = text.by.iter().map(|by| Dot { writer: by.0, save: by.1 }).collect();
        let dot = |place: usize| dots.get(place).copied().ok_or(NotARow::Contradiction("a dot that is not listed"));
        let mut registers = BTreeMap::new();
        for (name, value) in text.is.0 {
            let place = text.of.get(name.as_ref()).copied().unwrap_or(0);
            let sibling = Sibling { dot: dot(place)?, value: Value::part(value.get()) };
            registers.insert(name.into_owned(), Register { siblings: vec![sibling], ahead: Ahead::new() });
        }
        for (name, siblings) in text.or {
            let siblings: Result<Vec<Sibling>, NotARow> = siblings
                .into_iter()
                .map(|(place, value)| Ok(Sibling { dot: dot(place)?, value: Value::part(value.get()) }))
                .collect();
            registers.insert(name.into_owned(), Register { siblings: siblings?, ahead: Ahead::new() });
        }
        for (name, entries) in text.ahead {
            let register = registers.get_mut(&name).ok_or(NotARow::Contradiction("a register that is not there"))?;
            register.ahead = ahead_of(&entries).ok_or(NotARow::Contradiction("waiting entries out of order"))?;
        }
        let context = context_of(&text.seen).ok_or(NotARow::Contradiction("a context out of order"))?;
        let stamps = text.by.iter().zip(&dots).map(|(by, dot)| (*dot, Stamp { clock: by.2, author: by.3 })).collect();
        let row = Row { collection: text.collection, id: text.id, context, registers, stamps };
        Ok((row, text.part == 1))
    }

    /// Hash of the row's canonical text.
    pub fn hash(&self) -> RowHash {
        RowHash::of(&self.to_text())
    }

    /// The dots that siblings name, in the order of `by`.
    fn dots(&self) -> Vec<Dot> {
        let mut single: BTreeMap<Dot, usize> = BTreeMap::new();
        let mut last: Option<Dot> = None;
        for register in self.registers.values() {
            let alone = usize::from(register.siblings.len() == 1);
            for sibling in &register.siblings {
                // Registers of one save mostly follow each other; looking the dot up once for all is worth it.
                if alone == 1 && last == Some(sibling.dot) {
                    continue;
                }
                single.entry(sibling.dot).or_insert(0);
                last = Some(sibling.dot);
            }
        }
        if single.len() > 1 {
            for register in self.registers.values() {
                if let [only] = register.siblings.as_slice() {
                    *single.entry(only.dot).or_insert(0) += 1;
                }
            }
        }
        let most = single.iter().max_by_key(|(dot, count)| (**count, **dot)).map(|(dot, _)| *dot);
        most.into_iter().chain(single.keys().copied().filter(|dot| Some(*dot) != most)).collect()
    }

    fn encode(&self, part: bool) -> String {
        let dots = self.dots();
        let place = |dot: &Dot| dots.iter().position(|d| d == dot).expect("every sibling's dot is listed");
        let mut text = String::with_capacity(256 + self.registers.len() * 24);
        text.push('{');
        let ahead: BTreeMap<&str, Vec<SeenLine>> = self
            .registers
            .iter()
            .filter(|(_, r)| !r.ahead.is_empty())
            .map(|(name, r)| (name.as_str(), r.ahead.iter().map(|(w, s)| SeenLine(*w, s.save, s.tag)).collect()))
            .collect();
        if !ahead.is_empty() {
            text.push_str("\"ahead\":");
            text.push_str(&json(&ahead));
            text.push(',');
        }
        let by: Vec<(WriterId, u64, Clock, UserId)> = dots
            .iter()
            .map(|dot| {
                let stamp = self.stamps.get(dot).expect("every sibling's dot has a stamp");
                (dot.writer, dot.save, stamp.clock, stamp.author)
            })
            .collect();
        text.push_str("\"by\":");
        text.push_str(&json(&by));
        text.push_str(",\"collection\":\"");
        text.push_str(self.collection.name());
        text.push_str("\",\"id\":");
        text.push_str(&json(&self.id));
        let single = || self.registers.iter().filter(|(_, r)| r.siblings.len() == 1);
        object(&mut text, "is", single(), |text, register| text.push_str(register.siblings[0].value.as_str()));
        if dots.len() > 1 {
            let elsewhere = single().filter(|(_, r)| r.siblings[0].dot != dots[0]);
            object(&mut text, "of", elsewhere, |text, r| text.push_str(&place(&r.siblings[0].dot).to_string()));
            let several = self.registers.iter().filter(|(_, r)| r.siblings.len() > 1);
            object(&mut text, "or", several, |text, register| {
                for (i, sibling) in register.siblings.iter().enumerate() {
                    text.push_str(if i == 0 { "[[" } else { ",[" });
                    text.push_str(&place(&sibling.dot).to_string());
                    text.push(',');
                    text.push_str(sibling.value.as_str());
                    text.push(']');
                }
                text.push(']');
            });
        }
        if part {
            text.push_str(",\"part\":1");
        }
        if !self.context.is_empty() {
            text.push_str(",\"seen\":");
            text.push_str(&json(&seen_lines(&self.context)));
        }
        text.push('}');
        text
    }
}

/// Waiting entries from their list; refused unless strictly sorted by writer, save and tag.
fn ahead_of(lines: &[SeenLine]) -> Option<Ahead> {
    let ahead: Ahead = lines.iter().map(|s| (s.0, Seen { save: s.1, tag: s.2 })).collect();
    let as_written = ahead.iter().zip(lines).all(|((w, s), line)| (*w, s.save, s.tag) == (line.0, line.1, line.2));
    (as_written && ahead.len() == lines.len()).then_some(ahead)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("ids and numbers are JSON")
}

fn object<'a>(
    text: &mut String,
    key: &str,
    registers: impl Iterator<Item = (&'a String, &'a Register)>,
    value: impl Fn(&mut String, &Register),
) {
    let mut any = false;
    for (name, register) in registers {
        if any {
            text.push_str(",\"");
        } else {
            text.push_str(",\"");
            text.push_str(key);
            text.push_str("\":{\"");
            any = true;
        }
        text.push_str(name);
        text.push_str("\":");
        value(text, register);
    }
    if any {
        text.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Tag;
    use crate::merge::{Trusting, Write};
    use crate::save::Context;

    fn write(row: &mut Row, writer: u128, save: u64, seen: &Context, registers: &[(&str, &str)]) {
        let registers = registers.iter().map(|(n, v)| ((*n).to_owned(), Value::text(v))).collect();
        let stamp = Stamp { clock: Clock(1_700_000_000_000 + save as i64), author: UserId::from_u128(3) };
        let dot = Dot { writer: WriterId::from_u128(writer), save };
        row.merge(&Write { dot, tag: Tag(7), stamp, context: seen, registers: &registers }, &Trusting);
    }

    fn example() -> Row {
        let mut row = Row::new(Collection::Household, RecordId::from_u128(1));
        write(&mut row, 1, 1, &Context::new(), &[("address", "Jl. A"), ("head_name", "Siti"), ("phone", "0")]);
        let seen = row.context.clone();
        write(&mut row, 2, 1, &seen, &[("phone", "0741")]);
        write(&mut row, 3, 1, &seen, &[("phone", "0742")]);
        row
    }

    #[test]
    fn a_row_reads_back_as_itself() {
        let mut row = example();
        let text = row.to_text();
        assert_eq!(Row::parse(&text).expect("a row"), row);
        assert!(text.contains(r#""or":{"_alive":[[1,true],[2,true]],"phone":[[1,"0741"],[2,"0742"]]}"#), "{text}");
        row.registers.get_mut("phone").expect("phone").ahead =
            [(9, 4), (9, 6)].map(|(w, save)| (WriterId::from_u128(w), Seen { save, tag: Tag(1) })).into();
        assert_eq!(Row::parse(&row.to_text()).expect("a row"), row);
    }

    #[test]
    fn a_part_brings_another_replica_to_the_same_row() {
        let mut there = Row::new(Collection::Household, RecordId::from_u128(1));
        write(&mut there, 1, 1, &Context::new(), &[("address", "Jl. A"), ("head_name", "Siti"), ("phone", "0")]);
        let here = example();
        let writers = [WriterId::from_u128(2), WriterId::from_u128(3)];
        let (part, is_part) = Row::parse_any(&here.part_to_text(&["_alive", "phone"], &writers)).expect("a part");
        assert!(is_part);
        there.patch(part);
        assert_eq!(there.to_text(), here.to_text());
    }

    #[test]
    fn a_record_of_one_save_carries_one_dot() {
        let mut row = Row::new(Collection::Household, RecordId::from_u128(1));
        write(&mut row, 1, 1, &Context::new(), &[("address", "Jl. A"), ("head_name", "Siti")]);
        insta::assert_snapshot!(row.to_text(), @r#"{"by":[["00000000-0000-0000-0000-000000000001",1,1700000000001,"00000000-0000-0000-0000-000000000003"]],"collection":"household","id":"00000000-0000-0000-0000-000000000001","is":{"_alive":true,"address":"Jl. A","head_name":"Siti"},"seen":[["00000000-0000-0000-0000-000000000001",1,7]]}"#);
    }

    #[test]
    fn a_text_that_contradicts_itself_is_refused() {
        let text = example().to_text();
        for (from, to) in
            [("\"or\":{\"_alive\":[[1", "\"or\":{\"_alive\":[[8"), ("\"id\":", "\"id\": "), ("\"seen\"", "\"sewn\"")]
        {
            assert!(Row::parse(&text.replace(from, to)).is_err(), "{from}");
        }
    }
}
