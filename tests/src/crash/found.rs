//! After all the killing: what the server holds of what was confirmed, and whether everybody's files are sound.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use server::args;
use server::instance::DATABASE_FILE;
use server::store::{Store, db, feed};
use sync_protocol::{Digest, RowHash, WriterId};
use tilik::keys::StoreFolder;

use super::Outcome;
use super::{driver, log};

/// A device's folder and its log.
pub(super) struct Traces<'a> {
    pub(super) folder: &'a Path,
    pub(super) log: &'a Path,
}

/// Holds the devices' logs and files against the server's.
pub(super) fn look(server: &Path, devices: &[Traces<'_>]) -> Result<Outcome> {
    let file = server.join(DATABASE_FILE);
    let mut outcome = Outcome { unsound: u64::from(!is_sound(&file, None)?), ..Outcome::default() };
    let store = Store::open(&file)?;
    let stored = stored(&store)?;
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    stored.values().for_each(|line| *times.entry(line).or_default() += 1);
    outcome.doubled = times.values().map(|times| times - 1).sum();
    for device in devices {
        for confirmed in log::read(device.log)? {
            outcome.acknowledged += 1;
            let found = stored.get(&(confirmed.writer, confirmed.save)) == Some(&confirmed.line);
            outcome.found += u64::from(found);
        }
        outcome.mismatched += mismatched(&store, device.folder)?;
        outcome.unsound += u64::from(!is_sound(&StoreFolder::new(device.folder).store(), Some(device.folder))?);
    }
    outcome.lost = outcome.acknowledged - outcome.found;
    Ok(outcome)
}

/// Hash of the line of every save of a device that the server holds.
fn stored(store: &Store) -> Result<BTreeMap<(WriterId, u64), String>> {
    let changesets = store.read(|tx| {
        tx.rows(
            "SELECT changesets.writer, first, payload FROM changesets JOIN writers ON writers.id = changesets.writer
              WHERE writers.user_id IS NOT NULL",
            args![],
            |row| Ok((row.parsed::<WriterId>(0)?, row.number(1)?, row.string(2)?)),
        )
    });
    let changesets = changesets.map_err(|e: db::Error| e)?;
    let lines = changesets.iter().flat_map(|(writer, first, payload)| {
        let hash = |line: &str| blake3::hash(line.as_bytes()).to_hex().to_string();
        (*first..).zip(payload.split('\n')).map(move |(save, line)| ((*writer, save), hash(line)))
    });
    Ok(lines.collect())
}

/// Areas of a device whose rows are not the server's.
fn mismatched(store: &Store, folder: &Path) -> Result<u64> {
    let device = driver::open(folder)?;
    let mut mismatched = 0;
    for area in device.areas()?.into_iter().filter(|area| area.node.granted) {
        let mut sum = Digest::default();
        device.base_texts(area.node.id)?.iter().for_each(|(_, text)| sum.add(RowHash::of(text)));
        let head = store.read(|tx| feed::head(tx, area.node.id)).map_err(|e: db::Error| e)?;
        mismatched += u64::from(head.digest != sum);
    }
    Ok(mismatched)
}

/// SQLite's own check of a file, with the key that lies in the folder of a device.
fn is_sound(file: &Path, folder: Option<&Path>) -> Result<bool> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if let Some(folder) = folder {
        let key = std::fs::read_to_string(folder.join("tilik.key"))?;
        connection.pragma_update(None, "key", format!("x'{}'", key.trim()))?;
    }
    let said: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok(said == "ok")
}
