//! The lifeboat of a native program: files beside the store.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Kept, Lifeboat};

/// The lifeboat of a native program: files beside the store.
#[derive(Debug, Clone)]
pub struct Beside(PathBuf);

impl Beside {
    /// Beside the store in this file.
    pub fn new(store: impl Into<PathBuf>) -> Beside {
        Beside(store.into())
    }

    /// Where it is.
    pub fn path(&self, what: Kept) -> PathBuf {
        let mut name = self.0.as_os_str().to_owned();
        name.push(match what {
            Kept::Token => ".token",
            Kept::Outbox => ".outbox",
            Kept::Papers => ".papers",
        });
        name.into()
    }
}

impl Lifeboat for Beside {
    fn read(&self, what: Kept) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path(what)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn append(&self, what: Kept, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(what);
        let is_new = !path.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        if is_new { sync_folder(&path) } else { Ok(()) }
    }

    fn replace(&self, what: Kept, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(what);
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}", std::process::id()));
        let mut file = owner_only(OpenOptions::new().write(true).create(true).truncate(true)).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        sync_folder(&path)
    }

    /// A copied folder has files of its own.
    #[cfg(unix)]
    fn mark(&self) -> String {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(self.path(Kept::Token)).map(|file| file.ino().to_string()).unwrap_or_default()
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| cfg!(unix) && !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Nobody else need read any of it.
#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
