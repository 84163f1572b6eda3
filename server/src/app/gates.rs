//! What bounds the server's memory: how much may be on its way in, and how much is worked on, at once.

use std::sync::Arc;
use std::time::Duration;

use sync_protocol::limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Result, busy, internal};

/// Seconds that anybody waits at a gate before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// KiB of compressed request bodies that may be on their way in at once.
const UPLOADS_KIB: usize = 12 << 10;
/// Small exchanges that are worked on at once in the place of a large one: together they share a commit.
const SMALL_FOR_LARGE: usize = 8;
/// Bytes of a compressed request up to which an exchange is small.
const SMALL_BYTES: usize = 32 << 10;
/// Passwords that are hashed at once, 19 MiB each.
const PASSWORDS: usize = 1;
/// Exports that are written at once; each holds a snapshot of the database.
const EXPORTS: usize = 2;
/// Forms that are judged at once; a workbook may inflate to more than a hundred MiB.
const FORMS: usize = 1;

/// The server's gates. Whoever finds one closed waits its turn.
#[derive(Debug)]
pub(super) struct Gates {
    uploads: Arc<Semaphore>,
    exchanges: Arc<Semaphore>,
    passwords: Arc<Semaphore>,
    exports: Arc<Semaphore>,
    forms: Arc<Semaphore>,
}

/// Leave to pass; given back when dropped.
pub(super) type Leave = OwnedSemaphorePermit;

impl Gates {
    pub(super) fn new(exchanges: usize) -> Gates {
        Gates {
            uploads: Arc::new(Semaphore::new(UPLOADS_KIB)),
            exchanges: Arc::new(Semaphore::new(exchanges * SMALL_FOR_LARGE)),
            passwords: Arc::new(Semaphore::new(PASSWORDS)),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            forms: Arc::new(Semaphore::new(FORMS)),
        }
    }

    /// For a body of `bytes`, or of the most there may be.
    pub(super) async fn upload(&self, bytes: Option<usize>) -> Result<Leave> {
        let kib = bytes.unwrap_or(limits::WIRE_BYTES_MAX).min(limits::WIRE_BYTES_MAX) / 1_024 + 1;
        pass(&self.uploads, kib).await
    }

    /// For a body about files of `bytes`, or of the most there may be.
    pub(super) async fn files(&self, bytes: Option<usize>, most: usize) -> Result<Leave> {
        pass(&self.uploads, bytes.unwrap_or(most).min(most) / 1_024 + 1).await
    }

    /// For an exchange whose request came in `bytes`.
    pub(super) async fn exchange(&self, bytes: usize) -> Result<Leave> {
        pass(&self.exchanges, if bytes <= SMALL_BYTES { 1 } else { SMALL_FOR_LARGE }).await
    }

    pub(super) async fn export(&self) -> Result<Leave> {
        pass(&self.exports, 1).await
    }

    pub(super) async fn form(&self) -> Result<Leave> {
        pass(&self.forms, 1).await
    }

    pub(super) async fn password(&self) -> Result<Leave> {
        pass(&self.passwords, 1).await
    }
}

async fn pass(gate: &Arc<Semaphore>, many: usize) -> Result<Leave> {
    let many = u32::try_from(many).map_err(internal)?;
    let leave = timeout(PATIENCE, Arc::clone(gate).acquire_many_owned(many)).await;
    leave.map_err(|_| busy())?.map_err(internal)
}
