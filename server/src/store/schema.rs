//! Migrations: numbered, forward only, each applied once in a transaction of its own.

use rusqlite::Connection;

use super::db::{Error, Result};

const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_people.sql"),
    include_str!("schema/0002_records.sql"),
    include_str!("schema/0003_less_work.sql"),
    include_str!("schema/0004_forms.sql"),
    include_str!("schema/0005_backups.sql"),
    include_str!("schema/0006_checks.sql"),
    include_str!("schema/0007_held.sql"),
    include_str!("schema/0008_attachments.sql"),
    include_str!("schema/0009_origins.sql"),
    include_str!("schema/0010_witnesses.sql"),
];

/// Brings a database to the newest schema; refuses one that is newer.
pub(super) fn migrate(connection: &Connection) -> Result<()> {
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (number, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT"))?;
    }
    Ok(())
}
