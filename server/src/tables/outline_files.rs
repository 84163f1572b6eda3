//! Imports of outlines: one transaction; an area's newer outline takes the older one's place.

use serde::Serialize;
use sync_protocol::UserId;

use super::{Mode, area_index, today};
use crate::import::findings::{BadRows, Findings};
use crate::import::outlines::read_outlines;
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::db::Result;
use crate::store::outlines;

/// What became of a file of outlines.
#[derive(Debug, Serialize)]
pub struct OutlinesReport {
    /// Whether it was written.
    pub written: bool,
    /// Outlines that fit an area.
    pub outlines: u64,
    /// The property that was taken for the code.
    pub code_property: Option<String>,
    /// What is wrong with the file.
    pub findings: Findings,
}

/// Imports a file of outlines.
pub fn import_outlines(
    instance: &Instance,
    name: &str,
    bytes: &[u8],
    code_property: Option<&str>,
    bad: BadRows,
    mode: Mode,
    by: Option<UserId>,
) -> Result<OutlinesReport> {
    let day = today(instance);
    let index = instance.store.read(|tx| area_index(tx, day))?;
    let file = read_outlines(name, bytes, &index, code_property);
    let mut report = OutlinesReport {
        written: false,
        outlines: file.outlines.len() as u64,
        code_property: file.code_property,
        findings: file.findings,
    };
    if mode == Mode::DryRun || !report.findings.allow_import(bad) {
        return Ok(report);
    }
    let deed = Deed::new(instance, by, "outlines.import", name, &format!("{} outlines", report.outlines));
    let wanted: Vec<_> =
        file.outlines.into_iter().map(|outline| (index.area(outline.area).id, outline.geometry)).collect();
    instance.store.write(move |tx| {
        for (area, geometry) in &wanted {
            outlines::put(tx, *area, geometry)?;
        }
        audit::add(tx, &deed)
    })?;
    report.written = true;
    Ok(report)
}
