//! What has come of files that are under way: one growing file for each person and attachment. How long it is, is how far it
//! is; whether it is right shows in its hash once it is whole.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use sync_protocol::{BlobHash, UserId};

use super::Problem;
use super::shelf::make_private;

/// The folder of parts.
#[derive(Debug)]
pub(super) struct Parts {
    folder: PathBuf,
    /// Two sessions of one person may bring the same file: one after the other.
    one_at_a_time: Mutex<()>,
}

impl Parts {
    pub(super) fn within(folder: PathBuf) -> Parts {
        Parts { folder, one_at_a_time: Mutex::default() }
    }

    fn file(&self, user: UserId, hash: BlobHash) -> PathBuf {
        self.folder.join(user.to_string()).join(hash.to_string())
    }

    /// How much of a file has come.
    pub(super) fn held(&self, user: UserId, hash: BlobHash) -> Result<u64, Problem> {
        let path = self.file(user, hash);
        match std::fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(reason) if reason.kind() == ErrorKind::NotFound => Ok(0),
            Err(reason) => Err(Problem::Part { path, reason }),
        }
    }

    /// Bytes of all that has come of a person's files under way.
    pub(super) fn held_of(&self, user: UserId) -> u64 {
        let entries = std::fs::read_dir(self.folder.join(user.to_string())).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    /// Appends what continues a file of `whole` bytes, and passes over what it holds already; tells how much it holds now.
    pub(super) fn append(
        &self,
        user: UserId,
        hash: BlobHash,
        whole: u64,
        from: u64,
        bytes: &[u8],
    ) -> Result<u64, Problem> {
        let path = self.file(user, hash);
        let failed = |reason: std::io::Error| match reason.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Problem::Full,
            _ => Problem::Part { path: path.clone(), reason },
        };
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held(user, hash)?;
        let Some(known) = held.checked_sub(from) else { return Ok(held) };
        let Some(news) = usize::try_from(known).ok().and_then(|known| bytes.get(known..)) else { return Ok(held) };
        // Another session may have announced another length; the hash decides in the end.
        let news = &news[..news.len().min(usize::try_from(whole.saturating_sub(held)).unwrap_or(usize::MAX))];
        if news.is_empty() {
            return Ok(held);
        }
        let folder = path.parent().expect("a part lies in its person's folder");
        make_private(&self.folder).and_then(|()| make_private(folder)).map_err(failed)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        // What a full disk took of it is held as well: the length says how much.
        file.write_all(news).map_err(failed)?;
        Ok(held + news.len() as u64)
    }

    /// All that has come.
    pub(super) fn read(&self, user: UserId, hash: BlobHash) -> Result<Vec<u8>, Problem> {
        let path = self.file(user, hash);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map(|_| bytes).map_err(|reason| Problem::Part { path, reason })
    }

    /// Forgets what has come.
    pub(super) fn remove(&self, user: UserId, hash: BlobHash) -> Result<(), Problem> {
        let path = self.file(user, hash);
        match std::fs::remove_file(&path) {
            Err(reason) if reason.kind() != ErrorKind::NotFound => Err(Problem::Part { path, reason }),
            _ => Ok(()),
        }
    }

    /// Forgets parts that have not grown for this long; tells how many.
    pub(super) fn drop_older_than(&self, age: std::time::Duration) -> u64 {
        let people = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = people.flat_map(|person| list(&person.path()));
        let old = files.filter(|file| is_older_than(file, age));
        old.filter(|file| std::fs::remove_file(file).is_ok()).count() as u64
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn is_older_than(file: &Path, age: std::time::Duration) -> bool {
    // The file system's own clock, against itself: no time that anybody was told.
    let modified = std::fs::metadata(file).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed > age))
}
