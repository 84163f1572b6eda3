//! `tilik show`: one household with everything below it, each value with who wrote it and when.

use client_core::{HouseholdView, RecordView, RegisterView, ValueView};
use questionnaire::record;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Ink, Paper, Shown};
use crate::references;
use crate::values::{readable, short};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, named: &str) -> Result<Exit, Failure> {
    let device = folder.device()?;
    let id = references::household(&device, named)?;
    paper.print(&Household(device.household(id)?))?;
    Ok(Exit::Done)
}

/// A household with its families, members and visits.
pub(crate) struct Household(pub(crate) HouseholdView);

impl Household {
    fn records(&self) -> impl Iterator<Item = &RecordView> {
        let HouseholdView { household, families, persons, visits } = &self.0;
        std::iter::once(household).chain(families).chain(persons).chain(visits)
    }
}

impl Shown for Household {
    fn json(&self) -> Value {
        let all = |records: &[RecordView]| records.iter().map(record_json).collect::<Vec<_>>();
        json!({
            "household": record_json(&self.0.household),
            "families": all(&self.0.families),
            "persons": all(&self.0.persons),
            "visits": all(&self.0.visits),
        })
    }

    fn text(&self, paper: &Paper) -> String {
        self.records().map(|record| record_text(paper, record)).collect::<Vec<_>>().join("\n\n")
    }
}

/// One value with its author and time, for programs.
pub(crate) fn value_json(value: &ValueView) -> Value {
    json!({
        "value": value.value.json(),
        "user": value.who,
        "user_name": value.who_name,
        "when": value.when,
        "writer": value.dot.writer,
        "save": value.dot.save,
    })
}

/// Who wrote a value, and when.
pub(crate) fn who_and_when(paper: &Paper, value: &ValueView) -> String {
    let who = value.who_name.as_deref().unwrap_or_else(|| paper.word(Word::Somebody));
    format!("{who}, {}", paper.zone.moment(value.when.0))
}

fn record_json(record: &RecordView) -> Value {
    let registers = record.registers.iter().map(|(name, register)| {
        let sources = register
            .sources
            .iter()
            .map(|(source, values)| (source.clone(), values.iter().map(value_json).collect::<Value>()));
        let register = json!({
            "values": register.values.iter().map(value_json).collect::<Vec<_>>(),
            "sources": sources.collect::<serde_json::Map<_, _>>(),
            "conflict": register.is_conflict(),
        });
        (name.clone(), register)
    });
    json!({
        "id": record.id,
        "collection": record.collection,
        "alive": record.alive,
        "unsent": record.unsent,
        "registers": registers.collect::<serde_json::Map<_, _>>(),
    })
}

fn record_text(paper: &Paper, record: &RecordView) -> String {
    let mut heading = format!("{} {}", labels::collection(paper.language, record.collection), short(record.id));
    let marks = [(!record.alive, Word::Deleted), (!record.unsent.is_empty(), Word::UnsentMark)];
    for mark in marks.iter().filter(|mark| mark.0) {
        heading.push_str(&format!(" ({})", paper.word(mark.1)));
    }
    let mut table = paper.table(&[Word::Register, Word::Verified, Word::Imported, Word::WhoAndWhen]);
    for (name, register) in record.registers.iter().filter(|(name, _)| is_for_people(name)) {
        add_register(paper, &mut table, name, register);
    }
    format!("{}\n{table}", paper.ink(&heading, Ink::Bold))
}

/// Registers that the protocol reads are links, and shown as such; what a visit keeps for programs is long.
fn is_for_people(name: &str) -> bool {
    let whole = name.split_once('/').map_or(name, |(whole, _)| whole);
    !name.starts_with('_') && ![record::ANSWERS, record::PACKAGE, record::PARADATA].contains(&whole)
}

/// A line for each verified value, the imported ones beside the first; a line of its own where there is none.
fn add_register(paper: &Paper, table: &mut comfy_table::Table, name: &str, register: &RegisterView) {
    let label = labels::register(paper.language, name);
    let imported: Vec<String> = register
        .sources
        .iter()
        .flat_map(|(source, values)| values.iter().map(move |value| (source, value)))
        .map(|(source, value)| {
            let day = paper.zone.moment(value.when.0).to_string();
            let day = day.split(' ').next().unwrap_or_default();
            format!("{} ({source}, {day})", readable(paper, name, &value.value))
        })
        .collect();
    let imported = imported.join("; ");
    if register.values.is_empty() {
        table.add_row(vec![
            paper.cell(label, None),
            paper.cell("", None),
            paper.cell(imported, None),
            paper.cell("", None),
        ]);
        return;
    }
    let ink = register.is_conflict().then_some(Ink::Red);
    for (at, value) in register.values.iter().enumerate() {
        let label = match (at, register.is_conflict()) {
            (0, false) => label.to_owned(),
            (0, true) => format!("! {label} ({})", paper.word(Word::ConflictMark)),
            _ => String::new(),
        };
        table.add_row(vec![
            paper.cell(label, ink),
            paper.cell(readable(paper, name, &value.value), ink),
            paper.cell(if at == 0 { imported.as_str() } else { "" }, None),
            paper.cell(who_and_when(paper, value), None),
        ]);
    }
}
