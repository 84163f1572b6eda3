//! Backups: one file that holds all that a server needs to stand again, proven by reading it back, and its restoring.
//!
//! A backup is a tar archive compressed with zstd: `manifest.json`, the database, the keys, the settings; attached files lie
//! in a folder beside it that all backups share. Whoever has
//! it can read every household and speak as the server: it is kept as the data folder is.

mod archive;
mod attachments;
mod making;
mod restoring;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::attachments::ShelfProblem;
use crate::store::db;

pub use attachments::{Attached, restore_attachments};
pub use making::{Made, make};
pub use restoring::{Restored, restore};

/// The newest layout of the archive that this program writes and reads.
const LAYOUT: u32 = 1;
/// First entry of the archive.
const MANIFEST: &str = "manifest.json";

/// What an archive holds, told before all else in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the archive.
    pub layout: u32,
    /// Program that made it, e.g. `0.1.0`.
    pub program: String,
    /// When the snapshot was taken, milliseconds since 1970.
    pub made: i64,
    /// Name of the project.
    pub project: String,
    /// Records in the database.
    pub records: u64,
    /// Changesets in the database.
    pub changesets: u64,
    /// Attached files, in the folder beside the archive.
    #[serde(default)]
    pub attachments: Attached,
    /// The other entries, in their order.
    pub files: Vec<Entry>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name within the data folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 of its bytes, hexadecimal.
    pub blake3: String,
}

/// Why a backup was not made, or nothing restored from it. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The system refused.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A file of that name is there.
    #[error("{} is there already; nothing was changed", .0.display())]
    Taken(PathBuf),
    /// The folder is in use.
    #[error("{} holds a database already; restore into a new folder and put that in its place", .0.display())]
    InUse(PathBuf),
    /// It is not a backup, or not one that this program knows.
    #[error("{} is no backup that this program can read: {why}", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// An entry is not what the manifest says.
    #[error("{} is damaged: {entry} is not what it was when the backup was made", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The entry.
        entry: String,
    },
    /// The database does not hold together.
    #[error("the database does not hold together: {0}")]
    Unsound(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] db::Error),
    /// Attached files cannot be read or put.
    #[error(transparent)]
    Attachments(ShelfProblem),
}

fn failed(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Problem {
    let path = path.into();
    move |reason| Problem::File { path, reason }
}

#[cfg(test)]
mod tests;
