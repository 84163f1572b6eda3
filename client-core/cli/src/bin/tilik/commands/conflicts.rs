//! `tilik conflicts`: different values that stand beside each other, with who wrote each and when.

use client_core::RecordView;
use serde_json::{Value, json};
use sync_protocol::RecordId;

use crate::commands::show::{value_json, who_and_when};
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Paper, Shown};
use crate::values::{readable, short};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    let device = folder.device()?;
    paper.print(&Conflicts(device.conflicts()?))?;
    Ok(Exit::Done)
}

struct Conflicts(Vec<(RecordId, RecordView)>);

impl Shown for Conflicts {
    fn json(&self) -> Value {
        let conflicts = self.0.iter().flat_map(|(household, record)| {
            record.registers.iter().filter(|(_, register)| register.is_conflict()).map(move |(name, register)| {
                json!({
                    "household": household,
                    "record": record.id,
                    "collection": record.collection,
                    "register": name,
                    "values": register.values.iter().map(value_json).collect::<Vec<_>>(),
                })
            })
        });
        json!({"conflicts": conflicts.collect::<Vec<_>>()})
    }

    fn text(&self, paper: &Paper) -> String {
        if self.0.is_empty() {
            return paper.say(Word::NoConflicts, &[]);
        }
        let mut table = paper.table(&[Word::Household, Word::Record, Word::Register, Word::Values, Word::WhoAndWhen]);
        for (household, record) in &self.0 {
            for (name, register) in record.registers.iter().filter(|(_, register)| register.is_conflict()) {
                for (at, value) in register.values.iter().enumerate() {
                    let collection = labels::collection(paper.language, record.collection);
                    let first = |text: String| if at == 0 { text } else { String::new() };
                    table.add_row(vec![
                        first(short(household)),
                        first(format!("{collection} {}", short(record.id))),
                        first(labels::register(paper.language, name).to_owned()),
                        readable(paper, name, &value.value),
                        who_and_when(paper, value),
                    ]);
                }
            }
        }
        table.to_string()
    }
}
