//! Gaps as operators see them: of this device these saves are missing, those wait; and the sealing of a gap whose device is
//! gone. What comes later for sealed numbers is kept for a person.

use serde::Serialize;
use sync_protocol::{UserId, WriterId};
use utoipa::ToSchema;

use crate::error::{Error, Result, bad_request, conflict, not_found};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::{Tx, changesets, devices, gaps, users, writers};
use crate::sync::{self, Hub};

/// Letters of a reason at most.
const REASON_CHARACTERS_MAX: usize = 500;

/// A device of which something waits for what is missing before it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Gap {
    /// The writer.
    #[schema(value_type = String)]
    pub writer: WriterId,
    /// Name of its device.
    pub device_name: String,
    /// When that was last seen, milliseconds since 1970.
    pub last_seen: Option<i64>,
    /// Whose it is.
    pub person: String,
    /// Ranges of saves that are not here.
    pub missing: Vec<(u64, u64)>,
    /// Ranges of saves that wait behind them.
    pub waiting: Vec<(u64, u64)>,
    /// Ranges that were sealed and have not come.
    pub sealed: Vec<SealedGap>,
}

/// A gap that was sealed: by a person, or because its own device said that nothing holds these saves any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedGap {
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// When, milliseconds since 1970.
    pub sealed: i64,
    /// Why.
    pub reason: String,
}

/// Every writer of which something waits, or of which saves are gone.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Gap>> {
    let mut sealed = gaps::list_sealed(tx)?;
    let mut ids = changesets::writers_waiting(tx)?;
    ids.extend(sealed.keys().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
    let mut all = Vec::new();
    for id in ids {
        let Some(writer) = writers::find(tx, id)? else { continue };
        let found = gaps::find(tx, id, writer.applied)?;
        let sealed = sealed.remove(&id).unwrap_or_default();
        if found.is_none() && sealed.is_empty() {
            continue;
        }
        let (missing, waiting) = found.map_or_else(Default::default, |found| (found.missing, found.waiting));
        let device = devices::find_of_writer(tx, id)?;
        let seen = device.as_ref().map(|(device, _)| devices::find(tx, *device)).transpose()?.flatten();
        let person = writer.user.map(|user| users::find(tx, user)).transpose()?.flatten();
        all.push(Gap {
            writer: id,
            device_name: device.map_or_else(String::new, |(_, name)| name),
            last_seen: seen.map(|device| device.last_seen),
            person: person.map_or_else(String::new, |person| person.display_name),
            missing,
            waiting,
            sealed,
        });
    }
    Ok(all)
}

/// Seals a writer's first gap, which ends at `last`: its prefix passes the gap, and what waited is judged.
pub fn seal(instance: &Instance, hub: &Hub, id: WriterId, last: u64, by: UserId, reason: &str) -> Result<(u64, u64)> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_CHARACTERS_MAX {
        let message = format!("Sealing needs a reason of at most {REASON_CHARACTERS_MAX} characters.");
        return Err(bad_request("no_reason", message));
    }
    // What stands before the gap is judged before it is passed.
    sync::judge_owed(hub, vec![id])?;
    let now = instance.now();
    let deed = Deed::new(instance, Some(by), "gap.seal", format!("{id}/{last}"), &reason);
    let sealed = instance.store.write(move |tx| {
        let writer = writers::find(tx, id)?.ok_or_else(|| not_found("writer"))?;
        let found = gaps::find(tx, id, writer.applied)?.ok_or_else(|| not_found("gap"))?;
        let first = found.missing[0];
        if first.0 != writer.applied + 1 {
            let message = "What came before this gap is not judged yet. Nothing was changed; try again in a moment.";
            return Err(conflict("not_judged", message));
        }
        if first.1 != last {
            let message = format!("The first gap of this writer is {}–{}: seal that first.", first.0, first.1);
            return Err(conflict("other_gap", message));
        }
        gaps::seal(tx, id, first, &reason, now)?;
        writers::set_applied(tx, id, last)?;
        audit::add(tx, &deed)?;
        Ok::<_, Error>(first)
    })?;
    sync::judge_owed(hub, vec![id])?;
    Ok(sealed)
}
