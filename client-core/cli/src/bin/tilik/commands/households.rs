//! `tilik list` and `tilik search`: one line a household, a page at a time.

use std::collections::BTreeMap;

use client_core::{HouseholdLine, ListQuery, Page};
use serde_json::{Value, json};
use sync_protocol::AreaId;

use crate::arguments::{Filters, Search};
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Ink, Paper, Shown};
use crate::references;
use crate::values::short;
use crate::words::Word;

pub(crate) fn list(folder: &Folder, paper: &Paper, filters: &Filters) -> Result<Exit, Failure> {
    print_page(folder, paper, filters, None)
}

pub(crate) fn search(folder: &Folder, paper: &Paper, search: &Search) -> Result<Exit, Failure> {
    print_page(folder, paper, &search.filters, Some(search.words.join(" ")))
}

fn print_page(folder: &Folder, paper: &Paper, filters: &Filters, search: Option<String>) -> Result<Exit, Failure> {
    let device = folder.device()?;
    let area = filters.area.as_deref().map(|named| references::area(&device, named)).transpose()?;
    let mut wanted = ListQuery {
        area,
        status: filters.status.clone(),
        outcome: filters.outcome.clone(),
        done: if filters.done { Some(true) } else { filters.todo.then_some(false) },
        conflict: filters.conflict,
        unsent: filters.unsent,
        search,
        after: None,
        limit: filters.limit as usize,
    };
    let mut page = device.list(&wanted)?;
    for _ in 1..filters.page {
        wanted.after = page.next.take();
        if wanted.after.is_none() {
            page = Page { lines: Vec::new(), next: None };
            break;
        }
        page = device.list(&wanted)?;
    }
    let areas = device.areas()?.into_iter().map(|area| (area.node.id, area.node.code)).collect();
    let next = page.next.is_some().then_some(filters.page + 1);
    paper.print(&Lines { lines: page.lines, next, areas })?;
    Ok(Exit::Done)
}

struct Lines {
    lines: Vec<HouseholdLine>,
    next: Option<u32>,
    areas: BTreeMap<AreaId, String>,
}

impl Lines {
    fn area(&self, line: &HouseholdLine) -> &str {
        line.area.and_then(|area| self.areas.get(&area)).map_or("", String::as_str)
    }
}

impl Shown for Lines {
    fn json(&self) -> Value {
        let lines = self.lines.iter().map(|line| {
            json!({
                "id": line.id,
                "area": line.area,
                "area_code": self.area(line),
                "name": line.name,
                "address": line.address,
                "status": line.status,
                "outcome": line.outcome,
                "updated": line.updated,
                "conflict": line.conflict,
                "unsent": line.unsent,
            })
        });
        json!({"households": lines.collect::<Vec<_>>(), "next_page": self.next})
    }

    fn text(&self, paper: &Paper) -> String {
        if self.lines.is_empty() {
            return paper.say(Word::NoHouseholds, &[]);
        }
        let headings =
            [Word::Number, Word::Name, Word::Address, Word::Code, Word::Status, Word::OutcomeHeading, Word::Marks];
        let mut table = paper.table(&headings);
        for line in &self.lines {
            let outcome = line.outcome.as_deref().unwrap_or_default();
            let ink = if line.conflict { Some(Ink::Red) } else { line.unsent.then_some(Ink::Yellow) };
            table.add_row(vec![
                paper.cell(short(line.id), None),
                paper.cell(&line.name, None),
                paper.cell(&line.address, None),
                paper.cell(self.area(line), None),
                paper.cell(labels::status(paper.language, line.status.as_deref().unwrap_or_default()), None),
                paper.cell(labels::outcome(paper.language, outcome), None),
                paper.cell(marks(paper, line), ink),
            ]);
        }
        let mut text = table.to_string();
        if let Some(page) = self.next {
            text.push('\n');
            text.push_str(&paper.say(Word::MorePages, &[("page", &page)]));
        }
        text
    }
}

fn marks(paper: &Paper, line: &HouseholdLine) -> String {
    let marks = [(line.conflict, Word::ConflictMark), (line.unsent, Word::UnsentMark)];
    marks.iter().filter(|mark| mark.0).map(|mark| paper.word(mark.1)).collect::<Vec<_>>().join(", ")
}
