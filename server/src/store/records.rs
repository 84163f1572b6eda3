//! Records: rows as they stand, where they stand, and what changed them last.

use serde::{Deserialize, Serialize};
use sync_protocol::{AreaId, Collection, RecordId, RowHash, WriterId};

use super::db::{Columns, Error, Result, Tx};
use crate::args;

/// Changes that a record remembers by register; older ones are told by the whole row.
const CHANGES_KEPT: usize = 8;
/// Registers of one change that are worth remembering by name.
const CHANGE_REGISTERS_MAX: usize = 24;

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its collection.
    pub collection: Collection,
    /// The household it belongs to; its own id for a household.
    pub root: RecordId,
    /// Where it stands.
    pub area: AreaId,
    /// The area's change number of its last change.
    pub seq: u64,
    /// The row's canonical text.
    pub doc: String,
    /// Of `doc`.
    pub hash: RowHash,
    /// Who changed it last.
    pub last_writer: WriterId,
    /// Change number of the last change that `last_writer`'s own device cannot work out.
    pub other_seq: u64,
    /// The newest changes.
    pub recent: Recent,
}

/// The newest changes of a record, so that a device that holds an older state gets only what changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent(u64, Vec<(u64, WriterId, Vec<String>)>);

impl Recent {
    /// Everything up to `seq` is told by the whole row.
    pub fn whole(seq: u64) -> Recent {
        Recent(seq, Vec::new())
    }

    /// One more change.
    pub fn push(&mut self, seq: u64, writer: WriterId, registers: Vec<String>) {
        if registers.len() > CHANGE_REGISTERS_MAX {
            *self = Recent::whole(seq);
            return;
        }
        self.1.push((seq, writer, registers));
        while self.1.len() > CHANGES_KEPT {
            self.0 = self.1.remove(0).0;
        }
    }

    /// Registers and writers of the changes after `since`; `None` where only the whole row can tell.
    pub fn after(&self, since: u64) -> Option<(Vec<&str>, Vec<WriterId>)> {
        if since < self.0 {
            return None;
        }
        let changes = || self.1.iter().filter(|c| c.0 > since);
        let mut registers: Vec<&str> = changes().flat_map(|c| c.2.iter().map(String::as_str)).collect();
        let mut writers: Vec<WriterId> = changes().map(|c| c.1).collect();
        registers.sort_unstable();
        registers.dedup();
        writers.sort_unstable();
        writers.dedup();
        Some((registers, writers))
    }
}

/// The columns that [`read`] takes, in its order.
macro_rules! columns {
    () => {
        "id, collection, root, area, seq, doc, hash, last_writer, other_seq, recent"
    };
}
pub(super) use columns;

/// Places of two of them.
pub(super) const LAST_WRITER: usize = 7;
pub(super) const OTHER_SEQ: usize = 8;

pub(super) fn read(row: &Columns<'_>) -> Result<Record> {
    Ok(Record {
        id: row.parsed(0)?,
        collection: row.parsed(1)?,
        root: row.parsed(2)?,
        area: row.parsed(3)?,
        seq: row.number(4)?,
        doc: row.string(5)?,
        hash: row_hash(row.bytes(6)?)?,
        last_writer: row.parsed(LAST_WRITER)?,
        other_seq: row.number(OTHER_SEQ)?,
        recent: serde_json::from_str(row.text(9)?).map_err(|_| Error::Stored("recent changes"))?,
    })
}

fn row_hash(bytes: &[u8]) -> Result<RowHash> {
    bytes.try_into().map(|b| RowHash(u128::from_be_bytes(b))).map_err(|_| Error::Stored("a row hash"))
}

/// The record, if it exists.
pub fn find(tx: &Tx<'_>, id: RecordId) -> Result<Option<Record>> {
    tx.row(concat!("SELECT ", columns!(), " FROM records WHERE id = $1"), args![&id.to_string()], read)
}

/// The records of an area, those of one household together, row by row.
pub fn each_in_area(tx: &Tx<'_>, area: AreaId, mut take: impl FnMut(Record) -> Result<bool>) -> Result<()> {
    tx.each(
        concat!("SELECT ", columns!(), " FROM records WHERE area = $1 ORDER BY root, id"),
        args![&area.to_string()],
        |row| take(read(row)?),
    )
}

/// The id and hash of every row of an area.
pub fn list_hashes(tx: &Tx<'_>, area: AreaId) -> Result<Vec<(RecordId, RowHash)>> {
    tx.rows("SELECT id, hash FROM records WHERE area = $1 ORDER BY id", args![&area.to_string()], |row| {
        Ok((row.parsed(0)?, row_hash(row.bytes(1)?)?))
    })
}

/// A household's record and those of all that belongs to it.
pub fn list_of_root(tx: &Tx<'_>, root: RecordId) -> Result<Vec<Record>> {
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM records WHERE id = $1 OR (root = $1 AND root <> id) ORDER BY id LIMIT 10000"
        ),
        args![&root.to_string()],
        read,
    )
}

/// Stores a record's new state.
pub fn put(tx: &Tx<'_>, record: &Record) -> Result<()> {
    let recent = serde_json::to_string(&record.recent).map_err(|_| Error::Stored("recent changes"))?;
    tx.run(
        "INSERT INTO records (id, collection, root, area, seq, doc, hash, last_writer, other_seq, recent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (id) DO UPDATE SET root = excluded.root, area = excluded.area, seq = excluded.seq, doc = excluded.doc,
            hash = excluded.hash, last_writer = excluded.last_writer, other_seq = excluded.other_seq, recent = excluded.recent",
        args![
            &record.id.to_string(),
            record.collection.name(),
            &record.root.to_string(),
            &record.area.to_string(),
            record.seq,
            &record.doc,
            record.hash.0.to_be_bytes().as_slice(),
            &record.last_writer.to_string(),
            record.other_seq,
            &recent,
        ],
    )?;
    Ok(())
}

/// Makes a record's row unreadable: whoever judges an edit of it fails.
#[cfg(test)]
pub(crate) fn spoil(tx: &Tx<'_>, id: RecordId) -> Result<()> {
    tx.run("UPDATE records SET doc = 'x' WHERE id = $1", args![&id.to_string()]).map(drop)
}

/// Remembers that a save touched a record.
pub fn touch(tx: &Tx<'_>, record: RecordId, writer: WriterId, save: u64) -> Result<()> {
    tx.run(
        "INSERT INTO touches (record, writer, save) VALUES ($1, $2, $3) ON CONFLICT (record, writer, save) DO NOTHING",
        args![&record.to_string(), &writer.to_string(), save],
    )?;
    Ok(())
}

/// The saves that touched a record, by writer and number.
pub fn list_touches(tx: &Tx<'_>, record: RecordId) -> Result<Vec<(WriterId, u64)>> {
    tx.rows(
        "SELECT writer, save FROM touches WHERE record = $1 ORDER BY writer, save LIMIT 10000",
        args![&record.to_string()],
        |row| Ok((row.parsed(0)?, row.number(1)?)),
    )
}

/// The areas that the record has left, and how it may still be known there.
pub fn left_areas(tx: &Tx<'_>, record: RecordId) -> Result<Vec<AreaId>> {
    tx.rows("SELECT area FROM evictions WHERE record = $1 LIMIT 1000", args![&record.to_string()], |row| row.parsed(0))
}

/// Whether the record ever moved.
pub fn has_left_an_area(tx: &Tx<'_>, record: RecordId) -> Result<bool> {
    let found = tx.row("SELECT 1 FROM evictions WHERE record = $1 LIMIT 1", args![&record.to_string()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// The record left this area.
pub fn evict(tx: &Tx<'_>, area: AreaId, record: RecordId, seq: u64) -> Result<()> {
    tx.run(
        "INSERT INTO evictions (area, record, seq) VALUES ($1, $2, $3)
         ON CONFLICT (area, record) DO UPDATE SET seq = excluded.seq",
        args![&area.to_string(), &record.to_string(), seq],
    )?;
    Ok(())
}

/// The record came back to this area.
pub fn readmit(tx: &Tx<'_>, area: AreaId, record: RecordId) -> Result<()> {
    tx.run("DELETE FROM evictions WHERE area = $1 AND record = $2", args![&area.to_string(), &record.to_string()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_only_as_far_back_as_it_is_remembered() {
        let w = WriterId::from_u128(1);
        let mut recent = Recent::whole(10);
        recent.push(12, w, vec!["b".into(), "a".into()]);
        recent.push(15, w, vec!["a".into()]);
        assert_eq!(recent.after(9), None);
        assert_eq!(recent.after(10), Some((vec!["a", "b"], vec![w])));
        assert_eq!(recent.after(12), Some((vec!["a"], vec![w])));
        for seq in 20..40 {
            recent.push(seq, w, vec!["c".into()]);
        }
        assert_eq!(recent.after(15), None);
        assert_eq!(recent.after(31), Some((vec!["c"], vec![w])));
        recent.push(50, w, vec!["c".into(); 25]);
        assert_eq!(recent.after(49), None);
    }
}
