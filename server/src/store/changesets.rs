//! The inbox: changesets as they came, in exact bytes, and the verdicts on their saves.

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::changeset::{ChangesetHash, Origin, SignatureBytes};
use sync_protocol::exchange::VerdictRange;
use sync_protocol::ids::{DeviceId, Tag};
use sync_protocol::{Clock, Dot, Header, UserId, WriterId};

use super::blobs;
use super::db::{Columns, Error, Result, Tx};
use crate::args;

/// A verified changeset on its way into the inbox.
#[derive(Debug, Clone)]
pub struct Changeset {
    /// The writer.
    pub writer: WriterId,
    /// Number of its first save.
    pub first: u64,
    /// Number of its last save.
    pub seq: u64,
    /// Its hash.
    pub hash: ChangesetHash,
    /// Hash of the one before it.
    pub after: ChangesetHash,
    /// By the writer.
    pub signature: SignatureBytes,
    /// Exact header line.
    pub header: String,
    /// Exact save lines, joined by line ends.
    pub payload: String,
    /// Of each save.
    pub tags: Vec<Tag>,
    /// The author.
    pub author: UserId,
    /// The clock everybody ranks it by.
    pub clock: Clock,
    /// When it came, milliseconds since 1970.
    pub received: i64,
    /// The writer whose session brought it, if another.
    pub carrier: Option<WriterId>,
}

/// Its place in the chain of its writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Number of its first save.
    pub first: u64,
    /// Number of its last save.
    pub seq: u64,
    /// Its hash.
    pub hash: ChangesetHash,
    /// Hash of the one before it.
    pub after: ChangesetHash,
}

/// A stored changeset that waits for its verdicts.
#[derive(Debug)]
pub struct Waiting {
    /// Its place.
    pub place: Place,
    /// Exact header line.
    pub header: String,
    /// Exact save lines.
    pub payload: String,
    /// Of each save.
    pub tags: Vec<Tag>,
    /// The author.
    pub author: UserId,
    /// Effective.
    pub clock: Clock,
    /// When it came.
    pub received: i64,
}

/// Stores a changeset for ever.
pub fn add(tx: &Tx<'_>, c: &Changeset) -> Result<()> {
    let tags: Vec<u8> = c.tags.iter().flat_map(|tag| tag.0.to_be_bytes()).collect();
    tx.run(
        "INSERT INTO changesets (writer, seq, first, hash, after, signature, header, payload, tags, author, clock, received,
            carrier) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        args![
            &c.writer.to_string(),
            c.seq,
            c.first,
            c.hash.0.as_slice(),
            c.after.0.as_slice(),
            c.signature.0.as_slice(),
            &c.header,
            &c.payload,
            &tags,
            &c.author.to_string(),
            c.clock.0,
            c.received,
            c.carrier.map(|w| w.to_string()).as_deref(),
        ],
    )?;
    blobs::note_mentions(tx, c.writer, c.seq, &c.payload)
}

/// As a disk would that cannot be read there any more.
#[cfg(test)]
pub(crate) fn lose(tx: &Tx<'_>, writer: WriterId, seq: u64) -> Result<()> {
    tx.run("DELETE FROM changesets WHERE writer = $1 AND seq = $2", args![&writer.to_string(), seq]).map(drop)
}

fn hash(row: &Columns<'_>, at: usize) -> Result<ChangesetHash> {
    row.bytes(at)?.try_into().map(ChangesetHash).map_err(|_| Error::Stored("a hash"))
}

fn place(row: &Columns<'_>) -> Result<Place> {
    Ok(Place { first: row.number(0)?, seq: row.number(1)?, hash: hash(row, 2)?, after: hash(row, 3)? })
}

/// The changesets that share numbers with `first..=seq`, and the direct neighbours of that range.
pub fn around(tx: &Tx<'_>, writer: WriterId, first: u64, seq: u64) -> Result<Vec<Place>> {
    tx.rows(
        "SELECT first, seq, hash, after FROM changesets WHERE writer = $1 AND seq >= $2 AND first <= $3 ORDER BY seq LIMIT 1000",
        args![&writer.to_string(), first.saturating_sub(1), seq + 1],
        place,
    )
}

/// The stored changeset that ends at this save.
pub fn ending_at(tx: &Tx<'_>, writer: WriterId, seq: u64) -> Result<Option<Place>> {
    tx.row(
        "SELECT first, seq, hash, after FROM changesets WHERE writer = $1 AND seq = $2",
        args![&writer.to_string(), seq],
        place,
    )
}

/// The hash under stored numbers, newest first: what a device compares its own history with. The newest of all, and
/// those up to `last`, which is the device's own end.
pub fn hashes(tx: &Tx<'_>, writer: WriterId, last: u64, most: u32) -> Result<Vec<(u64, ChangesetHash)>> {
    let read = |row: &Columns<'_>| Ok((row.number(0)?, hash(row, 1)?));
    let mut hashes = tx.rows(
        "SELECT seq, hash FROM changesets WHERE writer = $1 AND seq > $2 ORDER BY seq DESC LIMIT 1",
        args![&writer.to_string(), last],
        read,
    )?;
    hashes.extend(tx.rows(
        "SELECT seq, hash FROM changesets WHERE writer = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3",
        args![&writer.to_string(), last, i64::from(most)],
        read,
    )?);
    Ok(hashes)
}

/// The stored changesets right behind the writer's prefix, without a gap, up to about `bytes` of payload.
/// Tells whether more of them wait.
pub fn list_waiting(tx: &Tx<'_>, writer: WriterId, applied: u64, bytes: usize) -> Result<(Vec<Waiting>, bool)> {
    let (mut waiting, mut next, mut taken, mut more) = (Vec::new(), applied + 1, 0, false);
    tx.each(
        "SELECT first, seq, hash, after, header, payload, tags, author, clock, received FROM changesets
          WHERE writer = $1 AND seq > $2 ORDER BY seq",
        args![&writer.to_string(), applied],
        |row| {
            let place = place(row)?;
            more = place.first == next && taken >= bytes;
            let is_next = place.first == next || (place.first > next && is_broken(Rule::PrefixGap));
            if !is_next || more {
                return Ok(false);
            }
            let payload = row.string(5)?;
            (next, taken) = (place.seq + 1, taken + payload.len());
            waiting.push(Waiting {
                place,
                header: row.string(4)?,
                payload,
                tags: tags(row.bytes(6)?),
                author: row.parsed(7)?,
                clock: Clock(row.int(8)?),
                received: row.int(9)?,
            });
            Ok(true)
        },
    )?;
    Ok((waiting, more))
}

/// A changeset by when it came.
#[derive(Debug, Clone, Copy)]
pub struct Came {
    /// The writer.
    pub writer: WriterId,
    /// Number of its first save.
    pub first: u64,
    /// Number of its last save.
    pub seq: u64,
    /// Effective.
    pub clock: Clock,
    /// When it came.
    pub received: i64,
}

/// The changesets of a device's writers that came from a moment on, by writer and number.
pub fn list_received(tx: &Tx<'_>, device: DeviceId, since_ms: i64) -> Result<Vec<Came>> {
    tx.rows(
        "SELECT c.writer, c.first, c.seq, c.clock, c.received FROM writers w JOIN changesets c ON c.writer = w.id
          WHERE w.device_id = $1 AND c.received >= $2 ORDER BY c.writer, c.seq LIMIT 10000",
        args![&device.to_string(), since_ms],
        |row| {
            Ok(Came {
                writer: row.parsed(0)?,
                first: row.number(1)?,
                seq: row.number(2)?,
                clock: Clock(row.int(3)?),
                received: row.int(4)?,
            })
        },
    )
}

/// Writers of whom something is stored that has no verdict.
pub fn writers_waiting(tx: &Tx<'_>) -> Result<Vec<WriterId>> {
    tx.rows(
        "SELECT DISTINCT writers.id FROM writers JOIN changesets ON changesets.writer = writers.id
          WHERE changesets.seq > writers.applied LIMIT 100000",
        args![],
        |row| row.parsed(0),
    )
}

/// Ranges of saves that are stored beyond the prefix: they wait for what is missing before them.
pub fn waiting_ranges(tx: &Tx<'_>, writer: WriterId, applied: u64) -> Result<Vec<(u64, u64)>> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    tx.each(
        "SELECT first, seq FROM changesets WHERE writer = $1 AND seq > $2 ORDER BY seq LIMIT 10000",
        args![&writer.to_string(), applied],
        |row| {
            let (first, seq) = (row.number(0)?, row.number(1)?);
            match ranges.last_mut() {
                Some(last) if last.1 + 1 == first => last.1 = seq,
                _ => ranges.push((first, seq)),
            }
            Ok(true)
        },
    )?;
    Ok(ranges)
}

pub(super) fn tags(bytes: &[u8]) -> Vec<Tag> {
    bytes.as_chunks::<4>().0.iter().map(|tag| Tag(u32::from_be_bytes(*tag))).collect()
}

/// The first save number and the tags of the stored changeset that holds this save.
pub fn tags_around(tx: &Tx<'_>, writer: WriterId, save: u64) -> Result<Option<(u64, Vec<Tag>)>> {
    let found = tx.row(
        "SELECT first, tags FROM changesets WHERE writer = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
        args![&writer.to_string(), save],
        |row| Ok((row.number(0)?, tags(row.bytes(1)?))),
    )?;
    Ok(found.filter(|(first, _)| *first <= save))
}

/// A save as it was sealed, to be judged once more.
#[derive(Debug, Clone)]
pub struct Original {
    /// Of its changeset.
    pub header: Header,
    /// The save's exact line.
    pub line: String,
    /// Of the save, where its place in the chain is known.
    pub tag: Option<Tag>,
    /// The author.
    pub author: UserId,
    /// Effective.
    pub clock: Clock,
    /// When it came, milliseconds since 1970.
    pub received: i64,
    /// Its changeset, where that was kept aside as a fork: a device may seal it again under a new writer.
    pub fork: Option<Origin>,
}

/// The save that stands under this number.
pub fn original(tx: &Tx<'_>, dot: Dot) -> Result<Option<Original>> {
    let found = tx.row(
        "SELECT first, header, payload, tags, author, clock, received FROM changesets
          WHERE writer = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
        args![&dot.writer.to_string(), dot.save],
        |row| {
            let Some(place) = dot.save.checked_sub(row.number(0)?) else { return Ok(None) };
            let place = place as usize;
            let Some(line) = row.text(2)?.split('\n').nth(place) else { return Ok(None) };
            Ok(Some(Original {
                header: serde_json::from_str(row.text(1)?).map_err(|_| Error::Stored("a header"))?,
                line: line.to_owned(),
                tag: tags(row.bytes(3)?).get(place).copied(),
                author: row.parsed(4)?,
                clock: Clock(row.int(5)?),
                received: row.int(6)?,
                fork: None,
            }))
        },
    )?;
    Ok(found.flatten())
}

/// Stores the verdicts of a changeset that are not plainly applied. A changeset without any is not touched again.
pub fn set_verdicts(tx: &Tx<'_>, writer: WriterId, seq: u64, verdicts: &[VerdictRange]) -> Result<()> {
    let text = serde_json::to_string(verdicts).map_err(|_| Error::Stored("verdicts"))?;
    tx.run(
        "UPDATE changesets SET verdicts = $3 WHERE writer = $1 AND seq = $2",
        args![&writer.to_string(), seq, &text],
    )?;
    Ok(())
}

/// Verdicts of the saves after `from` and up to `applied`, neighbours of the same verdict joined.
pub fn verdicts_between(
    tx: &Tx<'_>,
    writer: WriterId,
    from: u64,
    applied: u64,
    most: u32,
) -> Result<Vec<VerdictRange>> {
    let mut ranges: Vec<VerdictRange> = Vec::new();
    tx.each(
        "SELECT first, seq, verdicts FROM changesets WHERE writer = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
        args![&writer.to_string(), from, applied, i64::from(most)],
        |row| {
            let (first, last) = (row.number(0)?, row.number(1)?);
            let special: Vec<VerdictRange> = match row.opt_text(2)? {
                Some(text) => serde_json::from_str(text).map_err(|_| Error::Stored("verdicts"))?,
                None => Vec::new(),
            };
            for range in fill(first, last, &special) {
                join(&mut ranges, range);
            }
            Ok(true)
        },
    )?;
    Ok(ranges)
}

/// The ranges of a whole changeset, from those that are not plainly applied.
fn fill(first: u64, last: u64, special: &[VerdictRange]) -> Vec<VerdictRange> {
    let applied = |first, last| VerdictRange { first, last, verdict: sync_protocol::Verdict::Applied };
    let mut all = Vec::with_capacity(1 + 2 * special.len());
    let mut next = first;
    for range in special {
        if range.first > next {
            all.push(applied(next, range.first - 1));
        }
        all.push(*range);
        next = range.last + 1;
    }
    if next <= last {
        all.push(applied(next, last));
    }
    all
}

/// Appends a range, joined to the last one where both say the same.
pub fn join(ranges: &mut Vec<VerdictRange>, range: VerdictRange) {
    match ranges.last_mut() {
        Some(last) if last.verdict == range.verdict && last.last + 1 == range.first => last.last = range.last,
        _ => ranges.push(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_protocol::{Code, Verdict};

    #[test]
    fn what_is_plainly_applied_is_not_stored_but_told() {
        let special = [VerdictRange { first: 3, last: 3, verdict: Verdict::Quarantined(Code::NotGranted) }];
        let mut ranges = Vec::new();
        for range in fill(1, 5, &special).into_iter().chain(fill(6, 9, &[])) {
            join(&mut ranges, range);
        }
        let told: Vec<(u64, u64)> = ranges.iter().map(|r| (r.first, r.last)).collect();
        assert_eq!(told, [(1, 2), (3, 3), (4, 9)]);
    }
}
