//! What lies in a person's folder beside the files in use: halves of files whose program was killed, and damaged stores that
//! were set aside.

use std::io;
use std::path::Path;
use std::time::Duration;

use client_core::Env;

use crate::Machine;

/// A half that is younger may be written just now.
const HALF_AGE: Duration = Duration::from_secs(3_600);
/// Files that are written as `<name>.<process>` and then take their name.
const WRITTEN: [&str; 5] = ["tilik.db.token", "tilik.db.outbox", "tilik.db.papers", "tilik.key", "server"];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Halves that were removed: what they were to become is whole, or was written again.
    pub removed: u64,
    /// Names of stores that were set aside. They are kept.
    pub aside: Vec<String>,
}

/// Removes halves of files, and lists what was set aside.
pub fn tidy(folder: &Path) -> io::Result<Leftovers> {
    let mut found = Leftovers::default();
    let now = Duration::from_millis(Machine.now_ms().unsigned_abs());
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let Ok(name) = file.file_name().into_string() else { continue };
        if name.contains(".damaged-") {
            found.aside.push(name);
        } else if is_half(&name) {
            let changed = file.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            if now.saturating_sub(changed) > HALF_AGE {
                std::fs::remove_file(file.path())?;
                found.removed += 1;
            }
        }
    }
    found.aside.sort_unstable();
    Ok(found)
}

fn is_half(name: &str) -> bool {
    let process = WRITTEN.iter().find_map(|written| name.strip_prefix(written)?.strip_prefix('.'));
    process.is_some_and(|process| !process.is_empty() && process.bytes().all(|letter| letter.is_ascii_digit()))
}

/// Bytes that the folder's disk has left; `None` where the system does not say.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(folder).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_of_files_are_leftovers() {
        for name in ["tilik.db.outbox.12", "server.7", "tilik.key.99"] {
            assert!(is_half(name), "{name}");
        }
        for name in ["tilik.db", "tilik.db-wal", "tilik.db.outbox", "tilik.db.outbox.old", "server", "server.", "x.12"]
        {
            assert!(!is_half(name), "{name}");
        }
    }

    #[test]
    fn a_young_half_stays_and_a_damaged_store_is_only_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tilik.db.outbox.12", "tilik.db.damaged-1", "tilik.db"] {
            std::fs::write(folder.path().join(name), b"x").unwrap();
        }
        let expected = Leftovers { removed: 0, aside: vec!["tilik.db.damaged-1".to_owned()] };
        assert_eq!(tidy(folder.path()).unwrap(), expected);
        let half = std::fs::File::options().write(true).open(folder.path().join("tilik.db.outbox.12")).unwrap();
        half.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(tidy(folder.path()).unwrap(), Leftovers { removed: 1, ..expected });
        assert!(folder.path().join("tilik.db").exists() && folder.path().join("tilik.db.damaged-1").exists());
    }
}
