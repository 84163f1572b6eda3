//! Attached files: which are here, who named them, which are missing. Their bytes are no business of the database.

use sync_protocol::ids::DeviceId;
use sync_protocol::{AreaId, Attachment, BlobHash, RecordId, Row, UserId, WriterId, attachment};

use super::db::{Columns, Result, Tx};
use super::households::{Within, is_within};
use crate::args;

/// A file whose bytes are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its name.
    pub hash: BlobHash,
    /// Its length.
    pub bytes: u64,
    /// Every kept backup holds it.
    pub is_backed_up: bool,
}

/// A file that has just come.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Its name.
    pub hash: BlobHash,
    /// Its length.
    pub bytes: u64,
    /// Whose session brought it.
    pub user: UserId,
    /// On which device.
    pub device: Option<DeviceId>,
}

/// The file of this name, if its bytes are here.
pub fn find(tx: &Tx<'_>, hash: BlobHash) -> Result<Option<Blob>> {
    tx.row(
        "SELECT bytes, number <= coalesce((SELECT blobs FROM backups ORDER BY id LIMIT 1), 0)
           FROM blobs WHERE hash = $1 AND gone IS NULL",
        args![&hash.to_string()],
        |row| Ok(Blob { hash, bytes: row.number(0)?, is_backed_up: row.bool(1)? }),
    )
}

/// Notes that a file's bytes are here, durably.
pub fn add(tx: &Tx<'_>, arrival: &Arrival, now_ms: i64) -> Result<()> {
    // A number is never given twice: a backup is said to hold all up to one.
    tx.run(
        "INSERT INTO blobs (hash, number, bytes, arrived, user_id, device)
         SELECT $1, 1 + max(coalesce((SELECT max(number) FROM blobs), 0), coalesce((SELECT max(blobs) FROM backups), 0)),
                $2, $3, $4, $5
          WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE hash = $1 AND gone IS NULL)
         ON CONFLICT (hash) DO UPDATE SET number = excluded.number, bytes = excluded.bytes, arrived = excluded.arrived,
             user_id = excluded.user_id, device = excluded.device, gone = NULL",
        args![
            &arrival.hash.to_string(),
            arrival.bytes,
            now_ms,
            &arrival.user.to_string(),
            arrival.device.map(|device| device.to_string()).as_ref()
        ],
    )?;
    Ok(())
}

/// Bytes that a person has brought.
pub fn bytes_of(tx: &Tx<'_>, user: UserId) -> Result<u64> {
    let used = tx.row(
        "SELECT coalesce(sum(bytes), 0) FROM blobs WHERE user_id = $1 AND gone IS NULL",
        args![&user.to_string()],
        |row| row.number(0),
    )?;
    Ok(used.unwrap_or(0))
}

/// A device says that it has lost this file; only of a file that a save of this person names is that believed.
pub fn note_loss(tx: &Tx<'_>, hash: BlobHash, user: UserId, device: Option<DeviceId>, now_ms: i64) -> Result<()> {
    tx.run(
        "INSERT INTO blob_losses (hash, told, user_id, device) SELECT $1, $2, $3, $4
          WHERE EXISTS (SELECT 1 FROM blob_mentions m JOIN writers w ON w.id = m.writer
                         WHERE m.hash = $1 AND w.user_id = $3)
         ON CONFLICT (hash) DO NOTHING",
        args![&hash.to_string(), now_ms, &user.to_string(), device.map(|device| device.to_string()).as_ref()],
    )?;
    Ok(())
}

/// Notes the files that the stored bytes of a changeset name.
pub fn note_mentions(tx: &Tx<'_>, writer: WriterId, seq: u64, text: &str) -> Result<()> {
    for (hash, _) in attachment::mentions(text) {
        tx.run(
            "INSERT INTO blob_mentions (hash, writer, seq) VALUES ($1, $2, $3) ON CONFLICT (hash, writer, seq) DO NOTHING",
            args![&hash.to_string(), &writer.to_string(), seq],
        )?;
    }
    Ok(())
}

/// Makes the files that a record names those of its row.
pub fn set_names(tx: &Tx<'_>, record: RecordId, row: &Row) -> Result<()> {
    tx.run("DELETE FROM blob_names WHERE record = $1", args![&record.to_string()])?;
    for (register, siblings) in &row.registers {
        for sibling in &siblings.siblings {
            let Some(named) = Attachment::of(&sibling.value) else { continue };
            let stamp = row.stamps.get(&sibling.dot);
            tx.run(
                "INSERT INTO blob_names (record, register, hash, bytes, name, media, writer, save, author, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (record, register, hash) DO NOTHING",
                args![
                    &record.to_string(),
                    register.as_str(),
                    &named.blob.to_string(),
                    named.bytes,
                    &named.name,
                    &named.media,
                    &sibling.dot.writer.to_string(),
                    sibling.dot.save,
                    &stamp.map_or_else(String::new, |stamp| stamp.author.to_string()),
                    stamp.map_or(0, |stamp| stamp.clock.0)
                ],
            )?;
        }
    }
    Ok(())
}

/// A file that a record names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The file.
    pub hash: BlobHash,
    /// Its length.
    pub bytes: u64,
    /// What the answers call it.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// The record.
    pub record: RecordId,
    /// The register.
    pub register: String,
    /// The household.
    pub root: RecordId,
    /// Where that stands.
    pub area: AreaId,
}

/// The columns that [`named`] takes, in its order; `b` is the table of names, `r` the record.
macro_rules! columns {
    () => {
        "b.hash, b.bytes, b.name, b.media, b.record, b.register, r.root, r.area"
    };
}

fn named(row: &Columns<'_>) -> Result<Named> {
    Ok(Named {
        hash: row.parsed(0)?,
        bytes: row.number(1)?,
        name: row.string(2)?,
        media: row.string(3)?,
        record: row.parsed(4)?,
        register: row.string(5)?,
        root: row.parsed(6)?,
        area: row.parsed(7)?,
    })
}

/// The file under a register of a record, the latest where there are several; or one of these.
pub fn find_named(tx: &Tx<'_>, record: RecordId, register: &str, hash: Option<BlobHash>) -> Result<Option<Named>> {
    tx.row(
        concat!(
            "SELECT ",
            columns!(),
            " FROM blob_names b JOIN records r ON r.id = b.record
              WHERE b.record = $1 AND b.register = $2 AND (CAST($3 AS TEXT) IS NULL OR b.hash = $3)
              ORDER BY b.at DESC, b.writer DESC, b.save DESC LIMIT 1"
        ),
        args![&record.to_string(), register, hash.map(|hash| hash.to_string()).as_ref()],
        named,
    )
}

/// Files that records name, area by area, in and below one area or everywhere.
pub fn each_named(tx: &Tx<'_>, area: Option<AreaId>, mut take: impl FnMut(Named) -> Result<bool>) -> Result<()> {
    tx.each(
        concat!(
            "SELECT ",
            columns!(),
            " FROM blob_names b JOIN records r ON r.id = b.record
              WHERE CAST($1 AS TEXT) IS NULL OR r.area IN (
                 WITH RECURSIVE below (id) AS (
                     SELECT id FROM areas WHERE id = $1
                     UNION SELECT areas.id FROM areas JOIN below ON areas.parent = below.id)
                 SELECT id FROM below)
              ORDER BY r.area, r.root, b.record, b.register, b.hash"
        ),
        args![area.map(|area| area.to_string()).as_ref()],
        |row| take(named(row)?),
    )
}

/// A file that a record names and that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The file.
    pub named: Named,
    /// Who named it.
    pub author: Option<UserId>,
    /// By which writer.
    pub writer: WriterId,
    /// On which device; `None` for the office.
    pub device: Option<DeviceId>,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Its device has said that it is lost for ever.
    pub is_lost: bool,
}

/// The place of a missing file in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The record.
    pub record: RecordId,
    /// The register.
    pub register: String,
    /// The file.
    pub hash: BlobHash,
}

/// Files that are missing within, by record, after the place given, at most `most`.
pub fn list_missing(tx: &Tx<'_>, within: Within, after: Option<&Place>, most: u32) -> Result<Vec<Missing>> {
    let (user, at, area) = within.texts();
    let texts = after.map(|at| (at.record.to_string(), at.register.as_str(), at.hash.to_string()));
    let (record, register, hash) = texts.unwrap_or_default();
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            ", b.author, b.writer, w.device_id, b.at, l.hash IS NOT NULL
               FROM blob_names b JOIN records r ON r.id = b.record LEFT JOIN writers w ON w.id = b.writer
               LEFT JOIN blob_losses l ON l.hash = b.hash
              WHERE (b.record, b.register, b.hash) > ($4, $5, $6)
                AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.hash = b.hash AND blobs.gone IS NULL) AND ",
            is_within!(),
            " ORDER BY b.record, b.register, b.hash LIMIT $7"
        ),
        args![user.as_ref(), at, area.as_ref(), &record, register, &hash, i64::from(most)],
        missing,
    )
}

/// Files that the records of a household name and that are not here.
pub fn list_missing_of_root(tx: &Tx<'_>, root: RecordId) -> Result<Vec<Missing>> {
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            ", b.author, b.writer, w.device_id, b.at, l.hash IS NOT NULL
               FROM records r JOIN blob_names b ON b.record = r.id LEFT JOIN writers w ON w.id = b.writer
               LEFT JOIN blob_losses l ON l.hash = b.hash
              WHERE (r.id = $1 OR (r.root = $1 AND r.root <> r.id))
                AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.hash = b.hash AND blobs.gone IS NULL)
              ORDER BY b.record, b.register, b.hash LIMIT 1000"
        ),
        args![&root.to_string()],
        missing,
    )
}

fn missing(row: &Columns<'_>) -> Result<Missing> {
    Ok(Missing {
        named: named(row)?,
        author: row.text(8)?.parse().ok(),
        writer: row.parsed(9)?,
        device: row.opt_parsed(10)?,
        at: row.int(11)?,
        is_lost: row.bool(12)?,
    })
}

/// How many files there are and their bytes, and how many are named and missing.
pub fn count(tx: &Tx<'_>) -> Result<(u64, u64, u64)> {
    let (here, bytes) = tx
        .row("SELECT count(*), coalesce(sum(bytes), 0) FROM blobs WHERE gone IS NULL", args![], |row| {
            Ok((row.number(0)?, row.number(1)?))
        })?
        .unwrap_or_default();
    let missing = tx.row(
        "SELECT count(DISTINCT b.hash) FROM blob_names b
          WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.hash = b.hash AND blobs.gone IS NULL)",
        args![],
        |row| row.number(0),
    )?;
    Ok((here, bytes, missing.unwrap_or(0)))
}

/// Every file that is here, in the order they came, after the number given, at most `most`: number, name and length.
pub fn list_after(tx: &Tx<'_>, number: u64, most: u32) -> Result<Vec<(u64, BlobHash, u64)>> {
    tx.rows(
        "SELECT number, hash, bytes FROM blobs WHERE number > $1 AND gone IS NULL ORDER BY number LIMIT $2",
        args![number, i64::from(most)],
        |row| Ok((row.number(0)?, row.parsed(1)?, row.number(2)?)),
    )
}

/// Marks files as gone that came before a moment and that no stored changeset names, at most `most`; returns them.
pub fn forget_unnamed(tx: &Tx<'_>, before: i64, now_ms: i64, most: u32) -> Result<Vec<BlobHash>> {
    let hashes: Vec<BlobHash> = tx.rows(
        "SELECT hash FROM blobs WHERE gone IS NULL AND arrived < $1
            AND NOT EXISTS (SELECT 1 FROM blob_mentions m WHERE m.hash = blobs.hash) ORDER BY number LIMIT $2",
        args![before, i64::from(most)],
        |row| row.parsed(0),
    )?;
    for hash in &hashes {
        note_absent(tx, *hash, now_ms)?;
    }
    Ok(hashes)
}

/// A file's bytes are not where they should be: whoever has them is asked for them again.
pub fn note_absent(tx: &Tx<'_>, hash: BlobHash, now_ms: i64) -> Result<()> {
    // Never before a backup that holds it, though the clock was set back since.
    let made = tx.row("SELECT coalesce(max(made), 0) FROM backups", args![], |row| row.int(0))?.unwrap_or(0);
    let gone = now_ms.max(made);
    tx.run("UPDATE blobs SET gone = $2 WHERE hash = $1 AND gone IS NULL", args![&hash.to_string(), gone])?;
    Ok(())
}

/// Files that were gone before the oldest kept backup was made: no backup needs them. Their rows are dropped.
pub fn drop_gone(tx: &Tx<'_>) -> Result<Vec<BlobHash>> {
    tx.rows(
        "DELETE FROM blobs WHERE gone IS NOT NULL
            AND gone < coalesce((SELECT made FROM backups ORDER BY id LIMIT 1), gone + 1) RETURNING hash",
        args![],
        |row| row.parsed(0),
    )
}
