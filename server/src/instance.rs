//! The server without HTTP: its store, its keys, its clock. Everything that answers a request stands on this.

#[cfg(test)]
pub(crate) mod scratch;

use std::path::Path;
use std::sync::Arc;

use crate::ambient::Ambient;
use crate::attachments::Attachments;
use crate::metrics::Metrics;
use crate::secrets::keys::{KeyProblem, Keys};
use crate::store::{Store, db};
use crate::upgrades;

/// File of the database within the data folder.
pub const DATABASE_FILE: &str = "tilik.sqlite";

/// One running server. Cheap to clone: all clones are the same server.
#[derive(Clone)]
pub struct Instance {
    /// People, areas and records.
    pub store: Arc<Store>,
    /// What the server signs with.
    pub keys: Arc<Keys>,
    /// Time and randomness.
    pub ambient: Arc<dyn Ambient>,
    /// Name of the project, shown on devices.
    pub project: Arc<str>,
    /// Where uploaded files lie while they are read.
    pub incoming: Arc<Path>,
    /// Files that records name.
    pub attachments: Attachments,
    /// What has happened since the start.
    pub metrics: Arc<Metrics>,
}

/// Folder of uploaded files within the data folder.
const INCOMING_FOLDER: &str = "incoming";

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance({:?})", self.store)
    }
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// There is no database in it.
    #[error("{0} is no data folder: `tilik-server init` makes one")]
    NoFolder(String),
    /// The folder is in use as one already.
    #[error("{0} is a data folder already; nothing was changed")]
    Taken(String),
    /// The keys are missing or damaged.
    #[error(transparent)]
    Keys(#[from] KeyProblem),
    /// No copy could be kept before an upgrade.
    #[error(transparent)]
    Upgrade(#[from] upgrades::Problem),
    /// The database is damaged or of a newer version.
    #[error("the database cannot be opened")]
    Store(#[from] db::Error),
    /// The folder cannot be made.
    #[error("the folder cannot be made")]
    Folder(#[from] std::io::Error),
}

impl Instance {
    /// Opens an existing data folder.
    pub fn open(folder: &Path, project: &str, ambient: Arc<dyn Ambient>) -> Result<Instance, CannotOpen> {
        let file = folder.join(DATABASE_FILE);
        if !file.is_file() {
            return Err(CannotOpen::NoFolder(folder.display().to_string()));
        }
        let keys = Keys::open(folder)?;
        if let Some(copy) = upgrades::keep_copy(folder, ambient.as_ref())? {
            tracing::info!(copy = %copy.display(), "the database is upgraded; a copy from before is kept");
        }
        let instance = Instance::of(Store::open(&file)?, keys, project, ambient);
        let attachments = Attachments::within(folder);
        Ok(Instance { incoming: folder.join(INCOMING_FOLDER).into(), attachments, ..instance })
    }

    /// Makes a data folder: keys first, then the database. Never touches one that is there.
    pub fn make(folder: &Path, project: &str, ambient: Arc<dyn Ambient>) -> Result<Instance, CannotOpen> {
        let file = folder.join(DATABASE_FILE);
        if file.exists() {
            return Err(CannotOpen::Taken(folder.display().to_string()));
        }
        std::fs::create_dir_all(folder)?;
        // Everything in it is personal data or a key: only the server's account reads it.
        #[cfg(unix)]
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Keys::make(folder, ambient.as_ref())?;
        drop(Store::open(&file)?);
        Instance::open(folder, project, ambient)
    }

    /// A server over an open store.
    pub fn of(store: Store, keys: Keys, project: &str, ambient: Arc<dyn Ambient>) -> Instance {
        Instance {
            store: Arc::new(store),
            keys: Arc::new(keys),
            ambient,
            project: project.into(),
            incoming: std::env::temp_dir().join("tilik-incoming").into(),
            attachments: Attachments::within(&std::env::temp_dir().join("tilik")),
            metrics: Arc::default(),
        }
    }

    /// The wall clock, milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.ambient.now_ms()
    }
}
