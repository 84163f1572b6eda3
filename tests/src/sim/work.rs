//! The work in a simulated world: what enumerators and the office save, each from what is on the screen.

use std::collections::BTreeMap;

use client_core::{About, Ending, Error};
use questionnaire::interview::{Interview, Sort};
use server::store::households::Within;
use server::store::{conflicts, db};
use server::sync::office;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Code, Collection, Context, Dot, RecordId, RecordWrite, Row, Save, Value, Verdict};

use super::fault::Fault;
use super::hand::Draft;
use super::oracle::{Screens, screen};
use super::world::World;
use super::{Broken, Held, rules};

/// Registers of each record that people write; few, so that they meet.
const NAMES: &[&str] = &["head_name", "address", "rooms"];
/// Saves in one changeset at most.
const BATCH_MAX: i64 = 5;

/// The form of the world: its root and its repeat.
const ROOT: &str = "/data";
const REPEAT: &str = "/data/member";

type Registers = BTreeMap<String, Value>;

impl World<'_> {
    pub(super) fn make(&mut self, at: usize) -> Held {
        let Some(area) = self.some_area(at)? else { return Ok(()) };
        let mut records = vec![self.household_in(area)];
        for _ in 0..self.dice.index(3) {
            let child = self.child_of(records[0].id);
            records.push(child);
        }
        self.say(|| format!("hand {at}: makes {}", list(&records)));
        self.save(at, vec![Save { records }], &Screens::new())
    }

    pub(super) fn edit(&mut self, at: usize, many: usize) -> Held {
        let mut edited = (vec![], Screens::new());
        for _ in 0..many {
            let Some(row) = self.some_row(at, None) else { continue };
            let registers = self.some_registers();
            take(&mut edited, &row, registers);
        }
        self.save_rows(at, "edits", edited)
    }

    pub(super) fn move_household(&mut self, at: usize) -> Held {
        let Some(row) = self.some_row(at, Some(Collection::Household)) else { return Ok(()) };
        let Some(area) = self.some_area(at)? else { return Ok(()) };
        let mut edited = (vec![], Screens::new());
        self.tally.faults.note(Fault::HouseholdMoved);
        take(&mut edited, &row, Registers::from([(reserved::AREA.to_owned(), Value::text(&area.to_string()))]));
        self.save_rows(at, "moves", edited)
    }

    pub(super) fn delete_or_bring_back(&mut self, at: usize) -> Held {
        let Some(row) = self.some_row(at, None) else { return Ok(()) };
        let mut edited = (vec![], Screens::new());
        take(&mut edited, &row, Registers::from([(reserved::ALIVE.to_owned(), Value::bool(!row.is_alive()))]));
        self.save_rows(at, "deletes or brings back", edited)
    }

    pub(super) fn add_child(&mut self, at: usize) -> Held {
        let Some(row) = self.some_row(at, Some(Collection::Household)) else { return Ok(()) };
        let mut edited = (vec![], Screens::new());
        // Half of the time the household is confirmed with it.
        if self.dice.chance(500) {
            let registers = self.some_registers();
            take(&mut edited, &row, registers);
        }
        let child = self.child_of(row.id);
        edited.0.push(child);
        self.save_rows(at, "adds to a household", edited)
    }

    pub(super) fn move_child(&mut self, at: usize) -> Held {
        let Some(child) = self.some_row(at, Some(Collection::Person)) else { return Ok(()) };
        let Some(parent) = self.some_row(at, Some(Collection::Household)) else { return Ok(()) };
        let mut edited = (vec![], Screens::new());
        take(
            &mut edited,
            &child,
            Registers::from([(reserved::PARENT.to_owned(), Value::text(&parent.id.to_string()))]),
        );
        self.save_rows(at, "moves a person", edited)
    }

    /// One press of "save" for many groups: later ones may touch what earlier ones made.
    pub(super) fn save_many(&mut self, at: usize) -> Held {
        let mut screens = Screens::new();
        let mut saves = Vec::new();
        for _ in 0..self.dice.between(2, BATCH_MAX) {
            let mut edited = (vec![], std::mem::take(&mut screens));
            match (self.some_row(at, None), self.some_area(at)?) {
                (Some(row), _) if self.dice.chance(600) => {
                    let registers = self.some_registers();
                    take(&mut edited, &row, registers);
                }
                (_, Some(area)) => {
                    let made = self.household_in(area);
                    let child = self.child_of(made.id);
                    edited.0.extend([made, child]);
                }
                _ => {}
            }
            screens = edited.1;
            if !edited.0.is_empty() {
                saves.push(Save { records: edited.0 });
            }
        }
        if saves.is_empty() {
            return Ok(());
        }
        self.say(|| format!("hand {at}: saves {} groups at once", saves.len()));
        self.save(at, saves, &screens)
    }

    fn save_rows(&mut self, at: usize, what: &str, (mut records, screens): (Vec<RecordWrite>, Screens)) -> Held {
        if records.is_empty() {
            return Ok(());
        }
        // Parents before their children.
        records.sort_by_key(|write| write.collection.parent().is_some());
        self.say(|| format!("hand {at}: {what}: {}", list(&records)));
        self.save(at, vec![Save { records }], &screens)
    }

    fn save(&mut self, at: usize, saves: Vec<Save>, screens: &Screens) -> Held {
        let doomed = self.doom(at, 40)?;
        let hand = &mut self.hands[at];
        let saved = match hand.device.save_all(saves.clone(), &[]) {
            Err(Error::DeviceFull) if hand.is_full => {
                self.note_fault(Fault::DeviceFull, at);
                return self.check_screen(at);
            }
            saved => saved.map_err(Broken::failed)?,
        };
        let in_order = (saved.first, saved.last) == (hand.saves + 1, hand.saves + saves.len() as u64);
        rules::LOST.holds(in_order, || format!("hand {at} numbers its saves with gaps"))?;
        if let Some(since) = doomed {
            if !self.die_saving(at, since, saved.last)? {
                return self.check_screen(at);
            }
        } else {
            self.confirm(at, &saves);
        }
        self.note_saves(at, &saves, screens);
        self.check_screen(at)
    }

    /// The author was told "saved".
    fn confirm(&mut self, at: usize, saves: &[Save]) {
        let hand = &mut self.hands[at];
        hand.confirmed.extend(hand.saves + 1..=hand.saves + saves.len() as u64);
    }

    /// These saves follow on the device's last ones.
    fn note_saves(&mut self, at: usize, saves: &[Save], screens: &Screens) {
        for save in saves {
            self.hands[at].saves += 1;
            self.hands[at].sealed.push(blake3::hash(save.to_line().as_bytes()));
            let dot = Dot { writer: self.hands[at].writer, save: self.hands[at].saves };
            self.note(dot, save, screens);
        }
        self.tally.saves += saves.len() as u64;
    }

    fn note(&mut self, dot: Dot, save: &Save, screens: &Screens) {
        let made = save.records.iter().filter(|write| write.context.is_empty());
        let areas: Vec<AreaId> =
            made.filter_map(|write| write.registers.get(reserved::AREA)?.as_text()?.parse().ok()).collect();
        if !areas.is_empty() {
            self.made_in.insert(dot, areas);
        }
        self.oracle.note(dot, save, screens);
    }

    /// Begins a visit, if the form has come already.
    pub(super) fn open_draft(&mut self, at: usize) -> Held {
        let row = self.some_row(at, Some(Collection::Household)).filter(Row::is_alive);
        let about = match (row, self.some_area(at)?) {
            (Some(row), _) if self.dice.chance(800) => About::Household(row.id),
            (_, Some(area)) => About::NewIn(area),
            _ => return Ok(()),
        };
        let form = self.centre()?.form;
        let visit = match self.hands[at].device.begin_visit(about, form) {
            Ok(visit) => visit,
            Err(Error::NotFound("form")) => return Ok(()),
            Err(error) => return Err(Broken::failed(error)),
        };
        self.say(|| format!("hand {at}: begins a visit {about:?}"));
        if let About::NewIn(_) = about {
            self.records.push((visit.household(), Collection::Household));
        }
        let screens = self.hands[at].look_at(visit.draft())?;
        let mut draft = Draft { visit, screens, answers: BTreeMap::new() };
        if self.dice.chance(300) {
            let added = self.take_step(at, &mut draft, |interview| interview.add_row(REPEAT))?;
            added.map_err(Broken::failed)?;
        }
        self.hands[at].drafts.push(draft);
        self.type_into_draft(at)
    }

    fn take_step<T>(
        &mut self,
        at: usize,
        draft: &mut Draft,
        step: impl FnOnce(&mut Interview) -> T,
    ) -> Result<T, Broken> {
        self.hands[at].device.visit_step(&mut draft.visit, step).map_err(Broken::failed)
    }

    /// Answers about the household or a member; now and then what is listed is right.
    pub(super) fn type_into_draft(&mut self, at: usize) -> Held {
        let Some(mut draft) = self.take_draft(at) else { return Ok(()) };
        let outline = draft.visit.interview().outline();
        let rows = outline.iter().filter(|section| section.sort == Sort::Row).map(|section| section.path.to_string());
        let places: Vec<String> = std::iter::once(ROOT.to_owned()).chain(rows).collect();
        let place = &places[self.dice.index(places.len())];
        for (name, value) in self.some_registers() {
            let path = format!("{place}/{name}");
            let confirms = self.dice.chance(250);
            let text = value.as_text().unwrap_or_else(|| value.as_str().to_owned());
            let told = self.take_step(at, &mut draft, |interview| {
                if !(confirms && interview.confirm(&path).is_ok()) {
                    interview.answer(&path, text.as_str()).map_err(Broken::failed)?;
                }
                Ok::<_, Broken>(interview.value(&path).unwrap_or_default().to_owned())
            })??;
            draft.answers.insert(path, told);
        }
        self.hands[at].check_draft(&draft)?;
        self.hands[at].drafts.push(draft);
        Ok(())
    }

    pub(super) fn save_draft(&mut self, at: usize) -> Held {
        let Some(mut draft) = self.take_draft(at) else { return Ok(()) };
        self.hands[at].check_draft(&draft)?;
        let doomed = self.doom(at, 100)?;
        let device = &mut self.hands[at].device;
        let saved = match device.finish_visit(&mut draft.visit).map_err(Broken::failed)? {
            Ending::Saved(saved) => saved,
            Ending::Problems(problems) => return Err(Broken::failed(problems)),
        };
        let save = device.own_save(saved.last).map_err(Broken::failed)?;
        self.say(|| format!("hand {at}: finishes a visit: {}", list(&save.records)));
        check_written(&draft, &save)?;
        let known: Vec<RecordId> = self.records.iter().map(|(id, _)| *id).collect();
        let new = save.records.iter().filter(|write| !known.contains(&write.id));
        self.records.extend(new.map(|write| (write.id, write.collection)));
        let in_order = (saved.first, saved.last) == (self.hands[at].saves + 1, self.hands[at].saves + 1);
        rules::LOST.holds(in_order, || format!("hand {at} numbers its saves with gaps"))?;
        if let Some(since) = doomed {
            if !self.die_saving(at, since, saved.last)? {
                draft.visit = self.hands[at].device.resume_visit(draft.visit.draft()).map_err(Broken::failed)?;
                self.hands[at].check_draft(&draft)?;
                self.hands[at].drafts.push(draft);
                return Ok(());
            }
        } else {
            self.confirm(at, std::slice::from_ref(&save));
        }
        self.note_saves(at, std::slice::from_ref(&save), &draft.screens);
        self.check_screen(at)
    }

    /// The newer values are shown; what was answered stays.
    pub(super) fn refresh_draft(&mut self, at: usize) -> Held {
        let Some(mut draft) = self.take_draft(at) else { return Ok(()) };
        self.say(|| format!("hand {at}: looks at the newer values"));
        self.hands[at].device.refresh_visit(&mut draft.visit).map_err(Broken::failed)?;
        draft.screens = self.hands[at].look_at(draft.visit.draft())?;
        self.hands[at].check_draft(&draft)?;
        self.hands[at].drafts.push(draft);
        Ok(())
    }

    pub(super) fn discard_draft(&mut self, at: usize) -> Held {
        let Some(draft) = self.take_draft(at) else { return Ok(()) };
        self.hands[at].device.draft_discard(draft.visit.draft()).map_err(Broken::failed)
    }

    fn take_draft(&mut self, at: usize) -> Option<Draft> {
        let many = self.hands[at].drafts.len();
        (many > 0).then(|| self.dice.index(many)).map(|draft| self.hands[at].drafts.swap_remove(draft))
    }

    /// The officer opens a record: what is written later has seen this, whatever comes in between.
    pub(super) fn office_opens(&mut self) -> Held {
        let rows: Vec<Row> = self.centre()?.rows()?.into_values().collect();
        if !rows.is_empty() {
            let row = rows[self.dice.index(rows.len())].clone();
            self.centre_mut()?.desk.push(row);
        }
        Ok(())
    }

    /// The officer settles a conflict, or writes what was opened before.
    pub(super) fn office_writes(&mut self) -> Held {
        let listed =
            self.centre()?.hub.store.read(|tx| conflicts::list(tx, Within { granted: None, area: None }, None, 100));
        let listed = listed.map_err(|e: db::Error| Broken::failed(e))?;
        let desk = self.centre()?.desk.len();
        let (row, name) = if desk > 0 && (listed.is_empty() || self.dice.chance(400)) {
            let at = self.dice.index(desk);
            (self.centre_mut()?.desk.swap_remove(at), NAMES[self.dice.index(NAMES.len())].to_owned())
        } else if !listed.is_empty() {
            let conflict = &listed[self.dice.index(listed.len())];
            let row = self.centre()?.rows()?.remove(&conflict.record);
            (row.ok_or_else(|| Broken::failed("a conflict of no record"))?, conflict.register.clone())
        } else {
            return Ok(());
        };
        // One of the values that stand there, or a new one.
        let standing = row.registers.get(&name).map(|r| r.siblings.as_slice()).unwrap_or_default();
        let value = match standing {
            [_, _, ..] => standing[self.dice.index(standing.len())].value.clone(),
            _ => self.new_value(),
        };
        let mut edited = (vec![], Screens::new());
        take(&mut edited, &row, Registers::from([(name, value)]));
        let save = Save { records: edited.0 };
        self.say(|| format!("the office writes {}", list(&save.records)));
        let doomed = self.dice.chance(60);
        let centre = self.centre()?;
        let (since, writer) = (centre.position()?, centre.hub.own.id());
        let told = match office::write(&centre.hub, centre.officer(), vec![save.clone()]) {
            Err(_) if centre.is_full => {
                self.tally.faults.note(Fault::ServerFull);
                return Ok(());
            }
            told => told.map_err(Broken::failed)?,
        };
        let dot = Dot { writer, save: told.first().map_or(0, |range| range.first) };
        if doomed {
            self.tally.faults.note(Fault::ServerKilledAtOffice);
            self.kill_server(Some(since))?;
            if !self.centre()?.stored(writer)?.iter().any(|(first, _)| *first == dot.save) {
                return Ok(());
            }
        }
        self.oracle.note(dot, &save, &edited.1);
        self.office.push(dot);
        match told.first().map(|range| range.verdict) {
            Some(verdict) if verdict.is_applied() => self.oracle.note_applied(dot),
            // Among the values to choose from is the household of a save that was kept out.
            Some(Verdict::Quarantined(Code::UnknownParent)) if !self.open => {}
            verdict => {
                return Err(Broken { rule: rules::JUDGED.0, what: format!("work of the office is {verdict:?}") });
            }
        }
        self.tally.office += 1;
        Ok(())
    }

    fn household_in(&mut self, area: AreaId) -> RecordWrite {
        let id = self.new_record(Collection::Household);
        let mut registers = self.some_registers();
        registers.insert(reserved::AREA.to_owned(), Value::text(&area.to_string()));
        RecordWrite { collection: Collection::Household, id, context: Context::new(), registers }
    }

    fn child_of(&mut self, parent: RecordId) -> RecordWrite {
        let kinds = [(Collection::Person, 3), (Collection::Family, 1), (Collection::Visit, 1)];
        let collection = self.dice.weighted(&kinds);
        let id = self.new_record(collection);
        let mut registers = self.some_registers();
        registers.insert(reserved::PARENT.to_owned(), Value::text(&parent.to_string()));
        RecordWrite { collection, id, context: Context::new(), registers }
    }

    fn some_registers(&mut self) -> Registers {
        let many = 1 + self.dice.index(2);
        (0..many).map(|_| (NAMES[self.dice.index(NAMES.len())].to_owned(), self.new_value())).collect()
    }

    /// An area that the person works in; where grants change, now and then any.
    fn some_area(&mut self, at: usize) -> Result<Option<AreaId>, Broken> {
        let areas = match !self.open && self.dice.chance(60) {
            true => self.areas()?,
            false => self.centre()?.granted(self.hands[at].user),
        };
        Ok((!areas.is_empty()).then(|| areas[self.dice.index(areas.len())]))
    }

    /// A record that the device holds, as it stands on the screen.
    fn some_row(&mut self, at: usize, of: Option<Collection>) -> Option<Row> {
        let fits = |(_, collection): &&(RecordId, Collection)| of.is_none_or(|of| of == *collection);
        let device = &self.hands[at].device;
        let held = self.records.iter().filter(fits).filter_map(|(id, _)| device.load(*id).ok());
        let held: Vec<Row> = held.map(|loaded| loaded.row).collect();
        (!held.is_empty()).then(|| held[self.dice.index(held.len())].clone())
    }
}

/// All that was answered is in the save, and nothing about household and members that nobody answered.
fn check_written(draft: &Draft, save: &Save) -> Held {
    let name = |path: &String| path.rsplit('/').next().unwrap_or_default().to_owned();
    let told: Vec<(String, Value)> = draft.answers.iter().map(|(path, text)| (name(path), Value::text(text))).collect();
    let of_household = save.records.iter().filter(|write| write.collection != Collection::Visit);
    let written: Vec<(String, Value)> = of_household
        .flat_map(|write| write.registers.iter().filter(|(name, _)| !name.starts_with('_')))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let lost = told.iter().find(|one| !written.contains(one));
    rules::LOST.holds(lost.is_none(), || format!("an answer is not in the save: {lost:?}"))?;
    let invented = written.iter().find(|one| !told.contains(one));
    rules::SILENT.holds(invented.is_none(), || format!("the save says what nobody answered: {invented:?}"))
}

/// One more record of a save, written from the row that is on the screen.
fn take((records, screens): &mut (Vec<RecordWrite>, Screens), row: &Row, registers: Registers) {
    if records.iter().any(|write| write.id == row.id) {
        return;
    }
    screens.insert(row.id, screen(row));
    let (collection, id, context) = (row.collection, row.id, row.context.clone());
    records.push(RecordWrite { collection, id, context, registers });
}

fn list(records: &[RecordWrite]) -> String {
    let name = |write: &RecordWrite| {
        let names: Vec<String> =
            write.registers.iter().map(|(name, value)| format!("{name}={}", value.as_str())).collect();
        format!("{} {} [{}]", write.collection, write.id, names.join(" "))
    };
    records.iter().map(name).collect::<Vec<_>>().join(", ")
}
