//! Judgement: each writer's contiguous prefix is merged, and every save gets one stored verdict. Nothing blocks what follows.

use std::sync::atomic::Ordering;

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::VerdictRange;
use sync_protocol::merge::{Outcome, Stamp, Write};
use sync_protocol::save::reserved;
use sync_protocol::{Clock, Code, Dot, Header, RecordId, Row, Save, UserId, Verdict, WriterId};

use super::Hub;
use super::batch::Batch;
use super::place::{self, Found};
use crate::store::changesets::Waiting;
use crate::store::db::{Error, Result};
use crate::store::records::{Recent, Record};
use crate::store::writers::Writer;
use crate::store::{changesets, conflicts, records, search, writers};

/// Payload that one transaction judges: others who wait to write get their turn in between.
const BYTES_JUDGED: usize = 2 << 20;

/// Judges what waits of these writers, a bounded part in each transaction.
pub(super) fn judge(hub: &Hub, ids: Vec<WriterId>) -> Result<()> {
    for id in ids {
        while judge_some(hub, id)? {}
    }
    Ok(())
}

/// Tells whether more may wait.
fn judge_some(hub: &Hub, id: WriterId) -> Result<bool> {
    let now = hub.now_ms();
    let salt = hub.salt();
    let (told, more, is_due) = hub.store.write(move |tx| {
        let Some(writer) = writers::find(tx, id)? else { return Ok((Vec::new(), false, false)) };
        let mut batch = Batch::begin(tx, now);
        let (told, more) = judge_writer(&mut batch, &writer, BYTES_JUDGED)?;
        let is_due = batch.finish(salt)?;
        Ok::<_, Error>((told, more, is_due))
    })?;
    hub.verdicts.note(&told);
    if is_due {
        hub.checks_due.store(true, Ordering::Release);
    }
    Ok(more)
}

/// Judges the writer's prefix as far as it reaches, or about `bytes` of it; tells the verdicts, and whether more waits.
pub(super) fn judge_writer(batch: &mut Batch<'_>, writer: &Writer, bytes: usize) -> Result<(Vec<VerdictRange>, bool)> {
    let mut applied = writer.applied;
    let mut before = match applied {
        0 => ChangesetHash::NONE,
        _ => changesets::ending_at(batch.tx, writer.id, applied)?.map_or(ChangesetHash::NONE, |place| place.hash),
    };
    let mut told = Vec::new();
    let (waiting, mut more) = changesets::list_waiting(batch.tx, writer.id, applied, bytes)?;
    for waiting in waiting {
        // What came before its predecessor was stored on its own word; here the word is held against the chain.
        if waiting.place.after != before && !is_broken(Rule::PrefixGap) {
            changesets::set_aside(batch.tx, writer.id, waiting.place.seq, batch.now_ms)?;
            more = false;
            break;
        }
        let verdicts = judge_changeset(batch, writer, &waiting)?;
        let special: Vec<VerdictRange> = verdicts.iter().copied().filter(|v| v.verdict != Verdict::Applied).collect();
        if !special.is_empty() {
            changesets::set_verdicts(batch.tx, writer.id, waiting.place.seq, &special)?;
        }
        (applied, before) = (waiting.place.seq, waiting.place.hash);
        verdicts.into_iter().for_each(|range| changesets::join(&mut told, range));
    }
    if applied > writer.applied && !is_broken(Rule::PrefixMoves) {
        writers::set_applied(batch.tx, writer.id, applied)?;
    }
    Ok((told, more))
}

fn judge_changeset(batch: &mut Batch<'_>, writer: &Writer, waiting: &Waiting) -> Result<Vec<VerdictRange>> {
    let header: Header = serde_json::from_str(&waiting.header).map_err(|_| Error::Stored("a header"))?;
    let author = Author::of(writer, &header, waiting);
    let mut verdicts = Vec::new();
    for ((number, line), tag) in (waiting.place.first..).zip(waiting.payload.split('\n')).zip(&waiting.tags) {
        let dot = Dot { writer: writer.id, save: number };
        batch.known().set_applied(writer.id, number - 1);
        let verdict = match author.standing.map_or_else(|| Save::parse(line), Err) {
            Ok(save) => judge_save(batch, &author, dot, *tag, &save)?,
            Err(code) => Verdict::Quarantined(code),
        };
        batch.known().set_applied(writer.id, number);
        changesets::join(&mut verdicts, VerdictRange { first: number, last: number, verdict });
    }
    Ok(verdicts)
}

/// Who answers for a changeset, and with what right.
struct Author {
    /// `None`: the server itself, whose rights were checked where the work was asked for.
    user: Option<UserId>,
    stamp: Stamp,
    authored: Clock,
    /// The time for which grants are looked up: authored, but never later than received.
    at_ms: i64,
    /// Why nothing of the changeset can be merged.
    standing: Option<Code>,
}

impl Author {
    fn of(writer: &Writer, header: &Header, waiting: &Waiting) -> Author {
        let standing = match (writer.user, writer.stolen) {
            (Some(user), _) if user != waiting.author => Some(Code::WrongAuthor),
            (_, Some(stolen)) if waiting.received >= stolen => Some(Code::Stolen),
            _ => None,
        };
        Author {
            user: writer.user,
            stamp: Stamp { clock: waiting.clock, author: waiting.author },
            authored: header.clock,
            at_ms: waiting.clock.0.min(waiting.received),
            standing,
        }
    }
}

/// One record of a save, worked out but not stored.
struct Planned {
    row: Row,
    before: Option<Record>,
    found: Found,
    outcome: Outcome,
    registers: Vec<String>,
}

/// Works out every record of the save first: a save is merged whole or not at all.
fn judge_save(
    batch: &mut Batch<'_>,
    author: &Author,
    dot: Dot,
    tag: sync_protocol::Tag,
    save: &Save,
) -> Result<Verdict> {
    let mut planned: Vec<Planned> = Vec::with_capacity(save.records.len());
    for write in &save.records {
        if write.context.get(&dot.writer).is_some_and(|seen| seen.save >= dot.save) {
            return Ok(Verdict::Quarantined(Code::BadContext));
        }
        let before = records::find(batch.tx, write.id)?;
        if before.as_ref().is_some_and(|record| record.collection != write.collection) {
            return Ok(Verdict::Quarantined(Code::WrongCollection));
        }
        let mut row = match &before {
            Some(record) => Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?,
            None => Row::new(write.collection, write.id),
        };
        let (stamp, context, registers) = (author.stamp, &write.context, &write.registers);
        let mut outcome = row.merge(&Write { dot, tag, stamp, context, registers }, batch.known());
        // Its author saw a record that was never merged here: the device's own may even stand in another area.
        outcome.surprise |= before.is_none() && !context.is_empty();
        batch.known().check()?;
        if row.registers.len() > sync_protocol::limits::REGISTERS_MAX {
            return Ok(Verdict::Quarantined(Code::TooLarge));
        }
        let earlier = |id: RecordId| planned.iter().find(|p| p.row.id == id).map(|p| (p.row.collection, p.found));
        let found = match place::find(batch, &row, earlier)? {
            Ok(found) => found,
            Err(code) => return Ok(Verdict::Quarantined(code)),
        };
        if let Some(user) = author.user
            && !is_broken(Rule::QuarantineGrant)
            && !place::may_write(batch, user, author.at_ms, write.id, before.as_ref(), found)?
        {
            return Ok(Verdict::Quarantined(Code::NotGranted));
        }
        // Of a new record the whole row is told, whatever of it changed.
        let written = before.iter().flat_map(|_| write.registers.keys().map(String::as_str).chain([reserved::ALIVE]));
        let registers = written.map(str::to_owned).collect();
        planned.push(Planned { row, before, found, outcome, registers });
    }
    let conflict = planned.iter().any(|p| p.outcome.conflict);
    let ids: Vec<RecordId> = planned.iter().map(|p| p.row.id).collect();
    for plan in planned {
        store(batch, author, dot, plan, &ids)?;
    }
    Ok(if conflict { Verdict::AppliedWithConflict } else { Verdict::Applied })
}

fn store(batch: &mut Batch<'_>, author: &Author, dot: Dot, plan: Planned, in_save: &[RecordId]) -> Result<()> {
    let Planned { row, before, found, outcome, registers } = plan;
    let seq = batch.next_seq(found.area)?;
    let doc = row.to_text();
    let hash = sync_protocol::RowHash::of(&doc);
    let moved = before.as_ref().is_some_and(|b| b.area != found.area || b.root != found.root);
    // The author's own device works the same row out by itself unless one of these holds.
    let mut special =
        outcome.surprise || moved || (author.stamp.clock != author.authored && !is_broken(Rule::ConfirmClock));
    if before.is_none() && found.root != row.id {
        // Its device made it where it last knew the household, and that may have moved.
        special |= records::has_left_an_area(batch.tx, found.root)?;
    }
    let (other_seq, recent) = match &before {
        None => (if special { seq } else { 0 }, Recent::whole(seq)),
        Some(_) if moved || outcome.surprise => (seq, Recent::whole(seq)),
        Some(before) => {
            let mut recent = before.recent.clone();
            recent.push(seq, dot.writer, registers);
            let other = if before.last_writer == dot.writer { before.other_seq } else { before.seq };
            (if special { seq } else { other }, recent)
        }
    };
    let record = Record {
        id: row.id,
        collection: row.collection,
        root: found.root,
        area: found.area,
        seq,
        doc,
        hash,
        last_writer: dot.writer,
        other_seq,
        recent,
    };
    batch.add(record.area, record.hash)?;
    if let Some(before) = &before {
        batch.remove(before.area, before.hash)?;
        place::leave(batch, before, &record, in_save)?;
    }
    records::put(batch.tx, &record)?;
    records::touch(batch.tx, record.id, dot.writer, dot.save)?;
    batch.note_change(before.as_ref(), &record, &row)?;
    let conflicting: Vec<&str> = row.conflicts().collect();
    if !conflicting.is_empty() || before.as_ref().is_some_and(|b| b.doc.contains("\"or\":")) {
        conflicts::set(batch.tx, record.id, record.root, record.area, &conflicting, batch.now_ms)?;
    }
    search::set(batch.tx, record.id, before.map(|b| b.root), record.root, &search::words(&row))
}
