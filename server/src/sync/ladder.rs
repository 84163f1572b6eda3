//! When judging fails or its process dies: what was in hand is judged alone, and what fails three times is kept for a person.
//!
//! In the ordinary case nothing is written for it. Bytes that lie stored without a verdict when the server starts, or when
//! judging has just failed, were in hand: they are marked, and each is then counted durably before it is tried.

use sync_protocol::exchange::VerdictRange;
use sync_protocol::{Code, Save, Verdict, WriterId};

use super::Hub;
use super::batch::Batch;
use super::judge::{self, Judgement, touched};
use crate::store::db::{Error, Result};
use crate::store::writers::Writer;
use crate::store::{Tx, attempts, changesets, writers};

/// Times that judging may fail on one changeset.
const ATTEMPTS_MAX: u64 = 3;

/// Whether it was the judging that failed, and not the disk under it: that would fail on any changeset.
pub(super) fn is_its_own(error: &Error) -> bool {
    matches!(error, Error::Panicked | Error::Stored(_))
}

/// Judges what was in hand of a writer one by one, each in a transaction of its own.
pub(super) fn climb(hub: &Hub, id: WriterId) -> Result<()> {
    hub.store.write(move |tx| {
        let Some(writer) = writers::find(tx, id)? else { return Ok(()) };
        attempts::mark(tx, id, writer.applied)?;
        begin_next(tx, id, writer.applied)
    })?;
    loop {
        let (now, salt) = (hub.now_ms(), hub.salt());
        match hub.store.write(move |tx| step(tx, id, now, salt)) {
            Ok(None) => return Ok(()),
            Ok(Some(told)) => hub.verdicts.note(&told),
            Err(error) if is_its_own(&error) => {
                tracing::error!(writer = %id, error = &error as &dyn std::error::Error, "judging failed on a changeset");
                hub.store.write(move |tx| {
                    let applied = writers::find(tx, id)?.map_or(0, |writer| writer.applied);
                    begin_next(tx, id, applied)
                })?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// One changeset that was in hand: judged, or given up. `None`: there is none any more.
fn step(
    tx: &Tx<'_>,
    id: WriterId,
    now_ms: i64,
    salt: sync_protocol::exchange::Salt,
) -> Result<Option<Vec<VerdictRange>>> {
    let Some(writer) = writers::find(tx, id)? else { return Ok(None) };
    let Some((seq, begun)) = attempts::find_first(tx, id, writer.applied)? else { return Ok(None) };
    let mut batch = Batch::begin(tx, now_ms);
    let told = match begun > ATTEMPTS_MAX {
        true => give_up(&mut batch, &writer)?,
        // One byte of payload: the first changeset and none behind it.
        false => judge::judge_writer(&mut batch, &writer, 1)?.0,
    };
    batch.finish(salt)?;
    attempts::clear(tx, id, seq)?;
    let applied = writers::find(tx, id)?.map_or(0, |writer| writer.applied);
    begin_next(tx, id, applied)?;
    Ok(Some(told))
}

/// Counts the attempt that comes next before it is made, in the transaction that ends the one before.
fn begin_next(tx: &Tx<'_>, id: WriterId, applied: u64) -> Result<()> {
    match attempts::find_first(tx, id, applied)? {
        Some((seq, _)) => attempts::count(tx, id, seq),
        None => Ok(()),
    }
}

/// Keeps every save of the changeset for a person; what follows it goes on.
fn give_up(batch: &mut Batch<'_>, writer: &Writer) -> Result<Vec<VerdictRange>> {
    let (waiting, _) = changesets::list_waiting(batch.tx, writer.id, writer.applied, 1)?;
    let Some(waiting) = waiting.into_iter().next() else { return Ok(Vec::new()) };
    let (first, last) = (waiting.place.first, waiting.place.seq);
    let verdict = Verdict::Quarantined(Code::Crashed);
    for ((save, line), tag) in (first..).zip(waiting.payload.split('\n')).zip(&waiting.tags) {
        let records = Save::parse(line).map_or_else(|_| Vec::new(), |save| touched(&save));
        batch.hold(sync_protocol::Dot { writer: writer.id, save }, *tag, &Judgement::from(verdict), &records)?;
    }
    let told = vec![VerdictRange { first, last, verdict }];
    changesets::set_verdicts(batch.tx, writer.id, last, &told)?;
    writers::set_applied(batch.tx, writer.id, last)?;
    Ok(told)
}
