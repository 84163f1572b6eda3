//! The device's SQLite file: opening, settings and migrations. All SQL of the crate stands in this folder, a file a noun.

pub(crate) mod areas;
pub(crate) mod attachments;
pub(crate) mod blobs;
pub(crate) mod cursors;
pub(crate) mod drafts;
pub(crate) mod forms;
pub(crate) mod households;
pub(crate) mod ids;
pub(crate) mod interviews;
pub(crate) mod lives;
pub(crate) mod meta;
pub(crate) mod outbox;
pub(crate) mod overlay;
pub(crate) mod records;
pub(crate) mod search;
pub(crate) mod verdicts;
pub(crate) mod visits;
pub(crate) mod witnesses;

use std::path::PathBuf;

use rusqlite::Connection;
use sync_protocol::entry::Identity;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Where a device keeps its data.
#[derive(Debug, Clone)]
pub enum Place {
    /// One encrypted file.
    File(PathBuf),
    /// Nowhere: gone with the process. For tests.
    Memory,
}

/// The 32 secret bytes that encrypt a device's file; wiped from memory when dropped.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// The key of these bytes. They must be random: no derivation makes a weak one slow to guess.
    pub fn new(bytes: [u8; 32]) -> StoreKey {
        StoreKey(Zeroizing::new(bytes))
    }

    /// What the device's own papers are encrypted to.
    pub(crate) fn identity(&self) -> Identity {
        Identity::of_root(&blake3::derive_key(PAPERS_CONTEXT, self.0.as_slice()))
    }

    fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(…)")
    }
}

const PAPERS_CONTEXT: &str = "tilik 2026 device papers 1";

/// Every schema ever shipped, in order; `user_version` counts those applied.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_hashes_apart.sql"),
    include_str!("migrations/0003_forms.sql"),
    include_str!("migrations/0004_decisions.sql"),
    include_str!("migrations/0005_witnesses.sql"),
    include_str!("migrations/0006_lives.sql"),
    include_str!("migrations/0007_attachments.sql"),
];

/// Opens the store, or makes it.
pub(crate) fn open(place: &Place, key: &StoreKey) -> Result<Connection> {
    let mut store = match place {
        Place::File(path) => Connection::open(path)?,
        Place::Memory => Connection::open_in_memory()?,
    };
    if matches!(place, Place::File(_)) {
        unlock(&store, key)?;
    }
    settle(&store)?;
    migrate(&mut store)?;
    Ok(store)
}

fn unlock(store: &Connection, key: &StoreKey) -> Result<()> {
    // The bytes are given raw: they are random already, and a key derivation would cost half a second at each start.
    #[cfg(target_family = "wasm")]
    store.pragma_update(None, "cipher", "sqlcipher")?;
    // A library does not write to the terminal; what went wrong comes back as an error.
    #[cfg(not(target_family = "wasm"))]
    store.pragma_update_and_check(None, "cipher_log_level", "NONE", |_| Ok(()))?;
    let raw = Zeroizing::new(format!("x'{}'", key.hex().as_str()));
    store.pragma_update(None, "key", raw.as_str())?;
    // The key is first used, and so first found wrong, by the first read.
    match store.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(()),
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Err(Error::WrongKey),
        Err(e) => Err(e.into()),
    }
}

/// Reads every page of the store, and whether they fit each other.
pub(crate) fn check(store: &Connection) -> Result<()> {
    let told: String = store.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if told == "ok" { Ok(()) } else { Err(Error::FileDamaged) }
}

/// Settings of the connection, each with its reason.
fn settle(store: &Connection) -> Result<()> {
    // Readers do not wait for a save, and a save is one write and one flush. A browser has no shared memory for it.
    let journal = if cfg!(target_family = "wasm") { "TRUNCATE" } else { "WAL" };
    store.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(()))?;
    // "Saved" on the screen means on the disk.
    durable(store, Durable::Now)?;
    // A draft takes its records and registers with it.
    store.pragma_update(None, "foreign_keys", true)?;
    // A second program at the same file (a terminal beside an app) waits a little instead of failing.
    store.busy_timeout(std::time::Duration::from_secs(5))?;
    // 16 MiB: a page that stays in memory is not decrypted again.
    store.pragma_update(None, "cache_size", -16_384)?;
    // Temporary tables would lie on the disk unencrypted.
    store.pragma_update(None, "temp_store", "MEMORY")?;
    // Encrypted pages are of no use mapped.
    store.pragma_update(None, "mmap_size", 0)?;
    // A first pull would otherwise write its log back every 4 MB; 16 MiB is room that every phone has.
    store.pragma_update_and_check(None, "wal_autocheckpoint", 4_096, |_| Ok(()))?;
    store.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))?;
    // Statements are planned once, not again for each bound value.
    store.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    store.set_prepared_statement_cache_capacity(96);
    Ok(())
}

/// When a commit must be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durable {
    /// Before it is reported: saves, drafts, keys, tokens.
    Now,
    /// Some time later: a pull that a power cut undoes is pulled again, cursors and rows go back together.
    Soon,
}

/// Switches between the two, outside of any transaction: inside one SQLite ignores it.
pub(crate) fn durable(store: &Connection, when: Durable) -> Result<()> {
    let level = match when {
        Durable::Now => "FULL",
        Durable::Soon => "NORMAL",
    };
    Ok(store.pragma_update(None, "synchronous", level)?)
}

/// Leaves the file room for so many more pages; `None`: as many as it likes.
#[cfg(feature = "broken-on-purpose")]
pub(crate) fn leave_room(store: &Connection, pages: Option<u32>) -> Result<()> {
    let held: u32 = store.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let most = pages.map_or(u32::MAX - 1, |pages| held + pages);
    Ok(store.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?)
}

fn migrate(store: &mut Connection) -> Result<()> {
    migrate_by(store, MIGRATIONS)
}

fn migrate_by(store: &mut Connection, migrations: &[&str]) -> Result<()> {
    let version: u32 = store.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version as usize > migrations.len() {
        return Err(Error::AppTooOld);
    }
    for (number, schema) in (1_u32..).zip(migrations).skip(version as usize) {
        let step = store.transaction()?;
        step.execute_batch(schema)?;
        step.pragma_update(None, "user_version", number)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every object of a schema, as SQLite keeps it.
    fn objects(store: &Connection) -> Vec<(String, String)> {
        let mut query = store
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .expect("a query");
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("runs");
        rows.collect::<rusqlite::Result<_>>().expect("reads")
    }

    /// Stores as they were shipped: one dump for every schema, never changed afterwards.
    const SHIPPED: &[&str] = &[
        include_str!("../../tests/fixtures/schema_1.sql"),
        include_str!("../../tests/fixtures/schema_2.sql"),
        include_str!("../../tests/fixtures/schema_3.sql"),
        include_str!("../../tests/fixtures/schema_4.sql"),
        include_str!("../../tests/fixtures/schema_5.sql"),
        include_str!("../../tests/fixtures/schema_6.sql"),
        include_str!("../../tests/fixtures/schema_7.sql"),
    ];

    #[test]
    fn every_schema_ever_shipped_upgrades_to_exactly_the_fresh_one() {
        let fresh = open(&Place::Memory, &StoreKey::new([1; 32])).expect("opens");
        assert_eq!(SHIPPED.len(), MIGRATIONS.len(), "a schema without a dump of it");
        for dump in SHIPPED {
            let mut old = Connection::open_in_memory().expect("opens");
            old.execute_batch(dump).expect("a dump");
            migrate(&mut old).expect("upgrades");
            assert_eq!(objects(&old), objects(&fresh));
            let kept: String =
                old.query_row("SELECT text FROM docs WHERE doc = 1", [], |row| row.get(0)).expect("kept");
            assert!(kept.starts_with('{'));
        }
    }

    #[test]
    fn a_store_of_a_newer_app_is_left_alone() {
        let mut store = Connection::open_in_memory().expect("opens");
        store.pragma_update(None, "user_version", 99).expect("set");
        assert!(matches!(migrate(&mut store), Err(Error::AppTooOld)));
        assert!(objects(&store).is_empty());
    }
}
