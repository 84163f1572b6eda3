//! What an import would do to the register: create, change, leave alone, or keep its hands off. A dry run prints it, the real run applies it.
//!
//! An import writes only registers of its own, `source/<source>/<name>`, and on a new record the structural ones that place it; what people verified is never touched.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sync_protocol::save::{Context, RecordWrite, Save, reserved};
use sync_protocol::{AreaId, Collection, RecordId, Value};

use super::area_index::AreaIndex;
use super::limits::PLAN_CHUNK_HOUSEHOLDS;
use super::prelist::{PrelistHousehold, Registers};
use super::source_ids::source_id;

/// What the register holds of a record that an import knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExistingRecord {
    /// Whether a person or an earlier import deleted it.
    pub is_deleted: bool,
    /// The area in which it stands today; only asked of households.
    pub area: Option<AreaId>,
    /// Its registers of this source, by their full names.
    pub source_registers: BTreeMap<String, Value>,
    /// What a save that edits it has seen.
    pub context: Context,
}

/// The register as an import looks into it.
pub trait Existing {
    /// Why a look-up failed.
    type Error;

    /// Those of the records that exist, with their registers that start with `prefix`.
    fn find_records(
        &mut self,
        ids: &[(Collection, RecordId)],
        prefix: &str,
    ) -> Result<HashMap<RecordId, ExistingRecord>, Self::Error>;
}

/// An empty register: everything would be created.
#[derive(Debug, Default)]
pub struct NothingYet;

impl Existing for NothingYet {
    type Error = std::convert::Infallible;

    fn find_records(
        &mut self,
        _: &[(Collection, RecordId)],
        _: &str,
    ) -> Result<HashMap<RecordId, ExistingRecord>, Self::Error> {
        Ok(HashMap::new())
    }
}

/// What happens to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is new.
    Create,
    /// Some of its imported values differ.
    Change,
    /// Nothing differs.
    Same,
    /// It was deleted in the register: an import raises nobody from the dead.
    Refuse,
}

/// One record and the registers to write.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRecord {
    /// Where it belongs.
    pub collection: Collection,
    /// Its id.
    pub id: RecordId,
    /// The row that it comes from.
    pub source_row: u32,
    /// What happens.
    pub action: Action,
    /// Full register names and values; empty unless created or changed.
    pub registers: BTreeMap<String, Value>,
    /// What the save has seen of the record: nothing of a new one.
    pub context: Context,
}

/// One household with all that hangs on it: the unit that is written as one save.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedHousehold {
    /// Where it stands: for a new one the file's area, for an old one the register's.
    pub area: AreaId,
    /// The file's area differs from the register's, which stays.
    pub stands_elsewhere: bool,
    /// The household first, then families, then persons.
    pub records: Vec<PlannedRecord>,
}

impl PlannedHousehold {
    /// Whether there is anything to write.
    pub fn writes(&self) -> bool {
        self.records.iter().any(|record| !record.registers.is_empty())
    }

    /// The save that writes it, parents before children; `None` if nothing is to be written.
    pub fn into_save(self) -> Option<Save> {
        let records: Vec<RecordWrite> = self
            .records
            .into_iter()
            .filter(|record| !record.registers.is_empty())
            .map(|record| RecordWrite {
                collection: record.collection,
                id: record.id,
                context: record.context,
                registers: record.registers,
            })
            .collect();
        (!records.is_empty()).then_some(Save { records })
    }
}

/// How many records of each collection meet which fate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PlanSummary {
    counts: BTreeMap<Collection, BTreeMap<Action, u64>>,
    /// Households whose area in the file differs from the register's.
    pub stand_elsewhere: u64,
}

impl PlanSummary {
    /// Records of a collection with that fate.
    pub fn count(&self, collection: Collection, action: Action) -> u64 {
        self.counts.get(&collection).and_then(|counts| counts.get(&action)).copied().unwrap_or(0)
    }

    /// Adds the counts of another part of the same plan.
    pub fn add_all(&mut self, other: &PlanSummary) {
        self.stand_elsewhere += other.stand_elsewhere;
        for (collection, counts) in &other.counts {
            for (action, count) in counts {
                *self.counts.entry(*collection).or_default().entry(*action).or_default() += count;
            }
        }
    }

    /// Counts a household and what hangs on it.
    pub fn add(&mut self, household: &PlannedHousehold) {
        self.stand_elsewhere += u64::from(household.stands_elsewhere);
        for record in &household.records {
            *self.counts.entry(record.collection).or_default().entry(record.action).or_default() += 1;
        }
    }
}

/// Plans the import of one source of one project.
#[derive(Debug, Clone)]
pub struct Planner<'a> {
    /// The project, part of every id.
    pub project: &'a str,
    /// The source's short name, `dtsen2025`, part of every id and register name.
    pub source: &'a str,
    /// The areas that the prelist was read against.
    pub areas: &'a AreaIndex,
}

impl Planner<'_> {
    /// Plans household by household, a few hundred per look-up, and hands each plan on; answers the totals.
    pub fn plan<E: Existing>(
        &self,
        households: &[PrelistHousehold],
        existing: &mut E,
        mut take: impl FnMut(PlannedHousehold) -> Result<(), E::Error>,
    ) -> Result<PlanSummary, E::Error> {
        let mut summary = PlanSummary::default();
        let prefix = format!("source/{}/", self.source);
        for chunk in households.chunks(PLAN_CHUNK_HOUSEHOLDS) {
            let drafts: Vec<Vec<Draft<'_>>> = chunk.iter().map(|household| self.drafts(household)).collect();
            let ids: Vec<_> = drafts.iter().flatten().map(|draft| (draft.collection, draft.id)).collect();
            let known = existing.find_records(&ids, &prefix)?;
            for (household, drafts) in chunk.iter().zip(drafts) {
                let planned = self.plan_household(household, drafts, &known, &prefix);
                summary.add(&planned);
                take(planned)?;
            }
        }
        Ok(summary)
    }

    fn plan_household(
        &self,
        household: &PrelistHousehold,
        drafts: Vec<Draft<'_>>,
        known: &HashMap<RecordId, ExistingRecord>,
        prefix: &str,
    ) -> PlannedHousehold {
        let file_area = self.areas.area(household.area).id;
        let root = known.get(&drafts[0].id);
        let is_root_deleted = root.is_some_and(|record| record.is_deleted);
        let area = root.and_then(|record| record.area).unwrap_or(file_area);
        let records = drafts.into_iter().map(|draft| {
            let record = known.get(&draft.id);
            // Below a deleted household nothing is written either: its children would be alive under a dead parent.
            if is_root_deleted || record.is_some_and(|record| record.is_deleted) {
                draft.refused()
            } else {
                draft.against(record, prefix)
            }
        });
        PlannedHousehold { area, stands_elsewhere: area != file_area, records: records.collect() }
    }

    fn drafts<'h>(&self, household: &'h PrelistHousehold) -> Vec<Draft<'h>> {
        let id = |key: &str| source_id(self.project, self.source, key);
        let root = id(&household.key);
        let mut drafts = Vec::with_capacity(1 + household.families.len() + household.persons.len());
        drafts.push(Draft {
            collection: Collection::Household,
            id: root,
            source_row: household.source_row,
            structure: vec![(reserved::AREA, self.areas.area(household.area).id.to_string())],
            registers: &household.registers,
        });
        let families: Vec<RecordId> = household.families.iter().map(|family| id(&family.key)).collect();
        for (family, family_id) in household.families.iter().zip(&families) {
            drafts.push(Draft {
                collection: Collection::Family,
                id: *family_id,
                source_row: family.source_row,
                structure: vec![(reserved::PARENT, root.to_string())],
                registers: &family.registers,
            });
        }
        for person in &household.persons {
            let mut structure = vec![(reserved::PARENT, root.to_string())];
            structure.extend(person.family.map(|at| (reserved::FAMILY, families[at].to_string())));
            drafts.push(Draft {
                collection: Collection::Person,
                id: id(&person.key),
                source_row: person.source_row,
                structure,
                registers: &person.registers,
            });
        }
        drafts
    }
}

fn null() -> Value {
    Value::new("null").expect("null is canonical")
}

/// A record as the file has it, before it is held against the register.
struct Draft<'h> {
    collection: Collection,
    id: RecordId,
    source_row: u32,
    structure: Vec<(&'static str, String)>,
    registers: &'h Registers,
}

impl Draft<'_> {
    fn refused(self) -> PlannedRecord {
        self.planned(Action::Refuse, BTreeMap::new(), Context::new())
    }

    fn against(self, record: Option<&ExistingRecord>, prefix: &str) -> PlannedRecord {
        let mut registers: BTreeMap<String, Value> =
            self.registers.iter().map(|(name, value)| (format!("{prefix}{name}"), value.clone())).collect();
        let Some(record) = record else {
            registers.extend(self.structure.iter().map(|(name, id)| ((*name).to_owned(), Value::text(id))));
            return self.planned(Action::Create, registers, Context::new());
        };
        // What the source no longer says is emptied, so that the prelist column shows what the newest file holds.
        for (name, value) in &record.source_registers {
            if value.as_str() != "null" {
                registers.entry(name.clone()).or_insert_with(null);
            }
        }
        registers.retain(|name, value| record.source_registers.get(name) != Some(value));
        let action = if registers.is_empty() { Action::Same } else { Action::Change };
        self.planned(action, registers, record.context.clone())
    }

    fn planned(&self, action: Action, registers: BTreeMap<String, Value>, context: Context) -> PlannedRecord {
        let (collection, id, source_row) = (self.collection, self.id, self.source_row);
        PlannedRecord { collection, id, source_row, action, registers, context }
    }
}
