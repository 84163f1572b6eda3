//! The shelf: where whole files lie for good, a folder or a bucket, each under its own hash.
//!
//! A file is written beside its place, flushed, and then put there by one rename, so that nothing half is ever found under a
//! hash, and putting a file twice changes nothing. All calls block, and none may be made where nothing may block.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sync_protocol::{BlobHash, limits};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Files that are put at once: they share flushes of the disk, and a bucket answers only after a while.
const PUTS_AT_ONCE: usize = 16;

/// Never dropped: a runtime must not end where nothing may block.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).max_blocking_threads(PUTS_AT_ONCE).thread_name("attachments").enable_all();
    builder.build().expect("a thread can be started")
});

/// Why a file could not be put or got.
#[derive(Debug, thiserror::Error)]
pub enum ShelfProblem {
    /// There is no room left.
    #[error("there is no room left for attachments")]
    Full,
    /// The folder cannot be made.
    #[error("{}: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The bytes are not those of the file: the disk or bucket has damaged them.
    #[error("the file {0} is damaged")]
    Damaged(BlobHash),
    /// Anything else.
    #[error("attachments cannot be reached")]
    Store(#[source] object_store::Error),
}

impl From<object_store::Error> for ShelfProblem {
    fn from(error: object_store::Error) -> ShelfProblem {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = cause {
            if inner.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::StorageFull) {
                return ShelfProblem::Full;
            }
            cause = inner.source();
        }
        ShelfProblem::Store(error)
    }
}

/// A folder or bucket.
pub struct Shelf {
    name: String,
    folder: Option<PathBuf>,
    store: OnceLock<Arc<dyn ObjectStore>>,
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({})", self.name)
    }
}

impl Shelf {
    /// A folder, made when the first file comes.
    pub fn folder(path: PathBuf) -> Shelf {
        Shelf { name: path.display().to_string(), folder: Some(path), store: OnceLock::new() }
    }

    /// Any store: a bucket, or one that fails on purpose.
    pub fn of(name: &str, store: Arc<dyn ObjectStore>) -> Shelf {
        Shelf { name: name.to_owned(), folder: None, store: OnceLock::from(store) }
    }

    fn store(&self) -> Result<&Arc<dyn ObjectStore>, ShelfProblem> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let path = self.folder.as_ref().expect("a shelf without a store is a folder");
        make_private(path).map_err(|reason| ShelfProblem::Folder { path: path.clone(), reason })?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        Ok(self.store.get_or_init(|| Arc::new(store)))
    }

    /// Puts files; durable once this returns. Each has its own outcome, and a failure of one is none of the others'.
    pub fn put(&self, files: Vec<(BlobHash, Vec<u8>)>) -> Vec<(BlobHash, Result<(), ShelfProblem>)> {
        let store = match self.store() {
            Ok(store) => Arc::clone(store),
            Err(_) => {
                return files.into_iter().map(|(hash, _)| (hash, self.store().map(|_| ()))).collect();
            }
        };
        RUNTIME.block_on(async move {
            let mut files = files.into_iter();
            let (mut under_way, mut done) = (JoinSet::new(), Vec::new());
            loop {
                while under_way.len() < PUTS_AT_ONCE {
                    let Some((hash, bytes)) = files.next() else { break };
                    let store = Arc::clone(&store);
                    under_way.spawn(async move {
                        let put = store.put(&place(hash), PutPayload::from(bytes)).await;
                        (hash, put.map(|_| ()).map_err(ShelfProblem::from))
                    });
                }
                match under_way.join_next().await {
                    Some(outcome) => done.push(outcome.expect("putting does not panic")),
                    None => return done,
                }
            }
        })
    }

    /// The bytes of a file, held against its hash; `None` if it is not there.
    pub fn get(&self, hash: BlobHash) -> Result<Option<Vec<u8>>, ShelfProblem> {
        let store = self.store()?;
        let got = RUNTIME.block_on(async {
            match store.get(&place(hash)).await {
                Ok(found) if found.meta.size > limits::BLOB_BYTES_MAX as u64 => Err(ShelfProblem::Damaged(hash)),
                Ok(found) => Ok(Some(found.bytes().await?)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })?;
        match got {
            Some(bytes) if BlobHash::of(&bytes) != hash => Err(ShelfProblem::Damaged(hash)),
            got => Ok(got.map(Vec::from)),
        }
    }

    /// Forgets a file; one that is not there is forgotten already.
    pub fn delete(&self, hash: BlobHash) -> Result<(), ShelfProblem> {
        let store = self.store()?;
        match RUNTIME.block_on(store.delete(&place(hash))) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where a file lies: the first two digits spread files over folders.
fn place(hash: BlobHash) -> Place {
    let text = hash.to_string();
    Place::from_iter([&text[..2], text.as_str()])
}

/// A folder that only the server's account reads: photos of homes and family cards lie in it.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(path)?;
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
