//! What bounds the server's memory: how much may be on its way in, and how much is worked on, at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sync_protocol::limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Result, busy, internal};

/// Seconds that anybody waits at a gate before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests that wait at all gates together; whoever comes after them is asked to come back at once, before memory is spent.
const WAITING_MAX: usize = 512;

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
    waiting: AtomicUsize,
    waiting_max: usize,
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
            waiting: AtomicUsize::new(0),
            waiting_max: WAITING_MAX,
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
        self.pass(&self.uploads, kib).await
    }

    /// For a body about files of `bytes`, or of the most there may be.
    pub(super) async fn files(&self, bytes: Option<usize>, most: usize) -> Result<Leave> {
        self.pass(&self.uploads, bytes.unwrap_or(most).min(most) / 1_024 + 1).await
    }

    /// For an exchange whose request came in `bytes`.
    pub(super) async fn exchange(&self, bytes: usize) -> Result<Leave> {
        self.pass(&self.exchanges, if bytes <= SMALL_BYTES { 1 } else { SMALL_FOR_LARGE }).await
    }

    pub(super) async fn export(&self) -> Result<Leave> {
        self.pass(&self.exports, 1).await
    }

    pub(super) async fn form(&self) -> Result<Leave> {
        self.pass(&self.forms, 1).await
    }

    pub(super) async fn password(&self) -> Result<Leave> {
        self.pass(&self.passwords, 1).await
    }

    async fn pass(&self, gate: &Arc<Semaphore>, many: usize) -> Result<Leave> {
        let many = u32::try_from(many).map_err(internal)?;
        if let Ok(leave) = Arc::clone(gate).try_acquire_many_owned(many) {
            return Ok(leave);
        }
        let _waiting = Waiting::among(self)?;
        let leave = timeout(PATIENCE, Arc::clone(gate).acquire_many_owned(many)).await;
        leave.map_err(|_| busy())?.map_err(internal)
    }
}

/// Somebody who waits at a gate; no more when dropped.
struct Waiting<'g>(&'g Gates);

impl<'g> Waiting<'g> {
    fn among(gates: &'g Gates) -> Result<Waiting<'g>> {
        let waiting = Waiting(gates);
        if gates.waiting.fetch_add(1, Ordering::AcqRel) < gates.waiting_max { Ok(waiting) } else { Err(busy()) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn whoever_comes_when_too_many_wait_is_sent_away_at_once_and_the_others_get_their_turn() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let gates = Gates { waiting_max: 1, ..Gates::new(1) };
        let mut look = Context::from_waker(Waker::noop());
        let all = runtime.block_on(gates.exchange(SMALL_BYTES + 1)).expect("open");
        let mut first = pin!(gates.exchange(1));
        assert!(first.as_mut().poll(&mut look).is_pending(), "it waits");
        let Poll::Ready(Err(refused)) = pin!(gates.exchange(1)).poll(&mut look) else { panic!("it waits as well") };
        assert_eq!((refused.code(), refused.status().as_u16()), ("busy", 503));
        drop(all);
        assert!(runtime.block_on(first).is_ok());
        assert!(runtime.block_on(gates.exchange(1)).is_ok(), "nothing is left of the crowd");
    }
}
