//! `tilik verify`, `add` and `draft resume`: what was found goes into a draft at once, the visit is closed, the draft saved.
//!
//! What the person was shown is fixed when the draft is opened; that is the save's context. So a register with several
//! values is written only by somebody who says `--settle` after they were shown, and the draft waits until then.

use std::collections::BTreeMap;

use client_core::{About, Device, DraftId, DraftRecord, Env, Saved};
use serde_json::{Value, json};
use sync_protocol::{Collection, RecordId, Value as Written};
use tilik::Machine;

use crate::arguments::{Add, Findings, Resume, Verify};
use crate::assignments::Assignment;
use crate::commands::drafts::{Fate, OneDraft, shown_values};
use crate::commands::show;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::outcomes::Outcome;
use crate::paper::{Form, Ink, Paper, Shown};
use crate::words::Word;
use crate::{prompts, references};

pub(crate) fn verify(folder: &Folder, paper: &Paper, verify: &Verify) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let household = references::household(&device, &verify.household)?;
    let given = Given::read(&verify.findings)?;
    given.check(&verify.findings)?;
    let draft = device.draft_open(About::Household(household))?;
    if given.is_nothing(&verify.findings) {
        prompts::tell(&show::Household(device.household(household)?).text(paper))?;
    }
    Visit { device, draft, paper, added: false }.run(&given, &verify.findings)
}

pub(crate) fn add(folder: &Folder, paper: &Paper, add: &Add) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let area = references::area(&device, &add.area)?;
    let given = Given::read(&add.findings)?;
    given.check(&add.findings)?;
    let draft = device.draft_open(About::NewIn(area))?;
    Visit { device, draft, paper, added: true }.run(&given, &add.findings)
}

pub(crate) fn resume(folder: &Folder, paper: &Paper, resume: &Resume) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let draft = DraftId(resume.draft);
    let records = device.draft_view(draft)?;
    let given = Given::read(&resume.findings)?;
    let added = records.first().is_some_and(|household| household.shown.is_none());
    // A visit that was closed before the draft was kept needs no outcome again.
    if visit_of(&records).is_none() {
        given.check(&resume.findings)?;
    }
    if !device.draft_outdated(draft)?.is_empty() {
        if prompts::is_somebody_there() && paper.form == Form::Text {
            // Shown now, and so part of what the save has seen.
            device.draft_refresh(draft)?;
            prompts::tell(&paper.ink(paper.word(Word::DraftRefreshed), Ink::Yellow))?;
            if let Some(household) = records.first().filter(|household| household.shown.is_some()) {
                prompts::tell(&show::Household(device.household(household.id)?).text(paper))?;
            }
        } else if paper.form == Form::Text {
            prompts::tell(paper.word(Word::DraftOutdated))?;
        }
    }
    Visit { device, draft, paper, added }.run(&given, &resume.findings)
}

/// What came on the command line and from a file.
struct Given {
    assignments: Vec<Assignment>,
    members: Vec<Vec<Assignment>>,
}

impl Given {
    fn read(findings: &Findings) -> Result<Given, Failure> {
        let lines = findings.from.as_deref().map(prompts::lines_of).transpose()?.unwrap_or_default();
        let all = findings.registers.iter().chain(&lines);
        let assignments = all.map(|line| Assignment::parse(line)).collect::<Result<_, _>>()?;
        let members = findings.members.iter().map(|line| Assignment::parse_all(line)).collect::<Result<_, _>>()?;
        Ok(Given { assignments, members })
    }

    fn is_nothing(&self, findings: &Findings) -> bool {
        self.assignments.is_empty() && self.members.is_empty() && findings.outcome.is_none() && !findings.keep_draft
    }

    /// Whether it will do, before anything is written down.
    fn check(&self, findings: &Findings) -> Result<(), Failure> {
        let somebody = prompts::is_somebody_there();
        match findings.outcome {
            None if !findings.keep_draft && !somebody => Err(Failure::Usage(Word::NoOutcome)),
            Some(outcome) if outcome.needs_note() && !has_text(findings.note.as_deref()) && !somebody => {
                Err(Failure::Usage(Word::NoNote))
            }
            _ => Ok(()),
        }
    }
}

fn has_text(note: Option<&str>) -> bool {
    note.is_some_and(|note| !note.trim().is_empty())
}

/// One visit under way, all of it in a draft.
struct Visit<'a> {
    device: Device,
    draft: DraftId,
    paper: &'a Paper,
    /// The household was not on the list.
    added: bool,
}

impl Visit<'_> {
    fn run(mut self, given: &Given, findings: &Findings) -> Result<Exit, Failure> {
        let written = self.write_given(given);
        if let Err(failure) = written {
            // A draft that holds nothing is nothing to go on with.
            if self.is_empty()? {
                self.device.draft_discard(self.draft)?;
            }
            return Err(failure);
        }
        let asking = given.is_nothing(findings) && prompts::is_somebody_there();
        if asking {
            self.ask_registers()?;
        }
        if findings.keep_draft || !self.close(findings)? {
            return self.keep();
        }
        let undecided = self.undecided()? && !findings.settle;
        if asking {
            prompts::tell(&OneDraft::read(&self.device, self.draft)?.text(self.paper))?;
            let question = if undecided { Word::AskSettle } else { Word::AskSave };
            if !prompts::confirm(self.paper, self.paper.word(question))? {
                return self.keep();
            }
        } else if undecided {
            // What the person decides on is on the screen first.
            self.paper.print(&OneDraft::read(&self.device, self.draft)?)?;
            return Err(Failure::Undecided { draft: self.draft.0 });
        }
        self.save()
    }

    fn write_given(&mut self, given: &Given) -> Result<(), Failure> {
        for assignment in &given.assignments {
            self.write(assignment)?;
        }
        for member in &given.members {
            let registers: BTreeMap<String, Written> =
                member.iter().map(|one| (one.register.clone(), one.typed.value(None))).collect();
            self.device.draft_add(self.draft, Collection::Person, registers)?;
        }
        Ok(())
    }

    fn write(&mut self, assignment: &Assignment) -> Result<(), Failure> {
        let records = self.device.draft_view(self.draft)?;
        let household = records.first().ok_or(client_core::Error::NotFound("household"))?;
        let id = match &assignment.record {
            Some(named) => references::record(named, records.iter().map(|record| record.id))?,
            None => household.id,
        };
        let record = records.iter().find(|record| record.id == id);
        let before = record.and_then(|record| record.value(&assignment.register));
        let value = assignment.typed.value(before);
        Ok(self.device.draft_set(self.draft, id, &assignment.register, value)?)
    }

    fn ask_registers(&mut self) -> Result<(), Failure> {
        while let Some(line) = prompts::ask(self.paper.word(Word::AskRegister))?.filter(|line| !line.is_empty()) {
            let written = Assignment::parse(&line).map_err(Failure::from).and_then(|one| self.write(&one));
            if let Err(failure) = written {
                prompts::tell(&failure.sentence(self.paper))?;
            }
        }
        Ok(())
    }

    /// Writes how the visit ended; `false` where nobody says.
    fn close(&mut self, findings: &Findings) -> Result<bool, Failure> {
        let records = self.device.draft_view(self.draft)?;
        let visit = visit_of(&records);
        let outcome = match findings.outcome {
            Some(outcome) => outcome,
            // Closed before the draft was kept.
            None if visit.is_some() => return Ok(true),
            None => match prompts::outcome(self.paper)? {
                Some(outcome) => outcome,
                None => return Ok(false),
            },
        };
        let note = match &findings.note {
            None if outcome.needs_note() => prompts::ask(self.paper.word(Word::AskNote))?,
            note => note.clone(),
        };
        if outcome.needs_note() && !has_text(note.as_deref()) {
            return Ok(false);
        }
        self.write_outcome(outcome, note.as_deref(), &records, visit)?;
        Ok(true)
    }

    fn write_outcome(
        &mut self,
        outcome: Outcome,
        note: Option<&str>,
        records: &[DraftRecord],
        visit: Option<RecordId>,
    ) -> Result<(), Failure> {
        let household = records.first().ok_or(client_core::Error::NotFound("household"))?.id;
        let status = if self.added && outcome == Outcome::Complete { "added" } else { outcome.status() };
        self.device.draft_set(self.draft, household, "outcome", Written::text(outcome.code()))?;
        self.device.draft_set(self.draft, household, "status", Written::text(status))?;
        let mut registers = BTreeMap::from([
            ("outcome".to_owned(), Written::text(outcome.code())),
            ("started_at".to_owned(), Written::integer(self.started_at()?)),
            ("ended_at".to_owned(), Written::integer(Machine.now_ms())),
        ]);
        if let Some(round) = self.device.status()?.round {
            registers.insert("round".to_owned(), Written::text(&round.id.to_string()));
        }
        if let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) {
            registers.insert("note".to_owned(), Written::text(note));
        }
        match visit {
            None => {
                self.device.draft_add(self.draft, Collection::Visit, registers)?;
            }
            Some(visit) => {
                for (name, value) in registers {
                    self.device.draft_set(self.draft, visit, &name, value)?;
                }
            }
        }
        Ok(())
    }

    fn started_at(&self) -> Result<i64, Failure> {
        let drafts = self.device.drafts()?;
        Ok(drafts.iter().find(|line| line.draft == self.draft).map_or_else(|| Machine.now_ms(), |line| line.created_ms))
    }

    /// Something typed stands over several values.
    fn undecided(&self) -> Result<bool, Failure> {
        let records = self.device.draft_view(self.draft)?;
        Ok(records.iter().any(|record| record.typed.keys().any(|name| shown_values(record, name).len() > 1)))
    }

    fn is_empty(&self) -> Result<bool, Failure> {
        let records = self.device.draft_view(self.draft)?;
        Ok(records.iter().all(|record| record.typed.keys().all(|name| name.starts_with('_'))))
    }

    fn keep(mut self) -> Result<Exit, Failure> {
        if self.is_empty()? {
            self.device.draft_discard(self.draft)?;
            self.paper.print(&Fate { draft: self.draft, discarded: true })?;
            return Ok(Exit::Done);
        }
        self.paper.print(&Kept(self.draft))?;
        Ok(Exit::Done)
    }

    fn save(mut self) -> Result<Exit, Failure> {
        let records = self.device.draft_view(self.draft)?;
        let household = records.first().ok_or(client_core::Error::NotFound("household"))?.id;
        let saved = self.device.draft_save(self.draft)?;
        self.paper.print(&SavedHere { household, saved })?;
        Ok(Exit::Done)
    }
}

/// The visit that the draft itself makes.
fn visit_of(records: &[DraftRecord]) -> Option<RecordId> {
    records.iter().find(|record| record.collection == Collection::Visit && record.shown.is_none()).map(|visit| visit.id)
}

struct SavedHere {
    household: RecordId,
    saved: Saved,
}

impl Shown for SavedHere {
    fn json(&self) -> Value {
        json!({"household": self.household, "save": self.saved.last, "clock": self.saved.clock, "sent": false})
    }

    fn text(&self, paper: &Paper) -> String {
        let number = paper.say(Word::SavedNumber, &[("number", &self.saved.last)]);
        format!("{} {number}", paper.ink(paper.word(Word::SavedHere), Ink::Green))
    }
}

struct Kept(DraftId);

impl Shown for Kept {
    fn json(&self) -> Value {
        json!({"draft": self.0.0})
    }

    fn text(&self, paper: &Paper) -> String {
        paper.say(Word::DraftKept, &[("draft", &self.0.0)])
    }
}
