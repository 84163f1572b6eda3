//! The server's own keys: files of the data folder that only its owner can read, made once by `init`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sync_protocol::Signer;
use sync_protocol::changeset::{bytes_of, text_of};
use sync_protocol::entry::Identity;

use crate::ambient::Ambient;
use crate::secrets::access::AccessKey;

/// File of the root key: whoever holds it can make writers known. Lost, every device must enrol anew.
pub const ROOT_FILE: &str = "root.key";
/// File of the token secret: lost, everybody signs in again.
pub const TOKEN_FILE: &str = "token.key";

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// Reading or writing failed.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold a key", .0.display())]
    NotAKey(PathBuf),
}

/// What the server signs with.
#[derive(Debug)]
pub struct Keys {
    /// Signs the certificates of writers.
    pub root: Signer,
    /// Signs access tokens.
    pub access: AccessKey,
    /// Reads outbox files and bundles; derived from the root key.
    pub identity: Identity,
}

impl Keys {
    /// Makes fresh keys in `folder`; an existing file is never replaced.
    pub fn make(folder: &Path, ambient: &dyn Ambient) -> Result<Keys, KeyProblem> {
        for name in [ROOT_FILE, TOKEN_FILE] {
            write_new(&folder.join(name), &ambient.random())?;
        }
        Keys::open(folder)
    }

    /// Reads the keys of `folder`.
    pub fn open(folder: &Path) -> Result<Keys, KeyProblem> {
        let secret = read(&folder.join(ROOT_FILE))?;
        let (root, identity) = (Signer::from_secret(&secret), Identity::of_root(&secret));
        let access = AccessKey::from_secret(&read(&folder.join(TOKEN_FILE))?);
        Ok(Keys { root, access, identity })
    }

    /// Keys that live in memory only.
    pub fn ephemeral(ambient: &dyn Ambient) -> Keys {
        let secret = ambient.random();
        let (root, identity) = (Signer::from_secret(&secret), Identity::of_root(&secret));
        Keys { root, access: AccessKey::from_secret(&ambient.random()), identity }
    }
}

fn write_new(path: &Path, secret: &[u8; 32]) -> Result<(), KeyProblem> {
    let failed = |reason| KeyProblem::File { path: path.to_owned(), reason };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text_of(secret).as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
    file.sync_all().map_err(failed)
}

fn read(path: &Path) -> Result<[u8; 32], KeyProblem> {
    let text = std::fs::read_to_string(path).map_err(|reason| match reason.kind() {
        ErrorKind::InvalidData => KeyProblem::NotAKey(path.to_owned()),
        _ => KeyProblem::File { path: path.to_owned(), reason },
    })?;
    bytes_of(text.trim_end()).map_err(|_| KeyProblem::NotAKey(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Machine;

    #[test]
    fn keys_are_made_once_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Keys::make(folder.path(), &Machine).expect("fresh");
        let opened = Keys::open(folder.path()).expect("made");
        assert_eq!(made.root.key(), opened.root.key());
        assert!(matches!(Keys::make(folder.path(), &Machine), Err(KeyProblem::File { .. })));
        assert_eq!(Keys::open(folder.path()).expect("kept").root.key(), made.root.key());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        Keys::make(folder.path(), &Machine).expect("fresh");
        let mode = std::fs::metadata(folder.path().join(ROOT_FILE)).expect("made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn half_a_key_is_no_key() {
        let folder = tempfile::tempdir().expect("a folder");
        Keys::make(folder.path(), &Machine).expect("fresh");
        std::fs::write(folder.path().join(TOKEN_FILE), "abc\n").expect("written");
        assert!(matches!(Keys::open(folder.path()), Err(KeyProblem::NotAKey(_))));
    }
}
