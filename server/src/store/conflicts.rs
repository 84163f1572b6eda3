//! Registers that hold several values: the office's list of what a person must settle.

use sync_protocol::{AreaId, RecordId};

use super::db::{Result, Tx};
use super::households::{Within, is_within};
use crate::args;

/// One register that holds different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The record.
    pub record: RecordId,
    /// Its register.
    pub register: String,
    /// The household.
    pub root: RecordId,
    /// Where it stands.
    pub area: AreaId,
    /// Since when, milliseconds since 1970.
    pub since: i64,
}

/// Makes the list agree with a record's row.
pub fn set(tx: &Tx<'_>, record: RecordId, root: RecordId, area: AreaId, registers: &[&str], now_ms: i64) -> Result<()> {
    let id = record.to_string();
    let listed = tx.rows("SELECT register FROM conflicts WHERE record = $1", args![&id], |row| row.string(0))?;
    for gone in listed.iter().filter(|name| !registers.contains(&name.as_str())) {
        tx.run("DELETE FROM conflicts WHERE record = $1 AND register = $2", args![&id, gone])?;
    }
    for register in registers {
        tx.run(
            "INSERT INTO conflicts (record, register, root, area, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (record, register) DO UPDATE SET root = excluded.root, area = excluded.area",
            args![&id, *register, &root.to_string(), &area.to_string(), now_ms],
        )?;
    }
    Ok(())
}

/// The place of a conflict in the list: since when, record, register.
pub type Place = (i64, RecordId, String);

/// Conflicts within, oldest first, after the place given, at most `most`.
pub fn list(tx: &Tx<'_>, within: Within, after: Option<Place>, most: u32) -> Result<Vec<Conflict>> {
    let (user, at, area) = within.texts();
    let (since, record, register) =
        after.map_or((-1, String::new(), String::new()), |place| (place.0, place.1.to_string(), place.2));
    tx.rows(
        concat!(
            "SELECT record, register, root, area, since FROM conflicts
              WHERE (since > $4 OR (since = $4 AND (record > $5 OR (record = $5 AND register > $6)))) AND ",
            is_within!(),
            " ORDER BY since, record, register LIMIT $7"
        ),
        args![user.as_ref(), at, area.as_ref(), since, &record, &register, i64::from(most)],
        |row| {
            Ok(Conflict {
                record: row.parsed(0)?,
                register: row.string(1)?,
                root: row.parsed(2)?,
                area: row.parsed(3)?,
                since: row.int(4)?,
            })
        },
    )
}

/// How many registers hold several values.
pub fn count(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.row("SELECT count(*) FROM conflicts", args![], |row| row.number(0))?.unwrap_or(0))
}
