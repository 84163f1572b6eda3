//! Imports of areas: one transaction, parents first; an area known by its code keeps its id.

use std::collections::HashMap;

use serde::Serialize;
use sync_protocol::UserId;

use super::{Mode, project_of, today};
use crate::import::areas::{AreaRow, read_areas};
use crate::import::findings::{BadRows, Findings};
use crate::import::sheet::SheetFile;
use crate::import::source_ids::area_id;
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::db::Result;
use crate::store::{areas, areas::Area};

/// What became of a table of areas.
#[derive(Debug, Serialize)]
pub struct AreasReport {
    /// Whether it was written; a dry run and a refused file were not.
    pub written: bool,
    /// Areas that are new.
    pub created: u64,
    /// Areas of which something differs.
    pub changed: u64,
    /// Areas that are as they were.
    pub same: u64,
    /// What is wrong with the file.
    pub findings: Findings,
}

/// Imports a table of areas.
pub fn import_areas(
    instance: &Instance,
    file: &mut SheetFile,
    bad: BadRows,
    mode: Mode,
    by: Option<UserId>,
) -> Result<AreasReport> {
    let known: HashMap<String, Area> =
        instance.store.read(areas::list)?.into_iter().map(|area| (area.code.clone(), area)).collect();
    let table = read_areas(file, today(instance), &|code| known.get(code).map(|area| area.level));
    let mut ids: HashMap<String, _> = known.iter().map(|(code, area)| (code.clone(), area.id)).collect();
    let project = project_of(instance);
    let mut report = AreasReport { written: false, created: 0, changed: 0, same: 0, findings: table.findings };
    let mut wanted = Vec::with_capacity(table.areas.len());
    let mut successors = Vec::new();
    for row in table.areas {
        let id = *ids.entry(row.code.clone()).or_insert_with(|| area_id(&project, &row.code));
        successors.extend(row.successors.iter().map(|code| (id, code.clone())));
        let area = stored(row, id, &ids);
        match known.get(&area.code) {
            None => report.created += 1,
            Some(old) if *old == area => report.same += 1,
            Some(_) => report.changed += 1,
        }
        wanted.push(area);
    }
    if mode == Mode::DryRun || !report.findings.allow_import(bad) {
        return Ok(report);
    }
    let pairs: Vec<_> = successors.into_iter().filter_map(|(area, code)| Some((area, *ids.get(&code)?))).collect();
    let note = format!("{} created, {} changed, {} same", report.created, report.changed, report.same);
    let deed = Deed::new(instance, by, "areas.import", file.name(), &note);
    instance.store.write(move |tx| {
        for area in &wanted {
            areas::put(tx, area)?;
        }
        for (area, successor) in pairs {
            areas::add_successor(tx, area, successor)?;
        }
        audit::add(tx, &deed)
    })?;
    report.written = true;
    Ok(report)
}

fn stored(row: AreaRow, id: sync_protocol::AreaId, ids: &HashMap<String, sync_protocol::AreaId>) -> Area {
    Area {
        id,
        code: row.code,
        level: row.level,
        name: row.name,
        parent: row.parent_code.and_then(|code| ids.get(&code).copied()),
        bps_code: row.bps_code,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}
