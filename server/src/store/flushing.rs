//! Which commits of the log are on the disk: those of some writes need to be there only before anybody hears of them.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts the commits that were not flushed as they were made.
#[derive(Debug)]
pub(super) struct Flushing {
    log: PathBuf,
    /// Before its commit, and so before any reader sees it, each counts here,
    begun: AtomicU64,
    /// and here when it is in the log.
    ended: AtomicU64,
    /// Up to here they are on the disk.
    flushed: AtomicU64,
    turn: Mutex<()>,
}

impl Flushing {
    /// Of the database in this file.
    pub(super) fn of(file: &std::path::Path) -> Flushing {
        let mut log = file.to_owned().into_os_string();
        log.push("-wal");
        let [begun, ended, flushed] = [0, 0, 0].map(AtomicU64::new);
        Flushing { log: log.into(), begun, ended, flushed, turn: Mutex::default() }
    }

    /// A commit begins that will not be flushed. One at a time.
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    /// It is in the log, or was given up.
    pub(super) fn end(&self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
    }

    /// A commit was flushed, and with it the log up to there. None is under way.
    pub(super) fn note_flushed(&self) {
        self.flushed.fetch_max(self.ended.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Returns once whatever a reader can have seen is on the disk.
    pub(super) fn flush(&self) -> io::Result<()> {
        if self.is_flushed() {
            return Ok(());
        }
        // Whoever comes while another one flushes waits for that: it may be all there is to do.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_flushed() {
            return Ok(());
        }
        let upto = self.ended.load(Ordering::SeqCst);
        // A flush is of the file, whoever has written it. The writer may go on meanwhile.
        match std::fs::OpenOptions::new().append(true).open(&self.log) {
            Ok(log) => log.sync_data()?,
            // All of it is in the database file, which was flushed before the log went.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.flushed.fetch_max(upto, Ordering::SeqCst);
        Ok(())
    }

    /// Whether there is nothing to flush.
    pub(super) fn is_flushed(&self) -> bool {
        self.flushed.load(Ordering::SeqCst) >= self.begun.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_may_see_before_its_commit_has_ended_is_flushed_again_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let flushing = Flushing::of(&folder.path().join("a.sqlite"));
        assert!(flushing.is_flushed());
        flushing.begin();
        assert!(!flushing.is_flushed());
        // A flush in the middle of a commit may have come too early for it.
        flushing.flush().expect("flushes");
        assert!(!flushing.is_flushed());
        flushing.end();
        assert!(!flushing.is_flushed());
        flushing.flush().expect("flushes");
        assert!(flushing.is_flushed());
    }

    #[test]
    fn a_commit_that_is_flushed_takes_those_before_it_along() {
        let flushing = Flushing::of(std::path::Path::new("/nowhere/a.sqlite"));
        flushing.begin();
        flushing.end();
        flushing.note_flushed();
        assert!(flushing.is_flushed());
    }
}
