//! One person's folder: where it is, the device in it, and the address of its server.

use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};

use client_core::{Beside, Device, Env, Kept, Lifeboat, Place, Salvaged, StoreKey};
use tilik::Machine;
use tilik::http::Link;
use tilik::keys::StoreFolder;

use crate::arguments::Common;
use crate::exit::Failure;
use crate::words::Word;

const SERVER_FILE: &str = "server";
const CHEST_FOLDER: &str = "carried";

type Opening = fn(Place, &StoreKey, Box<dyn Env + Send + Sync>, Box<dyn Lifeboat>) -> client_core::Result<Device>;

/// One person's store and what belongs to it.
#[derive(Debug)]
pub(crate) struct Folder(StoreFolder, RefCell<Option<Salvaged>>);

impl Folder {
    /// The folder that the arguments, the environment or the system name, in this order.
    pub(crate) fn find(common: &Common) -> Result<Folder, Failure> {
        let path = match &common.data {
            Some(path) => path.clone(),
            None => default_folder().ok_or(Failure::Usage(Word::NoDataFolder))?,
        };
        Ok(Folder(StoreFolder::new(path), RefCell::default()))
    }

    /// The device in it, which has to be there: its store, or what makes a new one where that is gone.
    pub(crate) fn device(&self) -> Result<Device, Failure> {
        if !self.0.is_there() && !Beside::new(self.0.store()).path(Kept::Papers).exists() {
            return Err(Failure::Device(client_core::Error::NotEnrolled));
        }
        self.make_device()
    }

    /// The device in it, made where there is none.
    pub(crate) fn make_device(&self) -> Result<Device, Failure> {
        self.open(Device::open_with)
    }

    /// The device in it, every page of its store looked at.
    pub(crate) fn open_checked(&self) -> Result<Device, Failure> {
        self.open(Device::open_checked)
    }

    fn open(&self, opening: Opening) -> Result<Device, Failure> {
        let key = self.0.key(&Machine)?;
        let boat = Box::new(Beside::new(self.0.store()));
        let device = opening(Place::File(self.0.store()), &key, Box::new(Machine), boat)?;
        if let Some(salvaged) = device.salvaged() {
            self.1.replace(Some(salvaged.clone()));
        }
        Ok(device)
    }

    /// What was done about a damaged store, where one was met.
    pub(crate) fn salvaged(&self) -> Option<Salvaged> {
        self.1.borrow().clone()
    }

    /// The address of its server, where it has one.
    pub(crate) fn find_server(&self) -> Result<Option<String>, Failure> {
        match std::fs::read_to_string(self.path().join(SERVER_FILE)) {
            Ok(address) => Ok(Some(address.trim().to_owned()).filter(|address| !address.is_empty())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Failure::Key(e.into())),
        }
    }

    /// A link to its server.
    pub(crate) fn link(&self) -> Result<Link, Failure> {
        let server = self.find_server()?.ok_or(Failure::Device(client_core::Error::NotEnrolled))?;
        Ok(Link::new(&server)?)
    }

    /// Keeps the address of its server.
    pub(crate) fn set_server(&self, address: &str) -> Result<(), Failure> {
        let written = || -> std::io::Result<()> {
            let draft = self.path().join(format!("{SERVER_FILE}.{}", std::process::id()));
            let mut file = std::fs::File::create(&draft)?;
            writeln!(file, "{address}")?;
            file.sync_all()?;
            std::fs::rename(&draft, self.path().join(SERVER_FILE))
        };
        written().map_err(|e| Failure::Key(e.into()))
    }

    /// The folder of what it carries for others.
    pub(crate) fn chest(&self) -> PathBuf {
        self.path().join(CHEST_FOLDER)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(target_os = "windows") {
        set("APPDATA")?
    } else if cfg!(target_os = "macos") {
        set("HOME")?.join("Library/Application Support")
    } else {
        // A relative XDG_DATA_HOME is to be ignored, says its specification.
        set("XDG_DATA_HOME").filter(|path| path.is_absolute()).or_else(|| Some(set("HOME")?.join(".local/share")))?
    };
    Some(base.join("tilik"))
}
