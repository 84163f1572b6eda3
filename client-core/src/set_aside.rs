//! A damaged data file is moved aside and kept: whoever can read something out of it may do so later.

use std::io;
use std::path::{Path, PathBuf};

/// Renames a damaged store's files to `<name>.damaged-<milliseconds>` and returns the new path of the store itself.
///
/// After that a new store can be made in the old place. Nothing is ever deleted, and no earlier file is overwritten.
pub fn set_aside(store: &Path, now_ms: i64) -> io::Result<PathBuf> {
    let aside = |path: &Path| -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".damaged-{now_ms}"));
        PathBuf::from(name)
    };
    let to = aside(store);
    if to.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file was set aside at this very moment"));
    }
    // The log first: without it the store would open as an older one.
    for tail in ["-wal", "-journal", "-shm"] {
        let mut beside = store.as_os_str().to_owned();
        beside.push(tail);
        let beside = PathBuf::from(beside);
        if beside.exists() {
            let mut name = to.as_os_str().to_owned();
            name.push(tail);
            std::fs::rename(&beside, PathBuf::from(name))?;
        }
    }
    std::fs::rename(store, &to)?;
    Ok(to)
}
