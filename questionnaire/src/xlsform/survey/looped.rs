//! Loops over a list: the rows inside are written out once for each choice, as groups.

use std::borrow::Cow;

use crate::form::{Choice, Piece, Text};
use crate::xlsform::columns::Field;
use crate::xlsform::kinds::{self, Asked};
use crate::xlsform::names;
use crate::xlsform::problem::{Container, Fault};
use crate::xlsform::survey::{Draft, NODES_MAX, Open};
use crate::xlsform::table::{Entry, Given};

impl Draft<'_> {
    /// Reads a loop that begins at `entry`; gives back the rows below its end.
    pub(super) fn read_loop<'r, 'e>(
        &mut self,
        entry: &Entry,
        list: Option<String>,
        below: &'r [Entry<'e>],
    ) -> &'r [Entry<'e>] {
        let (inside, after) = split_at_end(below);
        let spot = entry.spot(&Field::Type);
        let choices = match list {
            None => {
                self.report.error(&spot, Fault::LoopListMissing);
                Vec::new()
            }
            Some(list) if self.lists.has(&list) => self.lists.choices(&list, NODES_MAX),
            Some(list) => {
                self.tell_of_unknown_list(&list, entry);
                Vec::new()
            }
        };
        self.begin(entry, Container::Loop);
        for choice in choices.iter().filter(|choice| choice.name != "none") {
            if !self.is_full {
                self.read_round(entry, choice, inside);
            }
        }
        match after {
            Some(after) => {
                self.open.pop();
                after
            }
            None => &[],
        }
    }

    fn read_round(&mut self, entry: &Entry, choice: &Choice, inside: &[Entry]) {
        let spot = entry.spot(&Field::Type);
        // A choice is called by what is stored, and that need not be a name.
        let name = if names::is_name(&choice.name) { choice.name.clone() } else { names::repaired(&choice.name) };
        let id = self.add_named(&name, crate::form::Kind::Group, 0, &spot);
        self.node_mut(id).label = choice.label.clone();
        self.open.push(Open::new(id, Container::Group, entry.number, spot));
        let depth = self.open.len();
        let floor = std::mem::replace(&mut self.floor, depth);
        let default = self.languages.default;
        let rows: Vec<Entry> = inside.iter().map(|row| filled_in(row, choice, default)).collect();
        self.read_rows(&rows);
        for open in self.open.drain(depth..) {
            let name = self.nodes[open.node.index()].name.clone();
            self.report.error(&open.spot, Fault::NeverEnded { container: open.container, name });
        }
        self.open.truncate(depth - 1);
        self.floor = floor;
    }
}

/// The rows up to the end of the loop, and those below it; `None` where it never ends.
fn split_at_end<'r, 'e>(rows: &'r [Entry<'e>]) -> (&'r [Entry<'e>], Option<&'r [Entry<'e>]>) {
    let mut depth = 0;
    for (index, row) in rows.iter().enumerate() {
        match kinds::read(row.text(&Field::Type)) {
            Asked::BeginLoop(_) => depth += 1,
            Asked::End(Container::Loop) if depth == 0 => return (&rows[..index], Some(&rows[index + 1..])),
            Asked::End(Container::Loop) => depth -= 1,
            _ => {}
        }
    }
    (rows, None)
}

/// The row with the choice's name and label where it asks for them.
fn filled_in<'e>(row: &Entry<'e>, choice: &Choice, default: usize) -> Entry<'e> {
    let mut row = row.clone();
    for Given { text, language, .. } in &mut row.cells {
        if text.contains("%(") {
            let label = label_in(&choice.label, *language, default).unwrap_or_else(|| choice.name.clone());
            *text = Cow::Owned(text.replace("%(name)s", &choice.name).replace("%(label)s", &label));
        }
    }
    row
}

fn label_in(label: &Text, language: usize, default: usize) -> Option<String> {
    let template = label.find(language, default)?;
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Value(formula) => formula.text().to_owned(),
    };
    Some(template.0.iter().map(piece).collect())
}
