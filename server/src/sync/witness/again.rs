//! Saves again what only witness rows hold, after the office has decided for it.
//!
//! Each part stands under a writer minted for its first writer alone, in the old order, so that a context that names the
//! lost save can be made to name the new one exactly (`witnesses::names_of`). Author and effective clock stay.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use sync_protocol::changeset::{ChangesetHash, Signer};
use sync_protocol::exchange::Salt;
use sync_protocol::{Dot, Header, RecordId, Row, Save, Seen, WriterId, version};

use super::join::join;
use super::plan::{self, Here, Part};
use crate::store::db::{Error, Result};
use crate::store::witnesses::{self, Reissue, State, Witness};
use crate::store::{Tx, changesets, records, writers};
use crate::sync::batch::Batch;
use crate::sync::{Hub, judge};

/// Records that one transaction takes on.
const RECORDS_AT_ONCE: u32 = 500;

/// What came of witness rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Told {
    /// Records that were looked at.
    pub records: u64,
    /// Saves of which a part was saved again.
    pub saves: u64,
    /// Of these, saves that could not be merged: they are kept for a person to look at.
    pub quarantined: u64,
}

/// Saves again what witness rows hold and this server lacks, those too that were decided against; late rows will follow.
pub fn apply(hub: &Hub) -> Result<Told> {
    let mut told = Told::default();
    hub.store.write(|tx| witnesses::settle_all(tx, State::Dropped, State::Waiting))?;
    loop {
        let round = Round::throw(hub);
        let (more, done) = hub.store.write(move |tx| round.run(tx))?;
        told.records += done.records;
        told.saves += done.saves;
        told.quarantined += done.quarantined;
        if !more {
            break;
        }
    }
    hub.store.write(|tx| witnesses::decide(tx, State::Applied))?;
    hub.checks_due.store(true, std::sync::atomic::Ordering::Release);
    Ok(told)
}

/// Decides against the waiting witness rows and those yet to come: they are kept and not used.
pub fn drop_waiting(hub: &Hub) -> Result<u64> {
    hub.store.write(|tx| {
        witnesses::decide(tx, State::Dropped)?;
        witnesses::settle_all(tx, State::Waiting, State::Dropped)
    })
}

/// One transaction's chance: time, salt and the secrets of its writers.
struct Round {
    now_ms: i64,
    salt: Salt,
    seed: [u8; 32],
}

impl Round {
    fn throw(hub: &Hub) -> Round {
        Round { now_ms: hub.now_ms(), salt: hub.salt(), seed: hub.ambient.random() }
    }

    fn run(self, tx: &Tx<'_>) -> Result<(bool, Told)> {
        let rows = witnesses::list_waiting(tx, RECORDS_AT_ONCE)?;
        let mut told = Told::default();
        if rows.is_empty() {
            return Ok((false, told));
        }
        let mut saves: BTreeMap<Dot, Vec<Part>> = BTreeMap::new();
        for of_record in rows.chunk_by(|a, b| a.record == b.record) {
            told.records += 1;
            for part in lost_parts(tx, of_record)? {
                saves.entry(part.lost).or_default().push(part);
            }
            witnesses::settle(tx, of_record[0].record, State::Applied)?;
        }
        let mut batch = Batch::begin(tx, self.now_ms);
        let mut by_writer: BTreeMap<WriterId, Vec<Vec<Part>>> = BTreeMap::new();
        for (dot, parts) in saves {
            by_writer.entry(dot.writer).or_default().push(parts);
        }
        for (lost, saves) in by_writer {
            told.saves += saves.len() as u64;
            told.quarantined += self.save_again(&mut batch, lost, saves)?;
        }
        batch.finish(self.salt)?;
        Ok((true, told))
    }

    /// Saves of one writer again, in their order, each in a changeset of its own: each has its own author and clock.
    fn save_again(&self, batch: &mut Batch<'_>, lost: WriterId, saves: Vec<Vec<Part>>) -> Result<u64> {
        let tx = batch.tx;
        let derive = |what: &str| blake3::derive_key(&format!("tilik reissue {what} {lost}"), &self.seed);
        let signer = Signer::from_secret(&derive("secret"));
        let id = WriterId::random(*derive("writer").first_chunk().expect("32 bytes hold 16"));
        writers::add_closed(tx, id, &signer.key(), self.now_ms)?;
        let forks = forks(tx, lost)?;
        let mut after = ChangesetHash::NONE;
        for (seq, parts) in (1..).zip(saves) {
            after = self.seal(tx, (id, &signer), (seq, after), parts, forks)?;
        }
        let writer = writers::find(tx, id)?.ok_or(Error::Stored("the writer that was just added"))?;
        let (verdicts, _) = judge::judge_writer(batch, &writer, usize::MAX)?;
        let kept_out = verdicts.iter().filter(|range| !range.verdict.is_applied());
        Ok(kept_out.map(|range| range.last + 1 - range.first).sum())
    }

    fn seal(
        &self,
        tx: &Tx<'_>,
        (writer, signer): (WriterId, &Signer),
        (seq, after): (u64, ChangesetHash),
        parts: Vec<Part>,
        forks: bool,
    ) -> Result<ChangesetHash> {
        let stamp = parts[0].stamp;
        let header = Header {
            author: stamp.author,
            clock: stamp.clock,
            forms: vec![],
            origin: None,
            protocol: version::CURRENT,
            seq,
            writer,
        };
        let mut save = Save::default();
        for part in &parts {
            let mut write = part.write.clone();
            for (lost, seen) in &part.write.context {
                for (name, seen) in witnesses::names_of(tx, write.id, *lost, *seen)? {
                    write.context.insert(name, seen);
                }
            }
            save.records.push(write);
        }
        let sealed = signer.seal(after, &header, vec![save.to_line()]);
        let (hash, tag) = (sealed.links.hash, sealed.links.tags[0]);
        changesets::add(
            tx,
            &changesets::Changeset {
                writer,
                first: seq,
                seq,
                hash,
                after,
                signature: sealed.signature,
                header: sealed.header,
                payload: sealed.saves.join("\n"),
                tags: sealed.links.tags,
                author: stamp.author,
                clock: stamp.clock,
                received: self.now_ms,
                carrier: None,
            },
        )?;
        for part in parts {
            let registers = part.write.registers.into_keys().collect();
            let dot = Dot { writer, save: seq };
            let (record, lost, seen) = (part.write.id, part.lost, part.seen);
            witnesses::add_reissue(tx, &Reissue { record, lost, dot, tag, registers, seen, forks })?;
        }
        Ok(hash)
    }
}

/// What the witness rows of one record hold that is lost here.
fn lost_parts(tx: &Tx<'_>, rows: &[Witness]) -> Result<Vec<Part>> {
    let parse = |text: &str| Row::parse(text).map_err(|_| Error::Stored("a row"));
    let mut joined = parse(&rows[0].text)?;
    for row in &rows[1..] {
        join(&mut joined, parse(&row.text)?);
    }
    let standing = records::find(tx, joined.id)?.map(|record| parse(&record.doc)).transpose()?;
    let server = Server::over(tx, &joined)?;
    let parts = plan::parts(&joined, &server, standing.as_ref());
    server.failure.into_inner().map_or(Ok(parts), Err)
}

/// A device's writer may have had two lives; the server's own are minted anew at every start.
fn forks(tx: &Tx<'_>, writer: WriterId) -> Result<bool> {
    Ok(writers::find(tx, writer)?.is_some_and(|writer| writer.user.is_some()))
}

/// What this server knows of the writers that a row names.
struct Server<'t> {
    tx: &'t Tx<'t>,
    record: RecordId,
    /// Of each writer: the last save that surely is the one of the row, and whether it may have had two lives.
    writers: HashMap<WriterId, (u64, bool)>,
    failure: RefCell<Option<Error>>,
}

impl<'t> Server<'t> {
    fn over(tx: &'t Tx<'t>, row: &Row) -> Result<Server<'t>> {
        let mut known = HashMap::new();
        for (writer, seen) in &row.context {
            let found = writers::find(tx, *writer)?;
            let applied = found.as_ref().map_or(0, |writer| writer.applied);
            let restored = witnesses::restored_prefix(tx, *writer)?.unwrap_or(applied);
            let sure = if is_other_life(tx, *writer, *seen, applied)? { restored.min(applied) } else { applied };
            known.insert(*writer, (sure, found.is_some_and(|writer| writer.user.is_some())));
        }
        Ok(Server { tx, record: row.id, writers: known, failure: RefCell::default() })
    }
}

/// Whether another save stands here under the number that the row's context names.
fn is_other_life(tx: &Tx<'_>, writer: WriterId, seen: Seen, applied: u64) -> Result<bool> {
    if seen.save > applied {
        return Ok(false);
    }
    let around = changesets::tags_around(tx, writer, seen.save)?;
    let tag = around.and_then(|(first, tags)| tags.get((seen.save - first) as usize).copied());
    Ok(tag != Some(seen.tag))
}

impl Here for Server<'_> {
    fn is_lost(&self, dot: Dot) -> bool {
        self.writers.get(&dot.writer).is_none_or(|(sure, _)| dot.save > *sure)
    }

    fn is_reissued(&self, dot: Dot, register: &str) -> bool {
        let registers = witnesses::reissued_registers(self.tx, self.record, dot).unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            Vec::new()
        });
        registers.iter().any(|name| name == register)
    }

    fn forks(&self, writer: WriterId) -> bool {
        self.writers.get(&writer).is_some_and(|(_, forks)| *forks)
    }
}
