//! Form packages: which there are, how much of each has come, and their bytes.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::exchange::{FormVersion, PackageHash};
use sync_protocol::{AreaId, limits};

use super::ids::Key;
use crate::error::Result;
use crate::forms::FormLine;

/// Takes the list of forms that are published where the device works.
pub(crate) fn publish(store: &Connection, published: &[FormVersion]) -> Result<()> {
    store.execute_batch("UPDATE forms SET place = NULL; DELETE FROM form_areas;")?;
    let mut statement = store.prepare_cached(
        "INSERT INTO forms (hash, form, version, title, bytes, place)
         VALUES ($hash, $form, $version, $title, $bytes, $place)
         ON CONFLICT (hash) DO UPDATE SET title = excluded.title, place = excluded.place",
    )?;
    let mut area = store.prepare_cached("INSERT OR IGNORE INTO form_areas (form, area) VALUES ($form, $area)")?;
    for (place, form) in (0_i64..).zip(published).filter(|(_, form)| is_usable(form)) {
        statement.execute(named_params! {
            "$hash": form.hash.0, "$form": form.form, "$version": form.version, "$title": form.title,
            "$bytes": form.bytes as i64, "$place": place,
        })?;
        for id in &form.areas {
            area.execute(named_params! {"$form": form.hash.0, "$area": id.key()})?;
        }
    }
    Ok(())
}

/// Whether a visit could name the version in its header, and the package keeps to its bound.
fn is_usable(form: &FormVersion) -> bool {
    let name = form.form.len() + 1 + form.version.len();
    (1..=limits::PACKAGE_BYTES_MAX as u64).contains(&form.bytes) && name <= limits::NAME_BYTES_MAX
}

/// A package that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coming {
    pub(crate) hash: PackageHash,
    pub(crate) bytes: u64,
    pub(crate) held: u64,
}

/// The first published package that has not come whole, leaving some out.
pub(crate) fn next_coming(store: &Connection, except: &BTreeSet<PackageHash>) -> Result<Option<Coming>> {
    let mut query = store
        .prepare_cached("SELECT hash, bytes, held FROM forms WHERE place IS NOT NULL AND whole = 0 ORDER BY place")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let coming = Coming {
            hash: PackageHash(row.get(0)?),
            bytes: row.get::<_, i64>(1)? as u64,
            held: row.get::<_, i64>(2)? as u64,
        };
        if !except.contains(&coming.hash) {
            return Ok(Some(coming));
        }
    }
    Ok(None)
}

/// How much of a package has come, while it is not whole.
pub(crate) fn find_coming(store: &Connection, hash: PackageHash) -> Result<Option<Coming>> {
    let mut query = store.prepare_cached("SELECT bytes, held FROM forms WHERE hash = $hash AND whole = 0")?;
    let found = query.query_row(named_params! {"$hash": hash.0}, |row| {
        Ok(Coming { hash, bytes: row.get::<_, i64>(0)? as u64, held: row.get::<_, i64>(1)? as u64 })
    });
    Ok(found.optional()?)
}

/// Adds the piece that follows what has come.
pub(crate) fn add_part(store: &Connection, coming: Coming, bytes: &[u8]) -> Result<()> {
    store
        .prepare_cached("INSERT INTO form_parts (form, start, bytes) VALUES ($form, $start, $bytes)")?
        .execute(named_params! {"$form": coming.hash.0, "$start": coming.held as i64, "$bytes": bytes})?;
    store
        .prepare_cached("UPDATE forms SET held = held + $more WHERE hash = $hash")?
        .execute(named_params! {"$hash": coming.hash.0, "$more": bytes.len() as i64})?;
    Ok(())
}

/// Throws away what has come of a package.
pub(crate) fn drop_parts(store: &Connection, hash: PackageHash) -> Result<()> {
    store.prepare_cached("DELETE FROM form_parts WHERE form = $hash")?.execute(named_params! {"$hash": hash.0})?;
    store
        .prepare_cached("UPDATE forms SET held = 0, whole = 0 WHERE hash = $hash")?
        .execute(named_params! {"$hash": hash.0})?;
    Ok(())
}

/// The package may be used from now on.
pub(crate) fn set_whole(store: &Connection, hash: PackageHash) -> Result<()> {
    store.prepare_cached("UPDATE forms SET whole = 1 WHERE hash = $hash")?.execute(named_params! {"$hash": hash.0})?;
    Ok(())
}

/// All that has come of a package.
pub(crate) fn bytes(store: &Connection, hash: PackageHash) -> Result<Vec<u8>> {
    let mut query = store.prepare_cached("SELECT bytes FROM form_parts WHERE form = $hash ORDER BY start")?;
    let parts = query.query_map(named_params! {"$hash": hash.0}, |row| row.get::<_, Vec<u8>>(0))?;
    Ok(parts.collect::<rusqlite::Result<Vec<_>>>()?.concat())
}

/// The bytes of a package that is whole.
pub(crate) fn find_whole(store: &Connection, hash: PackageHash) -> Result<Option<Vec<u8>>> {
    let mut query = store.prepare_cached("SELECT 1 FROM forms WHERE hash = $hash AND whole = 1")?;
    let is_whole = query.exists(named_params! {"$hash": hash.0})?;
    if is_whole { bytes(store, hash).map(Some) } else { Ok(None) }
}

/// The form of this package.
pub(crate) fn find(store: &Connection, hash: PackageHash) -> Result<Option<FormLine>> {
    let mut query =
        store.prepare_cached("SELECT hash, form, version, title, bytes, held, whole FROM forms WHERE hash = $hash")?;
    Ok(query.query_row(named_params! {"$hash": hash.0}, read).optional()?)
}

/// Every version published for an area, the newest of each form first.
pub(crate) fn list_published(store: &Connection, area: AreaId) -> Result<Vec<FormLine>> {
    let mut query = store.prepare_cached(
        "WITH RECURSIVE above (area) AS (
             SELECT $area UNION SELECT a.parent FROM areas a JOIN above b ON a.area = b.area WHERE a.parent IS NOT NULL
         )
         SELECT hash, form, version, title, bytes, held, whole FROM forms
         WHERE place IS NOT NULL AND hash IN (SELECT form FROM form_areas WHERE area IN (SELECT area FROM above))
         ORDER BY place",
    )?;
    let rows = query.query_map(named_params! {"$area": area.key()}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<FormLine> {
    Ok(FormLine {
        hash: PackageHash(row.get(0)?),
        form: row.get(1)?,
        version: row.get(2)?,
        title: row.get(3)?,
        bytes: row.get::<_, i64>(4)? as u64,
        held: row.get::<_, i64>(5)? as u64,
        is_here: row.get(6)?,
    })
}

/// How many published forms have not come yet.
pub(crate) fn count_coming(store: &Connection) -> Result<u64> {
    let mut query = store.prepare_cached("SELECT count(*) FROM forms WHERE place IS NOT NULL AND whole = 0")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))? as u64)
}

/// Forgets forms that are published no more and with which nothing here was begun or waits to be sent: a visit names its
/// package.
pub(crate) fn drop_unneeded(store: &Connection) -> Result<()> {
    store.execute_batch(
        "DELETE FROM forms WHERE place IS NULL
         AND NOT EXISTS (SELECT 1 FROM interviews i WHERE i.form = forms.hash)
         AND NOT EXISTS (
             SELECT 1 FROM changesets c WHERE c.stored = 0 AND instr(c.payload, lower(hex(forms.hash))) > 0)",
    )?;
    Ok(())
}
