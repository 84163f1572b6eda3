//! Findings: what of visits and merged households does not fit their form.

use serde::{Deserialize, Serialize};
use sync_protocol::{AreaId, RecordId, WriterId};

use super::db::{Columns, Error, Result, Tx};
use super::households::{Within, is_within};
use crate::args;

/// Findings of one household at most; a visit that breaks more rules is told by these.
pub const OF_HOUSEHOLD_MAX: usize = 500;

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A visit against the version it was made with.
    Visit,
    /// A household whose values come from several saves.
    Household,
}

impl Kind {
    /// The kind's word in SQL and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Visit => "visit",
            Kind::Household => "household",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> std::result::Result<Kind, ()> {
        [Kind::Visit, Kind::Household].into_iter().find(|kind| kind.word() == word).ok_or(())
    }
}

/// A save that a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Whose writer.
    pub writer: WriterId,
    /// Which of its saves.
    pub save: u64,
    /// The visit that it wrote, if it wrote one.
    pub visit: Option<RecordId>,
    /// The registers.
    pub registers: Vec<String>,
}

/// One rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The household.
    pub root: RecordId,
    /// The visit, or the household as it was merged.
    pub record: RecordId,
    /// Which of the two.
    pub kind: Kind,
    /// The question; rows by their place, counted from 1.
    pub path: String,
    /// The rule's word.
    pub rule: String,
    /// The package it was held against.
    pub package: String,
    /// What the question is called, in Bahasa Indonesia and in English.
    pub label: [String; 2],
    /// What to say, in Bahasa Indonesia and in English.
    pub message: [String; 2],
    /// Where the values came from.
    pub sources: Vec<Source>,
    /// Since when it is known, milliseconds since 1970.
    pub since: i64,
}

/// A finding in the list, with where the household stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The finding.
    pub finding: Finding,
    /// Where the household stands.
    pub area: AreaId,
}

/// Makes the findings of a household these; what was known before keeps its time.
pub fn set(tx: &Tx<'_>, root: RecordId, findings: &[Finding], now_ms: i64) -> Result<()> {
    let known = list_of_root(tx, root)?;
    let same =
        |one: &Finding, other: &Finding| (one.record, &one.path, &one.rule) == (other.record, &other.path, &other.rule);
    for gone in known.iter().filter(|known| !findings.iter().any(|finding| same(finding, known))) {
        tx.run(
            "DELETE FROM findings WHERE root = $1 AND record = $2 AND path = $3 AND rule = $4",
            args![&root.to_string(), &gone.record.to_string(), &gone.path, &gone.rule],
        )?;
    }
    for finding in findings {
        put(tx, finding, now_ms)?;
    }
    Ok(())
}

fn put(tx: &Tx<'_>, finding: &Finding, now_ms: i64) -> Result<()> {
    let sources = serde_json::to_string(&finding.sources).map_err(|_| Error::Stored("sources"))?;
    tx.run(
        "INSERT INTO findings (root, record, kind, path, rule, package, label_id, label_en, message_id, message_en,
             sources, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (root, record, path, rule) DO UPDATE SET kind = excluded.kind, package = excluded.package,
             label_id = excluded.label_id, label_en = excluded.label_en, message_id = excluded.message_id,
             message_en = excluded.message_en, sources = excluded.sources",
        args![
            &finding.root.to_string(),
            &finding.record.to_string(),
            finding.kind.word(),
            &finding.path,
            &finding.rule,
            &finding.package,
            &finding.label[0],
            &finding.label[1],
            &finding.message[0],
            &finding.message[1],
            &sources,
            now_ms
        ],
    )?;
    Ok(())
}

/// The columns that [`read`] takes, in its order; `f` is the table.
macro_rules! columns {
    () => {
        "f.root, f.record, f.kind, f.path, f.rule, f.package, f.label_id, f.label_en, f.message_id, f.message_en,
         f.sources, f.since"
    };
}

fn read(row: &Columns<'_>) -> Result<Finding> {
    Ok(Finding {
        root: row.parsed(0)?,
        record: row.parsed(1)?,
        kind: row.parsed(2)?,
        path: row.string(3)?,
        rule: row.string(4)?,
        package: row.string(5)?,
        label: [row.string(6)?, row.string(7)?],
        message: [row.string(8)?, row.string(9)?],
        sources: serde_json::from_str(row.text(10)?).map_err(|_| Error::Stored("sources"))?,
        since: row.int(11)?,
    })
}

/// The findings of a household.
pub fn list_of_root(tx: &Tx<'_>, root: RecordId) -> Result<Vec<Finding>> {
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM findings f WHERE f.root = $1 ORDER BY f.record, f.path, f.rule LIMIT 1000"
        ),
        args![&root.to_string()],
        read,
    )
}

/// The place of a finding in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its `since`.
    pub since: i64,
    /// The household.
    pub root: RecordId,
    /// The record.
    pub record: RecordId,
    /// The rule.
    pub rule: String,
    /// The question.
    pub path: String,
}

/// Findings within, oldest first, after the place given, at most `most`.
pub fn list(tx: &Tx<'_>, within: Within, after: Option<&Place>, most: u32) -> Result<Vec<Listed>> {
    let (user, at, area) = within.texts();
    let texts = after.map(|place| {
        (place.since, place.root.to_string(), place.record.to_string(), place.path.as_str(), place.rule.as_str())
    });
    let (since, root, record, path, rule) = texts.unwrap_or((i64::MIN, String::new(), String::new(), "", ""));
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            ", r.area FROM findings f JOIN records r ON r.id = f.root
              WHERE (f.since, f.root, f.record, f.path, f.rule) > ($4, $5, $6, $7, $8) AND ",
            is_within!(),
            " ORDER BY f.since, f.root, f.record, f.path, f.rule LIMIT $9"
        ),
        args![user.as_ref(), at, area.as_ref(), since, &root, &record, path, rule, i64::from(most)],
        |row| Ok(Listed { finding: read(row)?, area: row.parsed(12)? }),
    )
}

/// How many findings there are.
pub fn count(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.row("SELECT count(*) FROM findings", args![], |row| row.number(0))?.unwrap_or(0))
}
