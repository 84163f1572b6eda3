//! Witness rows: what devices held of the time that a restored server has lost, and what was saved again of it.

use sync_protocol::ids::{Dot, Seen, Tag};
use sync_protocol::{Collection, RecordId, RowHash, WriterId};

use super::db::{Columns, Error, Result, Tx};
use crate::args;

/// Witness rows that are kept at most; more are not acknowledged, so that devices keep them.
const WITNESSES_MAX: u64 = 2_000_000;

/// What becomes of a witness row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has decided yet.
    Waiting,
    /// Saved again, as far as the server lacked it.
    Applied,
    /// Kept and not used.
    Dropped,
}

impl State {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Applied => "applied",
            State::Dropped => "dropped",
        }
    }

    fn of(word: &str) -> Result<State> {
        [State::Waiting, State::Applied, State::Dropped]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or(Error::Stored("a state of witness rows"))
    }
}

/// A row as a device held it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The record.
    pub record: RecordId,
    /// Its collection.
    pub collection: Collection,
    /// The row's canonical text.
    pub text: String,
    /// The writer of the device that sent it.
    pub sender: WriterId,
}

/// Keeps a witness row, once. Tells whether it is kept; it is not where there are too many already.
pub fn add(tx: &Tx<'_>, witness: &Witness, state: State, now_ms: i64) -> Result<bool> {
    let last = tx.row("SELECT max(id) FROM witness_rows", args![], |row| row.opt_int(0))?.flatten().unwrap_or(0);
    if last as u64 >= WITNESSES_MAX {
        return Ok(false);
    }
    tx.run(
        "INSERT INTO witness_rows (record, collection, hash, text, sender, received, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (record, hash) DO NOTHING",
        args![
            &witness.record.to_string(),
            witness.collection.name(),
            RowHash::of(&witness.text).0.to_be_bytes().as_slice(),
            &witness.text,
            &witness.sender.to_string(),
            now_ms,
            state.word(),
        ],
    )?;
    Ok(true)
}

fn witness(row: &Columns<'_>) -> Result<Witness> {
    Ok(Witness { record: row.parsed(0)?, collection: row.parsed(1)?, text: row.string(2)?, sender: row.parsed(3)? })
}

/// All waiting rows of the next `most` records, those of one record together; households before what is in them.
pub fn list_waiting(tx: &Tx<'_>, most: u32) -> Result<Vec<Witness>> {
    let households = tx
        .row(
            "SELECT 1 FROM witness_rows WHERE state = 'waiting' AND collection = 'household' LIMIT 1",
            args![],
            |_| Ok(()),
        )?
        .is_some();
    tx.rows(
        "SELECT record, collection, text, sender FROM witness_rows
          WHERE state = 'waiting' AND (collection = 'household') = $1 AND record IN (
              SELECT DISTINCT record FROM witness_rows
               WHERE state = 'waiting' AND (collection = 'household') = $1 ORDER BY record LIMIT $2)
          ORDER BY record, id",
        args![i64::from(households), i64::from(most)],
        witness,
    )
}

/// Rows in this state, from the `from`th on, in the order of their coming.
pub fn list(tx: &Tx<'_>, state: State, from: u64, most: u32) -> Result<Vec<Witness>> {
    tx.rows(
        "SELECT record, collection, text, sender FROM witness_rows WHERE state = $1 ORDER BY id LIMIT $2 OFFSET $3",
        args![state.word(), i64::from(most), from],
        witness,
    )
}

/// How many rows are in this state.
pub fn count(tx: &Tx<'_>, state: State) -> Result<u64> {
    let many =
        tx.row("SELECT count(*) FROM witness_rows WHERE state = $1", args![state.word()], |row| row.number(0))?;
    Ok(many.unwrap_or(0))
}

/// The waiting rows of a record are in another state from now on.
pub fn settle(tx: &Tx<'_>, record: RecordId, state: State) -> Result<()> {
    tx.run(
        "UPDATE witness_rows SET state = $2 WHERE record = $1 AND state = 'waiting'",
        args![&record.to_string(), state.word()],
    )?;
    Ok(())
}

/// All rows that are in one state are in the other from now on; returns how many.
pub fn settle_all(tx: &Tx<'_>, from: State, to: State) -> Result<u64> {
    let many = tx.run("UPDATE witness_rows SET state = $2 WHERE state = $1", args![from.word(), to.word()])?;
    Ok(many as u64)
}

/// What was decided of the witness rows of the last restore: late ones follow it. [`State::Waiting`] before that.
pub fn decision(tx: &Tx<'_>) -> Result<State> {
    let word = tx.row("SELECT decided FROM restores ORDER BY id DESC LIMIT 1", args![], |row| row.opt_string(0))?;
    word.flatten().map_or(Ok(State::Waiting), |word| State::of(&word))
}

/// Notes the decision.
pub fn decide(tx: &Tx<'_>, state: State) -> Result<()> {
    tx.run(
        "UPDATE restores SET decided = $1 WHERE id = (SELECT max(id) FROM restores)",
        args![Some(state.word()).filter(|_| state != State::Waiting)],
    )?;
    Ok(())
}

/// Of each writer the last save that was in every backup ever restored here: on it, device and server surely agree.
/// Of a server that was not restored by its own command, what it holds now.
pub fn restored_prefixes(tx: &Tx<'_>) -> Result<Vec<(WriterId, u64)>> {
    let read = |row: &Columns<'_>| Ok((row.parsed(0)?, row.number(1)?));
    if tx.row("SELECT 1 FROM restores LIMIT 1", args![], |_| Ok(()))?.is_none() {
        return tx.rows("SELECT id, applied FROM writers WHERE applied > 0 ORDER BY id", args![], read);
    }
    tx.rows(
        "SELECT writer, min(applied) FROM restored_writers GROUP BY writer
         HAVING count(*) = (SELECT count(*) FROM restores) ORDER BY writer",
        args![],
        read,
    )
}

/// As [`restored_prefixes`], of one writer; `None` where this server was never restored.
pub fn restored_prefix(tx: &Tx<'_>, writer: WriterId) -> Result<Option<u64>> {
    tx.row(
        "SELECT CASE WHEN count(w.writer) = count(*) THEN coalesce(min(w.applied), 0) ELSE 0 END, count(*)
           FROM restores r LEFT JOIN restored_writers w ON w.restore = r.id AND w.writer = $1",
        args![&writer.to_string()],
        |row| Ok(if row.int(1)? == 0 { None } else { Some(row.number(0)?) }),
    )
    .map(Option::flatten)
}

/// A part of a lost save that stands under another name now.
#[derive(Debug, Clone)]
pub struct Reissue {
    /// Of which record.
    pub record: RecordId,
    /// The lost save.
    pub lost: Dot,
    /// Its new name.
    pub dot: Dot,
    /// The new save's tag.
    pub tag: Tag,
    /// What of the record was in it.
    pub registers: Vec<String>,
    /// What the witness had seen of the lost save's writer.
    pub seen: Seen,
    /// Whether that writer may have had another life.
    pub forks: bool,
}

/// Notes a save that was saved again.
pub fn add_reissue(tx: &Tx<'_>, reissue: &Reissue) -> Result<()> {
    let registers = serde_json::to_string(&reissue.registers).map_err(|_| Error::Stored("names"))?;
    tx.run(
        "INSERT INTO reissues (record, writer, save, as_writer, as_save, as_tag, registers, seen, tag, forks)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &reissue.record.to_string(),
            &reissue.lost.writer.to_string(),
            reissue.lost.save,
            &reissue.dot.writer.to_string(),
            reissue.dot.save,
            i64::from(reissue.tag.0),
            &registers,
            reissue.seen.save,
            i64::from(reissue.seen.tag.0),
            i64::from(reissue.forks),
        ],
    )?;
    Ok(())
}

/// Whether anything was ever saved again.
pub fn has_reissues(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.row("SELECT 1 FROM reissues LIMIT 1", args![], |_| Ok(()))?.is_some())
}

/// The names under which stands now what this context entry covers on a record: of each writer the highest.
///
/// Of a writer that may have had two lives only what surely is of the one that the entry means.
pub fn names_of(tx: &Tx<'_>, record: RecordId, writer: WriterId, seen: Seen) -> Result<Vec<(WriterId, Seen)>> {
    let all = tx.rows(
        "SELECT as_writer, as_save, as_tag FROM reissues
          WHERE record = $1 AND writer = $2 AND save <= $3 AND (forks = 0 OR (seen = $3 AND tag = $4))
          ORDER BY as_writer, as_save LIMIT 10000",
        args![&record.to_string(), &writer.to_string(), seen.save, i64::from(seen.tag.0)],
        |row| {
            let tag = u32::try_from(row.int(2)?).map_err(|_| Error::Stored("a tag"))?;
            Ok((row.parsed::<WriterId>(0)?, Seen { save: row.number(1)?, tag: Tag(tag) }))
        },
    )?;
    let mut highest: Vec<(WriterId, Seen)> = Vec::new();
    for (writer, seen) in all {
        match highest.last_mut() {
            Some(last) if last.0 == writer => last.1 = seen,
            _ => highest.push((writer, seen)),
        }
    }
    Ok(highest)
}

/// Registers of a record in which this lost save stands under another name already.
pub fn reissued_registers(tx: &Tx<'_>, record: RecordId, lost: Dot) -> Result<Vec<String>> {
    let lists = tx.rows(
        "SELECT registers FROM reissues WHERE record = $1 AND writer = $2 AND save = $3",
        args![&record.to_string(), &lost.writer.to_string(), lost.save],
        |row| serde_json::from_str::<Vec<String>>(row.text(0)?).map_err(|_| Error::Stored("names")),
    )?;
    Ok(lists.concat())
}
