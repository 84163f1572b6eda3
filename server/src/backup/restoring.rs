//! Restoring: a backup becomes a data folder again, whole or not at all.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::making::sync_folder;
use super::{Entry, Manifest, Problem, archive, failed};
use crate::ambient::Ambient;
use crate::instance::DATABASE_FILE;
use crate::store::{Store, backups};

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Of the backup.
    pub manifest: Manifest,
    /// Sessions of the office that were ended.
    pub sessions_ended: u64,
}

/// Restores `from` into `data`, a folder without a database.
///
/// Every file is written beside its place and held against its hash; the database takes its place last, so a folder
/// that has one was restored whole. The office signs in anew: what was revoked after the backup is not revoked in it. Devices
/// find out at their next exchange that the server knows less, and send again what it lacks.
pub fn restore(from: &Path, data: &Path, ambient: &Arc<dyn Ambient>) -> Result<Restored, Problem> {
    if data.join(DATABASE_FILE).exists() {
        return Err(Problem::InUse(data.to_owned()));
    }
    std::fs::create_dir_all(data).map_err(failed(data))?;
    #[cfg(unix)]
    std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(failed(data))?;
    let manifest = archive::unpack(from, |entry| open(&part(data, entry)))?;
    let database = manifest.files.iter().find(|entry| entry.name == DATABASE_FILE);
    let database = database.ok_or(Problem::NotABackup { path: from.to_owned(), why: "it holds no database" })?;
    let examined = backups::examine(&part(data, database))?;
    if let Some(complaint) = examined.complaint {
        return Err(Problem::Unsound(complaint));
    }
    let sessions_ended = mark(&part(data, database), &manifest, ambient)?;
    for entry in manifest.files.iter().filter(|entry| entry.name != DATABASE_FILE) {
        place(data, entry)?;
    }
    place(data, database)?;
    sync_folder(&data.join(DATABASE_FILE))?;
    Ok(Restored { manifest, sessions_ended })
}

fn part(data: &Path, entry: &Entry) -> PathBuf {
    data.join(format!("{}.part", entry.name))
}

fn open(path: &Path) -> Result<Box<dyn Write>, Problem> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed(path))?;
    Ok(Box::new(Durable(BufWriter::new(file))))
}

/// Flushing reaches the disk.
struct Durable(BufWriter<std::fs::File>);

impl Write for Durable {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

/// Brings the database to this program's schema and writes down that it was restored.
fn mark(database: &Path, manifest: &Manifest, ambient: &Arc<dyn Ambient>) -> Result<u64, Problem> {
    let store = Store::open(database)?;
    let (now, made) = (ambient.now_ms(), manifest.made);
    let ended = store.write(move |tx| backups::note_restore(tx, made, now))?;
    // All of it lies in the file that is put in place, none in a log beside it.
    store.checkpoint()?;
    Ok(ended)
}

fn place(data: &Path, entry: &Entry) -> Result<(), Problem> {
    let to = data.join(&entry.name);
    std::fs::rename(part(data, entry), &to).map_err(failed(&to))
}
