//! `tilik drafts`: visits under way. Going on with one is `visit`'s.

use client_core::{Device, DraftId, DraftLine, DraftRecord, Saved};
use serde_json::{Value, json};
use sync_protocol::Value as Written;

use crate::arguments;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Ink, Paper, Shown};
use crate::prompts;
use crate::values::{readable, short};
use crate::words::Word;

pub(crate) fn list(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    let device = folder.device()?;
    paper.print(&Drafts(device.drafts()?))?;
    Ok(Exit::Done)
}

pub(crate) fn discard(folder: &Folder, paper: &Paper, asked: &arguments::OneDraft) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let id = DraftId(asked.draft);
    let line = line(&device, id)?;
    let question = paper.say(Word::AskDiscard, &[("draft", &id.0), ("n", &line.answered)]);
    let agreed = asked.yes || agrees(paper, &question)?;
    if agreed {
        device.draft_discard(id)?;
    }
    paper.print(&Fate { draft: id, discarded: agreed })?;
    Ok(Exit::Done)
}

/// Saves registers that were typed before there were questionnaires. A visit is finished by going on with it.
pub(crate) fn save(folder: &Folder, paper: &Paper, asked: &arguments::OneDraft) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let id = DraftId(asked.draft);
    if line(&device, id)?.form.is_some() {
        return Err(Failure::Usage(Word::DraftIsAVisit));
    }
    let draft = Typed { records: device.draft_view(id)? };
    if !asked.yes {
        prompts::tell(&draft.text(paper))?;
        if !agrees(paper, paper.word(Word::AskSave))? {
            paper.print(&Fate { draft: id, discarded: false })?;
            return Ok(Exit::Done);
        }
    }
    let saved = device.draft_save(id)?;
    paper.print(&SavedDraft(saved))?;
    Ok(Exit::Done)
}

fn line(device: &Device, draft: DraftId) -> Result<DraftLine, Failure> {
    let line = device.drafts()?.into_iter().find(|line| line.draft == draft);
    Ok(line.ok_or(client_core::Error::NotFound("draft"))?)
}

fn agrees(paper: &Paper, question: &str) -> Result<bool, Failure> {
    if !prompts::is_somebody_there() {
        return Err(Failure::Usage(Word::DecideUnasked));
    }
    prompts::confirm(paper, question)
}

struct Drafts(Vec<DraftLine>);

impl Shown for Drafts {
    fn json(&self) -> Value {
        let drafts = self.0.iter().map(|line| {
            json!({
                "draft": line.draft.0,
                "household": line.household,
                "name": line.name,
                "form": line.form,
                "answered": line.answered,
                "created_ms": line.created_ms,
                "updated_ms": line.updated_ms,
            })
        });
        json!({"drafts": drafts.collect::<Vec<_>>()})
    }

    fn text(&self, paper: &Paper) -> String {
        if self.0.is_empty() {
            return paper.say(Word::NoDrafts, &[]);
        }
        let mut table = paper.table(&[
            Word::DraftHeading,
            Word::Household,
            Word::Name,
            Word::Questionnaire,
            Word::Answers,
            Word::Changed,
        ]);
        for line in &self.0 {
            let name = line.name.clone().or_else(|| line.label.clone());
            let name = name.unwrap_or_else(|| paper.word(Word::NewRecord).to_owned());
            table.add_row(vec![
                line.draft.0.to_string(),
                short(line.household),
                name,
                line.form.clone().unwrap_or_else(|| "–".to_owned()),
                line.answered.to_string(),
                paper.zone.moment(line.updated_ms).to_string(),
            ]);
        }
        format!("{table}\n{}", paper.word(Word::GoOnWith))
    }
}

/// Registers typed over what was shown.
struct Typed {
    records: Vec<DraftRecord>,
}

impl Typed {
    fn text(&self, paper: &Paper) -> String {
        let mut table = paper.table(&[Word::Record, Word::Register, Word::ShownThen, Word::Typed]);
        for record in &self.records {
            let typed = record.typed.iter().filter(|(name, _)| !name.starts_with('_'));
            let collection = labels::collection(paper.language, record.collection);
            for (name, value) in typed {
                let shown: Vec<String> =
                    shown_values(record, name).iter().map(|value| readable(paper, name, value)).collect();
                let ink = (shown.len() > 1).then_some(Ink::Red);
                table.add_row(vec![
                    paper.cell(format!("{collection} {}", short(record.id)), None),
                    paper.cell(labels::register(paper.language, name), ink),
                    paper.cell(shown.join(" | "), ink),
                    paper.cell(readable(paper, name, value), None),
                ]);
            }
        }
        table.to_string()
    }
}

/// The different values of a register that were on the screen when the draft was opened.
fn shown_values<'a>(record: &'a DraftRecord, name: &str) -> Vec<&'a Written> {
    let register = record.shown.as_ref().and_then(|row| row.registers.get(name));
    let mut values: Vec<&Written> = Vec::new();
    for sibling in register.iter().flat_map(|register| &register.siblings) {
        if !values.contains(&&sibling.value) {
            values.push(&sibling.value);
        }
    }
    values
}

struct SavedDraft(Saved);

impl Shown for SavedDraft {
    fn json(&self) -> Value {
        json!({"save": self.0.last, "clock": self.0.clock, "sent": false})
    }

    fn text(&self, paper: &Paper) -> String {
        let number = paper.say(Word::SavedNumber, &[("number", &self.0.last)]);
        format!("{} {number}", paper.ink(paper.word(Word::SavedHere), Ink::Green))
    }
}

/// Whether a draft was thrown away.
pub(crate) struct Fate {
    pub(crate) draft: DraftId,
    pub(crate) discarded: bool,
}

impl Shown for Fate {
    fn json(&self) -> Value {
        json!({"draft": self.draft.0, "discarded": self.discarded})
    }

    fn text(&self, paper: &Paper) -> String {
        let word = if self.discarded { Word::DraftDiscarded } else { Word::DraftStays };
        paper.say(word, &[("draft", &self.draft.0)])
    }
}
