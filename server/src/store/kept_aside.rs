//! Bytes that may not take a number: forks, and what does not verify. Bounded; nothing waits for them.

use sync_protocol::changeset::{ChangesetHash, Links, Origin};
use sync_protocol::ids::Tag;
use sync_protocol::{Clock, Code, Dot, Header, Save, Verdict, WriterId};

use super::blobs;
use super::changesets::{self, Original};
use super::db::{Error, Result, Tx};
use super::held::{self, HeldId, Life};
use super::origins;
use crate::args;

/// Bytes on their way aside.
#[derive(Debug, Clone)]
pub struct KeptAside {
    /// Of all bytes.
    pub hash: [u8; 32],
    /// The writer they claim.
    pub writer: WriterId,
    /// The number they claim, where the header can be believed.
    pub seq: Option<u64>,
    /// Why they stand aside.
    pub code: Code,
    /// Signature, header line, save lines.
    pub bytes: Vec<u8>,
    /// Hash of the changeset before it, where the chain can be believed.
    pub after: Option<ChangesetHash>,
}

impl KeptAside {
    /// Bytes of a changeset: its signature and its lines.
    pub fn of<'l>(
        writer: WriterId,
        code: Code,
        signature: &[u8],
        lines: impl IntoIterator<Item = &'l str>,
    ) -> KeptAside {
        let mut bytes = signature.to_vec();
        for (at, line) in lines.into_iter().enumerate() {
            if at > 0 {
                bytes.push(b'\n');
            }
            bytes.extend_from_slice(line.as_bytes());
        }
        KeptAside { hash: *blake3::hash(&bytes).as_bytes(), writer, seq: None, code, bytes, after: None }
    }

    /// A verified changeset whose number is another's.
    #[must_use]
    pub fn forked(self, seq: u64, after: ChangesetHash) -> KeptAside {
        KeptAside { seq: Some(seq), after: Some(after), ..self }
    }
}

/// Bytes of one writer that are kept aside at most; more are refused, the device keeps them.
const KEPT_ASIDE_BYTES_MAX: i64 = 16 << 20;
/// Bytes of a signature, before the lines.
const SIGNATURE_BYTES: usize = 64;

/// Keeps bytes aside, once, as long as there is room. Tells whether they are kept. The saves of a fork are held.
pub fn keep(tx: &Tx<'_>, kept: &KeptAside, now_ms: i64) -> Result<bool> {
    let used = tx
        .row(
            "SELECT coalesce(sum(length(bytes)), 0) FROM kept_aside WHERE writer = $1",
            args![&kept.writer.to_string()],
            |row| row.int(0),
        )?
        .unwrap_or(0);
    if used + kept.bytes.len() as i64 > KEPT_ASIDE_BYTES_MAX {
        return Ok(false);
    }
    tx.run(
        "INSERT INTO kept_aside (hash, writer, seq, code, received, bytes, after) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (hash) DO NOTHING",
        args![
            kept.hash.as_slice(),
            &kept.writer.to_string(),
            kept.seq,
            kept.code.word(),
            now_ms,
            &kept.bytes,
            kept.after.as_ref().map(|after| after.0.as_slice())
        ],
    )?;
    // An operator may release it: its files stay as long as it does.
    blobs::note_mentions(tx, kept.writer, kept.seq.unwrap_or(0), &String::from_utf8_lossy(&kept.bytes))?;
    if kept.code == Code::Fork {
        hold(tx, kept, now_ms)?;
    }
    Ok(true)
}

/// Lists the saves of a fork, so that an operator may release them.
fn hold(tx: &Tx<'_>, kept: &KeptAside, now_ms: i64) -> Result<()> {
    let Some(read) = Read::of(&kept.bytes) else { return Ok(()) };
    let tags = kept.after.map_or_else(Vec::new, |after| read.tags(after));
    let life = Life::aside(&kept.hash);
    for (at, (save, line)) in (read.first..).zip(&read.lines).enumerate() {
        let records = Save::parse(line).map_or_else(|_| Vec::new(), |save| save.records.iter().map(|w| w.id).collect());
        let id = HeldId { dot: Dot { writer: kept.writer, save }, life: life.clone() };
        held::add(tx, &id, tags.get(at).copied(), Verdict::Quarantined(kept.code), &records, now_ms)?;
    }
    // It may come after its device has sealed it again and that was taken: out of an outbox file, say.
    match kept.after.and_then(|after| read.links(after)).zip(kept.seq) {
        Some((links, seq)) if origins::is_retold(tx, Origin(kept.writer, seq, links.hash))? => {
            settle_retold(tx, Origin(kept.writer, seq, links.hash), now_ms)
        }
        _ => Ok(()),
    }
}

/// Takes a waiting changeset out of its number, because what came before it proves it a fork.
pub fn set_aside(tx: &Tx<'_>, writer: WriterId, seq: u64, now_ms: i64) -> Result<()> {
    let kept = tx.row(
        "SELECT signature, header, payload, after FROM changesets WHERE writer = $1 AND seq = $2",
        args![&writer.to_string(), seq],
        |row| {
            let after = row.bytes(3)?.try_into().map(ChangesetHash).map_err(|_| Error::Stored("a hash"))?;
            Ok(KeptAside::of(writer, Code::Fork, row.bytes(0)?, [row.text(1)?, row.text(2)?]).forked(seq, after))
        },
    )?;
    let Some(kept) = kept else { return Ok(()) };
    if keep(tx, &kept, now_ms)? {
        tx.run("DELETE FROM changesets WHERE writer = $1 AND seq = $2", args![&writer.to_string(), seq])?;
    }
    Ok(())
}

/// A changeset taken apart that is kept aside.
struct Read<'b> {
    header: &'b str,
    first: u64,
    lines: Vec<&'b str>,
}

impl<'b> Read<'b> {
    fn of(bytes: &'b [u8]) -> Option<Read<'b>> {
        let text = std::str::from_utf8(bytes.get(SIGNATURE_BYTES..)?).ok()?;
        let mut lines = text.split('\n');
        let header = lines.next()?;
        let lines: Vec<&str> = lines.collect();
        let parsed: Header = serde_json::from_str(header).ok()?;
        let first = (parsed.seq + 1).checked_sub(lines.len() as u64)?;
        Some(Read { header, first, lines })
    }

    fn links(&self, after: ChangesetHash) -> Option<Links> {
        Links::over(after, self.header, &self.lines).ok()
    }

    fn tags(&self, after: ChangesetHash) -> Vec<Tag> {
        self.links(after).map_or_else(Vec::new, |links| links.tags)
    }
}

/// A held save as it was sealed, whether it stands under its number or was kept aside.
pub fn original(tx: &Tx<'_>, id: &HeldId) -> Result<Option<Original>> {
    let Some(hash) = id.life.hash() else { return changesets::original(tx, id.dot) };
    let found =
        tx.row("SELECT bytes, received, after FROM kept_aside WHERE hash = $1", args![hash.as_slice()], |row| {
            Ok((row.bytes(0)?.to_vec(), row.int(1)?, row.opt_bytes(2)?.map(<[u8]>::to_vec)))
        })?;
    let Some((bytes, received, after)) = found else { return Ok(None) };
    let Some(read) = Read::of(&bytes) else { return Ok(None) };
    let Some(place) = id.dot.save.checked_sub(read.first).map(|place| place as usize) else { return Ok(None) };
    let Some(line) = read.lines.get(place) else { return Ok(None) };
    let header: Header = serde_json::from_str(read.header).map_err(|_| Error::Stored("a header"))?;
    let after = after.and_then(|after| <[u8; 32]>::try_from(after).ok()).map(ChangesetHash);
    let links = after.and_then(|after| read.links(after));
    let tag = links.as_ref().and_then(|links| links.tags.get(place).copied());
    let fork = links.map(|links| Origin(id.dot.writer, header.seq, links.hash));
    let (author, clock): (_, Clock) = (header.author, header.clock.effective(received));
    Ok(Some(Original { header, line: (*line).to_owned(), tag, author, clock, received, fork }))
}

/// A fork was sealed again under a new writer and taken there: nobody need decide on it any more.
pub fn settle_retold(tx: &Tx<'_>, origin: Origin, now_ms: i64) -> Result<()> {
    let kept = tx.rows(
        "SELECT hash, bytes, after FROM kept_aside WHERE writer = $1 AND seq = $2 AND code = 'fork' LIMIT 1000",
        args![&origin.0.to_string(), origin.1],
        |row| {
            let hash: [u8; 32] = row.bytes(0)?.try_into().map_err(|_| Error::Stored("a hash"))?;
            let after = row.opt_bytes(2)?.and_then(|after| after.try_into().ok()).map(ChangesetHash);
            Ok((Life::aside(&hash), row.bytes(1)?.to_vec(), after))
        },
    )?;
    for (life, bytes, after) in kept {
        let read = Read::of(&bytes);
        let Some((read, links)) = read.and_then(|read| Some((read.first, read.links(after?)?))) else { continue };
        if links.hash != origin.2 {
            continue;
        }
        for save in read..=origin.1 {
            let id = HeldId { dot: Dot { writer: origin.0, save }, life: life.clone() };
            if held::find(tx, &id)?.is_some_and(|held| held.is_unsettled()) {
                held::decide(tx, &id, Verdict::Rejected(Code::Repeated), None, now_ms)?;
            }
        }
    }
    Ok(())
}

/// Lists the saves of forks that were kept before there was the list. Tells whether there were any.
pub fn list_older(tx: &Tx<'_>, most: u32, now_ms: i64) -> Result<bool> {
    let mut any = false;
    for kept in list_unheld(tx, most)? {
        hold(tx, &kept, now_ms)?;
        // What cannot be read is looked at once, too.
        tx.run(
            "UPDATE kept_aside SET code = 'bad_header' WHERE hash = $1 AND NOT EXISTS
            (SELECT 1 FROM held WHERE writer = $2 AND life = lower(hex($1)))",
            args![kept.hash.as_slice(), &kept.writer.to_string()],
        )?;
        any = true;
    }
    Ok(any)
}

fn list_unheld(tx: &Tx<'_>, most: u32) -> Result<Vec<KeptAside>> {
    tx.rows(
        "SELECT k.hash, k.writer, k.seq, k.bytes FROM kept_aside k
          WHERE k.code = 'fork' AND k.after IS NULL
            AND NOT EXISTS (SELECT 1 FROM held h WHERE h.writer = k.writer AND h.life = lower(hex(k.hash))) LIMIT $1",
        args![i64::from(most)],
        |row| {
            let hash = row.bytes(0)?.try_into().map_err(|_| Error::Stored("a hash"))?;
            let (writer, seq, bytes) = (row.parsed(1)?, Some(row.number(2)?), row.bytes(3)?.to_vec());
            Ok(KeptAside { hash, writer, seq, code: Code::Fork, bytes, after: None })
        },
    )
}
