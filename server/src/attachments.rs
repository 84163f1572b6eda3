//! Attachments: the bytes of the files that records name. They come in pieces, take their place once they are whole and
//! right, and are given out only to whoever may see a record that names them.
//!
//! Which files there are and who named them is the database's; this module keeps the bytes: `shelf` where they lie for good,
//! `parts` what has come of files under way, `delivery` a device's request, `forgetting` what nobody names.

mod delivery;
mod forgetting;
mod parts;
mod shelf;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use delivery::deliver;
pub(crate) use delivery::{Bringer, bring};
pub use forgetting::{Forgotten, forget};
pub use shelf::{Shelf, ShelfProblem};

use parts::Parts;

/// Folder of files within the data folder, unless the settings name another place.
pub const FOLDER: &str = "attachments";
/// Folder of what has come of files under way, within the data folder.
const PARTS_FOLDER: &str = "attachments-incoming";
/// Bytes of files that one person may bring, unless the settings say otherwise: some ten thousand photos.
pub const QUOTA_BYTES: u64 = 20 << 30;
/// Days that a file waits for a record to name it, unless the settings say otherwise.
pub const UNNAMED_DAYS: u32 = 30;

/// Where attachments lie, and how many of them.
#[derive(Clone)]
pub struct Attachments {
    /// Where they lie for good.
    pub shelf: Arc<Shelf>,
    parts: Arc<Parts>,
    /// Bytes that one person may bring.
    pub quota_bytes: u64,
    /// Days that a file waits for a record to name it.
    pub unnamed_days: u32,
}

impl std::fmt::Debug for Attachments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachments({})", self.shelf)
    }
}

impl Attachments {
    /// Attachments in folders of a data folder, with the usual bounds.
    pub fn within(data: &Path) -> Attachments {
        Attachments::on(Shelf::folder(data.join(FOLDER)), data)
    }

    /// Attachments on a shelf elsewhere; what is under way lies in the data folder.
    pub fn on(shelf: Shelf, data: &Path) -> Attachments {
        let parts = Parts::within(data.join(PARTS_FOLDER));
        Attachments {
            shelf: Arc::new(shelf),
            parts: Arc::new(parts),
            quota_bytes: QUOTA_BYTES,
            unnamed_days: UNNAMED_DAYS,
        }
    }
}

/// What the disk or bucket refused; nothing that was acknowledged is concerned.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no room left.
    #[error("there is no room left for attachments")]
    Full,
    /// A file of what is under way.
    #[error("{}: {reason}", path.display())]
    Part {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The shelf.
    #[error(transparent)]
    Shelf(#[from] ShelfProblem),
}

impl From<Problem> for crate::error::Error {
    fn from(problem: Problem) -> crate::error::Error {
        match problem {
            Problem::Full | Problem::Shelf(ShelfProblem::Full) => crate::error::no_room(),
            problem => crate::error::internal(problem),
        }
    }
}
