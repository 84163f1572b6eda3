//! How a place in an interview is named outside of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

/// The names from the root element down to a place, a row by its id: `/data/person[4f0c81d2a9b3e675]/age`.
///
/// It stays valid when rows are moved. `/data/person` without brackets is the repeat as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(String);

impl Path {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Path(text.to_owned())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sheet {
    pub(crate) fn path(&self, at: CellAt) -> Path {
        Path(self.write_path(at, |row, _| self.tree.row(row).id.as_str().to_owned()))
    }

    /// The path as ODK's audit writes it: a row by its place, counted from 1.
    pub(crate) fn path_by_position(&self, at: CellAt) -> String {
        self.write_path(at, |_, position| position.to_string())
    }

    fn write_path(&self, at: CellAt, write: impl Fn(RowAt, usize) -> String) -> String {
        let mut parts = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            let cell = self.tree.cell(at);
            let name = &self.plan.form.node(cell.node).name;
            parts.push(match self.tree.series_around(&self.plan, cell.row).filter(|_| self.tree.is_head(at)) {
                Some(series) => format!("/{name}[{}]", write(cell.row, self.position(series, cell.row))),
                None => format!("/{name}"),
            });
            next = self.tree.above(&self.plan, at);
        }
        parts.into_iter().rev().collect()
    }

    /// The place of a row in its series, counted from 1; 0 where it is set aside.
    pub(crate) fn position(&self, series: CellAt, row: RowAt) -> usize {
        let rows = &self.tree.series(&self.plan, series).rows;
        rows.iter().position(|&known| known == row).map_or(0, |at| at + 1)
    }

    /// The cell at `path`; a row may also be named by its place, counted from 1.
    pub(crate) fn find_path(&self, path: &str) -> Option<CellAt> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let root = &self.plan.form.nodes[0].name;
        if parts.next()? != root {
            return None;
        }
        parts.try_fold(CellAt::ROOT, |at, part| self.find_below(at, part))
    }

    fn find_below(&self, at: CellAt, part: &str) -> Option<CellAt> {
        let (name, row) = match part.strip_suffix(']') {
            Some(part) => part.split_once('[').map(|(name, row)| (name, Some(row)))?,
            None => (part, None),
        };
        let cell = self.tree.cell(at);
        let mut children = self.plan.layout.children(cell.node).iter().copied();
        let child = children.find(|&child| self.plan.form.node(child).name == name)?;
        let below = self.tree.cell_of(&self.plan, cell.row, child);
        let Some(wanted) = row else { return Some(below) };
        self.plan.layout.opened_by(child)?;
        let rows = &self.tree.series(&self.plan, below).rows;
        let by_id = rows.iter().find(|&&row| self.tree.row(row).id.as_str() == wanted);
        let row = by_id.or_else(|| rows.get(wanted.parse::<usize>().ok()?.checked_sub(1)?))?;
        Some(self.tree.head(*row))
    }
}
