//! A damaged store: it is set aside and kept, a new one is made of the device's papers, and what the outbox file holds of
//! the lost one goes to the server at the next sync. The rows are pulled again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use sync_protocol::carriage::Head;
use sync_protocol::entry::Entry;

use crate::device::{self, Device};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::lifeboat::{self, Kept, Lifeboat};
use crate::papers::Papers;
use crate::store::lives::Lives;
use crate::store::meta::{self, Name};
use crate::store::{self, Place, StoreKey};

/// What was done about a store that could not be used any more, for the person to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged file lies now; `None` where there was none left.
    pub aside: Option<PathBuf>,
    /// Saves that the outbox file holds: they go to the server at the next sync, as far as it lacks them.
    pub saves: u64,
    /// The device is still enrolled. Otherwise the office has to give a new code.
    pub enrolled: bool,
}

/// How closely a store is looked at when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// At what opening needs.
    Short,
    /// At every page.
    Whole,
}

/// What a device is opened with.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) place: Place,
    pub(crate) key: StoreKey,
    pub(crate) env: Arc<dyn Env + Send + Sync>,
    pub(crate) boat: Arc<dyn Lifeboat>,
}

/// Opens a store; one that is damaged makes room for a new one.
pub(crate) fn open(opening: &Opening, look: Look) -> Result<Device> {
    match attempt(opening, look) {
        // Where the papers open with this key, it is the right one, and the store is not what it was.
        Err(Error::WrongKey) if Papers::find(opening.boat.as_ref(), &opening.key).is_none() => Err(Error::WrongKey),
        Err(Error::FileDamaged | Error::WrongKey) => anew(opening),
        opened => opened,
    }
}

fn attempt(opening: &Opening, look: Look) -> Result<Device> {
    let store = store::open(&opening.place, &opening.key)?;
    if look == Look::Whole {
        store::check(&store)?;
    }
    let mut device = Device::over(store, opening);
    // A store that knows of nobody where somebody was enrolled has lost what it held, or is a new one in its place.
    if device.me().is_err_and(|error| matches!(error, Error::NotEnrolled))
        && let Some(papers) = Papers::find(opening.boat.as_ref(), &opening.key)
    {
        let step = device.transaction()?;
        papers.settle(&step, opening.env.as_ref())?;
        step.commit()?;
        device.set_salvaged(Salvaged { aside: None, saves: count_saves(opening.boat.as_ref()), enrolled: true });
    }
    lifeboat::board(&mut device)?;
    Ok(device)
}

fn anew(opening: &Opening) -> Result<Device> {
    let aside = set_aside(opening)?;
    let mut device = attempt(opening, Look::Short)?;
    let enrolled = device::me(device.store()).is_ok();
    device.set_salvaged(Salvaged { aside: Some(aside), saves: count_saves(opening.boat.as_ref()), enrolled });
    Ok(device)
}

#[cfg(not(target_family = "wasm"))]
fn set_aside(opening: &Opening) -> Result<PathBuf> {
    let Place::File(path) = &opening.place else { return Err(Error::FileDamaged) };
    crate::set_aside::set_aside(path, opening.env.now_ms()).map_err(|_| Error::FileDamaged)
}

#[cfg(target_family = "wasm")]
fn set_aside(_: &Opening) -> Result<PathBuf> {
    Err(Error::FileDamaged)
}

fn count_saves(boat: &dyn Lifeboat) -> u64 {
    entries(boat).len() as u64
}

/// Every whole entry of the outbox file; none where it cannot be read.
pub(crate) fn entries(boat: &dyn Lifeboat) -> Vec<Entry> {
    Entry::list(&boat.read(Kept::Outbox).ok().flatten().unwrap_or_default())
}

/// The entries of the outbox file that the store does not hold: of a store that was lost, or of the end that this one lost.
pub(crate) fn strays(store: &rusqlite::Connection, lives: &Lives, entries: &[Entry]) -> Result<Vec<Head>> {
    let (mut strays, mut seen) = (Vec::new(), BTreeSet::new());
    for entry in entries {
        let held = match lives.find(entry.writer) {
            Some(life) => lifeboat::is_held(store, &life, entry)?,
            None => false,
        };
        if !held && seen.insert(entry.hash) {
            strays.push(entry.name());
        }
    }
    Ok(strays)
}

impl Device {
    /// Opens a device's store like [`Device::open_with`], and reads every page of it first: for after
    /// [`Error::FileDamaged`], and for a doctor.
    pub fn open_checked(
        place: Place,
        key: &StoreKey,
        env: Box<dyn Env + Send + Sync>,
        lifeboat: Box<dyn Lifeboat>,
    ) -> Result<Device> {
        open(&Opening { place, key: key.clone(), env: env.into(), boat: lifeboat.into() }, Look::Whole)
    }

    /// What was done about a damaged store when this one was opened.
    pub fn salvaged(&self) -> Option<&Salvaged> {
        self.found_damaged()
    }

    /// Saves of a lost store that the server has not said to have.
    pub fn adrift(&self) -> Result<u64> {
        let strays = self.strays().len() as u64;
        let is_settled = meta::number(self.store(), Name::Ashore)? as u64 == strays;
        Ok(if is_settled { 0 } else { strays })
    }

    /// An entry of the outbox file, as it lies there.
    pub(crate) fn stray(&self, head: &Head) -> Option<Vec<u8>> {
        let found = entries(self.lifeboat()?.as_ref()).into_iter().find(|entry| entry.name() == *head)?;
        Some(found.to_bytes())
    }
}
