//! `cargo xtask demo disaster`: a server's disk is lost while a team works; what comes back is counted from the phones' own logs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Row, Save, Value};

use super::centre::{Centre, World};
use super::phone::{Confirmed, Phone};
use crate::demo::Narrator;
use crate::seed::Seed;
use crate::watch::Stopwatch;

/// Neighbourhoods; two enumerators work in each.
const AREAS: usize = 3;
/// Households that each enumerator lists before anything happens.
const HOUSEHOLDS: u64 = 60;
/// Decisions of the office after the backup.
const DECISIONS: usize = 60;
/// The phone that falls into the river after the disk is lost: a colleague's phone holds its area, too.
const DROWNED: usize = 1;
/// The phone that is out of reach during the whole affair.
const AWAY: usize = 2;

/// What the demo has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Saves that phones confirmed to their enumerators, and decisions that the office was told are saved.
    pub acknowledged: u64,
    /// Those that stand on the server, or that somebody had on the screen who then replaced them.
    pub found: u64,
    /// Those that are neither.
    pub lost: u64,
    /// Values that stand twice beside each other.
    pub doubled: u64,
    /// Servers and phones that were destroyed.
    pub kills: u64,
    /// Whether every phone holds exactly the server's rows.
    pub digests_equal: bool,
}

impl Counted {
    /// Whether every promise holds.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.digests_equal && self.found == self.acknowledged
    }
}

/// Plays it in this folder, with about so many saves.
pub fn play(folder: &Path, saves: u64, seed: u64, narrator: &mut Narrator<'_>) -> Result<Counted> {
    let mut stage = Stage::set(folder, seed)?;
    let each = saves / (2 * AREAS as u64 * 2);
    narrator.chapter("A team at work")?;
    stage.work(each)?;
    stage.sync_all()?;
    narrator.note(&format!("{} enumerators have made {} saves, all of them synced.", 2 * AREAS, stage.confirmed()))?;
    stage.centre.back_up(&folder.join("backup"))?;
    narrator.note("The server makes its nightly backup, and reads it back.")?;
    narrator.chapter("The day after the backup")?;
    stage.work(each)?;
    stage.sync_all()?;
    stage.decide()?;
    stage.sync_all()?;
    stage.work(each.min(20))?;
    narrator.note(&format!(
        "The team works on: {} saves in all, and {DECISIONS} decisions of the office. The last of them are on phones only.",
        stage.confirmed()
    ))?;
    narrator.chapter("The disk is gone")?;
    let watch = Stopwatch::start();
    let mut stage = stage.destroy(&folder.join("backup"))?;
    narrator.note(&format!(
        "The data folder is deleted and the backup restored in {:.1} s: the server stands as it was last night.",
        watch.seconds()
    ))?;
    stage.phones[DROWNED].drowned = true;
    narrator.note("An enumerator's phone falls into the river; another one is out of reach.")?;
    let before = stage.count()?;
    narrator.note(&format!("Of {} saves the server lacks {}.", before.acknowledged, before.lost))?;
    narrator.chapter("The phones come back")?;
    stage.sync_all()?;
    let phones = stage.count()?;
    narrator.note(&format!("The phones have sent again what they had saved: {} are missing.", phones.lost))?;
    let told = stage.centre.take_witnesses()?;
    narrator.note(&format!(
        "The office decides once: of {} records, parts of {} lost saves come back from other phones.",
        told.records, told.saves
    ))?;
    stage.phones[AWAY].away = false;
    stage.sync_all()?;
    let counted = stage.count()?;
    narrator.chapter("Counted from the phones' own logs")?;
    narrator.mark(
        counted.lost == 0,
        &format!("{} saves confirmed, {} found, {} lost", counted.acknowledged, counted.found, counted.lost),
    )?;
    narrator.mark(counted.doubled == 0, &format!("{} stand twice", counted.doubled))?;
    narrator.mark(counted.digests_equal, "every phone holds exactly the server's rows")?;
    Ok(counted)
}

/// A phone with what happens to it.
struct Carried {
    phone: Phone,
    area: AreaId,
    homes: Vec<RecordId>,
    away: bool,
    drowned: bool,
}

struct Stage {
    centre: Centre,
    phones: Vec<Carried>,
    areas: Vec<AreaId>,
    /// What the office was told is saved.
    office: Vec<Confirmed>,
    dice: Seed,
    kills: u64,
}

impl Stage {
    fn set(folder: &Path, seed: u64) -> Result<Stage> {
        let world = World::new(seed);
        let centre = Centre::begin(&folder.join("server"), &world)?;
        let mut areas = Vec::new();
        let mut phones = Vec::new();
        for n in 0..AREAS {
            let area = centre.add_area(n as u128 + 1, None)?;
            areas.push(area);
            for m in 0..2 {
                let name = format!("enumerator-{}", 2 * n + m);
                let phone = Phone::enrol(&centre, &name, area, folder, &Arc::clone(&world))?;
                phones.push(Carried { phone, area, homes: vec![], away: false, drowned: false });
            }
        }
        let mut stage = Stage { centre, phones, areas, office: vec![], dice: Seed::of(seed, "disaster", 0), kills: 0 };
        for at in 0..stage.phones.len() {
            for n in 0..HOUSEHOLDS {
                let id = (u128::from(at as u64 + 1) << 64) | u128::from(n);
                let Carried { phone, area, homes, .. } = &mut stage.phones[at];
                homes.push(phone.make(id, *area, &format!("household {at}-{n}"))?);
            }
        }
        stage.sync_all()?;
        for area in 0..AREAS {
            let both = [stage.phones[2 * area].homes.clone(), stage.phones[2 * area + 1].homes.clone()].concat();
            (stage.phones[2 * area].homes, stage.phones[2 * area + 1].homes) = (both.clone(), both);
        }
        Ok(stage)
    }

    /// Every phone saves so often, households and registers as they come.
    fn work(&mut self, saves: u64) -> Result<()> {
        const REGISTERS: [&str; 4] = ["head_name", "phone", "floor", "note"];
        for n in 0..saves {
            for at in 0..self.phones.len() {
                let carried = &mut self.phones[at];
                let home = carried.homes[self.dice.index(carried.homes.len())];
                let register = REGISTERS[self.dice.index(REGISTERS.len())];
                let value = format!("{register} {at}-{n}-{}", carried.phone.saves);
                carried.phone.edit(home, register, &value)?;
            }
        }
        Ok(())
    }

    fn sync_all(&mut self) -> Result<()> {
        for _ in 0..2 {
            for carried in self.phones.iter_mut().filter(|carried| !carried.away && !carried.drowned) {
                carried.phone.sync(&self.centre)?;
            }
        }
        Ok(())
    }

    /// The officer settles what stands in conflict, and corrects what does not.
    fn decide(&mut self) -> Result<()> {
        for n in 0..DECISIONS {
            let homes = &self.phones[2 * (n % AREAS)].homes;
            let id = homes[self.dice.index(homes.len())];
            let Some(row) = self.centre.find(id)? else { continue };
            let register = row.conflicts().next().unwrap_or("head_name").to_owned();
            let value = Value::text(&format!("office {n}"));
            let replaced = values(&row, &register).cloned().collect();
            let registers = BTreeMap::from([(register.clone(), value.clone())]);
            let record = RecordWrite { collection: Collection::Household, id, context: row.context, registers };
            self.centre.save(vec![Save { records: vec![record] }])?;
            self.office.push(Confirmed { save: n as u64 + 1, record: id, register, value, replaced });
        }
        Ok(())
    }

    fn destroy(self, backup: &Path) -> Result<Stage> {
        let Stage { centre, mut phones, areas, office, dice, kills } = self;
        phones[AWAY].away = true;
        // The one that drowns had synced; the others' last saves are on them alone.
        phones[DROWNED].phone.sync(&centre)?;
        phones[DROWNED - 1].phone.sync(&centre)?;
        let centre = centre.destroy_and_restore(backup)?;
        // The disk and the phone.
        Ok(Stage { centre, phones, areas, office, dice, kills: kills + 2 })
    }

    fn confirmed(&self) -> u64 {
        self.phones.iter().map(|carried| carried.phone.saves).sum()
    }

    fn count(&self) -> Result<Counted> {
        let logs: Vec<&[Confirmed]> =
            self.phones.iter().map(|c| c.phone.log.as_slice()).chain([self.office.as_slice()]).collect();
        let mut replaced: BTreeMap<(RecordId, &str), BTreeSet<&str>> = BTreeMap::new();
        for told in logs.iter().copied().flatten() {
            let seen = replaced.entry((told.record, &told.register)).or_default();
            seen.extend(told.replaced.iter().map(Value::as_str));
        }
        let mut rows: BTreeMap<RecordId, Option<Row>> = BTreeMap::new();
        let (mut acknowledged, mut lost) = (0, 0);
        for log in logs {
            for save in log.chunk_by(|a, b| a.save == b.save) {
                acknowledged += 1;
                let mut is_lost = false;
                for told in save {
                    if let std::collections::btree_map::Entry::Vacant(entry) = rows.entry(told.record) {
                        entry.insert(self.centre.find(told.record)?);
                    }
                    let stands = rows[&told.record]
                        .as_ref()
                        .is_some_and(|row| values(row, &told.register).any(|v| *v == told.value));
                    let seen = replaced.get(&(told.record, told.register.as_str()));
                    is_lost |= !stands && !seen.is_some_and(|seen| seen.contains(told.value.as_str()));
                }
                lost += u64::from(is_lost);
            }
        }
        let doubled = rows.values().flatten().map(doubled).sum();
        let found = acknowledged - lost;
        Ok(Counted { acknowledged, found, lost, doubled, kills: self.kills, digests_equal: self.digests_equal()? })
    }

    fn digests_equal(&self) -> Result<bool> {
        for carried in self.phones.iter().filter(|carried| !carried.away && !carried.drowned) {
            if carried.phone.digest(carried.area)? != self.centre.digest(carried.area)? {
                return Ok(false);
            }
        }
        Ok(!self.areas.is_empty())
    }
}

fn values<'r>(row: &'r Row, register: &str) -> impl Iterator<Item = &'r Value> {
    row.registers.get(register).into_iter().flat_map(|register| register.siblings.iter().map(|sibling| &sibling.value))
}

/// Registers that hold one value twice. Every save has a value of its own, but for what every save says.
fn doubled(row: &Row) -> u64 {
    let holds_twice = |(name, register): &(&String, &sync_protocol::Register)| {
        let distinct: BTreeSet<&str> = register.siblings.iter().map(|sibling| sibling.value.as_str()).collect();
        name.as_str() != reserved::ALIVE && distinct.len() < register.siblings.len()
    };
    row.registers.iter().filter(holds_twice).count() as u64
}
