//! The stage of a simulated world and what happens on it, step by step.

use std::collections::BTreeMap;

use sync_protocol::{AreaId, Collection, Dot, RecordId, UserId, Value};

use super::centre::Centre;
use super::dice::{Time, Wrist, fill};
use super::fault::Fault;
use super::hand::Hand;
use super::network::Late;
use super::oracle::Oracle;
use super::{Broken, Held, Tally};
use crate::seed::Seed;

/// Tuesday 25 November 2025, morning in Jambi.
const BEGINNING_MS: i64 = 1_764_030_000_000;
pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
pub(super) const TEN_YEARS_MS: i64 = 3_652 * DAY_MS;
/// Rounds of syncs after which everybody must have everything.
const ROUNDS: usize = 3;

pub(super) struct World<'t> {
    pub(super) dice: Seed,
    pub(super) time: Time,
    /// Nobody's grants change and everybody may write everywhere: no save may be kept out.
    pub(super) open: bool,
    /// Absent only while the server's process is down.
    pub(super) centre: Option<Centre>,
    pub(super) hands: Vec<Hand>,
    pub(super) late: Vec<Late>,
    pub(super) calm_network: bool,
    pub(super) oracle: Oracle,
    /// Areas in which a save of a device made households.
    pub(super) made_in: BTreeMap<Dot, Vec<AreaId>>,
    /// The server has lost some of what it had.
    pub(super) is_rewound: bool,
    /// Values of the office that devices held when the server lost them.
    pub(super) held_of_office: Vec<(RecordId, String, Dot)>,
    /// Saves of the office.
    pub(super) office: Vec<Dot>,
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
    ServerClock,
    OldApp,
    DeviceFull,
    ServerFull,
    Backup,
    Rewind,
    Release,
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
    (Step::ServerClock, 1),
    (Step::OldApp, 2),
    (Step::DeviceFull, 3),
    (Step::ServerFull, 2),
    (Step::Backup, 3),
    (Step::Rewind, 2),
    (Step::Release, 4),
    (Step::ServerRestarts, 1),
    (Step::ServerDies, 2),
    (Step::Days, 2),
];

impl Step {
    /// A person with a visit on the screen makes room first: what is typed into a full disk is another test's.
    fn needs_room(self) -> bool {
        matches!(self, Step::OpenDraft | Step::Type | Step::SaveDraft | Step::Refresh | Step::Discard)
    }
}

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
            is_rewound: false,
            held_of_office: vec![],
            office: vec![],
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
            let before = self.hands[at].position()?;
            self.step(step, at)?;
            if !matches!(step, Step::Sync | Step::Late) {
                self.hands[at].note_flush(before)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: Step, at: usize) -> Held {
        if self.hands[at].is_full && step.needs_room() {
            self.hands[at].leave_room(None)?;
        }
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
            Step::ServerClock => self.set_server_clock(),
            Step::OldApp => self.change_app(at),
            Step::DeviceFull => self.fill_device(at),
            Step::ServerFull => self.fill_server(),
            Step::Backup => self.back_up(),
            Step::Rewind => self.rewind_server(),
            Step::Release => self.release(),
            Step::ServerRestarts => self.restart_server(),
            Step::ServerDies => {
                self.tally.faults.note(Fault::ServerKilled);
                self.kill_server(None)
            }
            Step::Days => {
                let days = self.dice.between(1, 4);
                self.time.pass(days * DAY_MS);
                Ok(())
            }
        }
    }

    /// The network is good again: what was kept back arrives, drafts are saved, everybody syncs until nothing moves.
    pub(super) fn heal(&mut self) -> Held {
        self.say(|| "the network heals, there is room again, and every app is new".to_owned());
        self.centre_mut()?.leave_room(None)?;
        for hand in &mut self.hands {
            hand.leave_room(None)?;
            hand.session = None;
            hand.life += u32::from(std::mem::take(&mut hand.is_old));
        }
        while !self.late.is_empty() {
            self.deliver_late()?;
        }
        for at in 0..self.hands.len() {
            while !self.hands[at].drafts.is_empty() {
                self.save_draft(at)?;
            }
        }
        self.sync_everybody()?;
        self.release_crashed()?;
        self.sync_everybody()?;
        if self.is_rewound {
            self.take_witnesses()?;
            self.sync_everybody()?;
        }
        for at in 0..self.hands.len() {
            let quiet = self.sync_to_the_end(at)?;
            super::rules::ENDS.holds(quiet, || format!("hand {at} still moves when nothing is left to do"))?;
        }
        Ok(())
    }

    fn sync_everybody(&mut self) -> Held {
        for _ in 0..ROUNDS {
            for at in 0..self.hands.len() {
                self.sync_to_the_end(at)?;
            }
        }
        Ok(())
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
