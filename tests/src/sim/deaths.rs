//! Deaths in a simulated world: processes killed between two steps or at any of their commits, and batteries taken out.

use std::collections::BTreeSet;

use server::sync::witness;
use sync_protocol::{Dot, RecordId, Row};

use super::disk::Position;
use super::fault::Fault;
use super::oracle::screen;
use super::world::World;
use super::{Broken, Held, rules};

impl World<'_> {
    pub(super) fn kill_device(&mut self, at: usize) -> Held {
        if !self.hands[at].may_die() {
            return Ok(());
        }
        let unflushed = self.hands[at].unflushed;
        if unflushed.is_some() && self.dice.chance(500) {
            self.note_fault(Fault::DevicePowerCut, at);
            return self.hands[at].die(unflushed, &mut self.dice);
        }
        self.note_fault(Fault::DeviceKilled, at);
        let before = self.picture_of_all(at)?;
        self.hands[at].die(None, &mut self.dice)?;
        let same = before == self.picture_of_all(at)?;
        rules::LOST.holds(same, || "a device came back as another".to_owned())
    }

    /// Whether the device will die in what comes now, and where its log ends before that.
    pub(super) fn doom(&mut self, at: usize, per_mille: u32) -> Result<Option<Position>, Broken> {
        match self.hands[at].may_die() && !self.calm_network && self.dice.chance(per_mille) {
            true => self.hands[at].position(),
            false => Ok(None),
        }
    }

    /// The device dies while saves up to `last` are sealed; tells whether they are on the disk.
    pub(super) fn die_saving(&mut self, at: usize, since: Position, last: u64) -> Result<bool, Broken> {
        self.note_fault(Fault::DeviceKilledAtSave, at);
        self.hands[at].die(Some(since), &mut self.dice)?;
        let held = self.hands[at].device.status().map_err(Broken::failed)?.saves;
        let whole = held == last || held == self.hands[at].saves;
        rules::LOST.holds(whole, || format!("a save of hand {at} is there in half: {held} of {last}"))?;
        Ok(held == last)
    }

    /// The device dies while it takes an answer in: it has all of it or nothing.
    pub(super) fn die_answering(&mut self, at: usize, since: Position, before: &[String]) -> Held {
        self.note_fault(Fault::DeviceKilledAtAnswer, at);
        let after = self.picture_of_all(at)?;
        self.hands[at].die(Some(since), &mut self.dice)?;
        let now = self.picture_of_all(at)?;
        rules::REPEAT.holds(now == before || now == after, || format!("hand {at} holds an answer in half"))
    }

    pub(super) fn restart_server(&mut self) -> Held {
        self.say(|| "the server restarts".to_owned());
        let centre = self.centre.take().ok_or_else(|| Broken::failed("the server is down"))?;
        self.centre = Some(centre.restart()?);
        self.note_all_verdicts()?;
        self.check_acknowledged()
    }

    /// The server is killed now, or at some moment since its log ended there; now and then once more while it starts.
    pub(super) fn kill_server(&mut self, since: Option<Position>) -> Held {
        let mut since = since;
        loop {
            self.say(|| "the server is killed".to_owned());
            let centre = self.centre.take().ok_or_else(|| Broken::failed("the server is down"))?;
            self.centre = Some(centre.kill(since, &mut self.dice)?);
            if !self.dice.chance(200) {
                break;
            }
            since = Some(self.centre()?.started);
        }
        self.note_all_verdicts()?;
        self.check_acknowledged()
    }

    /// A backup is made, where a restore of it would lose no grants and areas.
    pub(super) fn back_up(&mut self) -> Held {
        if !self.open || self.is_rewound {
            return Ok(());
        }
        self.say(|| "the office makes a backup".to_owned());
        self.centre()?.back_up()
    }

    /// The server's disk is gone, and its backup is restored, once in a world.
    pub(super) fn rewind_server(&mut self) -> Held {
        if self.is_rewound || !self.centre()?.has_backup() {
            return Ok(());
        }
        self.tally.faults.note(Fault::ServerRewound);
        self.held_of_office = self.office_saves_on_devices()?;
        // An answer of the lost time that comes later may take away again what a device holds of it now.
        self.late.clear();
        self.say(|| "the server's disk is gone, the backup is restored".to_owned());
        let centre = self.centre.take().ok_or_else(|| Broken::failed("the server is down"))?;
        self.centre = Some(centre.rewind()?);
        self.is_rewound = true;
        self.hands.iter_mut().for_each(|hand| hand.served = 0);
        self.oracle.forget_applied();
        for dot in self.office.clone() {
            if self.centre()?.stored(dot.writer)?.iter().any(|(first, _)| *first == dot.save) {
                self.oracle.note_applied(dot);
            }
        }
        self.note_all_verdicts()
    }

    /// The office decides that what phones still hold of the lost time comes back.
    pub(super) fn take_witnesses(&mut self) -> Held {
        let told = witness::apply(&self.centre()?.hub).map_err(Broken::failed)?;
        self.say(|| format!("the office takes what phones hold of the lost time: {told:?}"));
        self.note_all_verdicts()?;
        self.check_came_back()
    }

    /// Saves of the office that stand in rows which devices surely have on their disks.
    fn office_saves_on_devices(&self) -> Result<Vec<(RecordId, String, Dot)>, Broken> {
        let mut found = Vec::new();
        for hand in self.hands.iter().filter(|hand| hand.unflushed.is_none()) {
            for area in self.areas()? {
                for (id, text) in hand.device.base_texts(area).map_err(Broken::failed)? {
                    let shown = screen(&Row::parse(&text).map_err(Broken::failed)?);
                    for (name, dots) in shown {
                        let offices = dots.into_iter().filter(|dot| self.office.contains(dot));
                        found.extend(offices.map(|dot| (id, name.clone(), dot)));
                    }
                }
            }
        }
        Ok(found)
    }

    /// What a phone held of the office's lost work stands again, or somebody who had seen it has replaced it.
    fn check_came_back(&self) -> Held {
        let rows = self.centre()?.rows()?;
        for (id, name, dot) in &self.held_of_office {
            let register = rows.get(id).and_then(|row| row.registers.get(name));
            let stands: BTreeSet<Dot> =
                register.into_iter().flat_map(|r| &r.siblings).map(|s| self.oracle.first_name(s.dot)).collect();
            let there = stands.contains(dot) || self.oracle.is_behind(*id, name, *dot, &stands);
            rules::LOST
                .holds(there, || format!("a phone held {name} of {id} by the office, and it did not come back"))?;
        }
        Ok(())
    }

    pub(super) fn note_fault(&mut self, fault: Fault, at: usize) {
        self.say(|| format!("hand {at}: {fault:?}"));
        self.tally.faults.note(fault);
    }
}
