//! Two enumerators, one family, both offline: what each writes, what each sees before and after, and how the office settles it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use client_core::{Env, HouseholdView, RecordView};
use serde_json::json;
use sync_protocol::{RecordId, Value};
use tilik::Machine;

use crate::demo::cast::{Cast, FIRST, SECOND};
use crate::demo::enumerator::Enumerator;
use crate::demo::fieldwork::round;
use crate::demo::interview::FORM;
use crate::demo::office::Office;
use crate::demo::program::Serving;
use crate::demo::world::World;
use crate::demo::{Narrator, interview};
use crate::findings::{Edit, Finding, Occasion, Target};
use crate::households::Household;
use crate::housing::Registers;
use crate::names;
use crate::seed::Seed;

/// What the two and the office look at, with its name for people. Registers of the household, then of its head.
const OF_HOUSEHOLD: [(&str, &str); 4] = [
    ("head_name", "head of the household"),
    ("address", "address"),
    ("phone", "telephone"),
    ("h302", "floor area, m²"),
];
const OF_HEAD: (&str, &str) = ("nik", "NIK of the head");

/// The household where they met, and what became of it.
pub(super) struct Meeting {
    pub(super) household: RecordId,
    /// Registers that held two values, as each of the two saw them.
    pub(super) seen: [BTreeMap<(RecordId, String), Vec<Value>>; 2],
    /// What the office decided.
    pub(super) settled: BTreeMap<(RecordId, String), Value>,
    /// Visits that both made.
    pub(super) visits: usize,
    /// Who each of them found that the other did not.
    found_by: [&'static str; 2],
}

/// Both visit the family, neither knows of the other.
pub(super) fn write_apart(
    team: &mut [Enumerator],
    world: &World,
    cast: &Cast,
    narrator: &mut Narrator<'_>,
) -> Result<Meeting> {
    let [first, second] = [FIRST, SECOND].map(|at| cast.enumerators[at].display_name);
    narrator.chapter("Two enumerators, one family")?;
    narrator.say(&format!(
        "{first} and {second} share one RT, and without a network neither knows where the other has been. Both find the same \
         family at home and write down what they see. Tools that keep the last upload would lose one of the \
         two silently.",
    ))?;
    let household = &world.households[cast.meeting];
    let round = round(&team[FIRST])?;
    let occasion = Occasion { round: &round, form: FORM, started_at: Machine.now_ms() - 3_600_000 };
    let mut findings = world.seen_otherwise(household, occasion);
    let found_by = ["Nenek Rohana", "Ahmad Rifai"];
    enrich(&mut findings, household, world, found_by);
    let mut id = None;
    for (at, finding) in [FIRST, SECOND].into_iter().zip(&findings) {
        let enumerator = &mut team[at];
        let listed = enumerator.list()?.into_iter().find(|listed| {
            world.behind(&listed.line, &listed.area_code).is_some_and(|behind| behind.number == cast.meeting)
        });
        let found = listed.with_context(|| format!("{} has the shared family", enumerator.person.display_name))?;
        // Whatever the two do not see differently they write alike.
        let seed = world.seed ^ cast.meeting as u64;
        interview::visit(&mut enumerator.device, found.line.id, finding, &world.listed(household), seed)?;
        ensure!(id.is_none_or(|id| id == found.line.id), "both devices hold the family under one id");
        id = Some(found.line.id);
    }
    let household = id.context("two people visited the family")?;
    narrator.note("On the devices now, before either has a network (each sees their own work, on top of the list):")?;
    show(team, household, narrator)?;
    Ok(Meeting { household, seen: [BTreeMap::new(), BTreeMap::new()], settled: BTreeMap::new(), visits: 2, found_by })
}

/// The two write the head's name differently, and each meets somebody whom the other does not.
fn enrich(findings: &mut [Finding; 2], household: &Household, world: &World, found_by: [&'static str; 2]) {
    let name = &household.families[0].head().name;
    let mut draw = Seed::of(world.seed, "the other's spelling", household.number as u64);
    let variant = names::spelling_variant(&mut draw, name);
    let other = if variant == *name { format!("H. {name}") } else { variant };
    for (at, (finding, spelled)) in findings.iter_mut().zip([name.clone(), other]).enumerate() {
        finding.edits[0].registers.insert("head_name", json!(spelled));
        let before_visit = finding.edits.len() - 1;
        let registers = Registers::from([
            ("name", json!(found_by[at])),
            ("presence", json!("new")),
            ("relation", json!("other_relative")),
        ]);
        // Running numbers that no invented finding comes to.
        finding.edits.insert(before_visit, Edit { target: Target::NewPerson(0, 100 + at), registers });
    }
}

/// After their saves met on the server, both devices show both values.
pub(super) fn see_both(
    meeting: &mut Meeting,
    team: &mut [Enumerator],
    serving: &Serving,
    narrator: &mut Narrator<'_>,
) -> Result<()> {
    narrator.chapter("Both see both")?;
    narrator.say(
        "The server kept both values of every register that the two wrote differently, because neither had seen the other's. \
         What they wrote alike is one value, and the two new members are simply both there. Nothing was decided by a clock.",
    )?;
    for at in [FIRST, SECOND] {
        team[at].sync(serving.url())?;
    }
    show(team, meeting.household, narrator)?;
    for (seen, at) in meeting.seen.iter_mut().zip([FIRST, SECOND]) {
        *seen = disputed(&team[at], meeting.household)?;
    }
    let view = team[FIRST].device.household(meeting.household)?;
    let everybody: Vec<String> = view.persons.iter().filter_map(|person| text(person, "name")).collect();
    let both = meeting.found_by.iter().all(|name| everybody.iter().any(|known| known == name));
    ensure!(both, "both new members are in the family");
    narrator.note(&format!(
        "{} registers hold two values. {} and {}, each found by one of them only, both belong to the family now.",
        meeting.seen[0].len(),
        meeting.found_by[0],
        meeting.found_by[1]
    ))?;
    Ok(())
}

/// The officer decides register by register, with a reason; the devices hear of it.
pub(super) fn settle(
    meeting: &mut Meeting,
    team: &mut [Enumerator],
    cast: &Cast,
    serving: &Serving,
    narrator: &mut Narrator<'_>,
) -> Result<()> {
    narrator.chapter("The office settles it")?;
    narrator.say(&format!(
        "{} (officer) opens the list of conflicts, compares who wrote what and when, and decides each register with a reason. \
         A decision is an ordinary write that has seen both values, so it replaces both, and everybody can read who decided.",
        cast.officer.display_name
    ))?;
    let office = Office::sign_in(serving.url(), &cast.officer)?;
    let mut rows = Vec::new();
    for disputed in office.conflicts()? {
        let (who, reason) = decision(&disputed.register.name);
        let author = cast.enumerators[who].display_name;
        let mut sides = disputed.register.sides.iter();
        let side = sides.find(|side| side.author_name == author).context("both are among the authors")?;
        ensure!(office.settle(&disputed, &side.value, reason)?, "a decision leaves one value");
        let value = Value::of(&side.value)?;
        let register = disputed.register.name;
        rows.push([called(&register).to_owned(), shown(&value), author.to_owned(), reason.to_owned()]);
        meeting.settled.insert((disputed.record, register), value);
    }
    narrator.table(["register", "stands from now on", "as written by", "reason"], &rows)?;
    for at in [FIRST, SECOND] {
        team[at].sync(serving.url())?;
    }
    narrator.note("Both devices after their next sync:")?;
    show(team, meeting.household, narrator)
}

/// Whose value stands, and why.
fn decision(register: &str) -> (usize, &'static str) {
    match register {
        "head_name" => (FIRST, "As on the family card (KK)."),
        "address" => (FIRST, "The head of the RT confirmed the number at the gate."),
        "phone" => (SECOND, "Called; the head answered."),
        "nik" => (FIRST, "Read again from the identity card (KTP)."),
        "h302" => (SECOND, "Measured with the family, the first was an estimate."),
        _ => (FIRST, "Asked again by telephone."),
    }
}

/// Registers of the family that hold several values on this device.
fn disputed(enumerator: &Enumerator, household: RecordId) -> Result<BTreeMap<(RecordId, String), Vec<Value>>> {
    let mut disputed = BTreeMap::new();
    for (root, record) in enumerator.device.conflicts()? {
        for (name, register) in record.registers.iter().filter(|_| root == household) {
            if register.is_conflict() {
                let mut values: Vec<Value> = register.values.iter().map(|value| value.value.clone()).collect();
                values.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                disputed.insert((record.id, name.clone()), values);
            }
        }
    }
    Ok(disputed)
}

/// Side by side: the list, and what both devices show.
fn show(team: &[Enumerator], household: RecordId, narrator: &mut Narrator<'_>) -> Result<()> {
    let [left, right] = [FIRST, SECOND].map(|at| &team[at]);
    let views = [left.device.household(household)?, right.device.household(household)?];
    let mut rows = Vec::new();
    for (name, label) in OF_HOUSEHOLD {
        rows.push(row(label, [&views[0].household, &views[1].household], name));
    }
    let heads = [head(&views[0])?, head(&views[1])?];
    rows.push(row(OF_HEAD.1, heads, OF_HEAD.0));
    rows.push(["members".to_owned(), String::new(), members(&views[0]), members(&views[1])]);
    let header = ["", "the list says", left.person.display_name, right.person.display_name];
    narrator.table(header, &rows)?;
    Ok(())
}

fn row(label: &str, records: [&RecordView; 2], register: &str) -> [String; 4] {
    let listed = records[0].registers.get(register).and_then(|register| register.sources.values().next());
    let listed = listed.and_then(|values| values.first()).map(|value| shown(&value.value)).unwrap_or_default();
    [label.to_owned(), listed, cell(records[0], register), cell(records[1], register)]
}

/// Every value of a register, with its author where there are several.
fn cell(record: &RecordView, register: &str) -> String {
    let Some(register) = record.registers.get(register) else { return String::new() };
    match register.values.as_slice() {
        [] => String::new(),
        [value] => shown(&value.value),
        several => {
            let each = several.iter().map(|value| {
                let author = value.who_name.as_deref().unwrap_or("somebody");
                format!("{} ({author})", shown(&value.value))
            });
            format!("two values: {}", each.collect::<Vec<_>>().join(" / "))
        }
    }
}

/// The head: the first of the family on the list, told by the relation that was verified.
fn head(view: &HouseholdView) -> Result<&RecordView> {
    let is_head = |person: &&RecordView| text(person, "relation").is_some_and(|relation| relation == "head");
    let head = view.persons.iter().find(is_head).or(view.persons.first());
    head.context("the family has members")
}

fn members(view: &HouseholdView) -> String {
    view.persons.iter().filter(|person| person.alive).count().to_string()
}

fn text(record: &RecordView, register: &str) -> Option<String> {
    record.registers.get(register)?.values.first()?.value.as_text()
}

fn shown(value: &Value) -> String {
    value.as_text().unwrap_or_else(|| value.as_str().to_owned())
}

fn called(register: &str) -> &str {
    let all = OF_HOUSEHOLD.iter().chain([&OF_HEAD]);
    all.into_iter().find(|(name, _)| *name == register).map_or(register, |(_, label)| label)
}
