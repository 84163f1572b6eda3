//! Interviews under way: what a draft is asked with, its answers, its events.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::RecordId;
use sync_protocol::exchange::PackageHash;

use super::ids::{Key, maybe};
use crate::drafts::DraftId;
use crate::error::{Error, Result};

/// What never changes of an interview, or only when newer values are shown.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) form: PackageHash,
    /// The visit that it will be.
    pub(crate) visit: RecordId,
    /// The family that it is about.
    pub(crate) family: Option<RecordId>,
    /// What the register knew, JSON.
    pub(crate) prefill: String,
}

/// Whatever is stored as JSON.
pub(crate) fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them are JSON")
}

/// Begins an interview in a draft.
pub(crate) fn insert(store: &Connection, draft: DraftId, begun: &Begun) -> Result<()> {
    store
        .prepare_cached(
            "INSERT INTO interviews (draft, form, visit, family, prefill, sheet, answered)
             VALUES ($draft, $form, $visit, $family, $prefill, '{}', 0)",
        )?
        .execute(named_params! {
            "$draft": draft.0, "$form": begun.form.0, "$visit": begun.visit.key(),
            "$family": begun.family.map(RecordId::key), "$prefill": begun.prefill,
        })?;
    Ok(())
}

/// What a draft was begun with; `None` for one without an interview.
pub(crate) fn find(store: &Connection, draft: DraftId) -> Result<Option<Begun>> {
    let mut query = store.prepare_cached("SELECT form, visit, family, prefill FROM interviews WHERE draft = $draft")?;
    let found = query.query_row(named_params! {"$draft": draft.0}, |row| {
        Ok(Begun {
            form: PackageHash(row.get(0)?),
            visit: RecordId::of(row.get(1)?),
            family: maybe(row.get(2)?),
            prefill: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

/// The register's values as they are shown from now on.
pub(crate) fn set_prefill(store: &Connection, draft: DraftId, prefill: &str) -> Result<()> {
    store
        .prepare_cached("UPDATE interviews SET prefill = $prefill WHERE draft = $draft")?
        .execute(named_params! {"$draft": draft.0, "$prefill": prefill})?;
    Ok(())
}

/// The answers as they stand.
pub(crate) fn sheet(store: &Connection, draft: DraftId) -> Result<String> {
    let mut query = store.prepare_cached("SELECT sheet FROM interviews WHERE draft = $draft")?;
    let found = query.query_row(named_params! {"$draft": draft.0}, |row| row.get(0)).optional()?;
    found.ok_or(Error::NotFound("interview in this draft"))
}

/// Writes the answers down.
pub(crate) fn put_sheet(
    store: &Connection,
    draft: DraftId,
    sheet: &str,
    answered: usize,
    label: Option<&str>,
) -> Result<()> {
    store
        .prepare_cached(
            "UPDATE interviews SET sheet = $sheet, answered = $answered, label = $label WHERE draft = $draft",
        )?
        .execute(named_params! {
            "$draft": draft.0, "$sheet": sheet, "$answered": answered as i64, "$label": label,
        })?;
    Ok(())
}

/// Writes one event down, in its place.
pub(crate) fn put_event(store: &Connection, draft: DraftId, place: usize, event: &str) -> Result<()> {
    store
        .prepare_cached(
            "INSERT OR REPLACE INTO interview_events (draft, place, event) VALUES ($draft, $place, $event)",
        )?
        .execute(named_params! {"$draft": draft.0, "$place": place as i64, "$event": event})?;
    Ok(())
}

/// All events, in order.
pub(crate) fn events(store: &Connection, draft: DraftId) -> Result<Vec<String>> {
    let mut query = store.prepare_cached("SELECT event FROM interview_events WHERE draft = $draft ORDER BY place")?;
    let rows = query.query_map(named_params! {"$draft": draft.0}, |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
