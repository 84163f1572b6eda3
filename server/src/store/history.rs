//! The history of a record: the saves that touched it, who made them, on what, when, and what they wrote.

use sync_protocol::exchange::VerdictRange;
use sync_protocol::ids::DeviceId;
use sync_protocol::{RecordId, UserId, WriterId};

use super::db::{Error, Result, Tx};
use crate::args;

/// One save that touched a record.
#[derive(Debug, Clone)]
pub struct Touch {
    /// Whose writer.
    pub writer: WriterId,
    /// The save.
    pub save: u64,
    /// The person who pressed save.
    pub author: UserId,
    /// When, by the clock everybody ranks by; milliseconds since 1970.
    pub clock: i64,
    /// When the server got it; milliseconds since 1970.
    pub received: i64,
    /// On what; `None` for the office.
    pub device: Option<DeviceId>,
    /// The save's exact line.
    pub line: String,
    /// Verdicts of the changeset that are not plainly applied.
    pub verdicts: Vec<VerdictRange>,
}

/// The saves that touched a record, the newest first, at most `most`.
pub fn list(tx: &Tx<'_>, record: RecordId, most: u32) -> Result<Vec<Touch>> {
    tx.rows(
        "SELECT t.writer, t.save, c.author, c.clock, c.received, w.device_id, c.first, c.payload, c.verdicts
           FROM touches t
           JOIN changesets c ON c.writer = t.writer AND c.first <= t.save AND c.seq >= t.save
           JOIN writers w ON w.id = t.writer
          WHERE t.record = $1 ORDER BY c.clock DESC, t.writer, t.save DESC LIMIT $2",
        args![&record.to_string(), i64::from(most)],
        |row| {
            let (save, first) = (row.number(1)?, row.number(6)?);
            let place = usize::try_from(save - first).map_err(|_| Error::Stored("a save number"))?;
            let line = row.text(7)?.split('\n').nth(place).ok_or(Error::Stored("a save line"))?;
            let verdicts = serde_json::from_str(row.opt_text(8)?.unwrap_or("[]"));
            Ok(Touch {
                writer: row.parsed(0)?,
                save,
                author: row.parsed(2)?,
                clock: row.int(3)?,
                received: row.int(4)?,
                device: row.opt_parsed(5)?,
                line: line.to_owned(),
                verdicts: verdicts.map_err(|_| Error::Stored("verdicts"))?,
            })
        },
    )
}

/// The visit of a household that one save wrote, if it wrote one.
pub fn find_visit(tx: &Tx<'_>, root: RecordId, writer: WriterId, save: u64) -> Result<Option<RecordId>> {
    tx.row(
        "SELECT r.id FROM records r JOIN touches t ON t.record = r.id AND t.writer = $2 AND t.save = $3
          WHERE r.root = $1 AND r.root <> r.id AND r.collection = 'visit' ORDER BY r.id LIMIT 1",
        args![&root.to_string(), &writer.to_string(), save],
        |row| row.parsed(0),
    )
}

/// Who made a save, and when by the clock everybody ranks by.
pub fn find_author(tx: &Tx<'_>, writer: WriterId, save: u64) -> Result<Option<(UserId, i64)>> {
    let found = tx.row(
        "SELECT author, clock, first FROM changesets WHERE writer = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
        args![&writer.to_string(), save],
        |row| Ok((row.parsed(0)?, row.int(1)?, row.number(2)?)),
    )?;
    Ok(found.filter(|found| found.2 <= save).map(|found| (found.0, found.1)))
}
