//! Judgement: each writer's contiguous prefix is merged, and every save gets one stored verdict. Nothing blocks what follows.

use std::sync::atomic::Ordering;

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::changeset::{ChangesetHash, Origin};
use sync_protocol::exchange::VerdictRange;
use sync_protocol::merge::{Outcome, Stamp, Write};
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Clock, Code, Dot, Header, RecordId, Row, Save, UserId, Verdict, WriterId};

use super::Hub;
use super::batch::Batch;
use super::ladder;
use super::place::{self, Found};
use super::quarantine;
use super::waits;
use crate::store::changesets::Waiting;
use crate::store::db::{Error, Result};
use crate::store::records::{Recent, Record};
use crate::store::writers::Writer;
use crate::store::{changesets, conflicts, kept_aside, origins, records, search, writers};

/// Payload that one transaction judges: others who wait to write get their turn in between.
const BYTES_JUDGED: usize = 2 << 20;

/// Judges what waits of these writers, a bounded part in each transaction.
pub(super) fn judge(hub: &Hub, ids: Vec<WriterId>) -> Result<()> {
    for id in ids {
        loop {
            match judge_some(hub, id) {
                Ok(true) => {}
                Ok(false) => break,
                // One bad changeset must not keep its device's others waiting: they are tried one by one.
                Err(error) if ladder::is_its_own(&error) => ladder::climb(hub, id)?,
                Err(error) => return Err(error),
            }
        }
    }
    quarantine::follow_arrivals(hub)
}

/// Tells whether more may wait.
fn judge_some(hub: &Hub, id: WriterId) -> Result<bool> {
    let now = hub.now_ms();
    let salt = hub.salt();
    let (told, more, is_due) = hub.store.write_before_flush(move |tx| {
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
    // After a sealed gap nobody knows what the next one follows on: it is taken on its own word.
    let mut before = match applied {
        0 => Some(ChangesetHash::NONE),
        _ => changesets::ending_at(batch.tx, writer.id, applied)?.map(|place| place.hash),
    };
    let is_retold = origins::has_any(batch.tx, writer.id)?;
    let mut told = Vec::new();
    let (waiting, mut more) = changesets::list_waiting(batch.tx, writer.id, applied, bytes)?;
    for waiting in waiting {
        // What came before its predecessor was stored on its own word; here the word is held against the chain.
        if before.is_some_and(|before| waiting.place.after != before) && !is_broken(Rule::PrefixGap) {
            kept_aside::set_aside(batch.tx, writer.id, waiting.place.seq, batch.now_ms)?;
            more = false;
            break;
        }
        let verdicts = judge_changeset(batch, writer, &waiting, is_retold)?;
        let special: Vec<VerdictRange> = verdicts.iter().copied().filter(|v| v.verdict != Verdict::Applied).collect();
        if !special.is_empty() {
            changesets::set_verdicts(batch.tx, writer.id, waiting.place.seq, &special)?;
        }
        (applied, before) = (waiting.place.seq, Some(waiting.place.hash));
        verdicts.into_iter().for_each(|range| changesets::join(&mut told, range));
    }
    if applied > writer.applied && !is_broken(Rule::PrefixMoves) {
        writers::set_applied(batch.tx, writer.id, applied)?;
    }
    Ok((told, more))
}

/// `is_retold`: changesets of this writer may have been taken under another one's name.
fn judge_changeset(
    batch: &mut Batch<'_>,
    writer: &Writer,
    waiting: &Waiting,
    is_retold: bool,
) -> Result<Vec<VerdictRange>> {
    let header: Header = serde_json::from_str(&waiting.header).map_err(|_| Error::Stored("a header"))?;
    let stamp = Stamp { clock: waiting.clock, author: waiting.author };
    let mut author = Author::of(writer, stamp, header.clock, waiting.received);
    if author.standing.is_none() {
        author.standing = find_repeat(batch, writer, &header, waiting, is_retold)?;
    }
    let mut verdicts = Vec::new();
    for ((number, line), tag) in (waiting.place.first..).zip(waiting.payload.split('\n')).zip(&waiting.tags) {
        let dot = Dot { writer: writer.id, save: number };
        batch.known().set_applied(writer.id, number - 1);
        let parsed = Save::parse(line);
        let judgement = match (author.standing, &parsed) {
            (None, Ok(save)) => judge_save(batch, &author, &Case { dot, tag: *tag, sealed: dot, save })?,
            (Some(Code::Repeated), _) => Verdict::Rejected(Code::Repeated).into(),
            (Some(code), _) | (None, &Err(code)) => Verdict::Quarantined(code).into(),
        };
        batch.known().set_applied(writer.id, number);
        let verdict = judgement.verdict;
        // What is in the rows under another name waits for nobody.
        if !verdict.is_applied() && verdict != Verdict::Rejected(Code::Repeated) {
            let records = parsed.map_or_else(|_| Vec::new(), |save| touched(&save));
            batch.hold(dot, *tag, &judgement, &records)?;
        }
        changesets::join(&mut verdicts, VerdictRange { first: number, last: number, verdict });
    }
    Ok(verdicts)
}

/// Why a changeset is not merged although nothing is wrong with it: the same was taken under another name, of the writer
/// that it was first sealed under or of one that it was sealed again under. Each is taken once, whichever comes first.
fn find_repeat(
    batch: &Batch<'_>,
    writer: &Writer,
    header: &Header,
    waiting: &Waiting,
    is_retold: bool,
) -> Result<Option<Code>> {
    let own = Origin(writer.id, waiting.place.seq, waiting.place.hash);
    let Some(origin) = header.origin else {
        let is_taken = is_retold && origins::is_taken(batch.tx, own)?;
        return Ok(is_taken.then_some(Code::Repeated));
    };
    let first = writers::find(batch.tx, origin.0)?;
    if first.as_ref().is_some_and(|first| first.user != writer.user) {
        // Nobody keeps another's saves out by claiming to have said them already.
        return Ok(Some(Code::WrongAuthor));
    }
    let applied = first.map_or(0, |first| first.applied);
    let is_there = origin.1 <= applied
        && changesets::ending_at(batch.tx, origin.0, origin.1)?.is_some_and(|place| place.hash == origin.2);
    if is_there || origins::is_taken(batch.tx, origin)? {
        return Ok(Some(Code::Repeated));
    }
    origins::add(batch.tx, origin, writer.id, waiting.place.seq)?;
    kept_aside::settle_retold(batch.tx, origin, batch.now_ms)?;
    Ok(None)
}

/// The records that a save writes.
pub(super) fn touched(save: &Save) -> Vec<RecordId> {
    save.records.iter().map(|write| write.id).collect()
}

/// What was decided of a save, and what it waits for.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// Of a parked save: never empty.
    pub(super) waits: Vec<Dot>,
    /// Of a quarantined save: the record that is missing. When it comes, the save is judged again.
    pub(super) awaits: Option<RecordId>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Judgement {
        Judgement { verdict, waits: Vec::new(), awaits: None }
    }
}

/// A save as it is judged.
pub(super) struct Case<'a> {
    /// The name that its values get.
    pub(super) dot: Dot,
    pub(super) tag: sync_protocol::Tag,
    /// The name that its author sealed it under: another one where it is issued again.
    pub(super) sealed: Dot,
    pub(super) save: &'a Save,
}

/// Who answers for a changeset, and with what right.
pub(super) struct Author {
    /// `None`: the server itself, whose rights were checked where the work was asked for.
    pub(super) user: Option<UserId>,
    pub(super) stamp: Stamp,
    pub(super) authored: Clock,
    /// The time for which grants are looked up: authored, but never later than received.
    pub(super) at_ms: i64,
    /// Why nothing of the changeset can be merged.
    pub(super) standing: Option<Code>,
}

impl Author {
    /// `stamp` and `received` as they are stored, `authored` as the header says.
    pub(super) fn of(writer: &Writer, stamp: Stamp, authored: Clock, received: i64) -> Author {
        let standing = match (writer.user, writer.stolen) {
            (Some(user), _) if user != stamp.author => Some(Code::WrongAuthor),
            (_, Some(stolen)) if received >= stolen => Some(Code::Stolen),
            _ => None,
        };
        Author { user: writer.user, stamp, authored, at_ms: stamp.clock.0.min(received), standing }
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
pub(super) fn judge_save(batch: &mut Batch<'_>, author: &Author, case: &Case<'_>) -> Result<Judgement> {
    let mut waits = Vec::new();
    for write in &case.save.records {
        if write.context.get(&case.dot.writer).is_some_and(|seen| seen.save >= case.dot.save) {
            return Ok(Verdict::Quarantined(Code::BadContext).into());
        }
        waits.extend(waits::unsettled(batch, case.sealed, write)?);
    }
    if !waits.is_empty() {
        return Ok(Judgement { waits, ..Verdict::Parked.into() });
    }
    let planned = match plan(batch, author, case)? {
        Ok(planned) => planned,
        Err(judgement) => return Ok(judgement),
    };
    let conflict = planned.iter().any(|p| p.outcome.conflict);
    let ids = touched(case.save);
    for plan in planned {
        store(batch, author, case.dot, plan, &ids)?;
    }
    Ok(if conflict { Verdict::AppliedWithConflict } else { Verdict::Applied }.into())
}

fn plan(
    batch: &mut Batch<'_>,
    author: &Author,
    case: &Case<'_>,
) -> Result<std::result::Result<Vec<Planned>, Judgement>> {
    let mut planned: Vec<Planned> = Vec::with_capacity(case.save.records.len());
    for write in &case.save.records {
        let refused = |code| Ok(Err(Judgement::from(Verdict::Quarantined(code))));
        let before = records::find(batch.tx, write.id)?;
        if before.as_ref().is_some_and(|record| record.collection != write.collection) {
            return refused(Code::WrongCollection);
        }
        let mut row = match &before {
            Some(record) => Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?,
            None => Row::new(write.collection, write.id),
        };
        let renamed = waits::renamed(batch, case.sealed, write)?;
        let context = renamed.as_ref().unwrap_or(&write.context);
        let found_again = batch.with_new_names(case.dot.writer, write.id, context)?;
        let context = found_again.as_ref().unwrap_or(context);
        let (dot, tag, stamp, registers) = (case.dot, case.tag, author.stamp, &write.registers);
        let mut outcome = row.merge(&Write { dot, tag, stamp, context, registers }, batch.known());
        // Its author saw a record that was never merged here: the device's own may even stand in another area. Or it saw
        // what was merged under another name since.
        outcome.surprise |= renamed.is_some() || (before.is_none() && !write.context.is_empty());
        batch.known().check()?;
        if row.registers.len() > sync_protocol::limits::REGISTERS_MAX {
            return refused(Code::TooLarge);
        }
        let earlier = |id: RecordId| planned.iter().find(|p| p.row.id == id).map(|p| (p.row.collection, p.found));
        let found = match place::find(batch, &row, earlier)? {
            Ok(found) => found,
            Err(code) => return unplaced(batch, &row, code).map(Err),
        };
        if let Some(user) = author.user
            && !is_broken(Rule::QuarantineGrant)
            && !place::may_write(batch, user, author.at_ms, write.id, before.as_ref(), found)?
        {
            return refused(Code::NotGranted);
        }
        // Of a new record the whole row is told, whatever of it changed.
        let written = before.iter().flat_map(|_| write.registers.keys().map(String::as_str).chain([reserved::ALIVE]));
        let registers = written.map(str::to_owned).collect();
        planned.push(Planned { row, before, found, outcome, registers });
    }
    Ok(Ok(planned))
}

/// A record that stands nowhere: its parent may be held, then it waits for it. Or what it stands on is not here yet, as after
/// a restore, when one device comes before another that has the household to send again.
fn unplaced(batch: &mut Batch<'_>, row: &Row, code: Code) -> Result<Judgement> {
    let parent = row.parsed::<RecordId>(reserved::PARENT).filter(|_| code == Code::UnknownParent);
    let waits = parent.map_or(Ok(Vec::new()), |parent| waits::unsettled_on(batch, parent))?;
    if !waits.is_empty() {
        return Ok(Judgement { waits, ..Verdict::Parked.into() });
    }
    // A row that says nothing of its place is of a record that others have made.
    let says_nothing = row.parsed::<AreaId>(reserved::AREA).is_none();
    let missing = parent.or_else(|| says_nothing.then_some(row.id));
    let missing = match missing {
        Some(id) if records::find(batch.tx, id)?.is_none() => Some(id),
        _ => None,
    };
    Ok(Judgement { awaits: missing, ..Verdict::Quarantined(code).into() })
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
