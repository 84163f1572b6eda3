//! Records and their row texts.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use sync_protocol::{AreaId, Collection, RecordId, RowHash};

use super::ids::{Key, maybe};
use crate::error::{Error, Result};

/// A record as it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its place in the table.
    pub(crate) record: i64,
    pub(crate) id: RecordId,
    pub(crate) collection: Collection,
    /// The household of a child.
    pub(crate) root: Option<RecordId>,
    /// Where it stands on the server.
    pub(crate) area: Option<AreaId>,
    /// The doc of the row as the server holds it.
    pub(crate) base: Option<i64>,
    /// The doc of what people see.
    pub(crate) view: i64,
    pub(crate) conflicts: usize,
    /// Not delivered yet in the whole pull under way.
    pub(crate) stale: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Held> {
    let collection: String = row.get(2)?;
    Ok(Held {
        record: row.get(0)?,
        id: RecordId::of(row.get(1)?),
        // Only names of collections are ever written here.
        collection: collection.parse().map_err(|_| rusqlite::Error::InvalidQuery)?,
        root: maybe(row.get(3)?),
        area: maybe(row.get(4)?),
        base: row.get(5)?,
        view: row.get(6)?,
        conflicts: row.get::<_, i64>(7)? as usize,
        stale: row.get(8)?,
    })
}

/// The record with this id.
pub(crate) fn find(store: &Connection, id: RecordId) -> Result<Option<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records WHERE id = $id",
    )?;
    Ok(query.query_row(named_params! {"$id": id.key()}, read).optional()?)
}

/// The record at this place.
pub(crate) fn held(store: &Connection, record: i64) -> Result<Held> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records WHERE record = $record",
    )?;
    query.query_row(named_params! {"$record": record}, read).optional()?.ok_or(Error::NotFound("record"))
}

/// A household's families, persons and visits, in the order of their ids: as they were made.
pub(crate) fn list_children(store: &Connection, root: RecordId) -> Result<Vec<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records
         WHERE root = $root ORDER BY collection, id",
    )?;
    let rows = query.query_map(named_params! {"$root": root.key()}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every record that stands in an area on the server.
pub(crate) fn list_in_area(store: &Connection, area: AreaId) -> Result<Vec<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records WHERE area = $area",
    )?;
    let rows = query.query_map(named_params! {"$area": area.key()}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records of which there is nothing but own saves: the server holds them nowhere in this device's areas any more, or not yet.
pub(crate) fn list_baseless(store: &Connection) -> Result<Vec<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records
         WHERE record IN (SELECT record FROM overlay) AND base IS NULL",
    )?;
    let rows = query.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records of an area that its whole pull has not brought.
pub(crate) fn list_stale(store: &Connection, area: AreaId) -> Result<Vec<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records
         WHERE area = $area AND stale = 1",
    )?;
    let rows = query.query_map(named_params! {"$area": area.key()}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Marks all base rows of an area as not delivered yet.
pub(crate) fn mark_stale(store: &Connection, area: AreaId) -> Result<()> {
    let mut statement = store.prepare_cached("UPDATE records SET stale = 1 WHERE area = $area AND base IS NOT NULL")?;
    statement.execute(named_params! {"$area": area.key()})?;
    Ok(())
}

/// Households that hold a conflict, in themselves or in a child.
pub(crate) fn list_in_conflict(store: &Connection) -> Result<Vec<Held>> {
    let mut query = store.prepare_cached(
        "SELECT record, id, collection, root, area, base, view, conflicts, stale FROM records
         WHERE conflicts > 0 ORDER BY record",
    )?;
    let rows = query.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds a record and returns its place.
pub(crate) fn insert(store: &Connection, new: &Held) -> Result<i64> {
    let mut statement = store.prepare_cached(
        "INSERT INTO records (id, collection, root, area, base, view, conflicts)
         VALUES ($id, $collection, $root, $area, $base, $view, $conflicts)",
    )?;
    statement.execute(named_params! {
        "$id": new.id.key(),
        "$collection": new.collection.name(),
        "$root": new.root.map(RecordId::key),
        "$area": new.area.map(AreaId::key),
        "$base": new.base,
        "$view": new.view,
        "$conflicts": new.conflicts as i64,
    })?;
    Ok(store.last_insert_rowid())
}

/// Replaces what is held of a record.
pub(crate) fn update(store: &Connection, held: &Held) -> Result<()> {
    let mut statement = store.prepare_cached(
        "UPDATE records SET root = $root, area = $area, base = $base, view = $view, conflicts = $conflicts, stale = $stale
         WHERE record = $record",
    )?;
    statement.execute(named_params! {
        "$record": held.record,
        "$root": held.root.map(RecordId::key),
        "$area": held.area.map(AreaId::key),
        "$base": held.base,
        "$view": held.view,
        "$conflicts": held.conflicts as i64,
        "$stale": held.stale,
    })?;
    Ok(())
}

/// The base becomes what is seen, in this area: nothing of the device's own is missing in it any more.
pub(crate) fn confirm(store: &Connection, record: i64, area: AreaId) -> Result<()> {
    let mut statement = store.prepare_cached("UPDATE records SET base = view, area = $area WHERE record = $record")?;
    statement.execute(named_params! {"$record": record, "$area": area.key()})?;
    Ok(())
}

/// Removes a record; list line, overlay and docs go with it.
pub(crate) fn delete(store: &Connection, held: &Held) -> Result<()> {
    store
        .prepare_cached("DELETE FROM search WHERE rowid = $record")?
        .execute(named_params! {"$record": held.record})?;
    drop_doc(store, held.view)?;
    if let Some(base) = held.base.filter(|base| *base != held.view) {
        drop_doc(store, base)?;
    }
    store
        .prepare_cached("DELETE FROM records WHERE record = $record")?
        .execute(named_params! {"$record": held.record})?;
    Ok(())
}

/// Stores a row's text.
pub(crate) fn add_doc(store: &Connection, text: &str, hash: RowHash) -> Result<i64> {
    let mut statement = store.prepare_cached("INSERT INTO docs (hash, text) VALUES ($hash, $text)")?;
    statement.execute(named_params! {"$hash": hash.0.to_be_bytes(), "$text": text})?;
    Ok(store.last_insert_rowid())
}

/// Forgets a row's text.
pub(crate) fn drop_doc(store: &Connection, doc: i64) -> Result<()> {
    store.prepare_cached("DELETE FROM docs WHERE doc = $doc")?.execute(named_params! {"$doc": doc})?;
    Ok(())
}

/// A row's text.
pub(crate) fn text(store: &Connection, doc: i64) -> Result<String> {
    let mut query = store.prepare_cached("SELECT text FROM docs WHERE doc = $doc")?;
    Ok(query.query_row(named_params! {"$doc": doc}, |row| row.get(0))?)
}

/// What people see of every record, households first: visits are listed with them.
pub(crate) fn list_views(store: &Connection) -> Result<Vec<(i64, String)>> {
    let mut query = store.prepare_cached(
        "SELECT r.record, d.text FROM records r JOIN docs d ON d.doc = r.view
         ORDER BY r.collection = 'household' DESC, r.record",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The hash of a row's text.
pub(crate) fn hash(store: &Connection, doc: i64) -> Result<RowHash> {
    let mut query = store.prepare_cached("SELECT hash FROM docs WHERE doc = $doc")?;
    let hash: [u8; 16] = query.query_row(named_params! {"$doc": doc}, |row| row.get(0))?;
    Ok(RowHash(u128::from_be_bytes(hash)))
}

/// Every base row of an area that is not being delivered anew: its doc, stored hash and text.
pub(crate) fn list_base_docs(store: &Connection, area: AreaId) -> Result<Vec<(i64, RowHash, String)>> {
    let mut query = store.prepare_cached(
        "SELECT d.doc, d.hash, d.text FROM records r JOIN docs d ON d.doc = r.base WHERE r.area = $area AND r.stale = 0",
    )?;
    let rows = query.query_map(named_params! {"$area": area.key()}, |row| {
        Ok((row.get(0)?, RowHash(u128::from_be_bytes(row.get(1)?)), row.get(2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The hash of a text is this.
pub(crate) fn set_hash(store: &Connection, doc: i64, hash: RowHash) -> Result<()> {
    store
        .prepare_cached("UPDATE docs SET hash = $hash WHERE doc = $doc")?
        .execute(named_params! {"$hash": hash.0.to_be_bytes(), "$doc": doc})?;
    Ok(())
}

/// The id and hash of every base row in an area.
pub(crate) fn list_base_hashes(store: &Connection, area: AreaId) -> Result<Vec<(RecordId, RowHash)>> {
    let mut query = store.prepare_cached(
        "SELECT r.id, d.hash FROM records r JOIN docs d INDEXED BY docs_hashes ON d.doc = r.base WHERE r.area = $area",
    )?;
    let rows = query.query_map(named_params! {"$area": area.key()}, |row| {
        Ok((RecordId::of(row.get(0)?), RowHash(u128::from_be_bytes(row.get(1)?))))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every base row's text in an area, by id: what must equal the server's rows.
pub(crate) fn list_base_texts(store: &Connection, area: AreaId) -> Result<Vec<(RecordId, String)>> {
    let mut query = store.prepare_cached(
        "SELECT r.id, d.text FROM records r JOIN docs d ON d.doc = r.base WHERE r.area = $area ORDER BY r.id",
    )?;
    let rows =
        query.query_map(named_params! {"$area": area.key()}, |row| Ok((RecordId::of(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
