//! Whatever is held and released, in whatever order: nothing goes that nobody replaced who had seen it, and what somebody
//! wrote over his own save is gone.
//!
//! The oracle knows what each author had on the screen and nothing of contexts.

use std::collections::BTreeSet;

use sync_protocol::merge::{Stamp, Trusting, Write};

use super::*;
use crate::store::held::HeldId;
use crate::sync::office;
use crate::sync::quarantine::{Dependants, Outcome};

const HISTORIES: u64 = 30;
const STEPS: usize = 60;
const RECORD: u128 = 1;
const NAMES: [&str; 3] = ["a", "b", "c"];

struct Dice(u64);

impl Dice {
    fn below(&mut self, many: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % many
    }
}

/// One save: what it wrote, and what its author saw there, with all that had gone before that.
#[derive(Clone)]
struct Saved {
    name: &'static str,
    device: Option<usize>,
    over: BTreeSet<i64>,
    rejected: bool,
}

/// A device with a screen: the server's row as it came, its own saves over it, perhaps a draft begun earlier.
struct Phone {
    hand: Hand,
    base: Option<Row>,
    /// Own saves that the base does not hold: number, tag, write, and the name they were merged under.
    over: Vec<(u64, sync_protocol::Tag, RecordWrite)>,
    draft: Option<Row>,
    sent: usize,
}

impl Phone {
    fn screen(&self) -> Row {
        let id = RecordId::from_u128(RECORD);
        let mut row = self.base.clone().unwrap_or_else(|| Row::new(Collection::Household, id));
        for (save, tag, write) in &self.over {
            let stamp = Stamp { clock: Clock(T0 + *save as i64), author: self.hand.user };
            let dot = sync_protocol::Dot { writer: self.hand.writer, save: *save };
            let (context, registers) = (&write.context, &write.registers);
            row.merge(&Write { dot, tag: *tag, stamp, context, registers }, &Trusting);
        }
        row
    }
}

fn shown(row: &Row, name: &str) -> BTreeSet<i64> {
    let siblings = row.registers.get(name).map_or(&[][..], |register| &register.siblings);
    siblings.iter().filter_map(|s| s.value.as_str().parse().ok()).collect()
}

struct History {
    world: World,
    dice: Dice,
    phones: Vec<Phone>,
    saves: Vec<Saved>,
    names: BTreeMap<HeldId, i64>,
}

impl History {
    fn new(seed: u64) -> History {
        let world = world();
        let phones = (1..=3).map(|n| {
            let hand = Hand::enrolled(&world, usize::from(n == 3), n);
            Phone { hand, base: None, over: vec![], draft: None, sent: 0 }
        });
        let phones = phones.collect();
        let mut history = History { world, dice: Dice(seed), phones, saves: vec![], names: BTreeMap::new() };
        let write = household(RECORD, AREA[0], "x", &Context::new());
        office::write(&history.world.hub, USER[0], vec![Save { records: vec![write] }]).expect("writes");
        (0..3).for_each(|at| history.sync(at));
        history
    }

    fn save(&mut self, at: usize) {
        let name = NAMES[self.dice.below(3) as usize];
        let value = self.saves.len() as i64;
        let held = self.dice.below(4) == 0;
        let phone = &mut self.phones[at];
        let row = phone.draft.take().unwrap_or_else(|| phone.screen());
        let mut write = household(RECORD, AREA[0], "x", &row.context);
        write.registers = BTreeMap::from([(name.to_owned(), Value::integer(value))]);
        // Signed by a person whom the writer is not for: quarantined.
        let author = if held { USER[usize::from(phone.hand.user == USER[0])] } else { phone.hand.user };
        let seen = phone.hand.seal_as(author, vec![Save { records: vec![write.clone()] }.to_line()]);
        let seen = seen[&phone.hand.writer];
        phone.over.push((seen.save, seen.tag, write));
        let id = HeldId::of(sync_protocol::Dot { writer: phone.hand.writer, save: seen.save });
        self.names.insert(id, value);
        let over = self.behind(&row, name);
        self.saves.push(Saved { name, device: Some(at), over, rejected: false });
    }

    fn behind(&self, row: &Row, name: &str) -> BTreeSet<i64> {
        let shown = shown(row, name);
        let older = shown.iter().flat_map(|value| self.saves[*value as usize].over.iter().copied());
        older.chain(shown.iter().copied()).collect()
    }

    fn sync(&mut self, at: usize) {
        let phone = &mut self.phones[at];
        let (request, lines) = phone.hand.request(phone.sent);
        let (answer, _) = phone.hand.send(&self.world, &request, &lines);
        phone.sent = phone.hand.sealed.len();
        let state = &answer.writers[0];
        let decided = |save: u64| state.decisions.iter().find(|d| (d.verdict.first..=d.verdict.last).contains(&save));
        let plain =
            |save: u64| state.verdicts.iter().any(|v| (v.first..=v.last).contains(&save) && v.verdict.is_applied());
        // Released, it is in the row under its new name; rejected, it goes as if it had been seen.
        phone.over.retain(|(save, _, _)| {
            let gone =
                decided(*save).is_some_and(|d| !matches!(d.verdict.verdict, Verdict::Parked | Verdict::Quarantined(_)));
            !(gone || plain(*save))
        });
        phone.base = self.world.row(RECORD);
    }

    fn office(&mut self) {
        let row = self.world.row(RECORD).expect("made");
        let name = NAMES[self.dice.below(3) as usize];
        let value = self.saves.len() as i64;
        let mut write = household(RECORD, AREA[0], "x", &row.context);
        write.registers = BTreeMap::from([(name.to_owned(), Value::integer(value))]);
        office::write(&self.world.hub, USER[0], vec![Save { records: vec![write] }]).expect("writes");
        let over = self.behind(&row, name);
        self.saves.push(Saved { name, device: None, over, rejected: false });
    }

    fn decide(&mut self) {
        let held: Vec<HeldId> = self.world.unsettled().into_iter().map(|held| held.0).collect();
        let mut some: Vec<HeldId> = held.into_iter().filter(|_| self.dice.below(2) == 0).collect();
        // An operator takes them in any order.
        if self.dice.below(2) == 0 {
            some.reverse();
        }
        let outcomes = match self.dice.below(5) {
            0 => self.world.reject(&some, Dependants::Reject),
            1 => self.world.reject(&some, Dependants::Release),
            _ => self.world.release(&some),
        };
        for outcome in outcomes {
            if let Outcome::Rejected { save, .. } = outcome {
                let value = self.names[&save];
                self.saves[value as usize].rejected = true;
            }
        }
    }

    fn live(&mut self) {
        for _ in 0..STEPS {
            let at = self.dice.below(3) as usize;
            match self.dice.below(10) {
                0..=3 => self.save(at),
                4 => self.phones[at].draft = Some(self.phones[at].screen()),
                5 => self.office(),
                6 => self.decide(),
                _ => self.sync(at),
            }
        }
        (0..3).for_each(|at| self.sync(at));
        while !self.world.unsettled().is_empty() {
            let held: Vec<HeldId> = self.world.unsettled().into_iter().map(|held| held.0).collect();
            self.world.release(&held);
        }
    }

    /// What was merged and replaced by somebody who had seen it, or had seen what had replaced it.
    fn check(&self, seed: u64) {
        let row = self.world.row(RECORD).expect("made");
        let merged = |value: &i64| !self.saves[*value as usize].rejected;
        for (value, saved) in (0..).zip(&self.saves).filter(|(_, saved)| !saved.rejected) {
            let stands = shown(&row, saved.name).contains(&value);
            let mut next: Vec<i64> = (0..self.saves.len() as i64).filter(merged).collect();
            next.retain(|by| {
                self.saves[*by as usize].over.contains(&value) && self.saves[*by as usize].name == saved.name
            });
            assert!(stands || !next.is_empty(), "history {seed}: value {value} went although nobody had seen it");
            let own = next.iter().any(|by| saved.device.is_some() && self.saves[*by as usize].device == saved.device);
            assert!(!(stands && own), "history {seed}: value {value} stands although its author wrote over it");
        }
    }
}

#[test]
fn nothing_is_lost_that_nobody_replaced_and_nothing_is_replaced_unseen() {
    let (mut held, mut conflicts) = (0, 0);
    for seed in 0..HISTORIES {
        let mut history = History::new(seed);
        history.live();
        history.check(seed);
        held += history.names.len();
        conflicts += history.world.row(RECORD).expect("made").conflicts().count();
    }
    assert!(held > 400 && conflicts > 5, "{held} saves, {conflicts} conflicts: too tame to prove anything");
}
