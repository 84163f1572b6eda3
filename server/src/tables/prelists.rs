//! Imports of prelists: a plan against the register, written as ordinary saves of the server's writer, some hundred households a transaction.
//!
//! Every error of the file is known before the first write, so all-or-nothing holds for what a file says.
//! A process that dies between two transactions leaves the rest unwritten; the same file again writes just that.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use sync_protocol::save::reserved;
use sync_protocol::{Collection, RecordId, Row, UserId, Verdict};

use super::{Mode, area_index, project_of, today};
use crate::import::area_index::AreaIndex;
use crate::import::findings::{BadRows, Findings};
use crate::import::mapping::Mapping;
use crate::import::plan::{Action, Existing, ExistingRecord, PlanSummary, PlannedHousehold, Planner};
use crate::import::prelist::{PrelistHousehold, read_prelist};
use crate::import::sheet::SheetFile;
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::db::{Error, Result};
use crate::store::{Tx, records};
use crate::sync::Hub;
use crate::sync::office::Office;

/// Households written in one transaction: some 1,500 records, well below what one may hold.
const HOUSEHOLDS_WRITTEN: usize = 250;

/// What an import is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct PrelistImport<'a> {
    /// The source's short name, part of every register's: `dtsen2025`.
    pub source: &'a str,
    /// How to read the file.
    pub mapping: &'a Mapping,
    /// What to do with bad rows.
    pub bad: BadRows,
    /// Whether to write.
    pub mode: Mode,
    /// On whose behalf.
    pub author: UserId,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Rows read so far.
    Read {
        /// How many.
        rows: u64,
    },
    /// Households planned or written so far.
    Written {
        /// How many.
        households: u64,
        /// Of so many.
        of: u64,
    },
}

/// What became of a prelist.
#[derive(Debug, Serialize)]
pub struct PrelistReport {
    /// Whether it was written.
    pub written: bool,
    /// Rows that hold something.
    pub rows_read: u64,
    /// Rows that cannot be used.
    pub rows_refused: u64,
    /// Households of the file.
    pub households: u64,
    /// Records created, changed, left alone and refused, by collection.
    pub records: Vec<RecordCount>,
    /// Households that stand in another area than the file says; they stay there.
    pub stand_elsewhere: u64,
    /// Saves that were not applied: always 0 unless an area vanished meanwhile.
    pub not_applied: u64,
    /// What is wrong with the file.
    pub findings: Findings,
}

/// Records of one collection that meet one fate.
#[derive(Debug, Serialize)]
pub struct RecordCount {
    /// The collection.
    pub collection: Collection,
    /// The fate.
    pub action: Action,
    /// How many.
    pub count: u64,
}

/// A source's name that cannot stand in a register's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a source is named with 1 to 32 lower-case letters, digits, `-` or `_`")]
pub struct NotASource;

/// Whether this can be a source's name.
pub fn check_source(source: &str) -> std::result::Result<(), NotASource> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let fits = (1..=32).contains(&source.len()) && source.bytes().all(is_plain);
    if fits { Ok(()) } else { Err(NotASource) }
}

/// Imports a prelist. The source's name must have passed [`check_source`].
pub fn import_prelist(
    instance: &Instance,
    hub: &Hub,
    file: &mut SheetFile,
    import: PrelistImport<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<PrelistReport> {
    let day = today(instance);
    let index = Arc::new(instance.store.read(|tx| area_index(tx, day))?);
    let prelist = read_prelist(file, import.mapping, &index, day, &mut |rows| progress(Progress::Read { rows }));
    let writes = import.mode == Mode::Apply && prelist.allows_import(import.bad);
    let mut report = PrelistReport {
        written: writes,
        rows_read: prelist.rows_read,
        rows_refused: prelist.rows_refused,
        households: prelist.households.len() as u64,
        records: Vec::new(),
        stand_elsewhere: 0,
        not_applied: 0,
        findings: prelist.findings,
    };
    let names = Arc::new((project_of(instance), import.source.to_owned()));
    let mut summary = PlanSummary::default();
    let (of, mut done) = (report.households, 0);
    let mut rest = prelist.households.into_iter();
    loop {
        let chunk: Vec<PrelistHousehold> = rest.by_ref().take(HOUSEHOLDS_WRITTEN).collect();
        if chunk.is_empty() {
            break;
        }
        done += chunk.len() as u64;
        let step = Step { names: Arc::clone(&names), index: Arc::clone(&index), chunk };
        let (planned, not_applied) = if writes {
            let office = Office::at(hub, import.author);
            instance.store.write(move |tx| step.write(tx, &office))?
        } else {
            (instance.store.read(|tx| step.plan(tx).map(|(summary, _)| summary))?, 0)
        };
        summary.add_all(&planned);
        report.not_applied += not_applied;
        progress(Progress::Written { households: done, of });
    }
    if writes {
        let note = format!("{} rows, {} households of {}", report.rows_read, report.households, import.source);
        let deed = Deed::new(instance, Some(import.author), "prelist.import", file.name(), &note);
        instance.store.write(move |tx| audit::add(tx, &deed))?;
    }
    report.records = counts(&summary);
    report.stand_elsewhere = summary.stand_elsewhere;
    Ok(report)
}

fn counts(summary: &PlanSummary) -> Vec<RecordCount> {
    let collections = [Collection::Household, Collection::Family, Collection::Person];
    let actions = [Action::Create, Action::Change, Action::Same, Action::Refuse];
    let all = collections.iter().flat_map(|collection| actions.iter().map(|action| (*collection, *action)));
    all.map(|(collection, action)| RecordCount { collection, action, count: summary.count(collection, action) })
        .filter(|count| count.count > 0)
        .collect()
}

/// Some households on their way into one transaction.
struct Step {
    names: Arc<(String, String)>,
    index: Arc<AreaIndex>,
    chunk: Vec<PrelistHousehold>,
}

impl Step {
    fn plan(&self, tx: &Tx<'_>) -> Result<(PlanSummary, Vec<PlannedHousehold>)> {
        let planner = Planner { project: &self.names.0, source: &self.names.1, areas: &self.index };
        let mut planned = Vec::with_capacity(self.chunk.len());
        let summary = planner.plan(&self.chunk, &mut InStore(tx), |household| {
            planned.push(household);
            Ok(())
        })?;
        Ok((summary, planned))
    }

    /// Plans and writes on one state of the register; answers how many saves were not applied, too.
    fn write(self, tx: &Tx<'_>, office: &Office) -> Result<(PlanSummary, u64)> {
        let (summary, planned) = self.plan(tx)?;
        let saves: Vec<_> = planned.into_iter().filter_map(PlannedHousehold::into_save).collect();
        if saves.is_empty() {
            return Ok((summary, 0));
        }
        let verdicts = office.write(tx, &saves)?;
        let is_applied = |verdict: &Verdict| matches!(verdict, Verdict::Applied | Verdict::AppliedWithConflict);
        let other = verdicts.iter().filter(|range| !is_applied(&range.verdict));
        Ok((summary, other.map(|range| range.last - range.first + 1).sum()))
    }
}

/// The register within one transaction.
struct InStore<'t>(&'t Tx<'t>);

impl Existing for InStore<'_> {
    type Error = Error;

    fn find_records(
        &mut self,
        ids: &[(Collection, RecordId)],
        prefix: &str,
    ) -> Result<HashMap<RecordId, ExistingRecord>> {
        let mut found = HashMap::new();
        for (_, id) in ids {
            if let Some(record) = records::find(self.0, *id)? {
                let row = Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?;
                found.insert(*id, existing(&row, prefix));
            }
        }
        Ok(found)
    }
}

fn existing(row: &Row, prefix: &str) -> ExistingRecord {
    let names = row.registers.range(prefix.to_owned()..).map(|(name, _)| name);
    let of_source = names.take_while(|name| name.starts_with(prefix));
    ExistingRecord {
        is_deleted: !row.is_alive(),
        area: row.parsed(reserved::AREA),
        source_registers: of_source.filter_map(|name| Some((name.clone(), row.value(name)?.clone()))).collect(),
        context: row.context.clone(),
    }
}
