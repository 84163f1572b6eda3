//! What is to be checked against forms: visits by the package they were made with, and households that changed.

use sync_protocol::{AreaId, RecordId};

use super::db::{Result, Tx};
use crate::args;

/// A household that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The household.
    pub root: RecordId,
    /// How often it changed since it was listed.
    pub changes: u64,
}

/// A visit as it is stored.
#[derive(Debug, Clone)]
pub struct Visited {
    /// Its household.
    pub root: RecordId,
    /// Where that stands.
    pub area: AreaId,
    /// Its row's canonical text.
    pub doc: String,
}

/// The visits that were made with a package, area by area, in and below one area or everywhere.
pub fn each_visit(
    tx: &Tx<'_>,
    package: &str,
    area: Option<AreaId>,
    mut take: impl FnMut(Visited) -> Result<bool>,
) -> Result<()> {
    tx.each(
        "SELECT r.root, r.area, r.doc FROM form_visits v JOIN records r ON r.id = v.visit
          WHERE v.package = $1 AND (CAST($2 AS TEXT) IS NULL OR r.area IN (
             WITH RECURSIVE below (id) AS (
                 SELECT id FROM areas WHERE id = $2
                 UNION SELECT areas.id FROM areas JOIN below ON areas.parent = below.id)
             SELECT id FROM below))
          ORDER BY r.area, r.root, r.id",
        args![package, area.map(|area| area.to_string()).as_ref()],
        |row| take(Visited { root: row.parsed(0)?, area: row.parsed(1)?, doc: row.string(2)? }),
    )
}

/// A visit of this household was made with this package.
pub fn put_visit(tx: &Tx<'_>, visit: RecordId, root: RecordId, package: &str) -> Result<()> {
    tx.run(
        "INSERT INTO form_visits (visit, root, package) VALUES ($1, $2, $3)
         ON CONFLICT (visit) DO UPDATE SET root = excluded.root, package = excluded.package",
        args![&visit.to_string(), &root.to_string(), package],
    )?;
    Ok(())
}

/// Whether any visit was made with a form.
pub fn has_visits(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.row("SELECT 1 FROM form_visits LIMIT 1", args![], |_| Ok(()))?.is_some())
}

/// Whether the household was visited with a form.
pub fn is_visited(tx: &Tx<'_>, root: RecordId) -> Result<bool> {
    let found = tx.row("SELECT 1 FROM form_visits WHERE root = $1 LIMIT 1", args![&root.to_string()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Lists a household to be checked.
pub fn put(tx: &Tx<'_>, root: RecordId) -> Result<()> {
    tx.run(
        "INSERT INTO to_check (root, changes) VALUES ($1, 1)
         ON CONFLICT (root) DO UPDATE SET changes = to_check.changes + 1",
        args![&root.to_string()],
    )?;
    Ok(())
}

/// Lists every household that was visited with this package.
pub fn put_all_of(tx: &Tx<'_>, package: &str) -> Result<()> {
    tx.run(
        "INSERT INTO to_check (root, changes) SELECT DISTINCT root, 1 FROM form_visits WHERE package = $1
         ON CONFLICT (root) DO UPDATE SET changes = to_check.changes + 1",
        args![package],
    )?;
    Ok(())
}

/// Households that wait after the one given, at most `most`.
pub fn list(tx: &Tx<'_>, after: Option<RecordId>, most: u32) -> Result<Vec<Due>> {
    let after = after.map_or_else(String::new, |root| root.to_string());
    tx.rows(
        "SELECT root, changes FROM to_check WHERE root > $1 ORDER BY root LIMIT $2",
        args![&after, i64::from(most)],
        |row| Ok(Due { root: row.parsed(0)?, changes: row.number(1)? }),
    )
}

/// The household was checked; it stays listed if it changed meanwhile.
pub fn done(tx: &Tx<'_>, due: Due) -> Result<()> {
    tx.run("DELETE FROM to_check WHERE root = $1 AND changes = $2", args![&due.root.to_string(), due.changes])?;
    Ok(())
}
