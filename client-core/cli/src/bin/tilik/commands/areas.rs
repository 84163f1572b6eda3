//! `tilik areas`: the administrative tree as far as this device knows it.

use client_core::Area;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::labels;
use crate::paper::{Paper, Shown};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    let device = folder.device()?;
    paper.print(&Areas(device.areas()?))?;
    Ok(Exit::Done)
}

struct Areas(Vec<Area>);

impl Shown for Areas {
    fn json(&self) -> Value {
        let areas = self.0.iter().map(|area| {
            json!({
                "id": area.node.id,
                "code": area.node.code,
                "level": area.node.level,
                "name": area.node.name,
                "parent": area.node.parent,
                "granted": area.node.granted,
                "households": area.households,
            })
        });
        json!({"areas": areas.collect::<Vec<_>>()})
    }

    fn text(&self, paper: &Paper) -> String {
        if self.0.is_empty() {
            return paper.say(Word::Nothing, &[]);
        }
        let mut table = paper.table(&[Word::Code, Word::Level, Word::Name, Word::Households, Word::Marks]);
        for area in &self.0 {
            let households = if area.households > 0 { area.households.to_string() } else { String::new() };
            table.add_row(vec![
                paper.cell(&area.node.code, None),
                paper.cell(labels::level(paper.language, area.node.level), None),
                paper.cell(&area.node.name, None),
                paper.cell(households, None),
                paper.cell(if area.node.granted { paper.word(Word::GrantedMark) } else { "" }, None),
            ]);
        }
        table.to_string()
    }
}
