//! The papers of a device: who it is and how the server knows it, kept outside the store and readable by the device's own
//! key alone. With them a device whose store is damaged goes on as the same one, and nobody has to come with a new code.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sync_protocol::WriterId;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::entry::{Entry, Recipient};

use crate::device::Device;
use crate::env::{Env, dice};
use crate::error::{Error, Result};
use crate::lifeboat::{Kept, Lifeboat};
use crate::store::ids::Key;
use crate::store::meta::{self, Name};
use crate::store::{StoreKey, lives};
use crate::sync::rotate;

/// What is kept of the values that the store has by name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Papers {
    device: [u8; 16],
    /// Every writer that the device has had, with its secret, the newest last: the server may not have heard of that one.
    lives: Vec<([u8; 16], [u8; 32])>,
    user: [u8; 16],
    person: String,
    project: String,
    root: [u8; 32],
    certificate: String,
    access: Option<String>,
    refresh: Option<String>,
    recipient: Option<Recipient>,
}

impl std::fmt::Debug for Papers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Papers(…)")
    }
}

impl Papers {
    /// The papers of an enrolled store.
    pub(crate) fn of(store: &Connection) -> Result<Option<Papers>> {
        let Some(user) = meta::find(store, Name::User)? else { return Ok(None) };
        let damaged = || Error::FileDamaged;
        Ok(Some(Papers {
            device: meta::find(store, Name::Device)?.ok_or_else(damaged)?,
            lives: lives::list_secrets(store)?,
            user,
            person: meta::find(store, Name::Person)?.unwrap_or_default(),
            project: meta::find(store, Name::Project)?.unwrap_or_default(),
            root: meta::find(store, Name::Root)?.ok_or_else(damaged)?,
            certificate: meta::find(store, Name::Certificate)?.ok_or_else(damaged)?,
            access: meta::find(store, Name::Access)?,
            refresh: meta::find(store, Name::Refresh)?,
            recipient: meta::find::<[u8; 32]>(store, Name::Recipient)?.map(Recipient),
        }))
    }

    /// The papers that lie in the lifeboat, if this key opens them.
    pub(crate) fn find(boat: &dyn Lifeboat, key: &StoreKey) -> Option<Papers> {
        let bytes = boat.read(Kept::Papers).ok()??;
        let entry = Entry::list(&bytes).pop()?;
        serde_json::from_slice(&key.identity().open(&entry)?).ok()
    }

    /// Makes a store that is nobody's this device's. It gets a new writer: of the old ones' saves the store knows none.
    pub(crate) fn settle(&self, store: &Connection, env: &dyn Env) -> Result<()> {
        meta::set(store, Name::Device, self.device)?;
        let ((writer, secret), later) = self.lives.split_first().ok_or(Error::FileDamaged)?;
        meta::set(store, Name::Writer, writer)?;
        meta::set(store, Name::Secret, secret)?;
        meta::set(store, Name::User, self.user)?;
        meta::set(store, Name::Person, &self.person)?;
        meta::set(store, Name::Project, &self.project)?;
        meta::set(store, Name::Root, self.root)?;
        meta::set(store, Name::Certificate, &self.certificate)?;
        for (name, token) in [(Name::Access, &self.access), (Name::Refresh, &self.refresh)] {
            token.as_ref().map_or(Ok(()), |token| meta::set(store, name, token))?;
        }
        self.recipient.map_or(Ok(()), |recipient| meta::set(store, Name::Recipient, recipient.0))?;
        later.iter().try_for_each(|(writer, secret)| lives::begin(store, WriterId::of(*writer), secret))?;
        rotate::mint(store, env)
    }

    fn sealed(&self, key: &StoreKey, env: &dyn Env) -> Vec<u8> {
        let text = zeroize::Zeroizing::new(serde_json::to_vec(self).expect("papers are JSON"));
        let name = (WriterId::of(self.device), 0, ChangesetHash::NONE);
        key.identity().recipient().seal(dice(env), name, &text).to_bytes()
    }
}

/// Writes the papers down where they have changed. A failure keeps nobody from working: the next call does it.
pub(crate) fn keep(device: &Device) {
    let Some(boat) = device.lifeboat() else { return };
    let Ok(Some(papers)) = Papers::of(device.store()) else { return };
    if Papers::find(boat.as_ref(), device.key()).as_ref() != Some(&papers) {
        let _ = boat.replace(Kept::Papers, &papers.sealed(device.key(), device.env()));
    }
}
