//! Drafts: what is typed but not saved yet, written down at once.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::{Collection, RecordId, Value};

use super::ids::Key;
use crate::drafts::{DraftId, DraftLine};
use crate::error::{Error, Result};

/// A record of a draft.
#[derive(Debug, Clone)]
pub(crate) struct Drafted {
    pub(crate) id: RecordId,
    pub(crate) collection: Collection,
    /// The row's text as the person was shown it; `None` for a record made in the draft.
    pub(crate) loaded: Option<String>,
    /// What was typed since.
    pub(crate) registers: Vec<(String, Value)>,
}

/// Begins a draft about a household.
pub(crate) fn insert(store: &Connection, root: RecordId, now_ms: i64) -> Result<DraftId> {
    store
        .prepare_cached("INSERT INTO drafts (root, created, updated, forms) VALUES ($root, $now, $now, '[]')")?
        .execute(named_params! {"$root": root.key(), "$now": now_ms})?;
    Ok(DraftId(store.last_insert_rowid()))
}

/// The household that a draft is about.
pub(crate) fn root(store: &Connection, draft: DraftId) -> Result<RecordId> {
    let mut query = store.prepare_cached("SELECT root FROM drafts WHERE draft = $draft")?;
    let found = query.query_row(named_params! {"$draft": draft.0}, |row| row.get(0).map(RecordId::of)).optional()?;
    found.ok_or(Error::NotFound("draft"))
}

/// When a draft was begun.
pub(crate) fn created(store: &Connection, draft: DraftId) -> Result<i64> {
    let mut query = store.prepare_cached("SELECT created FROM drafts WHERE draft = $draft")?;
    let found = query.query_row(named_params! {"$draft": draft.0}, |row| row.get(0)).optional()?;
    found.ok_or(Error::NotFound("draft"))
}

/// Something of the draft changed now.
pub(crate) fn touch(store: &Connection, draft: DraftId, now_ms: i64) -> Result<()> {
    let changed = store
        .prepare_cached("UPDATE drafts SET updated = $now WHERE draft = $draft")?
        .execute(named_params! {"$draft": draft.0, "$now": now_ms})?;
    if changed == 0 { Err(Error::NotFound("draft")) } else { Ok(()) }
}

/// Form versions that the draft was made with.
pub(crate) fn forms(store: &Connection, draft: DraftId) -> Result<Vec<String>> {
    let mut query = store.prepare_cached("SELECT forms FROM drafts WHERE draft = $draft")?;
    let found: Option<String> = query.query_row(named_params! {"$draft": draft.0}, |row| row.get(0)).optional()?;
    Ok(serde_json::from_str(&found.ok_or(Error::NotFound("draft"))?).unwrap_or_default())
}

/// Sets the form versions that the draft is made with.
pub(crate) fn set_forms(store: &Connection, draft: DraftId, forms: &[String]) -> Result<()> {
    let forms = serde_json::to_string(forms).expect("a list of strings is JSON");
    store
        .prepare_cached("UPDATE drafts SET forms = $forms WHERE draft = $draft")?
        .execute(named_params! {"$draft": draft.0, "$forms": forms})?;
    Ok(())
}

/// Takes a record into the draft as the person sees it; shown again, the newer row replaces the older one.
pub(crate) fn put_record(
    store: &Connection,
    draft: DraftId,
    id: RecordId,
    collection: Collection,
    loaded: Option<&str>,
) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT INTO draft_records (draft, id, collection, place, loaded)
         VALUES ($draft, $id, $collection, (SELECT count(*) FROM draft_records WHERE draft = $draft), $loaded)
         ON CONFLICT (draft, id) DO UPDATE SET loaded = excluded.loaded",
    )?;
    statement.execute(named_params! {
        "$draft": draft.0,
        "$id": id.key(),
        "$collection": collection.name(),
        "$loaded": loaded,
    })?;
    Ok(())
}

/// Writes down what was typed.
pub(crate) fn set(store: &Connection, draft: DraftId, id: RecordId, name: &str, value: &Value) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT OR REPLACE INTO draft_registers (draft, id, name, value) VALUES ($draft, $id, $name, $value)",
    )?;
    statement.execute(named_params! {"$draft": draft.0, "$id": id.key(), "$name": name, "$value": value.as_str()})?;
    Ok(())
}

/// The draft's records in the order they came into it, with what was typed.
pub(crate) fn records(store: &Connection, draft: DraftId) -> Result<Vec<Drafted>> {
    let mut query =
        store.prepare_cached("SELECT id, collection, loaded FROM draft_records WHERE draft = $draft ORDER BY place")?;
    let rows = query.query_map(named_params! {"$draft": draft.0}, |row| {
        let collection: String = row.get(1)?;
        Ok(Drafted {
            id: RecordId::of(row.get(0)?),
            collection: collection.parse().map_err(|_| rusqlite::Error::InvalidQuery)?,
            loaded: row.get(2)?,
            registers: Vec::new(),
        })
    })?;
    let mut records = rows.collect::<rusqlite::Result<Vec<Drafted>>>()?;
    for record in &mut records {
        record.registers = registers(store, draft, record.id)?;
    }
    Ok(records)
}

fn registers(store: &Connection, draft: DraftId, id: RecordId) -> Result<Vec<(String, Value)>> {
    let mut query = store
        .prepare_cached("SELECT name, value FROM draft_registers WHERE draft = $draft AND id = $id ORDER BY name")?;
    let rows = query.query_map(named_params! {"$draft": draft.0, "$id": id.key()}, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut registers = Vec::new();
    for row in rows {
        let (name, value) = row?;
        registers.push((name, Value::new(&value).map_err(|_| Error::FileDamaged)?));
    }
    Ok(registers)
}

/// A row that a draft has on its screen.
pub(crate) struct Loaded {
    pub(crate) text: String,
    draft: i64,
    id: RecordId,
}

/// Every row that any draft has on its screen.
pub(crate) fn list_loaded(store: &Connection) -> Result<Vec<Loaded>> {
    let mut query = store.prepare_cached("SELECT loaded, draft, id FROM draft_records WHERE loaded IS NOT NULL")?;
    let rows = query
        .query_map([], |row| Ok(Loaded { text: row.get(0)?, draft: row.get(1)?, id: RecordId::of(row.get(2)?) }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The same row, its saves under other names.
pub(crate) fn set_loaded(store: &Connection, of: &Loaded, text: &str) -> Result<()> {
    store
        .prepare_cached("UPDATE draft_records SET loaded = $text WHERE draft = $draft AND id = $id")?
        .execute(named_params! {"$text": text, "$draft": of.draft, "$id": of.id.key()})?;
    Ok(())
}

/// Every draft, the last touched first.
pub(crate) fn list(store: &Connection) -> Result<Vec<DraftLine>> {
    let mut query = store.prepare_cached(
        "SELECT d.draft, d.root, d.created, d.updated,
                (SELECT h.name FROM records r JOIN households h ON h.record = r.record WHERE r.id = d.root),
                f.form || '@' || f.version, i.label,
                coalesce(i.answered, (SELECT count(*) FROM draft_registers t WHERE t.draft = d.draft))
         FROM drafts d LEFT JOIN interviews i ON i.draft = d.draft LEFT JOIN forms f ON f.hash = i.form
         ORDER BY d.updated DESC, d.draft DESC",
    )?;
    let rows = query.query_map([], |row| {
        Ok(DraftLine {
            draft: DraftId(row.get(0)?),
            household: RecordId::of(row.get(1)?),
            created_ms: row.get(2)?,
            updated_ms: row.get(3)?,
            name: row.get(4)?,
            form: row.get(5)?,
            label: row.get(6)?,
            answered: row.get::<_, i64>(7)? as usize,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets a draft.
pub(crate) fn delete(store: &Connection, draft: DraftId) -> Result<()> {
    let gone =
        store.prepare_cached("DELETE FROM drafts WHERE draft = $draft")?.execute(named_params! {"$draft": draft.0})?;
    if gone == 0 { Err(Error::NotFound("draft")) } else { Ok(()) }
}
