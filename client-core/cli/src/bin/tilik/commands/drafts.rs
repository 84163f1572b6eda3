//! `tilik draft`: work that is not saved yet. Going on with it is `verify`'s.

use client_core::{Device, DraftId, DraftLine, DraftRecord};
use serde_json::{Value, json};
use sync_protocol::Value as Written;

use crate::arguments::Discard;
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

pub(crate) fn show(folder: &Folder, paper: &Paper, draft: i64) -> Result<Exit, Failure> {
    let device = folder.device()?;
    paper.print(&OneDraft::read(&device, DraftId(draft))?)?;
    Ok(Exit::Done)
}

pub(crate) fn discard(folder: &Folder, paper: &Paper, discard: &Discard) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let id = DraftId(discard.draft);
    let typed: usize = device.draft_view(id)?.iter().map(|record| record.typed.len()).sum();
    if !discard.yes {
        if !prompts::is_somebody_there() {
            return Err(Failure::Usage(Word::DiscardUnasked));
        }
        let question = paper.say(Word::AskDiscard, &[("draft", &id.0), ("n", &typed)]);
        if !prompts::confirm(paper, &question)? {
            paper.print(&Fate { draft: id, discarded: false })?;
            return Ok(Exit::Done);
        }
    }
    device.draft_discard(id)?;
    paper.print(&Fate { draft: id, discarded: true })?;
    Ok(Exit::Done)
}

struct Drafts(Vec<DraftLine>);

impl Shown for Drafts {
    fn json(&self) -> Value {
        let drafts = self.0.iter().map(|line| {
            json!({
                "draft": line.draft.0,
                "household": line.household,
                "name": line.name,
                "typed": line.answered,
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
        let mut table = paper.table(&[Word::DraftHeading, Word::Household, Word::Name, Word::Typed, Word::Changed]);
        for line in &self.0 {
            let name = line.name.clone().unwrap_or_else(|| paper.word(Word::NewRecord).to_owned());
            table.add_row(vec![
                line.draft.0.to_string(),
                short(line.household),
                name,
                line.answered.to_string(),
                paper.zone.moment(line.updated_ms).to_string(),
            ]);
        }
        table.to_string()
    }
}

/// A draft as it stands: what was typed over what was shown, and whether newer values have come.
pub(crate) struct OneDraft {
    draft: DraftId,
    records: Vec<DraftRecord>,
    outdated: Vec<sync_protocol::RecordId>,
}

impl OneDraft {
    pub(crate) fn read(device: &Device, draft: DraftId) -> Result<OneDraft, Failure> {
        Ok(OneDraft { draft, records: device.draft_view(draft)?, outdated: device.draft_outdated(draft)? })
    }
}

impl Shown for OneDraft {
    fn json(&self) -> Value {
        let records = self.records.iter().map(|record| {
            let typed = record.typed.iter().map(|(name, value)| (name.clone(), value.json()));
            let shown = record.typed.keys().map(|name| (name.clone(), shown_values(record, name)));
            json!({
                "id": record.id,
                "collection": record.collection,
                "new": record.shown.is_none(),
                "typed": typed.collect::<serde_json::Map<_, _>>(),
                "shown": shown
                    .map(|(name, values)| (name, values.iter().map(|value| value.json()).collect::<Value>()))
                    .collect::<serde_json::Map<_, _>>(),
            })
        });
        json!({"draft": self.draft.0, "records": records.collect::<Vec<_>>(), "outdated": self.outdated})
    }

    fn text(&self, paper: &Paper) -> String {
        let mut table = paper.table(&[Word::Record, Word::Register, Word::ShownThen, Word::Typed]);
        for record in &self.records {
            let collection = labels::collection(paper.language, record.collection);
            let typed = record.typed.iter().filter(|(name, _)| !name.starts_with('_') || name.as_str() == "_alive");
            for (name, value) in typed {
                let shown = shown_values(record, name);
                let ink = (shown.len() > 1).then_some(Ink::Red);
                let shown: Vec<String> = shown.iter().map(|value| readable(paper, name, value)).collect();
                table.add_row(vec![
                    paper.cell(format!("{collection} {}", short(record.id)), None),
                    paper.cell(labels::register(paper.language, name), ink),
                    paper.cell(shown.join(" | "), ink),
                    paper.cell(readable(paper, name, value), None),
                ]);
            }
        }
        let mut text = table.to_string();
        if !self.outdated.is_empty() {
            text.push('\n');
            text.push_str(&paper.ink(&paper.say(Word::DraftOutdated, &[]), Ink::Yellow));
        }
        text
    }
}

/// The different values of a register that were on the screen when the draft was opened.
pub(crate) fn shown_values<'a>(record: &'a DraftRecord, name: &str) -> Vec<&'a Written> {
    let register = record.shown.as_ref().and_then(|row| row.registers.get(name));
    let mut values: Vec<&Written> = Vec::new();
    for sibling in register.iter().flat_map(|register| &register.siblings) {
        if !values.contains(&&sibling.value) {
            values.push(&sibling.value);
        }
    }
    values
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
