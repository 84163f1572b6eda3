//! Exports from one snapshot of the register, area by area and household by household.

use std::collections::HashMap;
use std::io::Write;

use sync_protocol::{AreaId, RecordId, Row, UserId};

use super::OFFICE_UTC_OFFSET_MINUTES;
use crate::export::area_paths::{AreaPaths, NamedArea};
use crate::export::labels::Language;
use crate::export::shown_values::Wording;
use crate::export::tables::{HouseholdRows, Layout, Table};
use crate::export::{ExportError, Format, TableFile};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::db::Error;
use crate::store::{Tx, areas, records, users};

/// What to export.
#[derive(Debug, Clone)]
pub struct Export {
    /// Which table.
    pub table: Table,
    /// As which file.
    pub format: Format,
    /// The language of its header.
    pub language: Language,
    /// This area and all below it; everything without one.
    pub area: Option<AreaId>,
    /// Registers of a questionnaire to show beside the table's own.
    pub extra: Vec<String>,
    /// On whose behalf; `None` for the operator on the machine.
    pub by: Option<UserId>,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportFailed {
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] ExportError),
    /// There is no such form version, or no such table of it.
    #[error("there is no such form version, or no such table of it")]
    Unknown,
    /// The store could not be read.
    #[error("the register cannot be read")]
    Store(#[from] Error),
}

/// Writes a table; answers its rows. Who took what is on the audit before the first row leaves.
pub fn write_table<W: Write + Send>(instance: &Instance, export: &Export, out: W) -> Result<u64, ExportFailed> {
    let subject = export.area.map(|area| area.to_string()).unwrap_or_default();
    let note = format!("table {}", export.table.name());
    let deed = Deed::new(instance, export.by, "table.export", subject, &note);
    instance.store.write(move |tx| audit::add(tx, &deed))?;
    let wording = Wording { language: export.language, utc_offset_minutes: OFFICE_UTC_OFFSET_MINUTES };
    let layout = Layout::new(export.table, wording, &export.extra);
    let mut file = TableFile::begin(export.format, &layout.title(), &layout.header(), out)?;
    let rows = instance.store.read(|tx| write_rows(tx, export, &layout, &mut file))?;
    file.finish()?;
    Ok(rows)
}

fn write_rows<W: Write + Send>(
    tx: &Tx<'_>,
    export: &Export,
    layout: &Layout,
    file: &mut TableFile<W>,
) -> Result<u64, ExportFailed> {
    let all = areas::list(tx)?;
    let within: Option<std::collections::HashSet<AreaId>> =
        export.area.map(|top| areas::list_subtree(tx, top)).transpose()?.map(|areas| areas.into_iter().collect());
    let names: HashMap<UserId, String> =
        users::list(tx)?.into_iter().map(|user| (user.id, user.display_name)).collect();
    let author = |user: UserId| names.get(&user).cloned().unwrap_or_default();
    let named = named_areas(all);
    let paths = AreaPaths::new(&named);
    let mut written = 0;
    for area in named.iter().filter(|area| within.as_ref().is_none_or(|within| within.contains(&area.id))) {
        each_household(tx, area.id, |household| {
            let rows = layout.rows(&household, &paths, &author);
            written += rows.len() as u64;
            file.rows(rows)
        })?;
    }
    Ok(written)
}

fn named_areas(all: Vec<areas::Area>) -> Vec<NamedArea> {
    all.into_iter()
        .map(|area| NamedArea { id: area.id, code: area.code, level: area.level, name: area.name, parent: area.parent })
        .collect()
}

/// The names above every area.
pub(super) fn area_paths(tx: &Tx<'_>) -> Result<AreaPaths, Error> {
    Ok(AreaPaths::new(&named_areas(areas::list(tx)?)))
}

/// Hands on the households of an area; memory stays that of one.
fn each_household(
    tx: &Tx<'_>,
    area: AreaId,
    mut take: impl FnMut(HouseholdRows) -> Result<(), ExportError>,
) -> Result<(), ExportFailed> {
    let mut root: Option<RecordId> = None;
    let mut rows: Vec<Row> = Vec::new();
    let mut failed: Option<ExportError> = None;
    let mut hand_on = |rows: &mut Vec<Row>| match HouseholdRows::gather(area, rows.drain(..)) {
        Some(household) => take(household),
        None => Ok(()),
    };
    records::each_in_area(tx, area, |record| {
        if root.is_some_and(|root| root != record.root)
            && let Err(error) = hand_on(&mut rows)
        {
            failed = Some(error);
            return Ok(false);
        }
        root = Some(record.root);
        rows.push(Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?);
        Ok(true)
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    Ok(hand_on(&mut rows)?)
}
