//! The quarantine as operators see it: each held save with who made it, why it is held and what waits for it; and their
//! decisions, with the audit.

use serde::Serialize;
use sync_protocol::{Code, RecordId, UserId, Verdict};
use utoipa::ToSchema;

use crate::error::{Error, Result, bad_request, conflict, not_found};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::held::{self, Held, HeldId};
use crate::store::{Tx, devices, kept_aside, users};
use crate::sync::Hub;
use crate::sync::quarantine::{DECIDED_MAX, Dependants, Desk, Outcome, list_dependants};

/// Letters of a reason at most.
const REASON_CHARACTERS_MAX: usize = 500;
/// Dependants that are listed at most.
const DEPENDANTS_SHOWN_MAX: usize = 1_000;

/// A held save.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldSave {
    /// Its name here.
    #[schema(value_type = String)]
    pub save: HeldId,
    /// `quarantined` or `parked`; once it is decided, how.
    pub verdict: &'static str,
    /// Why, for programs.
    #[schema(value_type = Option<String>)]
    pub code: Option<Code>,
    /// Why, for people.
    pub sentence: &'static str,
    /// Since when, milliseconds since 1970.
    pub since: i64,
    /// Who made it.
    #[schema(value_type = Option<String>)]
    pub author: Option<UserId>,
    /// Their name.
    pub author_name: String,
    /// On which device; empty for one that is not known.
    pub device_name: String,
    /// When, by the clock that it would rank by; milliseconds since 1970.
    pub made: Option<i64>,
    /// When the server got it; milliseconds since 1970.
    pub received: Option<i64>,
    /// The records that it touches, as far as it can be read.
    #[schema(value_type = Vec<String>)]
    pub records: Vec<RecordId>,
    /// What it waits for.
    #[schema(value_type = Vec<String>)]
    pub waits_for: Vec<HeldId>,
}

/// A held save with what it says and what waits for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Shown {
    /// The save.
    pub held: HeldSave,
    /// What it wrote; text where it is no JSON.
    #[schema(value_type = Object)]
    pub content: serde_json::Value,
    /// What waits for it, directly or through others.
    pub dependants: Vec<HeldSave>,
}

/// What nothing is decided of, the oldest first.
pub fn list(tx: &Tx<'_>, after: Option<&(i64, HeldId)>, most: u32) -> Result<Vec<HeldSave>> {
    held::list_unsettled(tx, after, most)?.into_iter().map(|held| view(tx, held)).collect()
}

/// One held save, whatever became of it.
pub fn show(tx: &Tx<'_>, id: &HeldId) -> Result<Shown> {
    let held = held::find(tx, id)?.ok_or_else(|| not_found("held save"))?;
    let line = kept_aside::original(tx, id)?.map(|original| original.line).unwrap_or_default();
    let mut dependants = Vec::new();
    for id in list_dependants(tx, id)?.into_iter().take(DEPENDANTS_SHOWN_MAX) {
        dependants.extend(held::find(tx, &id)?.map(|held| view(tx, held)).transpose()?);
    }
    let content = serde_json::from_str(&line).unwrap_or(serde_json::Value::String(line));
    Ok(Shown { held: view(tx, held)?, content, dependants })
}

fn view(tx: &Tx<'_>, held: Held) -> Result<HeldSave> {
    let original = kept_aside::original(tx, &held.id)?;
    let author = original.as_ref().map(|original| original.author);
    let person = author.map(|author| users::find(tx, author)).transpose()?.flatten();
    let device = devices::find_of_writer(tx, held.id.dot.writer)?;
    let waits_for = if held.verdict == Verdict::Parked { held::list_waits(tx, held.id.dot)? } else { Vec::new() };
    Ok(HeldSave {
        records: held::list_records(tx, &held.id)?,
        verdict: held.verdict.word(),
        code: held.verdict.code(),
        sentence: held.verdict.code().map_or("It waits for something that it stands on.", Code::sentence),
        since: held.since,
        author,
        author_name: person.map_or_else(String::new, |person| person.display_name),
        device_name: device.map_or_else(String::new, |(_, name)| name),
        made: original.as_ref().map(|original| original.clock.0),
        received: original.map(|original| original.received),
        waits_for: waits_for.into_iter().map(HeldId::of).collect(),
        save: held.id,
    })
}

/// Releases held saves, and what waited for them.
pub fn release(instance: &Instance, hub: &Hub, ids: Vec<HeldId>, by: UserId, reason: &str) -> Result<Vec<Outcome>> {
    let reason = checked(&ids, reason)?;
    let (desk, deeds) = (Desk::at(hub), deeds(instance, "quarantine.release", &ids, by, &reason));
    instance.store.write(move |tx| {
        all_known(tx, &ids)?;
        let outcomes = desk.release(tx, &ids)?;
        deeds.iter().try_for_each(|deed| audit::add(tx, deed))?;
        Ok(outcomes)
    })
}

/// Rejects held saves. What waits for them has to be decided in the same breath.
pub fn reject(
    instance: &Instance,
    hub: &Hub,
    ids: Vec<HeldId>,
    dependants: Option<Dependants>,
    by: UserId,
    reason: &str,
) -> Result<Vec<Outcome>> {
    let reason = checked(&ids, reason)?;
    let (desk, deeds) = (Desk::at(hub), deeds(instance, "quarantine.reject", &ids, by, &reason));
    instance.store.write(move |tx| {
        all_known(tx, &ids)?;
        if dependants.is_none() {
            refuse_dependants(tx, &ids)?;
        }
        let outcomes = desk.reject(tx, &ids, dependants.unwrap_or(Dependants::Reject))?;
        deeds.iter().try_for_each(|deed| audit::add(tx, deed))?;
        Ok(outcomes)
    })
}

fn checked(ids: &[HeldId], reason: &str) -> Result<String> {
    if ids.is_empty() || ids.len() > DECIDED_MAX {
        return Err(bad_request("bad_count", format!("Name one to {DECIDED_MAX} held saves.")));
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARACTERS_MAX {
        let message = format!("A decision needs a reason of at most {REASON_CHARACTERS_MAX} characters.");
        return Err(bad_request("no_reason", message));
    }
    Ok(reason.to_owned())
}

fn all_known(tx: &Tx<'_>, ids: &[HeldId]) -> Result<()> {
    for id in ids {
        held::find(tx, id)?.ok_or_else(|| not_found("held save"))?;
    }
    Ok(())
}

fn refuse_dependants(tx: &Tx<'_>, ids: &[HeldId]) -> Result<()> {
    let mut waiting = std::collections::BTreeSet::new();
    for id in ids {
        waiting.extend(list_dependants(tx, id)?);
    }
    ids.iter().for_each(|id| {
        waiting.remove(id);
    });
    if waiting.is_empty() {
        return Ok(());
    }
    let message = format!("{} saves wait for this: say whether they are rejected with it or go on.", waiting.len());
    Err::<(), Error>(conflict("dependants", message))
}

fn deeds(instance: &Instance, action: &'static str, ids: &[HeldId], by: UserId, reason: &str) -> Vec<Deed> {
    ids.iter().map(|id| Deed::new(instance, Some(by), action, id, reason)).collect()
}
