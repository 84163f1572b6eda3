//! The exchange: one message that is handshake, push and pull at once (section 6).
//!
//! A body is lines. Line 1 is the control object; in a request the lines of each changeset follow (header, then one line a
//! save), then witness rows; in an answer the lines of each area page (a row's text, or a bare id string: an eviction).
//! Exact bytes survive, nothing is escaped twice, and a body can be read with `less`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::changeset::{ChangesetHash, SignatureBytes};
use crate::digest::{Digest, first_128};
use crate::ids::{AreaId, RecordId, UserId, WriterId};
use crate::limits;
use crate::verdict::{Code, Verdict};
use crate::version::Window;

/// A point in an area's history: the change number and the salt of the commit that made it.
///
/// The salt is random and kept for ever: a cursor that the server does not know tells that the server was rewound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// The area's change number; 0 before the first.
    pub seq: u64,
    /// Of the commit; 0 before the first.
    pub salt: Salt,
    /// The change number of the last cursor at which the device held the whole area: what partial rows and
    /// confirmations are relative to. Equal to `seq` unless pages of a longer pull are under way.
    pub since: u64,
}

/// Eight random bytes; 16 hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Salt(pub u64);

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salt({self})")
    }
}

impl Serialize for Salt {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16).map(Salt).map_err(serde::de::Error::custom)
    }
}

/// One hash over all cursors of a device: the first 128 bits of BLAKE3 over the areas that have ever changed, sorted by id,
/// each as 16 bytes of id, 8 bytes of change number and 8 bytes of salt, big endian. 32 hex digits in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeStamp(pub Digest);

impl ScopeStamp {
    /// The stamp of these cursors, in any order; those at change number 0 do not count.
    pub fn over(cursors: impl IntoIterator<Item = (AreaId, u64, Salt)>) -> ScopeStamp {
        let mut cursors: Vec<(AreaId, u64, Salt)> = cursors.into_iter().filter(|c| c.1 > 0).collect();
        cursors.sort_unstable_by_key(|c| c.0);
        let mut bytes = Vec::with_capacity(cursors.len() * 32);
        for (area, seq, salt) in cursors {
            bytes.extend_from_slice(&area.as_u128().to_be_bytes());
            bytes.extend_from_slice(&seq.to_be_bytes());
            bytes.extend_from_slice(&salt.0.to_be_bytes());
        }
        ScopeStamp(Digest(first_128(&bytes)))
    }
}

/// Line 1 of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Highest own save whose verdict the device has stored.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub applied: u64,
    /// Bytes of rows wanted at most, before compression; 0 asks for none. Absent: [`limits::PAGE_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<usize>,
    /// Cursors that differ from what `scope` stands for; all of them where `scope` is absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cursors: Vec<(AreaId, Cursor)>,
    /// Stamp of the directory that the device holds; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Areas to compare deeper, because digests differed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heal: Vec<HealAsk>,
    /// Number and hash of the writer's last sealed changeset; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(u64, ChangesetHash)>,
    /// Versions the device speaks.
    pub protocol: Window,
    /// Changesets, by writer. Their lines follow in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub push: Vec<Push>,
    /// Stamp of the cursors, and the mark that came with them. Absent before the first whole pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<(ScopeStamp, u64)>,
    /// Number of witness rows that follow the changesets (section 7).
    #[serde(default, skip_serializing_if = "is_zero_usize")]
    pub witness: usize,
    /// The device's writer.
    pub writer: WriterId,
}

/// Changesets of one writer within a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// Hash of the changeset before the first of these.
    pub after: ChangesetHash,
    /// Signature and number of saves of each, in order.
    pub sealed: Vec<(SignatureBytes, usize)>,
    /// Whose they are: the device's own, or another's that it carries.
    pub writer: WriterId,
}

/// One changeset as it stands in a request: exact lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines<'a> {
    /// The header line.
    pub header: &'a str,
    /// Where its save lines stand in [`Incoming::saves`].
    first: usize,
    count: usize,
}

/// A request taken apart, nothing of its changesets parsed yet.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Line 1.
    pub control: Request,
    saves: Vec<&'a str>,
    changesets: Vec<Lines<'a>>,
    /// Witness rows.
    pub witness: Vec<&'a str>,
}

/// Why a body cannot be taken apart; nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// Not UTF-8.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// Line 1 is no control object.
    #[error("line 1 is not a control object: {0}")]
    Control(String),
    /// Lines are missing or left over.
    #[error("the body holds {found} lines, line 1 announces {announced}")]
    Lines {
        /// Lines announced, line 1 included.
        announced: usize,
        /// Lines found.
        found: usize,
    },
    /// A bound is crossed.
    #[error("{what}: more than {max}")]
    TooMuch {
        /// What is too much.
        what: &'static str,
        /// The bound.
        max: usize,
    },
}

impl<'a> Incoming<'a> {
    /// Takes a request body apart and checks its bounds.
    pub fn parse(body: &'a [u8]) -> Result<Incoming<'a>, BadBody> {
        bounded("bytes in the body", body.len(), limits::BODY_BYTES_MAX)?;
        let text = std::str::from_utf8(body).map_err(|_| BadBody::NotText)?;
        let mut lines = lines_of(text);
        let first = lines.next().unwrap_or_default();
        let control: Request = control_line(first)?;
        bounded("writers", control.push.len(), limits::WRITERS_MAX)?;
        bounded("cursors", control.cursors.len(), limits::AREAS_MAX)?;
        let sealed = || control.push.iter().flat_map(|push| &push.sealed);
        bounded("changesets", sealed().count(), limits::CHANGESETS_MAX)?;
        for (_, saves) in sealed() {
            bounded("saves in a changeset", *saves, limits::SAVES_MAX)?;
        }
        bounded("witness rows", control.witness, limits::BODY_BYTES_MAX)?;
        let announced = 1 + sealed().map(|(_, saves)| 1 + saves).sum::<usize>() + control.witness;
        let found = 1 + lines.clone().count();
        // A body cut in transit ends without a line end: its last line may be half a line.
        if announced != found || !text.ends_with('\n') || sealed().any(|(_, saves)| *saves == 0) {
            return Err(BadBody::Lines { announced, found });
        }
        let mut saves = Vec::with_capacity(announced);
        let mut changesets = Vec::new();
        for (_, count) in sealed() {
            let header = lines.next().expect("lines were counted");
            changesets.push(Lines { header, first: saves.len(), count: *count });
            saves.extend(lines.by_ref().take(*count));
        }
        let witness = lines.collect();
        Ok(Incoming { control, saves, changesets, witness })
    }

    /// Changesets with their writer's push, signature and lines, in order.
    pub fn changesets(&self) -> impl Iterator<Item = (&Push, &SignatureBytes, Lines<'a>)> {
        let sealed =
            self.control.push.iter().flat_map(|push| push.sealed.iter().map(move |(signature, _)| (push, signature)));
        sealed.zip(&self.changesets).map(|((push, signature), lines)| (push, signature, *lines))
    }

    /// The save lines of a changeset of this request.
    pub fn saves(&self, of: Lines<'a>) -> &[&'a str] {
        &self.saves[of.first..of.first + of.count]
    }
}

/// Exact lines: only `\n` ends one.
fn lines_of(text: &str) -> std::str::Split<'_, char> {
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

fn control_line<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, BadBody> {
    // The error's own text may quote the line; only its place and kind go on.
    serde_json::from_str(line).map_err(|e| BadBody::Control(format!("column {}, {:?}", e.column(), e.classify())))
}

fn bounded(what: &'static str, found: usize, max: usize) -> Result<(), BadBody> {
    if found > max { Err(BadBody::TooMuch { what, max }) } else { Ok(()) }
}

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
    /// There is more to pull.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Whether rows may be pulled.
    #[serde(default, skip_serializing_if = "Pull::is_open")]
    pub pull: Pull,
    /// The server's wall clock, milliseconds since 1970.
    pub time: i64,
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
}

/// Sums of an area's row hashes by the next byte of their id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealSums {
    /// The area.
    pub area: AreaId,
    /// As asked.
    pub prefix: String,
    /// `[byte, sum]` of each byte value that occurs.
    pub sums: Vec<(u8, Digest)>,
}

/// What a device needs to know beside rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directory {
    /// The granted areas with all below them, and their ancestors for the names.
    pub areas: Vec<AreaNode>,
    /// The round under way in these areas, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Names of the people whose work stands in these areas.
    pub people: Vec<(UserId, String)>,
    /// What the next request says it holds.
    pub stamp: String,
}

/// A round of data collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// First day, ISO 8601.
    pub from: String,
    /// The round.
    pub id: crate::ids::RoundId,
    /// Its name.
    pub name: String,
    /// Last day, ISO 8601; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// One node of the administrative tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaNode {
    /// Official code, or the office's for RW and RT.
    pub code: String,
    /// Whether the device holds its rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
    /// The node.
    pub id: AreaId,
    /// Its level.
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The node above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AreaId>,
}

/// Levels of the administrative tree, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AreaLevel {
    /// Provinsi.
    Province,
    /// Kabupaten or kota.
    Regency,
    /// Kecamatan.
    District,
    /// Kelurahan or desa.
    Village,
    /// Rukun warga; optional.
    Rw,
    /// Rukun tetangga: where households live.
    Rt,
}

impl AreaLevel {
    /// Every level, from the top.
    pub const ALL: [AreaLevel; 6] = [Self::Province, Self::Regency, Self::District, Self::Village, Self::Rw, Self::Rt];

    /// The level's word in files, SQL and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Regency => "regency",
            Self::District => "district",
            Self::Village => "village",
            Self::Rw => "rw",
            Self::Rt => "rt",
        }
    }
}

impl std::str::FromStr for AreaLevel {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.word() == word).ok_or(())
    }
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

/// Line 1 of a body, ready for its other lines.
pub fn control_body(control: &impl Serialize) -> String {
    let mut body = serde_json::to_string(control).expect("a control object is JSON");
    body.push('\n');
    body
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero_usize(n: &usize) -> bool {
    *n == 0
}

/// The error of any endpoint: a code for programs and one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable word, such as `sign_in_again`.
    pub code: String,
    /// What happened, what is safe, what to do now.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: WriterId = WriterId::from_u128(7);

    fn request(push: Vec<Push>) -> Request {
        Request {
            applied: 0,
            budget: None,
            cursors: vec![],
            directory: None,
            heal: vec![],
            last: None,
            protocol: Window::OURS,
            push,
            scope: None,
            witness: 0,
            writer: WRITER,
        }
    }

    fn push(saves: &[usize]) -> Vec<Push> {
        let sealed = saves.iter().map(|n| (SignatureBytes([1; 64]), *n)).collect();
        vec![Push { after: ChangesetHash::NONE, sealed, writer: WRITER }]
    }

    #[test]
    fn lines_find_their_changeset() {
        let body = control_body(&request(push(&[2, 1]))) + "h1\na\nb\nh2\nc\n";
        let incoming = Incoming::parse(body.as_bytes()).expect("a request");
        let found: Vec<(&str, &[&str])> =
            incoming.changesets().map(|(_, _, l)| (l.header, incoming.saves(l))).collect();
        assert_eq!(found, [("h1", &["a", "b"][..]), ("h2", &["c"][..])]);
    }

    #[test]
    fn a_body_cut_anywhere_is_refused_whole() {
        let body = control_body(&request(push(&[2]))) + "h1\na\nb\n";
        for cut in 0..body.len() {
            assert!(Incoming::parse(&body.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Incoming::parse(body.as_bytes()).is_ok());
        assert!(Incoming::parse((body + "more\n").as_bytes()).is_err());
    }

    #[test]
    fn bounds_and_text_are_checked() {
        let too_many = control_body(&request(push(&[limits::SAVES_MAX + 1])));
        assert!(matches!(Incoming::parse(too_many.as_bytes()), Err(BadBody::TooMuch { .. })));
        let empty = control_body(&request(push(&[0]))) + "h\n";
        assert!(Incoming::parse(empty.as_bytes()).is_err());
        assert_eq!(Incoming::parse(b"\xff\n").expect_err("not text"), BadBody::NotText);
        assert!(matches!(Incoming::parse(b"{}\n"), Err(BadBody::Control(_))));
    }

    #[test]
    fn a_verdict_range_reads_back() {
        for range in [
            VerdictRange { first: 1, last: 9, verdict: Verdict::Applied },
            VerdictRange { first: 2, last: 2, verdict: Verdict::Quarantined(Code::NotGranted) },
        ] {
            let text = serde_json::to_string(&range).expect("JSON");
            assert_eq!(serde_json::from_str::<VerdictRange>(&text).expect("reads"), range);
        }
        assert!(serde_json::from_str::<VerdictRange>(r#"[1,2,"quarantined"]"#).is_err());
    }

    #[test]
    fn the_scope_stamp_does_not_depend_on_order_nor_on_areas_without_history() {
        let [a, b, c] = [1, 2, 3].map(AreaId::from_u128);
        let one = ScopeStamp::over([(a, 1, Salt(5)), (b, 2, Salt(6)), (c, 0, Salt(0))]);
        assert_eq!(one, ScopeStamp::over([(b, 2, Salt(6)), (a, 1, Salt(5))]));
        assert_ne!(one, ScopeStamp::over([(b, 2, Salt(7)), (a, 1, Salt(5))]));
    }
}
