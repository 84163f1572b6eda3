//! What a simulated world is looked at for, while it lives and when it has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use client_core::{Error, SaveState};
use server::store::households::Within;
use server::store::{changesets, conflicts, db, feed, writers};
use sync_protocol::{AreaId, Code, Digest, Dot, RecordId, RowHash, Verdict, WriterId};

use super::fault::Fault;
use super::oracle::{Difference, screen};
use super::world::World;
use super::{Broken, Held, rules};

/// What is no broken promise: a value beside another one that had replaced it before.
const CAME_BACK_AFTER_A_REWIND: &str = "in doubt both values stand";

impl World<'_> {
    /// Takes down what the server has decided of a writer's saves.
    pub(super) fn note_verdicts(&mut self, writer: WriterId) -> Held {
        for (save, verdict) in self.verdicts(writer)? {
            if verdict.is_applied() {
                self.oracle.note_applied(Dot { writer, save });
            }
        }
        Ok(())
    }

    pub(super) fn note_all_verdicts(&mut self) -> Held {
        let writers: Vec<WriterId> = self.hands.iter().map(|hand| hand.writer).collect();
        writers.into_iter().try_for_each(|writer| self.note_verdicts(writer))?;
        for (new, first) in self.centre()?.renamed()? {
            self.oracle.rename(first, new);
            self.oracle.note_applied(self.oracle.first_name(first));
        }
        Ok(())
    }

    fn verdicts(&self, writer: WriterId) -> Result<BTreeMap<u64, Verdict>, Broken> {
        let told = self.centre()?.hub.store.read(|tx| {
            let applied = writers::find(tx, writer)?.map_or(0, |writer| writer.applied);
            changesets::verdicts_between(tx, writer, 0, applied, 100_000)
        });
        let told = told.map_err(|e: db::Error| Broken::failed(e))?;
        let judged = told.iter().flat_map(|range| (range.first..=range.last).map(|save| (save, range.verdict)));
        // What was kept out first may have been decided since.
        Ok(judged.chain(self.centre()?.decided(writer)?).collect())
    }

    /// Nobody's own work leaves their screen before it is merged, unless they replaced it or saw what did.
    pub(super) fn check_screen(&self, at: usize) -> Held {
        let hand = &self.hands[at];
        let own = self.oracle.saves().filter(|(dot, _)| dot.writer == hand.writer);
        for (dot, records) in own {
            for record in records {
                let shown = match hand.device.load(*record) {
                    Ok(loaded) => screen(&loaded.row),
                    Err(Error::NotFound(_)) => {
                        let left = self.has_left(at, *dot, *record)?;
                        rules::LOST
                            .holds(left, || format!("hand {at} no longer shows its save {} of {record}", dot.save))?;
                        continue;
                    }
                    Err(error) => return Err(Broken::failed(error)),
                };
                for name in self.oracle.registers_of(*dot, *record) {
                    let shown = shown.get(name).cloned().unwrap_or_default();
                    let shown = shown.into_iter().map(|dot| self.oracle.first_name(dot)).collect();
                    let behind = self.oracle.is_behind(*record, name, *dot, &shown);
                    // What was saved again of a lost time may have taken the place of an equal value.
                    let said = self.is_rewound && self.oracle.is_said(*record, name, *dot, &shown);
                    let there = shown.contains(dot) || behind || said || self.has_left(at, *dot, *record)?;
                    let what = || format!("{name} of {record}, save {} of hand {at}", dot.save);
                    rules::LOST.holds(there, || format!("no longer on the screen: {}", what()))?;
                    let is_back = shown.contains(dot) && behind && !self.is_rewound;
                    rules::SILENT.holds(!is_back, || format!("back on the screen: {}", what()))?;
                }
            }
        }
        Ok(())
    }

    /// The device knows that the save was merged, and holds the record in none of its areas.
    fn has_left(&self, at: usize, dot: Dot, record: RecordId) -> Result<bool, Broken> {
        let device = &self.hands[at].device;
        let state = device.save_state(dot.save).map_err(Broken::failed)?;
        for area in self.areas()? {
            if device.base_texts(area).map_err(Broken::failed)?.iter().any(|(id, _)| *id == record) {
                return Ok(false);
            }
        }
        Ok(matches!(state, SaveState::Judged(verdict) if verdict.is_applied()))
    }

    /// After the server came back: what any device was told to be stored is there.
    pub(super) fn check_acknowledged(&self) -> Held {
        if self.is_rewound {
            // What it had said was true of another disk.
            return Ok(());
        }
        for (at, hand) in self.hands.iter().enumerate() {
            for save in 1..=hand.saves {
                if hand.device.save_state(save).map_err(Broken::failed)? == SaveState::Unsent {
                    continue;
                }
                let around = self.centre()?.hub.store.read(|tx| changesets::around(tx, hand.writer, save, save));
                let around = around.map_err(|e: db::Error| Broken::failed(e))?;
                let stored = around.iter().any(|place| (place.first..=place.seq).contains(&save));
                rules::DURABLE.holds(stored, || format!("save {save} of hand {at} is gone from the server"))?;
            }
        }
        Ok(())
    }

    /// The server's rows are what the oracle says.
    pub(super) fn check_rows(&self) -> Held {
        self.oracle.compare(&self.centre()?.rows()?, self.is_rewound).map_err(|(difference, place)| match difference {
            Difference::Vanished => Broken { rule: rules::SILENT.0, what: format!("vanished: {place}") },
            // Among the values of a lost time doubt keeps both; it is shown, and somebody decides.
            Difference::CameBack if self.is_rewound => Broken { rule: CAME_BACK_AFTER_A_REWIND, what: place },
            Difference::CameBack => Broken { rule: rules::SILENT.0, what: format!("came back: {place}") },
            Difference::Invented => Broken { rule: rules::SILENT.0, what: format!("nobody wrote {place}") },
        })
    }

    /// Every save that its author was told of lies on the server as it was sealed, once.
    fn check_confirmed(&mut self) -> Held {
        let mut missing = None;
        for at in 0..self.hands.len() {
            let stored = self.centre()?.stored(self.hands[at].writer)?;
            let lines = stored.iter().flat_map(|(first, payload)| (*first..).zip(payload.split('\n')));
            let stored: Vec<(u64, blake3::Hash)> = lines.map(|(n, line)| (n, blake3::hash(line.as_bytes()))).collect();
            let hand = &self.hands[at];
            let sealed = |save: u64| hand.sealed.get(save as usize - 1).copied();
            for save in &hand.confirmed {
                let found = sealed(*save).is_some_and(|line| stored.contains(&(*save, line)));
                self.tally.acknowledged += 1;
                self.tally.found += u64::from(found);
                missing = missing.or((!found).then_some((at, *save)));
            }
            self.tally.doubled += stored.iter().filter(|(save, line)| sealed(*save) != Some(*line)).count() as u64;
        }
        let (lost, doubled) = (self.tally.lost(), self.tally.doubled);
        rules::LOST
            .holds(lost == 0, || format!("{lost} confirmed saves are lost, first {missing:?} (hand, number)"))?;
        rules::REPEAT.holds(doubled == 0, || format!("{doubled} saves are stored that nobody sealed under that number"))
    }

    /// The world has come to rest.
    pub(super) fn check_all(&mut self) -> Held {
        self.check_confirmed()?;
        match self.check_rows() {
            Err(broken) if broken.rule == CAME_BACK_AFTER_A_REWIND => {}
            held => held?,
        }
        self.check_conflicts()?;
        for at in 0..self.hands.len() {
            self.check_judged(at)?;
            self.check_base(at)?;
            self.check_screen(at)?;
        }
        self.check_digests()
    }

    fn check_judged(&mut self, at: usize) -> Held {
        let (writer, saves) = (self.hands[at].writer, self.hands[at].saves);
        let verdicts = self.verdicts(writer)?;
        for save in 1..=saves {
            let state = self.hands[at].device.save_state(save).map_err(Broken::failed)?;
            let Some(verdict) = verdicts.get(&save).copied() else {
                return Err(Broken { rule: rules::JUDGED.0, what: format!("save {save} of hand {at} has no verdict") });
            };
            let told = state == SaveState::Judged(verdict);
            rules::JUDGED
                .holds(told, || format!("save {save} of hand {at} is {verdict:?}, the device thinks {state:?}"))?;
            let right = match verdict {
                Verdict::Applied | Verdict::AppliedWithConflict => self.may_have_made(at, save)?,
                Verdict::Parked | Verdict::Quarantined(Code::NotGranted | Code::UnknownParent | Code::UnknownArea) => {
                    !self.open
                }
                _ => false,
            };
            rules::JUDGED.holds(right, || format!("save {save} of hand {at} is {verdict:?}"))?;
            self.tally.conflicts += u64::from(verdict == Verdict::AppliedWithConflict);
            self.tally.quarantined += u64::from(!verdict.is_applied());
            if let Verdict::Quarantined(_) = verdict {
                self.tally.faults.note(Fault::Quarantined);
            }
        }
        Ok(())
    }

    /// Nobody makes a household where no grant of theirs ever reached.
    fn may_have_made(&self, at: usize, save: u64) -> Result<bool, Broken> {
        let (hand, centre) = (&self.hands[at], self.centre()?);
        let dot = Dot { writer: hand.writer, save };
        if self.oracle.is_renamed(&dot) {
            // The office answers for it.
            return Ok(true);
        }
        let areas = self.made_in.get(&dot);
        Ok(areas.into_iter().flatten().all(|area| centre.was_granted(hand.user, *area)))
    }

    fn check_base(&self, at: usize) -> Held {
        for area in self.areas()? {
            self.check_area(at, area)?;
            let held = self.hands[at].device.base_texts(area).map_err(Broken::failed)?;
            self.check_views(at, &held.into_iter().collect())?;
        }
        Ok(())
    }

    /// The device holds the server's rows of this area byte for byte, or none.
    pub(super) fn check_area(&self, at: usize, area: AreaId) -> Held {
        let (hand, centre) = (&self.hands[at], self.centre()?);
        let held: BTreeMap<RecordId, String> =
            hand.device.base_texts(area).map_err(Broken::failed)?.into_iter().collect();
        if !centre.is_granted(hand.user, area) {
            return rules::SCOPE.holds(held.is_empty(), || format!("hand {at} still holds rows of {area}"));
        }
        let standing = centre.standing()?;
        let due = standing.into_iter().filter(|(_, s)| s.area == area).map(|(id, s)| (id, s.text)).collect();
        if held == due {
            return Ok(());
        }
        let differs = due.keys().chain(held.keys()).find(|id| held.get(*id) != due.get(*id));
        let [there, here] = [&due, &held].map(|rows| differs.and_then(|id| rows.get(id)));
        let what = format!("hand {at}, {area}: the server has {there:?}, the device has {here:?}");
        Err(Broken { rule: rules::SAME.0, what })
    }

    /// Where nothing of one's own was kept out, the screen shows the server's row.
    fn check_views(&self, at: usize, held: &BTreeMap<RecordId, String>) -> Held {
        let hand = &self.hands[at];
        let kept_out = self.oracle.saves().filter(|(dot, _)| dot.writer == hand.writer && !self.oracle.is_applied(dot));
        let kept_out: BTreeSet<RecordId> = kept_out.flat_map(|(_, records)| records.iter().copied()).collect();
        for (id, text) in held.iter().filter(|(id, _)| !kept_out.contains(id)) {
            let shown = hand.device.load(*id).map_err(Broken::failed)?.row.to_text();
            rules::SAME.holds(&shown == text, || format!("hand {at} shows {shown}, the row is {text}"))?;
        }
        Ok(())
    }

    fn check_conflicts(&self) -> Held {
        let listed = self
            .centre()?
            .hub
            .store
            .read(|tx| conflicts::list(tx, Within { granted: None, area: None }, None, 100_000));
        let listed = listed.map_err(|e: db::Error| Broken::failed(e))?;
        let listed: BTreeSet<(RecordId, String)> = listed.into_iter().map(|c| (c.record, c.register)).collect();
        let rows = self.centre()?.rows()?;
        let standing = rows.values().flat_map(|row| row.conflicts().map(move |name| (row.id, name.to_owned())));
        let standing: BTreeSet<(RecordId, String)> = standing.collect();
        rules::SILENT.holds(listed == standing, || format!("conflicts stand {standing:?}, listed are {listed:?}"))
    }

    fn check_digests(&self) -> Held {
        let mut sums: BTreeMap<AreaId, Digest> = BTreeMap::new();
        for standing in self.centre()?.standing()?.values() {
            sums.entry(standing.area).or_default().add(RowHash::of(&standing.text));
        }
        for area in self.areas()? {
            let head = self.centre()?.hub.store.read(|tx| feed::head(tx, area));
            let head = head.map_err(|e: db::Error| Broken::failed(e))?;
            let sum = sums.get(&area).copied().unwrap_or_default();
            rules::SAME
                .holds(head.digest == sum, || format!("the server's digest of {area} is not the sum of its rows"))?;
        }
        Ok(())
    }
}
