//! Forgetting files that nobody names. A file that any stored changeset names stays, whatever was decided of it.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::instance::Instance;
use crate::store::blobs;

const DAY_MS: i64 = 86_400_000;
/// Files of one transaction.
const AT_ONCE: u32 = 500;

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Files that no stored changeset names.
    pub files: u64,
    /// Parts of files that stopped coming.
    pub parts: u64,
}

/// Forgets files that came long ago and were never named, and parts that stopped growing.
///
/// A file is first said to be gone, then deleted: a device that names it in between is asked for it again.
pub fn forget(instance: &Instance) -> Result<Forgotten> {
    let attachments = &instance.attachments;
    let now = instance.now();
    let before = now - i64::from(attachments.unnamed_days) * DAY_MS;
    let mut forgotten = Forgotten::default();
    loop {
        let hashes =
            instance.store.write(move |tx| blobs::forget_unnamed(tx, before, now, AT_ONCE).map_err(Error::from))?;
        for hash in &hashes {
            attachments.shelf.delete(*hash).map_err(super::Problem::from)?;
        }
        forgotten.files += hashes.len() as u64;
        if hashes.len() < AT_ONCE as usize {
            break;
        }
    }
    let days = Duration::from_secs(u64::from(attachments.unnamed_days) * 86_400);
    forgotten.parts = attachments.parts.drop_older_than(days);
    Ok(forgotten)
}
