//! The key that encrypts a device's store, kept in a file beside it that only its owner can read.
//!
//! Not in the operating system's keyring: on Linux that is a D-Bus service which a terminal over SSH and a server often
//! lack, and a store that opens on some days only is worse than one whose key has the rights of its folder. The key is never
//! taken from the command line or the environment, where other programs can read it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use client_core::{Env, StoreKey};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const STORE_FILE: &str = "tilik.db";
const KEY_FILE: &str = "tilik.key";

/// The files of one person's store.
#[derive(Debug, Clone)]
pub struct StoreFolder(PathBuf);

/// Why a store's key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is a store, and no key beside it. A new key would not open it.
    #[error("the key file is missing beside the store {0}")]
    Missing(PathBuf),
    /// The key file holds something else.
    #[error("the key file {0} is damaged")]
    Damaged(PathBuf),
    /// Others than its owner can read the key file.
    #[error("others can read the key file {0}; make it readable by its owner only (chmod 600)")]
    Exposed(PathBuf),
    /// The folder cannot be used.
    #[error("the data folder cannot be used")]
    Folder(#[from] io::Error),
}

impl StoreFolder {
    /// The store in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> StoreFolder {
        StoreFolder(folder.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the store lies.
    pub fn store(&self) -> PathBuf {
        self.0.join(STORE_FILE)
    }

    /// Whether there is a store.
    pub fn is_there(&self) -> bool {
        self.store().exists()
    }

    /// The store's key; made where there is neither a store nor a key.
    pub fn key(&self, env: &dyn Env) -> Result<StoreKey, KeyError> {
        let path = self.0.join(KEY_FILE);
        match read(&path) {
            Err(KeyError::Folder(e)) if e.kind() == io::ErrorKind::NotFound => {
                if self.is_there() {
                    return Err(KeyError::Missing(self.store()));
                }
                make(&self.0, &path, env)?;
                read(&path)
            }
            found => found,
        }
    }
}

fn read(path: &Path) -> Result<StoreKey, KeyError> {
    let file = File::open(path)?;
    if is_exposed(&file)? {
        return Err(KeyError::Exposed(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(KEY_BYTES * 2 + 2));
    file.take(KEY_BYTES as u64 * 2 + 2).read_to_string(&mut text)?;
    let bytes = key_of(text.trim_end()).ok_or_else(|| KeyError::Damaged(path.to_owned()))?;
    Ok(StoreKey::new(*bytes))
}

fn key_of(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    if text.len() != KEY_BYTES * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// On the disk before the store is: a store whose key was lost to a power cut would be lost with it.
///
/// Written under another name first: a key cut in half would be taken for damage.
fn make(folder: &Path, path: &Path, env: &dyn Env) -> Result<(), KeyError> {
    make_folder(folder)?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    env.random(bytes.as_mut_slice());
    let text: Zeroizing<String> = Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    // Under a name of its own: two programs that start at once must not write into one file.
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = owner_only(OpenOptions::new().write(true).create(true).truncate(true)).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    // A link fails where another process was faster; then its key is the store's.
    let made = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match made {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e.into()),
        _ => {}
    }
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Elsewhere the rights of the person's own profile folder hold.
#[cfg(not(unix))]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_file: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = StoreFolder::new(place.path().join("new"));
        folder.key(&Machine).unwrap();
        let path = folder.path().join(KEY_FILE);
        let first = std::fs::read(&path).unwrap();
        folder.key(&Machine).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert!(!is_exposed(&File::open(&path).unwrap()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn no_key_is_made_beside_a_store_that_has_lost_its_own() {
        let place = tempfile::tempdir().unwrap();
        let folder = StoreFolder::new(place.path());
        std::fs::write(folder.store(), b"encrypted").unwrap();
        assert!(matches!(folder.key(&Machine), Err(KeyError::Missing(_))));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_of_other_content_is_told_and_kept() {
        let place = tempfile::tempdir().unwrap();
        let folder = StoreFolder::new(place.path());
        for text in ["", "short", &"z".repeat(64), &"é".repeat(32)] {
            let path = place.path().join(KEY_FILE);
            let _ = std::fs::remove_file(&path);
            let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            assert!(matches!(folder.key(&Machine), Err(KeyError::Damaged(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = StoreFolder::new(place.path());
        folder.key(&Machine).unwrap();
        let path = place.path().join(KEY_FILE);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert!(matches!(folder.key(&Machine), Err(KeyError::Exposed(_))));
    }
}
