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
    include_str!("schema/0011_gaps.sql"),
    include_str!("schema/0012_awaits.sql"),
];

/// The newest schema that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Brings a database to the newest schema; refuses one that is newer.
pub(super) fn migrate(connection: &Connection) -> Result<()> {
    let known = newest();
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (number, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Databases as they were shipped: one dump for every schema, never changed afterwards.
    fn fixture(number: usize) -> PathBuf {
        PathBuf::from(format!("{}/tests/fixtures/schema_{number}.sql", env!("CARGO_MANIFEST_DIR")))
    }

    /// Every object of a schema, as the engine keeps it.
    fn objects(db: &Connection) -> Vec<(String, String)> {
        let mut query = db
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .expect("a query");
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("runs");
        rows.collect::<rusqlite::Result<_>>().expect("reads")
    }

    fn upgraded(number: usize) -> Connection {
        let text = std::fs::read_to_string(fixture(number))
            .unwrap_or_else(|_| panic!("schema_{number}.sql is absent: it is the dump of the one before it, upgraded"));
        let old = Connection::open_in_memory().expect("opens");
        old.execute_batch(&text).expect("a dump");
        migrate(&old).expect("upgrades");
        old
    }

    #[test]
    fn every_schema_ever_shipped_upgrades_to_exactly_the_fresh_one() {
        let fresh = Connection::open_in_memory().expect("opens");
        migrate(&fresh).expect("makes");
        for number in 1..=MIGRATIONS.len() {
            let old = upgraded(number);
            assert_eq!(objects(&old), objects(&fresh), "schema {number}");
            let people: i64 = old.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).expect("reads");
            let held: i64 = old.query_row("SELECT count(*) FROM held", [], |row| row.get(0)).expect("reads");
            // What was quarantined in the days of schema 2 is on the list that came with schema 7.
            assert_eq!((people, held), (2, if number >= 2 { 2 } else { 0 }), "schema {number}");
        }
    }

    #[test]
    fn a_database_of_a_newer_program_is_left_alone() {
        let db = Connection::open_in_memory().expect("opens");
        db.pragma_update(None, "user_version", 999).expect("set");
        let refused = migrate(&db).expect_err("is refused").to_string();
        assert!(refused.contains("999") && refused.contains("downgrade"), "{refused}");
        assert!(objects(&db).is_empty());
    }
}
