//! Attachments in backups: each file once, under its hash, in a folder beside the backups that all of them share.
//!
//! A backup's database says which files it needs; the folder holds those of every kept backup. So a nightly backup copies
//! only what came since the last, and each copy is read back before the backup counts.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sync_protocol::BlobHash;

use super::making::sync_folder;
use super::{Problem, failed};
use crate::attachments::ShelfProblem;
use crate::instance::Instance;
use crate::store::{backups, blobs, db};

/// The folder beside the backups.
const FOLDER: &str = "tilik-attachments";
/// Files of one look into the database, and of one put on the shelf.
const AT_ONCE: u32 = 64;

/// Attachments that a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attached {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the database knows and that are on no disk: their devices are asked for them again.
    pub absent: u64,
    /// The highest number of a file that it holds.
    #[serde(default)]
    pub upto: u64,
}

/// The folder that the backups beside a file share.
fn folder(backup: &Path) -> PathBuf {
    backup.with_file_name(FOLDER)
}

fn place(folder: &Path, hash: BlobHash) -> PathBuf {
    let text = hash.to_string();
    folder.join(&text[..2]).join(text)
}

/// Copies what a snapshot's database names and the folder lacks.
pub(super) fn copy(instance: &Instance, snapshot: &Path, backup: &Path) -> Result<Attached, Problem> {
    let folder = folder(backup);
    let mut attached = Attached::default();
    let mut absent = Vec::new();
    backups::each_blob(snapshot, |number, hash, bytes| {
        attached.upto = attached.upto.max(number);
        let to = place(&folder, hash);
        if std::fs::metadata(&to).is_ok_and(|found| found.len() == bytes) || copy_one(instance, hash, &to)? {
            attached.files += 1;
            attached.bytes += bytes;
        } else {
            absent.push(hash);
        }
        Ok::<_, Problem>(())
    })?;
    attached.absent = absent.len() as u64;
    note_absent(instance, absent)?;
    Ok(attached)
}

/// Tells whether the file was there to be copied.
fn copy_one(instance: &Instance, hash: BlobHash, to: &Path) -> Result<bool, Problem> {
    let bytes = match instance.attachments.shelf.get(hash) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(ShelfProblem::Damaged(_)) => return Ok(false),
        Err(problem) => return Err(Problem::Attachments(problem)),
    };
    let within = to.parent().expect("a file lies in a folder");
    std::fs::create_dir_all(within).map_err(failed(within))?;
    let part = to.with_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(failed(&part))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed(&part))?;
    drop(file);
    // A copy that was never read is a hope.
    if read(&part)?.is_none_or(|bytes| BlobHash::of(&bytes) != hash) {
        return Err(Problem::Damaged { path: part, entry: hash.to_string() });
    }
    std::fs::rename(&part, to).map_err(failed(to))?;
    sync_folder(to)?;
    Ok(true)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(reason) if reason.kind() == ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed(path)(reason)),
    }
}

/// Whoever brought these is asked for them again.
fn note_absent(instance: &Instance, hashes: Vec<BlobHash>) -> Result<(), Problem> {
    if hashes.is_empty() {
        return Ok(());
    }
    let now = instance.now();
    let note = move |tx: &crate::store::Tx<'_>| hashes.iter().try_for_each(|hash| blobs::note_absent(tx, *hash, now));
    Ok(instance.store.write::<_, db::Error>(note)?)
}

/// Forgets copies that no kept backup needs.
pub(super) fn prune(backup: &Path, gone: &[BlobHash]) -> Result<(), Problem> {
    for hash in gone {
        super::making::remove(&place(&folder(backup), *hash))?;
    }
    Ok(())
}

/// Puts the files of a backup back on the shelf of a restored server; may be repeated. What the backup lacks, devices send
/// again.
pub fn restore_attachments(backup: &Path, instance: &Instance) -> Result<Attached, Problem> {
    let folder = folder(backup);
    let mut attached = Attached::default();
    let mut after = 0;
    loop {
        let listed = instance.store.read(|tx| blobs::list_after(tx, after, AT_ONCE))?;
        let Some((last, ..)) = listed.last() else { return Ok(attached) };
        after = *last;
        let (mut files, mut absent) = (Vec::new(), Vec::new());
        for (_, hash, bytes) in listed {
            match read(&place(&folder, hash))?.filter(|file| BlobHash::of(file) == hash) {
                Some(file) => files.push((hash, file)),
                // A shelf elsewhere has survived what the database has not.
                None if matches!(instance.attachments.shelf.get(hash), Ok(Some(_))) => {
                    attached.files += 1;
                    attached.bytes += bytes;
                }
                None => absent.push(hash),
            }
        }
        for (_, file) in &files {
            attached.files += 1;
            attached.bytes += file.len() as u64;
        }
        for (_, put) in instance.attachments.shelf.put(files) {
            put.map_err(Problem::Attachments)?;
        }
        attached.absent += absent.len() as u64;
        note_absent(instance, absent)?;
    }
}
