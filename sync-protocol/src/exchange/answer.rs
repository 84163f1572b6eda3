//! An answer: verdicts, pages of areas, and why a pull stops.

use serde::{Deserialize, Serialize};

use super::body::{BadBody, control_line, is_zero, is_zero_usize, lines_of};
use super::{Cursor, Directory};
use crate::changeset::ChangesetHash;
use crate::digest::Digest;
use crate::ids::{AreaId, RecordId, WriterId};
use crate::verdict::{Code, Verdict};

/// Line 1 of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Pages of areas that changed. Their lines follow in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<AreaPage>,
    /// The server cannot tell where the device stands: it asks again with all its cursors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cursors_wanted: bool,
    /// The device's areas, colleagues, rounds and forms, where they differ from what the device holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<Directory>,
    /// Sums of the areas asked about in `heal`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heal: Vec<HealSums>,
    /// With no page missing after this answer, the mark of the point all cursors stand at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<u64>,
    /// Minted writers that were not taken, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minted: Vec<(WriterId, Code)>,
    /// There is more to pull.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Whether rows may be pulled.
    #[serde(default, skip_serializing_if = "Pull::is_open")]
    pub pull: Pull,
    /// With [`Pull::Rewound`]: of each writer the last save that surely is the one the device knows; a writer that is not
    /// named has none. Rows that later saves touched are to be sent as witnesses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Vec<(WriterId, u64)>>,
    /// The server's wall clock, milliseconds since 1970.
    pub time: i64,
    /// Number of witness rows of the request, from its first, that are kept or not needed.
    #[serde(default, skip_serializing_if = "is_zero_usize")]
    pub witnessed: usize,
    /// How each writer of the request stands; the device's own always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writers: Vec<WriterState>,
}

/// Whether rows may be pulled; uploads always may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pull {
    /// Yes.
    #[default]
    Open,
    /// The app is too old to understand the rows.
    Upgrade,
    /// The server was restored from a backup and does not know the device's cursors.
    Rewound,
}

impl Pull {
    fn is_open(&self) -> bool {
        *self == Pull::Open
    }
}

/// How a writer stands on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriterState {
    /// Number of the last save in the contiguous prefix that has a verdict.
    pub applied: u64,
    /// Number of the last save that the oldest kept backup covers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub backed_up: u64,
    /// Number of the last of `decisions`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decided: u64,
    /// What was decided since of saves that had another verdict before: the newest decision of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// The server misses this writer's changesets from this save number on, and asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_from: Option<u64>,
    /// Changesets that were not stored, by their place among the request's changesets of this writer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(usize, Code)>,
    /// The writer's history has forked: the hashes the server holds, for the device to find the last common save.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotate: Vec<(u64, ChangesetHash)>,
    /// Verdicts of saves after `applied` of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<VerdictRange>,
    /// Ranges of saves that are stored but wait for a gap before them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<(u64, u64)>,
    /// The writer.
    pub writer: WriterId,
}

/// One verdict for a range of saves: `[first, last, word]` or `[first, last, word, code]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerdictRange {
    /// First save number.
    pub first: u64,
    /// Last save number.
    pub last: u64,
    /// The verdict of each.
    pub verdict: Verdict,
}

impl Serialize for VerdictRange {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.verdict.code() {
            None => (self.first, self.last, self.verdict.word()).serialize(to),
            Some(code) => (self.first, self.last, self.verdict.word(), code).serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for VerdictRange {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let parts = Vec::<serde_json::Value>::deserialize(from)?;
        let (first, last, word, code) = match parts.as_slice() {
            [first, last, word] => (first, last, word, None),
            [first, last, word, code] => {
                (first, last, word, Some(Code::deserialize(code.clone()).map_err(D::Error::custom)?))
            }
            _ => return Err(D::Error::custom("a verdict range has three or four parts")),
        };
        let verdict = Verdict::from_parts(word.as_str().unwrap_or_default(), code);
        match (first.as_u64(), last.as_u64(), verdict) {
            (Some(first), Some(last), Some(verdict)) => Ok(VerdictRange { first, last, verdict }),
            _ => Err(D::Error::custom("not a verdict range")),
        }
    }
}

/// A verdict that took the place of another, days later: a save was released, rejected, or went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Merged under another writer, which the server minted for it: the first save's number there, the others follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<(WriterId, u64)>,
    /// The saves, and what is true of them now.
    pub verdict: VerdictRange,
}

/// What changed in one area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaPage {
    /// The area.
    pub area: AreaId,
    /// Where the device stands after this page.
    pub cursor: Cursor,
    /// Sum over the area's rows, where the cursor is the area's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Not changes but all rows of the area whose ids begin with these; the device's cursor stays where it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub healed: Vec<String>,
    /// The requesting writer's saves up to this number are part of the state at `cursor`: at the head, a record of the area
    /// that no line of this pull names is exactly the base with those own saves merged in.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own: u64,
    /// Number of lines.
    #[serde(default, skip_serializing_if = "is_zero_usize")]
    pub rows: usize,
}

/// Ask for the sums of an area's rows by the next byte of their id, below a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealAsk {
    /// The area.
    pub area: AreaId,
    /// Hex digits that ids of interest begin with (after hyphens are removed); an even number.
    pub prefix: String,
    /// The rows themselves are wanted, not sums over them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rows: bool,
}

/// Sums of an area's row hashes by the next byte of their id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealSums {
    /// The area.
    pub area: AreaId,
    /// The area's head at which the sums were taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// As asked, or longer where all rows below the prefix asked for begin with the longer one.
    pub prefix: String,
    /// `[byte, sum]` of each byte value that occurs.
    pub sums: Vec<(u8, Digest)>,
}

/// One line of an area page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLine<'a> {
    /// A row's text, whole or partial.
    Row(&'a str),
    /// The record is no longer in the area.
    Gone(RecordId),
}

/// An answer taken apart.
#[derive(Debug)]
pub struct Received<'a> {
    /// Line 1.
    pub control: Answer,
    lines: Vec<&'a str>,
}

impl<'a> Received<'a> {
    /// Takes an answer body apart.
    pub fn parse(body: &'a [u8]) -> Result<Received<'a>, BadBody> {
        let text = std::str::from_utf8(body).map_err(|_| BadBody::NotText)?;
        let mut lines = lines_of(text);
        let control: Answer = control_line(lines.next().unwrap_or_default())?;
        let lines: Vec<&str> = lines.collect();
        let announced = control.areas.iter().fold(1_usize, |lines, page| lines.saturating_add(page.rows));
        if announced != 1 + lines.len() || !text.ends_with('\n') {
            return Err(BadBody::Lines { announced, found: 1 + lines.len() });
        }
        Ok(Received { control, lines })
    }

    /// Each page with its lines.
    pub fn pages(&self) -> impl Iterator<Item = (&AreaPage, &[&'a str])> {
        let mut from = 0;
        self.control.areas.iter().map(move |page| {
            let lines = &self.lines[from..from + page.rows];
            from += page.rows;
            (page, lines)
        })
    }
}

impl<'a> PageLine<'a> {
    /// Tells a row from an eviction; an error is a line that is neither.
    pub fn parse(line: &'a str) -> Result<PageLine<'a>, BadBody> {
        if line.starts_with('{') {
            return Ok(PageLine::Row(line));
        }
        serde_json::from_str(line).map(PageLine::Gone).map_err(|_| BadBody::Control("a page line".into()))
    }
}
