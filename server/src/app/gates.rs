//! What bounds the server's memory: how much may be on its way in, and how much is worked on, at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Result, internal};
use sync_protocol::limits;

/// KiB of compressed request bodies that may be on their way in at once.
const UPLOADS_KIB: usize = 12 << 10;
/// Passwords that are hashed at once, 19 MiB each.
const PASSWORDS: usize = 1;
/// Exports that are written at once; each holds a snapshot of the database.
const EXPORTS: usize = 2;

/// The server's gates. Whoever finds one closed waits its turn.
#[derive(Debug)]
pub(super) struct Gates {
    uploads: Arc<Semaphore>,
    exchanges: Arc<Semaphore>,
    passwords: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

/// Leave to pass; given back when dropped.
pub(super) type Leave = OwnedSemaphorePermit;

impl Gates {
    pub(super) fn new(exchanges: usize) -> Gates {
        Gates {
            uploads: Arc::new(Semaphore::new(UPLOADS_KIB)),
            exchanges: Arc::new(Semaphore::new(exchanges)),
            passwords: Arc::new(Semaphore::new(PASSWORDS)),
            exports: Arc::new(Semaphore::new(EXPORTS)),
        }
    }

    /// For a body of `bytes`, or of the most there may be.
    pub(super) async fn upload(&self, bytes: Option<usize>) -> Result<Leave> {
        let kib = bytes.unwrap_or(limits::WIRE_BYTES_MAX).min(limits::WIRE_BYTES_MAX) / 1_024 + 1;
        let kib = u32::try_from(kib).expect("a body is small");
        Arc::clone(&self.uploads).acquire_many_owned(kib).await.map_err(internal)
    }

    pub(super) async fn exchange(&self) -> Result<Leave> {
        Arc::clone(&self.exchanges).acquire_owned().await.map_err(internal)
    }

    pub(super) async fn export(&self) -> Result<Leave> {
        Arc::clone(&self.exports).acquire_owned().await.map_err(internal)
    }

    pub(super) async fn password(&self) -> Result<Leave> {
        Arc::clone(&self.passwords).acquire_owned().await.map_err(internal)
    }
}
