//! Registers that hold several values: the office's list of what a person must settle.

use sync_protocol::{AreaId, RecordId};

use super::db::{Result, Tx};
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

/// Conflicts, oldest first, after the one given, at most `most`.
pub fn list(tx: &Tx<'_>, after: Option<(i64, RecordId)>, most: u32) -> Result<Vec<Conflict>> {
    let (since, record) = after.map_or((-1, String::new()), |(since, record)| (since, record.to_string()));
    tx.rows(
        "SELECT record, register, root, area, since FROM conflicts WHERE since > $1 OR (since = $1 AND record > $2)
          ORDER BY since, record, register LIMIT $3",
        args![since, &record, i64::from(most)],
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
