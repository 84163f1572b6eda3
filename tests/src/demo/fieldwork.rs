//! Days in the field without a network: doors, drafts, saves. And the way home, where everything is sent at once.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use client_core::Env;
use indicatif::ProgressBar;
use tilik::Machine;

use crate::demo::cast::{Cast, SECOND};
use crate::demo::enumerator::{Enumerator, Listed};
use crate::demo::interview::FORM;
use crate::demo::preparation::sync_all;
use crate::demo::program::{Serving, Stopped};
use crate::demo::progress::Bars;
use crate::demo::words::{bytes, count, seconds};
use crate::demo::world::World;
use crate::demo::{Narrator, ROUND, interview};
use crate::findings::{Finding, Occasion, Outcome};
use crate::households::Place;

/// Doors that one enumerator knocks at.
const VISITS_EACH: usize = 30;
/// Families that one enumerator finds and no list has.
const ADDED_EACH: usize = 2;
/// From one door to the next.
const VISIT_MS: i64 = 14 * 60_000;

/// What the enumerators noted, so that the server can be held against it.
#[derive(Default)]
pub(super) struct Notes {
    /// Visits to households of the list, by how they ended.
    pub(super) visits: BTreeMap<Outcome, usize>,
    /// Households added.
    pub(super) added: usize,
    /// Presses of "save".
    pub(super) saves: usize,
}

impl Notes {
    /// Visits by outcome with those to added households among them, as the register will count them.
    pub(super) fn outcomes(&self) -> BTreeMap<&'static str, usize> {
        let mut outcomes: BTreeMap<&'static str, usize> =
            self.visits.iter().map(|(outcome, count)| (outcome.code(), *count)).collect();
        *outcomes.entry(Outcome::Complete.code()).or_default() += self.added;
        outcomes
    }

    fn join(&mut self, other: Notes) {
        for (outcome, count) in other.visits {
            *self.visits.entry(outcome).or_default() += count;
        }
        self.added += other.added;
        self.saves += other.saves;
    }
}

/// Shows that nobody answers, and what a device says then.
pub(super) fn without_network(team: &mut [Enumerator], stopped: &Stopped, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.chapter("No network")?;
    narrator.say(
        "To make sure that nothing below happens with its help, the server is now shut down; it ended in good order. From here \
         on the devices are alone, as they are for days in the field.",
    )?;
    let enumerator = team.first_mut().context("the team has somebody")?;
    let told = enumerator.try_sync(&stopped.url)?;
    narrator.note(&format!("{} tries to sync and is told: \"{told}\".", enumerator.person.display_name))?;
    Ok(())
}

/// Everybody knocks at their doors, all at the same time.
pub(super) fn verify(
    team: &mut [Enumerator],
    world: &World,
    cast: &Cast,
    narrator: &mut Narrator<'_>,
) -> Result<Notes> {
    narrator.chapter("Door to door")?;
    narrator.say(
"Each enumerator opens a household of the prelist and asks the published questionnaire, question by question: prelist \
         values are confirmed or changed, skips and checks are the form's, and every answer is on the disk before the next \
         question, so a dead battery costs nothing. Saving is one signed changeset, flushed to the disk before the screen says \
         \"saved\". Families that no list has are added.",
    )?;
    let began = Machine.now_ms();
    let bars = Bars::new(narrator);
    let going = &mut team[..cast.enumerators.len()];
    let notes: Vec<Notes> = std::thread::scope(|scope| {
        let working: Vec<_> = going
            .iter_mut()
            .enumerate()
            .map(|(at, enumerator)| {
                let doors = doors(at, enumerator, world, cast);
                let bar = bars.bar(enumerator.person.display_name, VISITS_EACH + ADDED_EACH);
                scope.spawn(move || work(enumerator, world, cast, &doors?, &bar))
            })
            .collect();
        let noted = working.into_iter().map(|thread| thread.join().ok().context("an enumerator does not panic")?);
        noted.collect::<Result<_>>()
    })?;
    drop(bars);
    let mut rows = Vec::new();
    let mut all = Notes::default();
    for (enumerator, notes) in going.iter().zip(notes) {
        let of = |outcome| notes.visits.get(&outcome).copied().unwrap_or(0);
        let visits: usize = notes.visits.values().sum();
        rows.push([
            enumerator.person.display_name.to_owned(),
            count(visits),
            count(of(Outcome::Complete)),
            count(visits - of(Outcome::Complete)),
            count(notes.added),
            count(enumerator.status()?.unsent),
        ]);
        all.join(notes);
    }
    narrator.table(["enumerator", "visits", "complete", "otherwise", "added", "saves waiting"], &rows)?;
    narrator.note(&format!(
        "{} saves in {}, each with its flush to the disk; all of them wait on the devices.",
        count(all.saves),
        seconds(Machine.now_ms() - began)
    ))?;
    Ok(all)
}

/// The doors of one enumerator: neighbours first, none that a colleague takes.
fn doors(at: usize, enumerator: &Enumerator, world: &World, cast: &Cast) -> Result<Vec<(Listed, usize)>> {
    let listed = enumerator.list()?.into_iter();
    let known = listed.filter_map(|listed| {
        let household = world.behind(&listed.line, &listed.area_code)?;
        let is_colleagues = at == SECOND && household.place == Place::Rt(cast.shared_rt);
        (household.number != cast.meeting && !is_colleagues).then_some((listed, household.number))
    });
    Ok(known.take(VISITS_EACH).collect())
}

fn work(
    enumerator: &mut Enumerator,
    world: &World,
    cast: &Cast,
    doors: &[(Listed, usize)],
    bar: &ProgressBar,
) -> Result<Notes> {
    let round = round(enumerator)?;
    let morning = Machine.now_ms() - VISIT_MS * (doors.len() + ADDED_EACH) as i64;
    let mut hours = (0..).map(|turn| morning + VISIT_MS * turn);
    let mut occasion = || {
        let started_at = hours.next().expect("a day has as many hours as there are doors");
        Occasion { round: &round, form: FORM, started_at }
    };
    let mut notes = Notes::default();
    for (listed, number) in doors {
        let household = &world.households[*number];
        let finding = world.at_the_door(household, occasion());
        let seed = world.seed ^ *number as u64;
        interview::visit(&mut enumerator.device, listed.line.id, &finding, &world.listed(household), seed)?;
        *notes.visits.entry(finding.outcome).or_default() += 1;
        notes.saves += 1;
        bar.inc(1);
    }
    for (rt, code) in own_rts(enumerator, world, cast)?.into_iter().take(ADDED_EACH) {
        let finding: Finding = world.missing(rt, 0, occasion());
        let area = enumerator.area(&code)?;
        let seed = world.seed ^ rt as u64;
        interview::add(&mut enumerator.device, area, &finding, seed)?;
        notes.added += 1;
        notes.saves += 1;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(notes)
}

/// The RTs where this enumerator works alone.
fn own_rts(enumerator: &Enumerator, world: &World, cast: &Cast) -> Result<Vec<(usize, String)>> {
    let granted = enumerator.granted()?.into_iter().map(|area| area.node.code);
    let rts = granted.filter_map(|code| {
        let rt = world.city.rts.iter().position(|rt| rt.code == code)?;
        (rt != cast.shared_rt).then_some((rt, code))
    });
    Ok(rts.collect())
}

/// The round as the device knows it.
pub(super) fn round(enumerator: &Enumerator) -> Result<String> {
    Ok(enumerator.status()?.round.map_or_else(|| ROUND.to_owned(), |round| round.id.to_string()))
}

/// The server is back, and everybody syncs at once.
pub(super) fn bring_home(team: &mut [Enumerator], serving: &Serving, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.chapter("Back in the network")?;
    narrator.say(
        "The server is started again, on another port as it happens: devices know it by its key, not by its address. All of \
         them sync at the same time. One request carries the saves up and brings verdicts and other people's changes back; a \
         save counts as received only when the server has it on its own disk and says so.",
    )?;
    let before: Vec<_> = team.iter().map(|enumerator| enumerator.moved).collect();
    let began = Machine.now_ms();
    sync_all(team, serving.url(), narrator)?;
    let took = Machine.now_ms() - began;
    let mut rows = Vec::new();
    for (enumerator, before) in team.iter().zip(before) {
        let moved = enumerator.moved.since(before);
        let status = enumerator.status()?;
        rows.push([
            enumerator.person.display_name.to_owned(),
            count(enumerator.last.saves_sent),
            count(status.judged),
            count(enumerator.last.conflicts),
            count(status.unsent),
            moved.requests.to_string(),
            bytes(moved.bytes_up),
            bytes(moved.bytes_down),
        ]);
    }
    narrator.table(
        ["device of", "saves sent", "judged", "met another", "waiting", "requests", "sent", "received"],
        &rows,
    )?;
    narrator.note(&format!("Everybody together: {}.", seconds(took)))?;
    Ok(())
}
