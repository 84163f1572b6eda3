//! Saves: what one press of "save" wrote, over one or more records (section 4).
//!
//! A save's line is a JSON array of record writes:
//! `[{"collection":"person","id":"…","registers":{"name":"…"},"seen":[["<writer>",3,123456]]}]`;
//! `seen` is left out where the author had seen nothing of the record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, Scan, Value};
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
        Save::scan(&mut Scan::new(line, VALUE_LEVEL)).map_err(|code| match canonical::check_around(line, VALUE_LEVEL) {
            // What is wrong first is told, and nothing of another form is looked into.
            Err(_) => Code::NotCanonical,
            Ok(()) => code,
        })
    }

    /// In one pass: most of what a server reads are saves, and most of those new records with many registers.
    fn scan(line: &mut Scan<'_>) -> Result<Save, Code> {
        if line.take("[]") {
            return Err(Code::TooLarge);
        }
        let mut records: Vec<RecordWrite> = Vec::new();
        while line.take(if records.is_empty() { "[" } else { "," }) {
            if records.len() == limits::RECORDS_PER_SAVE_MAX {
                return Err(Code::TooLarge);
            }
            let record = RecordWrite::scan(line)?;
            if records.iter().any(|other| other.id == record.id) {
                return Err(Code::Malformed);
            }
            records.push(record);
        }
        if line.take("]") && line.is_done() { Ok(Save { records }) } else { Err(Code::Malformed) }
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

    fn scan(line: &mut Scan<'_>) -> Result<RecordWrite, Code> {
        let collection = id_after(line, "{\"collection\":\"")?;
        let id = id_after(line, "\",\"id\":\"")?;
        if !line.take("\",\"registers\":") {
            return Err(Code::Malformed);
        }
        let registers = registers(line)?;
        let context = if line.take(",\"seen\":") { seen(line)? } else { Context::new() };
        if line.take("}") { Ok(RecordWrite { collection, id, context, registers }) } else { Err(Code::Malformed) }
    }

    /// The parent that this write names, if it names one; an error if it is not a record id.
    pub fn parent(&self) -> Result<Option<RecordId>, Code> {
        reference(self.registers.get(reserved::PARENT))
    }
}

fn id_after<T: std::str::FromStr>(line: &mut Scan<'_>, before: &str) -> Result<T, Code> {
    let text = if line.take(before) { line.up_to_quote() } else { None };
    text.and_then(|text| text.parse().ok()).ok_or(Code::Malformed)
}

/// Names come in order, and the map is built at once.
fn registers(line: &mut Scan<'_>) -> Result<BTreeMap<String, Value>, Code> {
    let mut pairs = Vec::with_capacity(64);
    let mut wrong = None;
    let object = line.members(VALUE_LEVEL - 1, |name, value| {
        if value.len() > limits::VALUE_BYTES_MAX || pairs.len() == limits::REGISTERS_MAX {
            wrong = wrong.or(Some(Code::TooLarge));
        } else if !is_register_name(name) {
            wrong = wrong.or(Some(Code::BadName));
        } else {
            pairs.push((name.to_owned(), Value::part(value)));
        }
    });
    object.map_err(|_| Code::Malformed)?;
    wrong.map_or(Ok(pairs.into_iter().collect()), Err)
}

fn seen(line: &mut Scan<'_>) -> Result<Context, Code> {
    let list = line.part(VALUE_LEVEL - 1).map_err(|_| Code::Malformed)?;
    let seen: Vec<SeenLine> = serde_json::from_str(list).map_err(|_| Code::Malformed)?;
    if seen.len() > limits::CONTEXT_MAX {
        return Err(Code::TooLarge);
    }
    let context = context_of(&seen).ok_or(Code::BadContext)?;
    let is_number = |seen: &Seen| (1..=limits::INTEGER_MAX as u64).contains(&seen.save);
    if context.values().all(is_number) { Ok(context) } else { Err(Code::BadContext) }
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
