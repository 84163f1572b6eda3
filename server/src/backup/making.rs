//! Making a backup beside a running server: a snapshot, its examination, the archive, and the proof that it can be read.

use std::io::{Write, sink};
use std::path::{Path, PathBuf};

use super::{Entry, LAYOUT, Manifest, Problem, archive, attachments, failed};
use crate::config;
use crate::instance::{DATABASE_FILE, Instance};
use crate::secrets::keys::{ROOT_FILE, TOKEN_FILE};
use crate::store::backups::{self, Backup, Examined};
use crate::store::{blobs, db};

/// The snapshot while it is examined and packed, in the data folder.
const SNAPSHOT_FILE: &str = "backup-snapshot.sqlite";

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it holds.
    pub manifest: Manifest,
    /// Its length.
    pub bytes: u64,
    /// Older backups that were deleted because enough newer ones are kept.
    pub deleted: Vec<PathBuf>,
}

/// Backs up the data folder of `instance` into the new file `to`, and keeps the `keep` newest backups.
///
/// Devices forget a sealed changeset only once the *oldest* kept backup holds it; that is moved last, after the file
/// was read back from where it lies. A crash at any point leaves the older backups and what devices were told.
pub fn make(instance: &Instance, data: &Path, to: &Path, keep: usize) -> Result<Made, Problem> {
    if to.exists() {
        return Err(Problem::Taken(to.to_owned()));
    }
    let to = absolute(to)?;
    let snapshot = data.join(SNAPSHOT_FILE);
    // Before the snapshot: what is gone by then is not in it.
    let made = instance.now();
    let packed = {
        let _gone_at_the_end = Scrap(&snapshot);
        remove(&snapshot)?;
        instance.store.copy_into(&snapshot)?;
        pack(instance, data, &snapshot, &to, made)
    };
    let (manifest, examined) = packed?;
    let bytes = std::fs::metadata(&to).map_err(failed(&to))?.len();
    let blobs = manifest.attachments.upto;
    let backup = Backup { made, file: to.display().to_string(), bytes, applied: examined.applied, blobs };
    let (older, unneeded) = instance.store.write(move |tx| {
        let older = backups::add(tx, &backup, keep)?;
        Ok::<_, db::Error>((older, blobs::drop_gone(tx)?))
    })?;
    attachments::prune(&to, &unneeded)?;
    let mut deleted = Vec::new();
    for file in older.into_iter().map(PathBuf::from) {
        remove(&file)?;
        deleted.push(file);
    }
    Ok(Made { manifest, bytes, deleted })
}

fn pack(
    instance: &Instance,
    data: &Path,
    snapshot: &Path,
    to: &Path,
    made: i64,
) -> Result<(Manifest, Examined), Problem> {
    let examined = backups::examine(snapshot)?;
    if let Some(complaint) = &examined.complaint {
        return Err(Problem::Unsound(complaint.clone()));
    }
    let attachments = attachments::copy(instance, snapshot, to)?;
    let beside = [ROOT_FILE, TOKEN_FILE, config::FILE];
    let mut files = vec![archive::entry(DATABASE_FILE, snapshot)?];
    for name in beside.into_iter().filter(|name| data.join(name).is_file()) {
        files.push(archive::entry(name, &data.join(name))?);
    }
    let manifest = Manifest {
        layout: LAYOUT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made,
        project: instance.project.to_string(),
        records: examined.records,
        changesets: examined.changesets,
        attachments,
        files,
    };
    let part = to.with_extension("part");
    let _gone_at_the_end = Scrap(&part);
    let path = |entry: &Entry| if entry.name == DATABASE_FILE { snapshot.to_owned() } else { data.join(&entry.name) };
    archive::pack(&part, &manifest, path)?;
    // A backup that was never read is a hope.
    archive::unpack(&part, |_| Ok(Box::new(sink()) as Box<dyn Write>))?;
    std::fs::rename(&part, to).map_err(failed(to))?;
    sync_folder(to)?;
    Ok((manifest, examined))
}

/// A rename is durable once its folder is.
pub(super) fn sync_folder(of: &Path) -> Result<(), Problem> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

fn absolute(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(failed(path))
}

pub(super) fn remove(path: &Path) -> Result<(), Problem> {
    match std::fs::remove_file(path) {
        Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => Err(failed(path)(reason)),
        _ => Ok(()),
    }
}

/// A file that is of no use once this goes.
struct Scrap<'p>(&'p Path);

impl Drop for Scrap<'_> {
    fn drop(&mut self) {
        // Left behind it is replaced by the next backup.
        let _ = std::fs::remove_file(self.0);
    }
}
