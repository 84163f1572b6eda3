//! `tilik attention`: saves that a person has to look at, each with what happened, what is safe, and what to do now.

use client_core::Attention;
use serde_json::{Value, json};

use crate::arguments::Seen;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Paper, Shown};
use crate::values::short;
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, seen: &Seen) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    if let Some(save) = seen.seen {
        device.acknowledge(save)?;
    }
    let mut items = Vec::new();
    for attention in device.attention()? {
        let save = device.own_save(attention.first);
        // A save whose text cannot be read any more is listed all the same.
        let households =
            save.map_or_else(|_| Vec::new(), |save| save.records.iter().map(|write| short(write.id)).collect());
        items.push(Item { attention, records: households });
    }
    let exit = if items.is_empty() { Exit::Done } else { Exit::Attention };
    paper.print(&List(items))?;
    Ok(exit)
}

struct Item {
    attention: Attention,
    /// Ends of the ids of the records that it wrote.
    records: Vec<String>,
}

struct List(Vec<Item>);

impl Shown for List {
    fn json(&self) -> Value {
        let items = self.0.iter().map(|Item { attention, records }| {
            json!({
                "first": attention.first,
                "last": attention.last,
                "verdict": attention.word,
                "code": attention.code,
                "sentence": attention.sentence,
                "records": records,
            })
        });
        json!({ "attention": items.collect::<Vec<_>>() })
    }

    fn text(&self, paper: &Paper) -> String {
        if self.0.is_empty() {
            return paper.say(Word::NoAttention, &[]);
        }
        let mut lines = Vec::new();
        for Item { attention, records } in &self.0 {
            lines.push(line(paper, attention));
            if !records.is_empty() {
                lines.push(paper.say(Word::AttentionRecords, &[("records", &records.join(", "))]));
            }
            if attention.word == "rejected" {
                lines.push(paper.say(Word::AttentionSeen, &[("save", &attention.first)]));
            }
        }
        lines.join("\n")
    }
}

/// What happened to a save, what is safe, and what to do.
pub(super) fn line(paper: &Paper, one: &Attention) -> String {
    let range = if one.first == one.last { one.first.to_string() } else { format!("{}–{}", one.first, one.last) };
    let sentence = match one.code {
        Some(code) => labels::reason(paper.language, code),
        None => paper.word(Word::SentenceParked),
    };
    let advice = paper.word(labels::advice(one.word));
    paper.say(Word::AttentionLine, &[("range", &range), ("sentence", &sentence), ("advice", &advice)])
}
