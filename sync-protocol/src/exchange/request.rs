//! A request: what the device pushes, and where it stands.

use serde::{Deserialize, Serialize};

use super::body::{BadBody, bounded, control_line, is_zero, is_zero_usize, lines_of};
use super::{Cursor, HealAsk, ScopeStamp};
use crate::changeset::{ChangesetHash, SignatureBytes};
use crate::ids::{AreaId, WriterId};
use crate::limits;
use crate::session::Minted;
use crate::version::Window;

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
    /// Of the device's own writers, the number of the last decision on a save of theirs that the device holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<(WriterId, u64)>,
    /// Stamp of the directory that the device holds; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Areas to compare deeper, because digests differed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heal: Vec<HealAsk>,
    /// Number and hash of the writer's last sealed changeset; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(u64, ChangesetHash)>,
    /// The device's other writers of which something is not settled yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lives: Vec<Life>,
    /// Writers that were minted on the device and that the server may not know yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minted: Vec<Minted>,
    /// Saves of `writer` from `push_from` on that the device does not hold any more: the server goes on without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(u64, u64)>,
    /// Versions the device speaks.
    pub protocol: Window,
    /// Changesets, by writer. Their lines follow in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub push: Vec<Push>,
    /// Stamp of the cursors, and the mark that came with them. Absent before the first whole pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<(ScopeStamp, u64)>,
    /// Number of witness rows that follow the changesets (section 9.11).
    #[serde(default, skip_serializing_if = "is_zero_usize")]
    pub witness: usize,
    /// The device's writer.
    pub writer: WriterId,
}

impl Request {
    /// The writers that the request names: those it brings changesets of, and its own.
    pub fn writers(&self) -> impl Iterator<Item = WriterId> {
        let lives = self.lives.iter().map(|life| life.writer);
        self.push.iter().map(|push| push.writer).chain(lives).chain([self.writer])
    }
}

/// How the device stands with an earlier writer of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// Highest save of that writer whose verdict the device has stored.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub applied: u64,
    /// Number and hash of its last changeset that the device stands by; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(u64, ChangesetHash)>,
    /// Saves of that writer that no file of the device holds any more: the server goes on without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(u64, u64)>,
    /// The writer.
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

impl<'a> Incoming<'a> {
    /// Takes a request body apart and checks its bounds.
    pub fn parse(body: &'a [u8]) -> Result<Incoming<'a>, BadBody> {
        bounded("bytes in the body", body.len(), limits::BODY_BYTES_MAX)?;
        let text = std::str::from_utf8(body).map_err(|_| BadBody::NotText)?;
        let mut lines = lines_of(text);
        let first = lines.next().unwrap_or_default();
        let control: Request = control_line(first)?;
        bounded("writers", control.push.len(), limits::WRITERS_MAX)?;
        bounded("lives", control.lives.len(), limits::WRITERS_MAX)?;
        bounded("minted writers", control.minted.len(), limits::WRITERS_MAX)?;
        bounded("cursors", control.cursors.len(), limits::AREAS_MAX)?;
        let missing = || control.lives.iter().map(|life| &life.missing).chain([&control.missing]);
        bounded("missing saves", missing().map(Vec::len).sum(), limits::MISSING_MAX)?;
        bounded("writers with decisions", control.decided.len(), limits::WRITERS_MAX)?;
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
