//! The demo's data folder: made afresh for every run, and never one that is somebody else's.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::demo::Narrator;

/// Says that the folder is the demo's own; locked while a demo runs in it.
const MARK: &str = "this-is-a-tilik-demo.txt";
const MARK_TEXT: &str = "Made by the Tilik demo; everybody in it is invented. The next demo deletes this folder.\n";

/// The folder, ours until dropped.
pub(super) struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder: empties one of an earlier demo, refuses any other that holds something.
    pub(super) fn take(root: &Path, narrator: &mut Narrator<'_>) -> Result<Folder> {
        let mark = root.join(MARK);
        if is_occupied(root)? {
            if !mark.is_file() {
                bail!(
                    "{} holds something that no demo made; nothing was touched. Name another with --data.",
                    root.display()
                );
            }
            let earlier = File::open(&mark)?;
            lock(&earlier, root)?;
            narrator.note(&format!("Starting afresh: {} of an earlier demo is deleted.", root.display()))?;
            drop(earlier);
            fs::remove_dir_all(root).with_context(|| format!("{} cannot be emptied", root.display()))?;
        }
        fs::create_dir_all(root).with_context(|| format!("{} cannot be made", root.display()))?;
        let mut file = File::create(&mark)?;
        file.write_all(MARK_TEXT.as_bytes())?;
        lock(&file, root)?;
        Ok(Folder { root: fs::canonicalize(root)?, _lock: file })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The office's files, as they came.
    pub(super) fn areas_file(&self) -> PathBuf {
        self.root.join("areas.csv")
    }

    pub(super) fn prelist_csv(&self) -> PathBuf {
        self.root.join("prelist.csv")
    }

    pub(super) fn prelist_xlsx(&self) -> PathBuf {
        self.root.join("prelist.xlsx")
    }

    /// What the importer said.
    pub(super) fn import_report(&self) -> PathBuf {
        self.root.join("import-report.json")
    }

    /// The server's data folder.
    pub(super) fn server(&self) -> PathBuf {
        self.root.join("server")
    }

    /// Where the server's log goes.
    pub(super) fn server_log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// A person's device.
    pub(super) fn device(&self, name: &str) -> PathBuf {
        self.root.join("devices").join(name)
    }
}

fn is_occupied(root: &Path) -> Result<bool> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e).with_context(|| format!("{} is no folder", root.display())),
    }
}

fn lock(mark: &File, root: &Path) -> Result<()> {
    match mark.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => bail!("another demo is running in {}", root.display()),
        Err(TryLockError::Error(e)) => Err(e).context("the demo's folder cannot be locked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(root: &Path) -> Result<Folder> {
        let mut said = Vec::new();
        Folder::take(root, &mut Narrator::plain(&mut said))
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let theirs = place.path().join("letter.txt");
        fs::write(&theirs, "dear reader").unwrap();
        assert!(take(place.path()).is_err());
        assert_eq!(fs::read_to_string(theirs).unwrap(), "dear reader");
    }

    #[test]
    fn a_demos_own_folder_is_emptied_unless_it_is_in_use() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("demo");
        let folder = take(&root).unwrap();
        fs::write(folder.areas_file(), "old").unwrap();
        assert!(take(&root).is_err());
        drop(folder);
        let folder = take(&root).unwrap();
        assert!(!folder.areas_file().exists());
    }
}
