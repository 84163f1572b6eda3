//! Outlines of areas: GeoJSON geometries, kept as they came.

use sync_protocol::AreaId;

use crate::args;
use crate::store::db::{Result, Tx};

/// Sets an area's outline.
pub fn put(tx: &Tx<'_>, area: AreaId, geojson: &str) -> Result<()> {
    tx.run(
        "INSERT INTO outlines (area, geojson) VALUES ($1, $2)
         ON CONFLICT (area) DO UPDATE SET geojson = excluded.geojson",
        args![area.to_string().as_str(), geojson],
    )?;
    Ok(())
}

/// An area's outline.
pub fn find(tx: &Tx<'_>, area: AreaId) -> Result<Option<String>> {
    tx.row("SELECT geojson FROM outlines WHERE area = $1", args![area.to_string().as_str()], |row| row.string(0))
}
