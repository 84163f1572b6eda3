//! Rows that a person adds, removes and moves.

use super::{Changes, Interview, Refusal};
use crate::form::Kind;
use crate::interview::path::Path;
use crate::interview::prelist::Prefill;
use crate::interview::trail::Happening;
use crate::interview::tree::{CellAt, RowAt};

impl Interview {
    /// Adds a row to the end of the repeat at `path` and goes there.
    pub fn add_row(&mut self, path: &str) -> Result<Path, Refusal> {
        let series = self.sheet.find_path(path).ok_or(Refusal::NoSuchPlace)?;
        self.growing(series)?;
        let mut settling = self.sheet.settling();
        let row = self.sheet.make_row(series, None);
        self.sheet.begin_row(row, &Prefill::default(), &mut settling);
        self.sheet.attach(series, row, usize::MAX, &mut settling);
        self.sheet.push_watchers(series, &mut settling);
        self.sheet.settle(&mut settling);
        let head = self.sheet.tree.head(row);
        self.note(Happening::AddRepeat, Some(head));
        self.go(self.sheet.stop_for(head));
        Ok(self.sheet.path(head))
    }

    /// Removes the row at `path` with all that was answered in it.
    pub fn remove_row(&mut self, path: &str) -> Result<Changes, Refusal> {
        let (series, row) = self.row_at(path)?;
        self.growing(series)?;
        if !self.sheet.tree.row(row).entities.is_empty() {
            return Err(Refusal::RowOfRegister);
        }
        let head = self.sheet.tree.head(row);
        self.note(Happening::DeleteRepeat, Some(head));
        let mut settling = self.sheet.settling();
        let position = self.sheet.position(series, row) - 1;
        self.sheet.detach(series, position, &mut settling);
        self.sheet.push_watchers(series, &mut settling);
        self.sheet.settle(&mut settling);
        if self.sheet.place_of(self.stop, &self.sheet.stops()).is_err() {
            self.go(self.sheet.stop_for(series));
        }
        Ok(self.changes(&settling))
    }

    /// Puts the row at `path` in the place `to`, counted from 1.
    pub fn move_row(&mut self, path: &str, to: usize) -> Result<Changes, Refusal> {
        let (series, row) = self.row_at(path)?;
        let from = self.sheet.position(series, row) - 1;
        let mut settling = self.sheet.settling();
        self.sheet.reorder(series, from, to.max(1) - 1, &mut settling);
        self.sheet.settle(&mut settling);
        self.note(Happening::MoveRepeat, Some(self.sheet.tree.head(row)));
        self.stay_in_sight();
        Ok(self.changes(&settling))
    }

    /// The series and the row that `path` names.
    fn row_at(&self, path: &str) -> Result<(CellAt, RowAt), Refusal> {
        let head = self.sheet.find_path(path).ok_or(Refusal::NoSuchPlace)?;
        let row = self.sheet.tree.cell(head).row;
        let series = self.sheet.tree.series_around(&self.sheet.plan, row);
        series.filter(|_| self.sheet.tree.is_head(head)).map(|series| (series, row)).ok_or(Refusal::NoSuchPlace)
    }

    fn growing(&self, series: CellAt) -> Result<(), Refusal> {
        let cell = self.sheet.tree.cell(series);
        match self.sheet.plan.form.node(cell.node).kind {
            Kind::Repeat { count: Some(_) } => Err(Refusal::Counted),
            Kind::Repeat { count: None } if !self.sheet.tree.is_series(&self.sheet.plan, series) => {
                Err(Refusal::NoSuchPlace)
            }
            Kind::Repeat { count: None } if cell.asked => Ok(()),
            Kind::Repeat { count: None } => Err(Refusal::NotAsked),
            _ => Err(Refusal::NoSuchPlace),
        }
    }
}
