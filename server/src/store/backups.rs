//! Backups that are kept, what each of them holds of each writer, and restores.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use sync_protocol::{BlobHash, WriterId};

use super::db::{Error, Result, Tx};
use crate::args;

/// A backup as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// When its snapshot was taken, milliseconds since 1970.
    pub made: i64,
    /// Where it lies.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Of each writer, the last save of the prefix that it holds.
    pub applied: Vec<(WriterId, u64)>,
    /// The highest number of an attached file that it holds.
    pub blobs: u64,
}

/// What a database file was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Of each writer, the last save of the prefix that has a verdict.
    pub applied: Vec<(WriterId, u64)>,
    /// Records.
    pub records: u64,
    /// Changesets.
    pub changesets: u64,
    /// What the engine found wrong with the file.
    pub complaint: Option<String>,
}

/// Reads a database file that nobody works with, every page of it.
pub fn examine(file: &Path) -> Result<Examined> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let tx = Tx::over(&connection);
    let number = |sql| tx.row(sql, args![], |row| row.number(0)).map(|found| found.unwrap_or(0));
    let told = tx.row("PRAGMA integrity_check(1)", args![], |row| row.string(0))?;
    let complaint = told.filter(|told| told != "ok");
    if complaint.is_some() {
        return Ok(Examined { applied: vec![], records: 0, changesets: 0, complaint });
    }
    let applied = tx.rows("SELECT id, applied FROM writers WHERE applied > 0 ORDER BY id", args![], |row| {
        Ok((row.parsed(0)?, row.number(1)?))
    })?;
    let (records, changesets) = (number("SELECT count(*) FROM records")?, number("SELECT count(*) FROM changesets")?);
    Ok(Examined { applied, records, changesets, complaint })
}

/// The attached files that a database file says to be here: number, name and length of each.
pub fn each_blob<E: From<Error>>(
    file: &Path,
    mut take: impl FnMut(u64, BlobHash, u64) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(Error::from)?;
    let tx = Tx::over(&connection);
    let mut failed = None;
    tx.each("SELECT number, hash, bytes FROM blobs WHERE gone IS NULL ORDER BY number", args![], |row| {
        failed = take(row.number(0)?, row.parsed(1)?, row.number(2)?).err();
        Ok(failed.is_none())
    })?;
    failed.map_or(Ok(()), Err)
}

/// Of each writer, the last save that its device may have forgotten, by a database file that nobody works with.
pub fn relied_on(file: &Path) -> Result<Vec<(WriterId, u64)>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Tx::over(&connection).rows("SELECT id, backed_up FROM writers WHERE backed_up > 0", args![], |row| {
        Ok((row.parsed(0)?, row.number(1)?))
    })
}

/// Remembers a backup, forgets all but the `keep` newest, and moves what devices may forget to what the oldest kept one
/// holds. Returns the files of those forgotten.
pub fn add(tx: &Tx<'_>, backup: &Backup, keep: usize) -> Result<Vec<String>> {
    let id = tx
        .row(
            "INSERT INTO backups (made, file, bytes, blobs) VALUES ($1, $2, $3, $4) RETURNING id",
            args![backup.made, &backup.file, backup.bytes, backup.blobs],
            |row| row.int(0),
        )?
        .ok_or(Error::Stored("the backup that was just added"))?;
    for (writer, applied) in &backup.applied {
        tx.run(
            "INSERT INTO backup_writers (backup, writer, applied) VALUES ($1, $2, $3)",
            args![id, &writer.to_string(), *applied],
        )?;
    }
    let keep = i64::try_from(keep.max(1)).unwrap_or(i64::MAX);
    let kept = "SELECT id FROM backups ORDER BY id DESC LIMIT $1";
    let files = tx.rows(
        "SELECT file FROM backups WHERE id NOT IN (SELECT id FROM backups ORDER BY id DESC LIMIT $1) ORDER BY id",
        args![keep],
        |row| row.string(0),
    )?;
    let oldest = tx.rows(kept, args![keep], |row| row.int(0))?.into_iter().min().unwrap_or(id);
    tx.run("DELETE FROM backup_writers WHERE backup < $1", args![oldest])?;
    tx.run("DELETE FROM backups WHERE id < $1", args![oldest])?;
    tx.run(
        "UPDATE writers SET backed_up = coalesce(
             (SELECT applied FROM backup_writers WHERE backup = $1 AND writer = writers.id), 0)
          WHERE backed_up < coalesce(
             (SELECT applied FROM backup_writers WHERE backup = $1 AND writer = writers.id), 0)",
        args![oldest],
    )?;
    Ok(files)
}

/// Every backup that is kept, the newest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Backup>> {
    tx.rows("SELECT made, file, bytes, blobs FROM backups ORDER BY id DESC LIMIT 1000", args![], |row| {
        Ok(Backup {
            made: row.int(0)?,
            file: row.string(1)?,
            bytes: row.number(2)?,
            applied: vec![],
            blobs: row.number(3)?,
        })
    })
}

/// Whether this database was ever restored from a backup.
pub fn was_restored(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.row("SELECT 1 FROM restores LIMIT 1", args![], |_| Ok(()))?.is_some())
}

/// Writes down that this database comes from a backup, and ends the office's sessions in it; returns how many.
pub fn note_restore(tx: &Tx<'_>, made: i64, now_ms: i64) -> Result<u64> {
    tx.run("INSERT INTO restores (made, restored) VALUES ($1, $2)", args![made, now_ms])?;
    tx.run(
        "INSERT INTO restored_writers (restore, writer, applied)
         SELECT (SELECT max(id) FROM restores), id, applied FROM writers WHERE applied > 0",
        args![],
    )?;
    let ended = tx.run("UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND device IS NULL", args![now_ms])?;
    Ok(ended as u64)
}
