//! Mishaps of a simulated world that last: grants that change, clocks that are wrong, old apps, full disks.

use server::store::db;
use server::store::held::{self, HeldId};
use server::sync::quarantine::{Desk, Outcome};
use sync_protocol::{AreaId, Code, Verdict};

use super::fault::Fault;
use super::world::{DAY_MS, MINUTE_MS, TEN_YEARS_MS, World};
use super::{Broken, Held};
use crate::seed::Seed;

/// Saves kept out that the office chooses from.
const HELD_MAX: u32 = 100;
/// Pages that are left on a disk which is almost full.
const PAGES_LEFT: u64 = 6;

impl World<'_> {
    pub(super) fn change_grants(&mut self) -> Held {
        if self.open {
            return Ok(());
        }
        self.centre_mut()?.leave_room(None)?;
        let mut dice = Seed::new(self.dice.bits());
        match dice.index(5) {
            0 | 1 => {
                self.say(|| "a grant ends".to_owned());
                self.tally.faults.note(Fault::GrantEnded);
                self.centre_mut()?.revoke(&mut dice)
            }
            2 | 3 => {
                let (people, areas) = (self.centre()?.people.clone(), self.areas()?);
                let (user, area) = (people[dice.index(people.len())], areas[dice.index(areas.len())]);
                let now = self.centre()?.hub.now_ms();
                self.tally.faults.note(Fault::GrantGiven);
                self.say(|| format!("{user} is granted {area}"));
                self.centre_mut()?.grant(user, area, now)
            }
            _ => {
                let village = AreaId::from_u128([0xb000, 0xc000][dice.index(2)]);
                let area = AreaId::from_u128(village.as_u128() + 0x10 + self.areas()?.len() as u128);
                self.say(|| format!("{area} is added"));
                self.tally.faults.note(Fault::AreaAdded);
                self.centre_mut()?.add_area(area, Some(village))
            }
        }
    }

    pub(super) fn set_clock(&mut self, at: usize) -> Held {
        let wrong_by = self.some_error();
        self.tally.faults.note(Fault::DeviceClock);
        self.say(|| format!("hand {at}: the clock is wrong by {wrong_by} ms"));
        self.hands[at].wrist.set_wrong_by(wrong_by);
        Ok(())
    }

    pub(super) fn set_server_clock(&mut self) -> Held {
        let wrong_by = self.some_error();
        self.say(|| format!("the server's clock is wrong by {wrong_by} ms"));
        self.tally.faults.note(Fault::ServerClock);
        self.centre()?.set_clock_wrong_by(wrong_by);
        Ok(())
    }

    /// The office lets in what was kept out.
    pub(super) fn release(&mut self) -> Held {
        let held = self.kept_out()?;
        if held.is_empty() || self.centre()?.is_full {
            return Ok(());
        }
        let id = held[self.dice.index(held.len())].id.clone();
        self.let_in(vec![id])
    }

    /// The office lets in what the server kept because it was killed again and again while it had it in hand.
    pub(super) fn release_crashed(&mut self) -> Held {
        let crashed = self.kept_out()?.into_iter().filter(|held| held.verdict == Verdict::Quarantined(Code::Crashed));
        let crashed: Vec<HeldId> = crashed.map(|held| held.id).collect();
        if crashed.is_empty() { Ok(()) } else { self.let_in(crashed) }
    }

    fn kept_out(&self) -> Result<Vec<held::Held>, Broken> {
        let held = self.centre()?.hub.store.read(|tx| held::list_unsettled(tx, None, HELD_MAX));
        held.map_err(|e: db::Error| Broken::failed(e))
    }

    fn let_in(&mut self, ids: Vec<HeldId>) -> Held {
        let desk = Desk::at(&self.centre()?.hub);
        let told = self.centre()?.write(move |tx| desk.release(tx, &ids))?;
        self.say(|| format!("the office releases {told:?}"));
        if told.iter().any(|outcome| matches!(outcome, Outcome::Released { .. })) {
            self.tally.faults.note(Fault::Released);
        }
        self.note_all_verdicts()
    }

    fn some_error(&mut self) -> i64 {
        match self.dice.index(5) {
            0 => TEN_YEARS_MS,
            1 => -TEN_YEARS_MS,
            2 => self.dice.between(-2 * DAY_MS, 2 * DAY_MS),
            3 => self.dice.between(-8 * MINUTE_MS, 8 * MINUTE_MS),
            _ => 0,
        }
    }

    /// The app is an old one from now on, or is replaced by a new one: a process ends with that.
    pub(super) fn change_app(&mut self, at: usize) -> Held {
        let hand = &mut self.hands[at];
        (hand.is_old, hand.session, hand.life) = (!hand.is_old, None, hand.life + 1);
        Ok(())
    }

    pub(super) fn fill_device(&mut self, at: usize) -> Held {
        let pages = (!self.hands[at].is_full).then(|| self.dice.below(PAGES_LEFT) as u32);
        self.say(|| format!("hand {at}: pages left on the disk: {pages:?}"));
        self.hands[at].leave_room(pages)
    }

    pub(super) fn fill_server(&mut self) -> Held {
        let pages = (!self.centre()?.is_full).then(|| self.dice.below(PAGES_LEFT) as u32);
        self.say(|| format!("pages left on the server's disk: {pages:?}"));
        self.centre_mut()?.leave_room(pages)
    }
}
