//! A household with all its values: who wrote each, when, and what imports say beside it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sync_protocol::ids::Dot;
use sync_protocol::{AreaId, Clock, Collection, Context, RecordId, Register, Row, UserId, Value};

use crate::device::Device;
use crate::error::{Error, Result};
use crate::facts::plain;
use crate::rows;
use crate::store::records::{self, Held};
use crate::store::{areas, overlay};

/// A record as it is seen, with what whoever edits it now has seen of it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The row: base and own saves together.
    pub row: Row,
    /// For the writes of a save made from what is shown.
    pub context: Context,
}

/// A household with everything below it.
#[derive(Debug, Clone)]
pub struct HouseholdView {
    /// The household itself.
    pub household: RecordView,
    /// Its families.
    pub families: Vec<RecordView>,
    /// Its members.
    pub persons: Vec<RecordView>,
    /// Its interviews.
    pub visits: Vec<RecordView>,
}

/// A record as a screen shows it.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub collection: Collection,
    /// Not deleted.
    pub alive: bool,
    /// Own saves on it that the server has not confirmed.
    pub unsent: Vec<u64>,
    /// By name.
    pub registers: BTreeMap<String, RegisterView>,
    /// For the writes of a save made from what is shown.
    pub context: Context,
}

/// A register with its verified values, and the imported ones beside it.
#[derive(Debug, Clone, Default)]
pub struct RegisterView {
    /// The values written by people, the one to show first. Several: a conflict.
    pub values: Vec<ValueView>,
    /// The values of imports, by source.
    pub sources: BTreeMap<String, Vec<ValueView>>,
}

impl RegisterView {
    /// Different values stand beside each other.
    pub fn is_conflict(&self) -> bool {
        self.values.len() > 1
    }
}

/// A value with who wrote it and when.
#[derive(Debug, Clone)]
pub struct ValueView {
    /// The value.
    pub value: Value,
    /// Its author.
    pub who: UserId,
    /// The author's name, where the directory has it.
    pub who_name: Option<String>,
    /// The effective clock of its save.
    pub when: Clock,
    /// The save.
    pub dot: Dot,
}

impl Device {
    /// A record with its context: what a save that is made from it has seen.
    pub fn load(&self, id: RecordId) -> Result<Loaded> {
        let held = records::find(self.store(), id)?.ok_or(Error::NotFound("record"))?;
        let row = rows::parsed(&records::text(self.store(), held.view)?)?;
        Ok(Loaded { context: row.context.clone(), row })
    }

    /// A household with its families, members and visits, each value with who, when and where from.
    pub fn household(&self, id: RecordId) -> Result<HouseholdView> {
        let held = records::find(self.store(), id)?.filter(|held| held.collection == Collection::Household);
        let mut names = Names::new(self.store());
        let mut view = HouseholdView {
            household: record_view(&mut names, &held.ok_or(Error::NotFound("household"))?)?,
            families: Vec::new(),
            persons: Vec::new(),
            visits: Vec::new(),
        };
        for held in records::list_children(self.store(), id)? {
            let child = record_view(&mut names, &held)?;
            match held.collection {
                Collection::Family => view.families.push(child),
                Collection::Person => view.persons.push(child),
                Collection::Visit => view.visits.push(child),
                Collection::Household => {}
            }
        }
        Ok(view)
    }

    /// Records that hold a conflict: the record's household, and the record with all its values.
    pub fn conflicts(&self) -> Result<Vec<(RecordId, RecordView)>> {
        let mut names = Names::new(self.store());
        let held = records::list_in_conflict(self.store())?;
        held.iter().map(|held| Ok((held.root.unwrap_or(held.id), record_view(&mut names, held)?))).collect()
    }

    /// Texts of the base rows of an area, by id: in a healthy world these are the server's, byte for byte.
    pub fn base_texts(&self, area: AreaId) -> Result<Vec<(RecordId, String)>> {
        records::list_base_texts(self.store(), area)
    }
}

/// Names of people, each looked up once.
pub(crate) struct Names<'a> {
    store: &'a Connection,
    known: BTreeMap<UserId, Option<String>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(store: &'a Connection) -> Names<'a> {
        Names { store, known: BTreeMap::new() }
    }

    fn of(&mut self, user: UserId) -> Result<Option<String>> {
        if let Some(name) = self.known.get(&user) {
            return Ok(name.clone());
        }
        let name = areas::find_person(self.store, user)?;
        self.known.insert(user, name.clone());
        Ok(name)
    }
}

fn record_view(names: &mut Names<'_>, held: &Held) -> Result<RecordView> {
    let store = names.store;
    let row = rows::parsed(&records::text(store, held.view)?)?;
    let registers = registers(names, &row)?;
    Ok(RecordView {
        id: row.id,
        collection: row.collection,
        alive: row.is_alive(),
        unsent: overlay::list(store, held.record)?,
        registers,
        context: row.context,
    })
}

/// A row's registers, each with its verified values and the imported ones beside it.
pub(crate) fn registers(names: &mut Names<'_>, row: &Row) -> Result<BTreeMap<String, RegisterView>> {
    let mut registers: BTreeMap<String, RegisterView> = BTreeMap::new();
    for (name, register) in &row.registers {
        let values = values(names, row, register)?;
        let entry = registers.entry(plain(name).to_owned()).or_default();
        match source(name) {
            Some(source) => {
                entry.sources.insert(source.to_owned(), values);
            }
            None => entry.values = values,
        }
    }
    Ok(registers)
}

/// The import that a register came from.
fn source(name: &str) -> Option<&str> {
    name.strip_prefix("source/")?.split_once('/').map(|(source, _)| source)
}

/// Values as people see them: equal ones once, with their last save; the one to show first.
fn values(names: &mut Names<'_>, row: &Row, register: &Register) -> Result<Vec<ValueView>> {
    let mut values: Vec<ValueView> = Vec::new();
    let clock = |dot: &Dot| row.stamps.get(dot).map(|stamp| stamp.clock).unwrap_or_default();
    let mut siblings: Vec<_> = register.siblings.iter().collect();
    siblings.sort_unstable_by_key(|sibling| std::cmp::Reverse((clock(&sibling.dot), sibling.dot)));
    for sibling in siblings {
        if values.iter().any(|shown| shown.value == sibling.value) {
            continue;
        }
        let Some(stamp) = row.stamps.get(&sibling.dot) else { continue };
        values.push(ValueView {
            value: sibling.value.clone(),
            who: stamp.author,
            who_name: names.of(stamp.author)?,
            when: stamp.clock,
            dot: sibling.dot,
        });
    }
    Ok(values)
}
