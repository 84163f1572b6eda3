//! Deaths in a simulated world: processes killed between two steps or at any of their commits, and batteries taken out.

use super::disk::Position;
use super::fault::Fault;
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

    pub(super) fn note_fault(&mut self, fault: Fault, at: usize) {
        self.say(|| format!("hand {at}: {fault:?}"));
        self.tally.faults.note(fault);
    }
}
