//! Upgrades of a data folder: a copy is kept before its schema changes, and one command goes back to it.

use std::path::{Path, PathBuf};

use crate::ambient::Ambient;
use crate::instance::DATABASE_FILE;
use crate::store::backups;
use crate::store::db::{self, Store};

/// Begins the name of a copy that is kept before an upgrade; schema and moment follow.
const KEPT: &str = "before-upgrade-";

/// Why there is no going back, or no upgrade. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No copy lies in the folder.
    #[error("{} holds no copy from before an upgrade; restore a backup into a new folder instead", .0.display())]
    NoCopy(PathBuf),
    /// Devices may have forgotten what only the newer database holds.
    #[error("a backup was made since the upgrade, and devices rely on it: restore that one with the newer program")]
    ReliedOn,
    /// The copy does not hold together.
    #[error("the copy does not hold together: {0}")]
    Unsound(String),
    /// The system refused.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] db::Error),
}

/// What going back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The schema that the folder has now.
    pub schema: i64,
    /// Where the newer database lies.
    pub newer: PathBuf,
}

/// Keeps a copy of the database in its folder if opening it would change its schema.
pub fn keep_copy(folder: &Path, ambient: &dyn Ambient) -> Result<Option<PathBuf>, Problem> {
    let file = folder.join(DATABASE_FILE);
    let (found, known) = Store::schema_of(&file)?;
    if found >= known {
        return Ok(None);
    }
    let copy = folder.join(format!("{KEPT}{found}-{}.sqlite", ambient.now_ms()));
    Store::copy_file(&file, &copy)?;
    std::fs::File::open(&copy).and_then(|copy| copy.sync_all()).map_err(failed(&copy))?;
    Ok(Some(copy))
}

/// Puts the newest copy from before an upgrade in the place of the database, which is kept beside it.
///
/// Devices find out at their next exchange that the server knows less, and send again what came since.
pub fn go_back(folder: &Path, ambient: &dyn Ambient) -> Result<Back, Problem> {
    let file = folder.join(DATABASE_FILE);
    let (schema, copy) = newest_copy(folder)?.ok_or_else(|| Problem::NoCopy(folder.to_owned()))?;
    let examined = backups::examine(&copy)?;
    if let Some(complaint) = examined.complaint {
        return Err(Problem::Unsound(complaint));
    }
    // A crash in the middle of going back left none.
    if file.exists() {
        let held = |writer| examined.applied.iter().find(|(id, _)| *id == writer).map_or(0, |(_, applied)| *applied);
        if backups::relied_on(&file)?.into_iter().any(|(writer, backed_up)| backed_up > held(writer)) {
            return Err(Problem::ReliedOn);
        }
        Store::checkpoint_file(&file)?;
    }
    let newer = folder.join(format!("newer-{}.sqlite", ambient.now_ms()));
    // A copy of the copy: going back twice is possible, and a crash between the two leaves both files.
    let part = folder.join(format!("{DATABASE_FILE}.part"));
    std::fs::copy(&copy, &part).map_err(failed(&part))?;
    std::fs::File::open(&part).and_then(|part| part.sync_all()).map_err(failed(&part))?;
    if file.exists() {
        std::fs::rename(&file, &newer).map_err(failed(&file))?;
    }
    std::fs::rename(&part, &file).map_err(failed(&part))?;
    Ok(Back { schema, newer })
}

/// The copy of the newest moment, with its schema.
fn newest_copy(folder: &Path) -> Result<Option<(i64, PathBuf)>, Problem> {
    let entries = std::fs::read_dir(folder).map_err(failed(folder))?;
    let named = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?.strip_prefix(KEPT)?.strip_suffix(".sqlite")?.to_owned();
        let (schema, moment) = name.split_once('-')?;
        Some((moment.parse::<i64>().ok()?, schema.parse::<i64>().ok()?, path))
    });
    Ok(named.max().map(|(_, schema, path)| (schema, path)))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Problem {
    let path = path.to_owned();
    move |reason| Problem::File { path, reason }
}

#[cfg(test)]
mod tests {
    use sync_protocol::WriterId;

    use super::*;
    use crate::ambient::Machine;
    use crate::store::backups::Backup;
    use crate::store::{held, writers};
    use crate::sync::Hub;

    /// A data folder as a server of schema 6 left it.
    fn old() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let dump = include_str!("../tests/fixtures/schema_6.sql");
        Store::write_dump(&folder.path().join(DATABASE_FILE), dump).expect("written");
        folder
    }

    #[test]
    fn a_copy_is_kept_before_an_upgrade_and_one_command_goes_back_to_it() {
        let folder = old();
        let file = folder.path().join(DATABASE_FILE);
        let copy = keep_copy(folder.path(), &Machine).expect("kept").expect("an upgrade is due");
        let store = Store::open(&file).expect("upgrades");
        // What was quarantined before there was a list of it is on the list, with what it touches.
        let hub = Hub::start(store, Machine::shared()).expect("starts");
        let held = hub.store.read(|tx| held::list_unsettled(tx, None, 9)).expect("reads");
        assert_eq!(held.len(), 2);
        let records = hub.store.read(|tx| held::list_records(tx, &held[1].id)).expect("reads");
        assert_eq!(records.len(), 1);
        drop(hub);
        assert_eq!(keep_copy(folder.path(), &Machine).expect("looks"), None, "only before an upgrade");

        let back = go_back(folder.path(), &Machine).expect("goes back");
        assert_eq!((back.schema, Store::schema_of(&file).expect("reads").0), (6, 6));
        assert!(back.newer.is_file() && copy.is_file(), "nothing is deleted");
    }

    #[test]
    fn there_is_no_going_back_behind_what_devices_rely_on() {
        let folder = old();
        assert!(matches!(go_back(folder.path(), &Machine), Err(Problem::NoCopy(_))));
        keep_copy(folder.path(), &Machine).expect("kept");
        let store = Store::open(&folder.path().join(DATABASE_FILE)).expect("upgrades");
        let writer = WriterId::from_u128(0x100);
        let backup = Backup { made: 1, file: "later".to_owned(), bytes: 1, applied: vec![(writer, 9)], blobs: 0 };
        store.write(move |tx| backups::add(tx, &backup, 1)).expect("backed up");
        assert!(store.read(|tx| writers::find(tx, writer)).expect("reads").is_some());
        drop(store);
        assert!(matches!(go_back(folder.path(), &Machine), Err(Problem::ReliedOn)));
    }
}
