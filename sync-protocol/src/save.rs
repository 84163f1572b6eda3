//! Saves: what one press of "save" wrote, over one or more records (section 4).
//!
//! A save's line is a JSON array of record writes:
//! `[{"collection":"person","id":"…","registers":{"name":"…"},"seen":[["<writer>",3,123456]]}]`;
//! `seen` is left out where the author had seen nothing of the record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::canonical::{self, Value};
use crate::ids::{Collection, RecordId, Seen, Tag, WriterId};
use crate::limits;
use crate::verdict::Code;

/// What an author had seen of a record: for each writer the highest save, with its tag.
pub type Context = BTreeMap<WriterId, Seen>;

/// Names of the registers that the protocol itself reads.
pub mod reserved {
    /// `false` marks a deleted record. Every save writes `true` on each record it touches unless it says otherwise.
    pub const ALIVE: &str = "_alive";
    /// A root's area id.
    pub const AREA: &str = "_area";
    /// A child's parent id.
    pub const PARENT: &str = "_parent";
    /// The family that a person or visit belongs to.
    pub const FAMILY: &str = "_family";
}

/// One atomic group of writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Save {
    /// At least one, each record at most once, parents before their children.
    pub records: Vec<RecordWrite>,
}

/// What a save wrote on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWrite {
    /// Kind of record.
    pub collection: Collection,
    /// The record.
    pub id: RecordId,
    /// What the author had on the screen of this record.
    pub context: Context,
    /// Only registers that the author changed or confirmed.
    pub registers: BTreeMap<String, Value>,
}

/// How deep a register's value stands in a save's line: in the list of records, the record, its registers.
const VALUE_LEVEL: usize = 3;

#[derive(Deserialize)]
struct RecordLine<'a> {
    collection: Collection,
    id: RecordId,
    #[serde(borrow)]
    registers: RawRegisters<'a>,
    #[serde(default)]
    seen: Vec<SeenLine>,
}

/// Names and values of an object in the order of its text, which canonical form has sorted already: a map built from it
/// is built at once, and most lines that come are new records with many registers.
#[derive(Default)]
pub(crate) struct RawRegisters<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

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

/// `[writer, save, tag]`, the wire form of one context entry.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct SeenLine(pub(crate) WriterId, pub(crate) u64, pub(crate) Tag);

/// A context as its wire list, sorted by writer.
pub(crate) fn seen_lines(context: &Context) -> Vec<SeenLine> {
    context.iter().map(|(writer, seen)| SeenLine(*writer, seen.save, seen.tag)).collect()
}

/// A context from its wire list; refused unless strictly sorted by writer.
pub(crate) fn context_of(lines: &[SeenLine]) -> Option<Context> {
    let sorted = lines.windows(2).all(|pair| pair[0].0 < pair[1].0);
    sorted.then(|| lines.iter().map(|s| (s.0, Seen { save: s.1, tag: s.2 })).collect())
}

impl Save {
    /// The save's canonical line, without a line end.
    pub fn to_line(&self) -> String {
        let mut line = String::from("[");
        for (i, record) in self.records.iter().enumerate() {
            if i > 0 {
                line.push(',');
            }
            record.write_to(&mut line);
        }
        line.push(']');
        line
    }

    /// Reads a line that a verified changeset holds. The code says why a save is quarantined.
    pub fn parse(line: &str) -> Result<Save, Code> {
        canonical::check_around(line, VALUE_LEVEL).map_err(|_| Code::NotCanonical)?;
        let lines: Vec<RecordLine<'_>> = serde_json::from_str(line).map_err(|_| Code::Malformed)?;
        if lines.is_empty() || lines.len() > limits::RECORDS_PER_SAVE_MAX {
            return Err(Code::TooLarge);
        }
        let mut records: Vec<RecordWrite> = Vec::with_capacity(lines.len());
        for record in lines {
            let record = RecordWrite::checked(record)?;
            if records.iter().any(|other| other.id == record.id) {
                return Err(Code::Malformed);
            }
            records.push(record);
        }
        Ok(Save { records })
    }
}

impl RecordWrite {
    fn write_to(&self, line: &mut String) {
        line.push_str("{\"collection\":\"");
        line.push_str(self.collection.name());
        line.push_str("\",\"id\":\"");
        line.push_str(&self.id.to_string());
        line.push_str("\",\"registers\":{");
        for (i, (name, value)) in self.registers.iter().enumerate() {
            if i > 0 {
                line.push(',');
            }
            line.push('"');
            line.push_str(name);
            line.push_str("\":");
            line.push_str(value.as_str());
        }
        line.push('}');
        if !self.context.is_empty() {
            line.push_str(",\"seen\":");
            line.push_str(&serde_json::to_string(&seen_lines(&self.context)).expect("a context is JSON"));
        }
        line.push('}');
    }

    fn checked(line: RecordLine<'_>) -> Result<RecordWrite, Code> {
        if line.registers.0.len() > limits::REGISTERS_MAX || line.seen.len() > limits::CONTEXT_MAX {
            return Err(Code::TooLarge);
        }
        let context = context_of(&line.seen).ok_or(Code::BadContext)?;
        if context.values().any(|seen| seen.save == 0 || seen.save > limits::INTEGER_MAX as u64) {
            return Err(Code::BadContext);
        }
        let registers = line.registers.0.into_iter().map(|(name, value)| {
            if value.get().len() > limits::VALUE_BYTES_MAX {
                return Err(Code::TooLarge);
            }
            if !is_register_name(&name) {
                return Err(Code::BadName);
            }
            Ok((name.into_owned(), Value::part(value.get())))
        });
        let registers = registers.collect::<Result<_, Code>>()?;
        Ok(RecordWrite { collection: line.collection, id: line.id, context, registers })
    }

    /// The parent that this write names, if it names one; an error if it is not a record id.
    pub fn parent(&self) -> Result<Option<RecordId>, Code> {
        reference(self.registers.get(reserved::PARENT))
    }
}

fn reference<T: std::str::FromStr>(value: Option<&Value>) -> Result<Option<T>, Code> {
    let Some(value) = value else { return Ok(None) };
    let text = value.as_text().ok_or(Code::Malformed)?;
    text.parse().map(Some).map_err(|_| Code::Malformed)
}

/// A register's name: 1 to [`limits::NAME_BYTES_MAX`] bytes, no control character, quote or backslash.
pub fn is_register_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= limits::NAME_BYTES_MAX
        && !name.chars().any(|c| c.is_control() || c == '"' || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Save {
        let registers = [("address", Value::text("Jl. Melati \"3\"")), ("rooms", Value::integer(4))];
        Save {
            records: vec![RecordWrite {
                collection: Collection::Household,
                id: RecordId::from_u128(1),
                context: Context::from([(WriterId::from_u128(9), Seen { save: 3, tag: Tag(77) })]),
                registers: registers.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            }],
        }
    }

    #[test]
    fn a_line_reads_back_as_the_same_save() {
        let save = example();
        assert_eq!(Save::parse(&save.to_line()), Ok(save));
    }

    #[test]
    fn a_bad_line_is_named_by_a_code() {
        let id = RecordId::from_u128(1);
        let line = |registers: &str, rest: &str| {
            format!(r#"[{{"collection":"household","id":"{id}","registers":{registers}{rest}}}]"#)
        };
        let writer = WriterId::from_u128(9);
        for (text, code) in [
            ("[]".to_owned(), Code::TooLarge),
            ("{}".to_owned(), Code::Malformed),
            (line(r#"{"a": 1}"#, ""), Code::NotCanonical),
            (line(r#"{"a":1.5}"#, ""), Code::NotCanonical),
            (line(r#"{"":1}"#, ""), Code::BadName),
            (line("{}", &format!(r#","seen":[["{writer}",0,1]]"#)), Code::BadContext),
            (line("{}", &format!(r#","seen":[["{writer}",1,1],["{writer}",2,1]]"#)), Code::BadContext),
            (line(&format!("{{\"a\":{}1{}}}", "[".repeat(99), "]".repeat(99)), ""), Code::NotCanonical),
            (line(&format!("{{\"a\":\"{}\"}}", "x".repeat(70_000)), ""), Code::TooLarge),
            (line("{}", "").replace("household", "ship"), Code::Malformed),
        ] {
            assert_eq!(Save::parse(&text), Err(code), "{text:.80}");
        }
    }
}
