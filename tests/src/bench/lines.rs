//! The records of the benchmark: generated, or read from a file of JSON lines.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Value, save::reserved};

use crate::records;

/// Seed of the generated records.
const SEED: u64 = 1;
/// Records that are edited.
pub const EDITS: usize = 100;

/// One household, as a line of plain JSON and as what a device saves.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line as it is in the file, without its end.
    pub text: String,
    /// Its `id`, as text.
    pub key: String,
    /// Every other top-level key.
    pub registers: BTreeMap<String, Value>,
}

/// Generated lines, or those of a file: each one household, `id` its id, every other top-level key a register.
pub fn read(file: Option<&Path>) -> Result<Vec<Line>> {
    match file {
        None => (0..records::RECORDS).map(|index| line(records::line(SEED, index))).collect(),
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .lines()
            .enumerate()
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(at, text)| line(text.to_owned()).with_context(|| format!("{} line {}", file.display(), at + 1)))
            .collect(),
    }
}

fn line(text: String) -> Result<Line> {
    let mut json: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text)?;
    let key = match json.remove("id").context("no `id`")? {
        serde_json::Value::String(key) => key,
        other => other.to_string(),
    };
    ensure!(!json.is_empty(), "no register beside `id`");
    let registers = json.iter().map(|(name, value)| Ok((name.clone(), Value::of(value)?))).collect::<Result<_>>()?;
    Ok(Line { text, key, registers })
}

impl Line {
    /// The record's id: the line's own where that is a UUID, else made of it. `copy` tells repeats of one line apart.
    pub fn id(&self, copy: u8) -> RecordId {
        match self.key.parse::<RecordId>() {
            Ok(id) => RecordId::from_u128(id.as_u128() ^ u128::from(copy)),
            Err(_) => {
                let hash = blake3::hash(format!("{copy} {}", self.key).as_bytes());
                let bytes = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
                RecordId::random(*bytes)
            }
        }
    }

    /// The household as a new record of the area.
    pub fn new_record(&self, copy: u8, area: AreaId) -> RecordWrite {
        let mut registers = self.registers.clone();
        registers.insert(reserved::AREA.to_owned(), Value::text(&area.to_string()));
        RecordWrite { collection: Collection::Household, id: self.id(copy), context: BTreeMap::new(), registers }
    }

    /// One register with a changed value: a digit of its first short text or number goes up.
    pub fn edit(&self) -> (String, Value) {
        let short = self.registers.iter().find(|(_, value)| value.as_str().len() <= 12 && value.as_str() != "null");
        let (name, value) = short.or(self.registers.iter().next()).expect("a line has a register");
        let changed = match value.json() {
            serde_json::Value::Number(n) => Value::integer(n.as_i64().unwrap_or(0) + 1),
            serde_json::Value::Bool(b) => Value::bool(!b),
            serde_json::Value::String(text) => Value::text(&format!("{text}2")),
            _ => Value::text("2"),
        };
        (name.clone(), changed)
    }
}

/// The lines as one text, and its size after zstd at level 3.
pub fn zstd3_bytes(lines: &[Line]) -> Result<u64> {
    let mut counted = Counted(0);
    let mut stream = zstd::Encoder::new(&mut counted, 3)?;
    for line in lines {
        std::io::Write::write_all(&mut stream, line.text.as_bytes())?;
        std::io::Write::write_all(&mut stream, b"\n")?;
    }
    stream.finish()?;
    Ok(counted.0)
}

struct Counted(u64);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What one record carries beyond its plain JSON once it is a row, as a share: the line against the row's text.
pub fn metadata_ratio(lines: &[Line], area: AreaId) -> f64 {
    use sync_protocol::merge::{Trusting, Write};
    use sync_protocol::{Clock, Dot, Row, Stamp, Tag, UserId, WriterId};
    let (mut plain, mut rows) = (0, 0);
    for (line, save) in lines.iter().zip(1..) {
        let record = line.new_record(0, area);
        let mut row = Row::new(record.collection, record.id);
        let dot = Dot { writer: WriterId::from_u128(1), save };
        let stamp = Stamp { clock: Clock(1_764_000_000_000), author: UserId::from_u128(1) };
        let (context, registers) = (&record.context, &record.registers);
        row.merge(&Write { dot, tag: Tag(u32::MAX), stamp, context, registers }, &Trusting);
        plain += line.text.len();
        rows += row.to_text().len();
    }
    rows as f64 / plain as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_lines_are_taken_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, "{\"id\":\"x-7\",\"name\":\"Siti\",\"lat\":-1.6}\n\n{\"id\":3,\"rooms\":2}\n")
            .expect("writes");
        let lines = read(Some(&file)).expect("reads");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].registers["lat"], Value::text("-1.6"));
        assert_ne!(lines[0].id(0), lines[0].id(1));
        std::fs::write(&file, "{\"id\":\"x-7\"}\n").expect("writes");
        assert!(read(Some(&file)).expect_err("no register").to_string().contains("line 1"));
    }
}
