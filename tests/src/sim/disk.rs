//! The disk of one process: its database, the log beside it, and what else lies in its folder.
//!
//! A process that dies leaves its files as they lie. The log of an SQLite file holds one frame a page written, and a commit
//! ends at a frame: so a log cut after any frame is what a death at that moment leaves behind, before a commit or after it.

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Bytes before the first frame of a log, and before the page in each frame.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

pub(super) struct Disk {
    folder: PathBuf,
    name: &'static str,
}

/// Where a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Of the log's header: another one after each time that the log began anew.
    salt: [u8; 8],
    frames: usize,
}

impl Disk {
    /// The disk whose database is `folder/name`.
    pub(super) fn new(folder: PathBuf, name: &'static str) -> io::Result<Disk> {
        std::fs::create_dir_all(&folder)?;
        Ok(Disk { folder, name })
    }

    /// The database file.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// A file that a lost disk does not take with it.
    pub(super) fn beside(&self, extension: &str) -> PathBuf {
        self.folder.with_extension(extension)
    }

    /// The disk is gone with all that lay on it, and that file becomes the database of a new one.
    pub(super) fn replace(&self, file: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(&self.folder)?;
        std::fs::create_dir_all(&self.folder)?;
        std::fs::rename(file, self.file())
    }

    /// Where the database's log ends now.
    pub(super) fn position(&self) -> io::Result<Position> {
        Ok(Log::read(&self.log(&self.folder))?.map_or(Position { salt: [0; 8], frames: 0 }, |log| log.position()))
    }

    /// The ends of the log that a death since then may leave behind, in frames.
    pub(super) fn ends_since(&self, then: Position) -> io::Result<RangeInclusive<usize>> {
        let now = self.position()?;
        // A log that began anew since then was written into the database before.
        Ok(if now.salt == then.salt { then.frames..=now.frames } else { 0..=now.frames })
    }

    /// Keeps what the next process will find if this one dies now, its log cut after so many frames.
    pub(super) fn stage(&self, frames: Option<usize>) -> io::Result<()> {
        let next = self.next();
        copy(&self.folder, &next)?;
        let log = self.log(&next);
        match (frames, Log::read(&log)?) {
            (Some(frames), Some(read)) => std::fs::OpenOptions::new().write(true).open(&log)?.set_len(read.end(frames)),
            _ => Ok(()),
        }
    }

    /// The process is gone, whatever it did while it went: the files are those that were staged.
    pub(super) fn settle(&self) -> io::Result<()> {
        std::fs::remove_dir_all(&self.folder)?;
        std::fs::rename(self.next(), &self.folder)
    }

    fn next(&self) -> PathBuf {
        self.folder.with_extension("next")
    }

    fn log(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}-wal", self.name))
    }
}

/// Copies a folder's files, but for the index of a log, which is only good in the memory of its processes.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&path, &to.join(name))?;
        } else if !path.to_string_lossy().ends_with("-shm") {
            std::fs::copy(path, to.join(name))?;
        }
    }
    Ok(())
}

/// A log's bytes.
struct Log(Vec<u8>);

impl Log {
    fn read(path: &Path) -> io::Result<Option<Log>> {
        match std::fs::read(path) {
            Ok(bytes) if bytes.len() >= LOG_HEADER => Ok(Some(Log(bytes))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn salt(&self) -> [u8; 8] {
        self.0[16..24].try_into().expect("8 bytes")
    }

    fn frame_bytes(&self) -> usize {
        let page = u32::from_be_bytes(self.0[8..12].try_into().expect("4 bytes"));
        FRAME_HEADER + page as usize
    }

    /// Frames of this log; behind them may lie those of an older one.
    fn position(&self) -> Position {
        let salt = self.salt();
        let frames = self.0[LOG_HEADER..].chunks_exact(self.frame_bytes()).take_while(|frame| frame[8..16] == salt);
        Position { salt, frames: frames.count() }
    }

    fn end(&self, frames: usize) -> u64 {
        (LOG_HEADER + frames * self.frame_bytes()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn count(file: &Path) -> i64 {
        Connection::open(file).expect("opens").query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("reads")
    }

    #[test]
    fn a_log_cut_after_any_frame_holds_the_commits_before_it_and_no_half_of_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(folder.path().join("live"), "a.sqlite").expect("a disk");
        let open = || Connection::open(disk.file()).expect("opens");
        let live = open();
        live.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n, filler)").expect("runs");
        let before = disk.position().expect("reads");
        for n in 0..3 {
            live.execute("INSERT INTO t VALUES (?1, zeroblob(9000))", [n]).expect("inserts");
        }
        let ends = disk.ends_since(before).expect("reads");
        let mut found = Vec::new();
        for end in ends.clone() {
            disk.stage(Some(end)).expect("stages");
            found.push(count(&disk.next().join("a.sqlite")));
            std::fs::remove_dir_all(disk.next()).expect("removes");
        }
        assert_eq!((found.first(), found.last()), (Some(&0), Some(&3)));
        assert!(found.is_sorted() && ends.count() > 6, "{found:?}");
        disk.stage(Some(before.frames)).expect("stages");
        drop(live);
        disk.settle().expect("settles");
        assert_eq!(count(&disk.file()), 0);
    }
}
