//! The stage of a simulated world and what happens on it, step by step.

use std::collections::BTreeMap;

use sync_protocol::{AreaId, Collection, Dot, RecordId, UserId, Value};

use super::centre::Centre;
use super::dice::{Time, Wrist, fill};
use super::hand::Hand;
use super::network::Late;
use super::oracle::Oracle;
use super::{Broken, Held, Tally};
use crate::seed::Seed;

/// Tuesday 25 November 2025, morning in Jambi.
const BEGINNING_MS: i64 = 1_764_030_000_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const TEN_YEARS_MS: i64 = 3_652 * DAY_MS;
/// Rounds of syncs after which everybody must have everything.
const ROUNDS: usize = 3;

pub(super) struct World<'t> {
    pub(super) dice: Seed,
    time: Time,
    /// Nobody's grants change and everybody may write everywhere: no save may be kept out.
    pub(super) open: bool,
    /// Absent only while the server's process is down.
    centre: Option<Centre>,
    pub(super) hands: Vec<Hand>,
    pub(super) late: Vec<Late>,
    pub(super) calm_network: bool,
    pub(super) oracle: Oracle,
    /// Areas in which a save of a device made households.
    pub(super) made_in: BTreeMap<Dot, Vec<AreaId>>,
    /// Every record that anybody ever made.
    pub(super) records: Vec<(RecordId, Collection)>,
    values: u64,
    pub(super) tally: Tally,
    trace: Option<&'t mut dyn FnMut(&str)>,
    /// Last, so that everybody has let go of their files before it goes.
    folder: tempfile::TempDir,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Make,
    Edit,
    EditTwo,
    Move,
    Delete,
    AddChild,
    MoveChild,
    Batch,
    OpenDraft,
    Type,
    SaveDraft,
    Refresh,
    Discard,
    Sync,
    Late,
    OfficeOpens,
    OfficeWrites,
    Grants,
    WrongClock,
    DeviceDies,
    ServerRestarts,
    ServerDies,
    Days,
}

const STEPS: &[(Step, u32)] = &[
    (Step::Make, 10),
    (Step::Edit, 20),
    (Step::EditTwo, 4),
    (Step::Move, 5),
    (Step::Delete, 5),
    (Step::AddChild, 5),
    (Step::MoveChild, 4),
    (Step::Batch, 4),
    (Step::OpenDraft, 6),
    (Step::Type, 8),
    (Step::SaveDraft, 6),
    (Step::Refresh, 2),
    (Step::Discard, 1),
    (Step::Sync, 55),
    (Step::Late, 7),
    (Step::OfficeOpens, 4),
    (Step::OfficeWrites, 7),
    (Step::Grants, 4),
    (Step::WrongClock, 2),
    (Step::DeviceDies, 4),
    (Step::ServerRestarts, 1),
    (Step::ServerDies, 2),
    (Step::Days, 2),
];

impl<'t> World<'t> {
    pub(super) fn new(seed: u64, trace: Option<&'t mut dyn FnMut(&str)>) -> Result<World<'t>, Broken> {
        let dice = Seed::of(seed, "world", 0);
        let time = Time::at(BEGINNING_MS);
        let folder = folder().map_err(Broken::failed)?;
        let centre = Centre::start(folder.path(), &time, Seed::of(seed, "centre", 0))?;
        let mut world = World {
            dice,
            time,
            open: false,
            centre: Some(centre),
            hands: vec![],
            late: vec![],
            calm_network: false,
            oracle: Oracle::default(),
            made_in: BTreeMap::new(),
            records: vec![],
            values: 0,
            tally: Tally::default(),
            trace,
            folder,
        };
        world.settle(seed)?;
        Ok(world)
    }

    /// Areas, people, grants and devices.
    fn settle(&mut self, seed: u64) -> Held {
        self.open = self.dice.chance(400);
        let people = 2 + self.dice.below(3) as usize;
        for at in 0..=people {
            self.centre_mut()?.add_person(UserId::from_u128(0xa0 + at as u128))?;
        }
        for village in [0xb000, 0xc000].map(AreaId::from_u128) {
            self.centre_mut()?.add_area(village, None)?;
            for at in 1..=2 {
                self.centre_mut()?.add_area(AreaId::from_u128(village.as_u128() + at), Some(village))?;
            }
        }
        let villages = [0xb000, 0xc000].map(AreaId::from_u128).to_vec();
        self.centre()?.publish(villages)?;
        let areas = self.areas()?;
        for user in self.centre()?.people.clone() {
            let villages: Vec<AreaId> = areas.iter().copied().filter(|area| area.as_u128() & 0xf == 0).collect();
            let granted = match self.open {
                true => villages,
                false => (0..1 + self.dice.index(3)).map(|_| areas[self.dice.index(areas.len())]).collect(),
            };
            for area in granted {
                self.centre_mut()?.grant(user, area, 0)?;
            }
        }
        let devices = people + usize::from(self.dice.chance(250));
        for at in 0..devices {
            let user = self.centre()?.people[1 + at % people];
            let wrist = Wrist::new(&self.time, Seed::of(seed, "device", at as u64));
            let folder = self.folder.path().join(format!("device-{at}"));
            std::fs::create_dir(&folder).map_err(Broken::failed)?;
            let on_disk = self.dice.chance(600).then_some(folder);
            let hand = Hand::enrol(self.centre()?, user, wrist, on_disk)?;
            self.hands.push(hand);
        }
        let (open, devices) = (self.open, self.hands.len());
        self.say(|| format!("{devices} devices of {people} people; everybody may write everywhere: {open}"));
        Ok(())
    }

    /// The days in the field.
    pub(super) fn live(&mut self) -> Held {
        let steps = self.dice.between(50, 110);
        for _ in 0..steps {
            let passed = self.dice.between(1_000, 20 * MINUTE_MS);
            self.time.pass(passed);
            let step = self.dice.weighted(STEPS);
            let at = self.dice.index(self.hands.len());
            self.step(step, at)?;
        }
        Ok(())
    }

    fn step(&mut self, step: Step, at: usize) -> Held {
        match step {
            Step::Make => self.make(at),
            Step::Edit => self.edit(at, 1),
            Step::EditTwo => self.edit(at, 2),
            Step::Move => self.move_household(at),
            Step::Delete => self.delete_or_bring_back(at),
            Step::AddChild => self.add_child(at),
            Step::MoveChild => self.move_child(at),
            Step::Batch => self.save_many(at),
            Step::OpenDraft => self.open_draft(at),
            Step::Type => self.type_into_draft(at),
            Step::SaveDraft => self.save_draft(at),
            Step::Refresh => self.refresh_draft(at),
            Step::Discard => self.discard_draft(at),
            Step::Sync => self.sync_step(at),
            Step::Late => self.deliver_late(),
            Step::OfficeOpens => self.office_opens(),
            Step::OfficeWrites => self.office_writes(),
            Step::Grants => self.change_grants(),
            Step::WrongClock => self.set_clock(at),
            Step::DeviceDies => self.kill_device(at),
            Step::ServerRestarts => self.restart_server(),
            Step::ServerDies => self.kill_server(),
            Step::Days => {
                let days = self.dice.between(1, 4);
                self.time.pass(days * DAY_MS);
                Ok(())
            }
        }
    }

    /// The network is good again: what was kept back arrives, drafts are saved, everybody syncs until nothing moves.
    pub(super) fn heal(&mut self) -> Held {
        self.say(|| "the network heals".to_owned());
        while !self.late.is_empty() {
            self.deliver_late()?;
        }
        for at in 0..self.hands.len() {
            while !self.hands[at].drafts.is_empty() {
                self.save_draft(at)?;
            }
        }
        for _ in 0..ROUNDS {
            for at in 0..self.hands.len() {
                self.sync_to_the_end(at)?;
            }
        }
        for at in 0..self.hands.len() {
            let quiet = self.sync_to_the_end(at)?;
            super::rules::ENDS.holds(quiet, || format!("hand {at} still moves when nothing is left to do"))?;
        }
        Ok(())
    }

    fn change_grants(&mut self) -> Held {
        if self.open {
            return Ok(());
        }
        let mut dice = Seed::new(self.dice.bits());
        match dice.index(5) {
            0 | 1 => {
                self.say(|| "a grant ends".to_owned());
                self.centre_mut()?.revoke(&mut dice)
            }
            2 | 3 => {
                let (people, areas) = (self.centre()?.people.clone(), self.areas()?);
                let (user, area) = (people[dice.index(people.len())], areas[dice.index(areas.len())]);
                let now = self.time.ms();
                self.say(|| format!("{user} is granted {area}"));
                self.centre_mut()?.grant(user, area, now)
            }
            _ => {
                let village = AreaId::from_u128([0xb000, 0xc000][dice.index(2)]);
                let area = AreaId::from_u128(village.as_u128() + 0x10 + self.areas()?.len() as u128);
                self.say(|| format!("{area} is added"));
                self.centre_mut()?.add_area(area, Some(village))
            }
        }
    }

    fn set_clock(&mut self, at: usize) -> Held {
        let wrong_by = match self.dice.index(5) {
            0 => TEN_YEARS_MS,
            1 => -TEN_YEARS_MS,
            2 => self.dice.between(-2 * DAY_MS, 2 * DAY_MS),
            3 => self.dice.between(-8 * MINUTE_MS, 8 * MINUTE_MS),
            _ => 0,
        };
        self.say(|| format!("hand {at}: the clock is wrong by {wrong_by} ms"));
        self.hands[at].wrist.set_wrong_by(wrong_by);
        Ok(())
    }

    fn kill_device(&mut self, at: usize) -> Held {
        if !self.hands[at].may_die() {
            return Ok(());
        }
        self.say(|| format!("hand {at}: the device is killed"));
        self.tally.deaths += 1;
        let (records, areas) = (self.records.clone(), self.areas()?);
        self.hands[at].die(&records, &areas)
    }

    fn restart_server(&mut self) -> Held {
        self.say(|| "the server restarts".to_owned());
        let centre = self.centre.take().ok_or_else(|| Broken::failed("the server is down"))?;
        self.centre = Some(centre.restart()?);
        self.note_all_verdicts()?;
        self.check_acknowledged()
    }

    pub(super) fn kill_server(&mut self) -> Held {
        self.say(|| "the server is killed".to_owned());
        self.tally.deaths += 1;
        let centre = self.centre.take().ok_or_else(|| Broken::failed("the server is down"))?;
        self.centre = Some(centre.kill()?);
        self.note_all_verdicts()?;
        self.check_acknowledged()
    }

    pub(super) fn centre(&self) -> Result<&Centre, Broken> {
        self.centre.as_ref().ok_or_else(|| Broken::failed("the server is down"))
    }

    pub(super) fn centre_mut(&mut self) -> Result<&mut Centre, Broken> {
        self.centre.as_mut().ok_or_else(|| Broken::failed("the server is down"))
    }

    pub(super) fn areas(&self) -> Result<Vec<AreaId>, Broken> {
        Ok(self.centre()?.areas.keys().copied().collect())
    }

    /// A record id that nobody has yet.
    pub(super) fn new_record(&mut self, collection: Collection) -> RecordId {
        let mut random = [0; 10];
        fill(&mut self.dice, &mut random);
        let id = RecordId::minted(self.time.ms() as u64, random);
        self.records.push((id, collection));
        id
    }

    /// Something to write: mostly new, now and then what somebody else may write as well.
    pub(super) fn new_value(&mut self) -> Value {
        if self.dice.chance(150) {
            return Value::integer(self.dice.below(2) as i64);
        }
        self.values += 1;
        Value::text(&format!("value {}", self.values))
    }

    pub(super) fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace(&line());
        }
    }
}

/// In memory where the system has such a place: a world writes little, and flushes often.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::Builder::new().prefix("tilik-sim-").tempdir_in(memory),
        false => tempfile::Builder::new().prefix("tilik-sim-").tempdir(),
    }
}
