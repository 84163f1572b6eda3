//! Reading: the list, a household with all its values, conflicts, areas, and how the device stands.

use std::collections::BTreeMap;

use sync_protocol::exchange::{AreaNode, Round};
use sync_protocol::{
    AreaId, Clock, Code, Collection, Context, RecordId, Register, Row, UserId, Value, Verdict, ids::Dot, limits,
};

use crate::device::Device;
use crate::error::{Error, Result};
use crate::facts::plain;
use crate::rows;
use crate::store::households::{self, After, HouseholdLine, ListQuery, PAGE_LINES};
use crate::store::meta::{self, Name};
use crate::store::records::{self, Held};
use crate::store::{areas, drafts, outbox, overlay, search, verdicts};

/// A record as it is seen, with what whoever edits it now has seen of it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The row: base and own saves together.
    pub row: Row,
    /// For the writes of a save made from what is shown.
    pub context: Context,
}

/// A page of the household list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The lines, by name.
    pub lines: Vec<HouseholdLine>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<After>,
}

/// A node of the administrative tree with what the device holds of it.
#[derive(Debug, Clone)]
pub struct Area {
    /// The node.
    pub node: AreaNode,
    /// Households listed directly in it.
    pub households: u64,
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

/// How the device stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Households listed.
    pub households: u64,
    /// Of those that nobody need go to again.
    pub done: u64,
    /// Records with a conflict.
    pub conflicts: u64,
    /// Drafts not saved yet.
    pub drafts: u64,
    /// Saves sealed so far.
    pub saves: u64,
    /// Saves that the server has not stored yet.
    pub unsent: u64,
    /// Saves that the server has judged.
    pub judged: u64,
    /// Saves covered by every backup that the server keeps.
    pub backed_up: u64,
    /// Saves that met another value.
    pub met: u64,
    /// What a person has to look at.
    pub attention: Vec<Attention>,
    /// Device time of the last sync that came to its end.
    pub synced_ms: Option<i64>,
    /// Server time minus device time at the last answer, milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// The difference is large enough to tell the person.
    pub clock_is_wrong: bool,
    /// The round under way.
    pub round: Option<Round>,
}

/// Saves that were not merged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// `quarantined`, `rejected`, `parked` or `refused`.
    pub word: &'static str,
    /// Why, for programs.
    pub code: Option<Code>,
    /// Why, for people.
    pub sentence: &'static str,
}

/// One line of the outbox: what was sealed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLine {
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// When, device time.
    pub sealed_ms: i64,
    /// The server has said that it stored it.
    pub stored: bool,
    /// The server has judged all of it.
    pub judged: bool,
    /// Why the server did not store it.
    pub refused: Option<Code>,
    /// Verdicts of its saves that are not a plain "applied".
    pub verdicts: Vec<(u64, Verdict)>,
}

/// How one save stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveState {
    /// On this device only.
    Unsent,
    /// Stored by the server, not judged yet.
    Stored,
    /// Judged.
    Judged(Verdict),
}

impl Device {
    /// A record with its context: what a save that is made from it has seen.
    pub fn load(&self, id: RecordId) -> Result<Loaded> {
        let held = records::find(self.store(), id)?.ok_or(Error::NotFound("record"))?;
        let row = rows::parsed(&records::text(self.store(), held.view)?)?;
        Ok(Loaded { context: row.context.clone(), row })
    }

    /// One page of the household list, by name.
    pub fn list(&self, wanted: &ListQuery) -> Result<Page> {
        let limit = if wanted.limit == 0 { PAGE_LINES } else { wanted.limit };
        let words = wanted.search.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
        let search = words.map(search::query);
        if search == Some(None) {
            return Ok(Page { lines: Vec::new(), next: None });
        }
        let mut wanted = wanted.clone();
        // All of it is found faster without asking where each household lives.
        if let Some(area) = wanted.area
            && areas::covers_all(self.store(), area)?
        {
            wanted.area = None;
        }
        let mut lines = households::list(self.store(), &wanted, search.flatten().as_deref(), limit)?;
        let next = (lines.len() > limit).then(|| lines[limit - 1].place());
        lines.truncate(limit);
        Ok(Page { lines, next })
    }

    /// A household with its families, members and visits, each value with who, when and where from.
    pub fn household(&self, id: RecordId) -> Result<HouseholdView> {
        let held = records::find(self.store(), id)?.filter(|held| held.collection == Collection::Household);
        let mut names = Names { device: self, known: BTreeMap::new() };
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
        let mut names = Names { device: self, known: BTreeMap::new() };
        let held = records::list_in_conflict(self.store())?;
        held.iter().map(|held| Ok((held.root.unwrap_or(held.id), record_view(&mut names, held)?))).collect()
    }

    /// The administrative tree as far as this device knows it, by code.
    pub fn areas(&self) -> Result<Vec<Area>> {
        Ok(areas::list(self.store())?.into_iter().map(|(node, households)| Area { node, households }).collect())
    }

    /// Whether this device receives the rows of an area.
    pub fn is_granted(&self, area: AreaId) -> Result<bool> {
        areas::is_granted(self.store(), area)
    }

    /// How the device stands.
    pub fn status(&self) -> Result<Status> {
        let store = self.store();
        let (households, done) = households::count(store)?;
        let skew: Option<i64> = meta::find(store, Name::Skew)?;
        let round: Option<String> = meta::find(store, Name::Round)?;
        Ok(Status {
            households,
            done,
            conflicts: records::list_in_conflict(store)?.len() as u64,
            drafts: drafts::list(store)?.len() as u64,
            saves: outbox::last(store)?.map_or(0, |(seq, _)| seq),
            unsent: outbox::unsent_saves(store)?,
            judged: meta::number(store, Name::Applied)? as u64,
            backed_up: meta::number(store, Name::BackedUp)? as u64,
            met: verdicts::conflicts(store)?,
            attention: self.attention()?,
            synced_ms: meta::find(store, Name::SyncedAt)?,
            clock_skew_ms: skew,
            clock_is_wrong: skew.is_some_and(|skew| skew.abs() > limits::CLOCK_AHEAD_MS_MAX),
            round: round.and_then(|round| serde_json::from_str(&round).ok()),
        })
    }

    /// What a person has to look at: saves that were not merged and changesets that were not stored.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        let refused = outbox::list_refused(self.store())?.into_iter().map(|(first, last, code)| Attention {
            first,
            last,
            word: "refused",
            code: Some(code),
            sentence: code.sentence(),
        });
        let judged = verdicts::list_attention(self.store())?.into_iter().map(|(save, verdict)| Attention {
            first: save,
            last: save,
            word: verdict.word(),
            code: verdict.code(),
            sentence: verdict.code().map_or("The save waits for something that it stands on.", Code::sentence),
        });
        Ok(refused.chain(judged).collect())
    }

    /// How one of the device's own saves stands.
    pub fn save_state(&self, save: u64) -> Result<SaveState> {
        let store = self.store();
        let Some(holding) =
            outbox::find_holding(store, save)?.filter(|found| (found.first..=found.seq).contains(&save))
        else {
            return Err(Error::NotFound("save"));
        };
        if save <= meta::number(store, Name::Applied)? as u64 {
            return Ok(SaveState::Judged(verdicts::find(store, save)?.unwrap_or(Verdict::Applied)));
        }
        Ok(if outbox::is_stored(store, holding.seq)? { SaveState::Stored } else { SaveState::Unsent })
    }

    /// What was sealed, the newest first, before a save number (`None`: from the newest on).
    pub fn outbox(&self, before: Option<u64>, limit: usize) -> Result<Vec<SealedLine>> {
        let store = self.store();
        let applied = meta::number(store, Name::Applied)? as u64;
        let lines = outbox::list_before(store, before.unwrap_or(u64::MAX), limit)?;
        let lines = lines.into_iter().map(|line| {
            Ok(SealedLine {
                first: line.first,
                last: line.last,
                sealed_ms: line.sealed_ms,
                stored: line.stored,
                judged: line.last <= applied,
                refused: line.refused,
                verdicts: verdicts::list_special(store, line.first, line.last)?,
            })
        });
        lines.collect()
    }

    /// Texts of the base rows of an area, by id: in a healthy world these are the server's, byte for byte.
    pub fn base_texts(&self, area: AreaId) -> Result<Vec<(RecordId, String)>> {
        records::list_base_texts(self.store(), area)
    }
}

/// Names of people, each looked up once.
struct Names<'a> {
    device: &'a Device,
    known: BTreeMap<UserId, Option<String>>,
}

impl Names<'_> {
    fn of(&mut self, user: UserId) -> Result<Option<String>> {
        if let Some(name) = self.known.get(&user) {
            return Ok(name.clone());
        }
        let name = areas::find_person(self.device.store(), user)?;
        self.known.insert(user, name.clone());
        Ok(name)
    }
}

fn record_view(names: &mut Names<'_>, held: &Held) -> Result<RecordView> {
    let store = names.device.store();
    let row = rows::parsed(&records::text(store, held.view)?)?;
    let mut registers: BTreeMap<String, RegisterView> = BTreeMap::new();
    for (name, register) in &row.registers {
        let values = values(names, &row, register)?;
        let entry = registers.entry(plain(name).to_owned()).or_default();
        match source(name) {
            Some(source) => {
                entry.sources.insert(source.to_owned(), values);
            }
            None => entry.values = values,
        }
    }
    Ok(RecordView {
        id: row.id,
        collection: row.collection,
        alive: row.is_alive(),
        unsent: overlay::list(store, held.record)?,
        registers,
        context: row.context,
    })
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
