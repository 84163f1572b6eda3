//! Which directory each person was last found to have, so that an exchange that has nothing new to tell reads none.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use sync_protocol::UserId;
use sync_protocol::exchange::Directory;

use crate::store::db::Result;
use crate::store::{Tx, scope};

/// The stamps of this process. Nothing is remembered across a start: a restored file counts its changes anew.
#[derive(Debug, Default)]
pub(super) struct Directories(Mutex<HashMap<UserId, Known>>);

/// A stamp, and as long as what it stands on does not change.
#[derive(Debug, Clone)]
struct Known {
    changes: u64,
    /// Milliseconds since 1970 between two turns of the person's grants.
    holds: Range<i64>,
    stamp: String,
}

impl Directories {
    /// The person's directory, unless `stamp` is its stamp.
    pub(super) fn find_news(
        &self,
        tx: &Tx<'_>,
        user: UserId,
        stamp: Option<&String>,
        now_ms: i64,
    ) -> Result<Option<Directory>> {
        let changes = scope::directory_changes(tx)?;
        let holds = |known: &Known| known.changes == changes && known.holds.contains(&now_ms);
        let known = self.lock().get(&user).filter(|known| holds(known)).cloned();
        if known.is_some_and(|known| Some(&known.stamp) == stamp) {
            return Ok(None);
        }
        let directory = scope::directory(tx, user, now_ms)?;
        let until = scope::next_turn(tx, user, now_ms)?.unwrap_or(i64::MAX);
        self.lock().insert(user, Known { changes, holds: now_ms..until, stamp: directory.stamp.clone() });
        Ok(if Some(&directory.stamp) == stamp { None } else { Some(directory) })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Known>> {
        // A map of stamps stays whole when a holder panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
