//! The device: one façade over the store, held by whatever has a screen.

use std::cell::OnceCell;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sync_protocol::carriage::Head;
use sync_protocol::exchange::PackageHash;
use sync_protocol::ids::DeviceId;
use sync_protocol::{Signer, UserId, WriterId};

use crate::env::Env;
use crate::error::{Error, Result};
use crate::lifeboat::Lifeboat;
use crate::salvage::{self, Look, Opening, Salvaged};
use crate::store::ids::Key;
use crate::store::{self, Place, StoreKey, meta};
use crate::visits::Ready;

/// A device of one person: households, drafts, outbox and session in one encrypted file.
///
/// Every method is synchronous and returns when its work is on the disk. There is no network here: [`crate::Session`]
/// says what to send and takes what came back.
pub struct Device {
    store: Connection,
    env: Arc<dyn Env + Send + Sync>,
    lifeboat: Option<Arc<dyn Lifeboat>>,
    /// Place up to which the outbox file holds everything.
    afloat: u64,
    /// How many saves every backup held when the outbox file was last shortened.
    shortened: u64,
    /// Entries of the outbox file that the store does not hold.
    strays: Vec<Head>,
    salvaged: Option<Salvaged>,
    /// The form that was asked with last.
    last_form: Option<(PackageHash, Arc<Ready>)>,
    place: Place,
    key: StoreKey,
    /// The file of attachments, once something was asked of it.
    files: OnceCell<Connection>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").finish_non_exhaustive()
    }
}

/// Who writes on this device.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    pub(crate) writer: WriterId,
    pub(crate) signer: Signer,
    pub(crate) user: UserId,
}

/// Who this device is, for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The device.
    pub device: DeviceId,
    /// Its writer.
    pub writer: WriterId,
    /// The person.
    pub user: UserId,
    /// The person's name.
    pub user_name: String,
    /// Name of the server's project.
    pub project: String,
}

impl Device {
    /// Opens a device's store, or makes it.
    ///
    /// A wrong key and a damaged file are errors; in no case is a file deleted or overwritten.
    pub fn open(place: Place, key: &StoreKey, env: Box<dyn Env + Send + Sync>) -> Result<Device> {
        let store = store::open(&place, key)?;
        let (lifeboat, salvaged, last_form, files) = (None, None, None, OnceCell::new());
        let (afloat, shortened, strays) = (0, 0, Vec::new());
        Ok(Device {
            store,
            env: env.into(),
            lifeboat,
            afloat,
            shortened,
            strays,
            salvaged,
            last_form,
            place,
            key: key.clone(),
            files,
        })
    }

    /// Opens a device's store, or makes it, with what is kept outside of it.
    ///
    /// A store that was copied or restored goes on under a new writer; nothing of it is lost, and nobody is asked. A damaged
    /// one is set aside, and a new one made in its place: [`Device::salvaged`] says so.
    pub fn open_with(
        place: Place,
        key: &StoreKey,
        env: Box<dyn Env + Send + Sync>,
        lifeboat: Box<dyn Lifeboat>,
    ) -> Result<Device> {
        salvage::open(&Opening { place, key: key.clone(), env: env.into(), boat: lifeboat.into() }, Look::Short)
    }

    /// The device in an open store.
    pub(crate) fn over(store: Connection, opening: &Opening) -> Device {
        Device {
            store,
            env: Arc::clone(&opening.env),
            lifeboat: Some(Arc::clone(&opening.boat)),
            afloat: 0,
            shortened: 0,
            strays: Vec::new(),
            salvaged: None,
            last_form: None,
            place: opening.place.clone(),
            key: opening.key.clone(),
            files: OnceCell::new(),
        }
    }

    pub(crate) fn strays(&self) -> &[Head] {
        &self.strays
    }

    pub(crate) fn set_strays(&mut self, strays: Vec<Head>) {
        self.strays = strays;
    }

    pub(crate) fn found_damaged(&self) -> Option<&Salvaged> {
        self.salvaged.as_ref()
    }

    pub(crate) fn set_salvaged(&mut self, salvaged: Salvaged) {
        self.salvaged = Some(salvaged);
    }

    pub(crate) fn lifeboat(&self) -> Option<Arc<dyn Lifeboat>> {
        self.lifeboat.clone()
    }

    pub(crate) fn afloat(&self) -> u64 {
        self.afloat
    }

    pub(crate) fn set_afloat(&mut self, place: u64) {
        self.afloat = place;
    }

    pub(crate) fn shortened(&self) -> u64 {
        self.shortened
    }

    pub(crate) fn set_shortened(&mut self, reach: u64) {
        self.shortened = reach;
    }

    /// Who this device is; `None` before it is enrolled.
    pub fn identity(&self) -> Result<Option<Identity>> {
        let Some(me) = find_me(&self.store)? else { return Ok(None) };
        let device: Option<[u8; 16]> = meta::find(&self.store, meta::Name::Device)?;
        Ok(Some(Identity {
            device: DeviceId::of(device.ok_or(Error::FileDamaged)?),
            writer: me.writer,
            user: me.user,
            user_name: meta::find(&self.store, meta::Name::Person)?.unwrap_or_default(),
            project: meta::find(&self.store, meta::Name::Project)?.unwrap_or_default(),
        }))
    }

    /// Leaves the file room for so many more pages; `None`: as many as it likes. A disk that is full, for the simulator.
    #[cfg(feature = "broken-on-purpose")]
    pub fn leave_room(&self, pages: Option<u32>) -> Result<()> {
        store::leave_room(&self.store, pages)
    }

    pub(crate) fn env(&self) -> &dyn Env {
        self.env.as_ref()
    }

    pub(crate) fn shared_env(&self) -> Arc<dyn Env + Send + Sync> {
        Arc::clone(&self.env)
    }

    pub(crate) fn last_form(&self) -> Option<&(PackageHash, Arc<Ready>)> {
        self.last_form.as_ref()
    }

    pub(crate) fn set_last_form(&mut self, hash: PackageHash, ready: Arc<Ready>) {
        self.last_form = Some((hash, ready));
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn key(&self) -> &StoreKey {
        &self.key
    }

    pub(crate) fn open_files(&self) -> Option<&Connection> {
        self.files.get()
    }

    pub(crate) fn set_files(&self, files: Connection) -> &Connection {
        self.files.get_or_init(|| files)
    }

    pub(crate) fn store(&self) -> &Connection {
        &self.store
    }

    pub(crate) fn me(&self) -> Result<Me> {
        me(&self.store)
    }

    /// A transaction that takes the write lock at once: two programs at one file wait for each other, none fails half way.
    pub(crate) fn transaction(&mut self) -> Result<Transaction<'_>> {
        Ok(self.store.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Who writes now: asked anew each time, for another program at the same file may have changed the writer.
pub(crate) fn me(store: &Connection) -> Result<Me> {
    find_me(store)?.ok_or(Error::NotEnrolled)
}

fn find_me(store: &Connection) -> Result<Option<Me>> {
    let (Some(writer), Some(secret), Some(user)) = (
        meta::find::<[u8; 16]>(store, meta::Name::Writer)?,
        meta::find::<[u8; 32]>(store, meta::Name::Secret)?,
        meta::find::<[u8; 16]>(store, meta::Name::User)?,
    ) else {
        return Ok(None);
    };
    Ok(Some(Me { writer: WriterId::of(writer), signer: Signer::from_secret(&secret), user: UserId::of(user) }))
}
