//! Moving about: to a section, to a row that is new, away from one that is gone.

use questionnaire::interview::{Path, Screen, Section, Sort};

use super::question::Move;
use super::{Talk, Turn, draw};
use crate::exit::Failure;
use crate::prompts;
use crate::words::Word;

impl Talk<'_> {
    pub(super) fn jump_to(&mut self, path: &str) -> Result<Turn, Failure> {
        if let Err(refusal) = self.step(|interview| interview.jump(path))? {
            self.tell(refusal.text(self.visit.interview().tongue()))?;
        }
        Ok(Turn::Stay)
    }

    /// To the section of this number or with this word in its name; without either, to one that is chosen from the list.
    pub(super) fn jump(&mut self, to: &str) -> Result<(), Failure> {
        let sections = self.visit.interview().outline();
        let word = to.to_lowercase();
        let named = match to.parse::<usize>() {
            Ok(number) => number.checked_sub(1).and_then(|at| sections.get(at)),
            Err(_) if word.is_empty() => None,
            Err(_) => sections.iter().find(|section| section.label.to_lowercase().contains(&word)),
        };
        if let Some(section) = named {
            return self.jump_to(section.path.as_str()).map(drop);
        }
        for (number, section) in (1..).zip(&sections) {
            self.tell(&draw::section(&self.paper, number, section))?;
        }
        let chosen = prompts::choose(&self.paper, self.paper.word(Word::AskSection), sections.len())?;
        match chosen {
            Some(at) => self.jump_to(sections[at].path.as_str()).map(drop),
            None => Ok(()),
        }
    }

    pub(super) fn add_row(&mut self, repeat: &str) -> Result<(), Failure> {
        if let Err(refusal) = self.step(|interview| interview.add_row(repeat))? {
            self.tell(refusal.text(self.visit.interview().tongue()))?;
        }
        Ok(())
    }

    /// One more row of the repeat that the screen stands in.
    pub(super) fn add_beside(&mut self, screen: &Screen) -> Result<Move, Failure> {
        let row = screen.headings.iter().rev().find(|heading| heading.row.is_some());
        let Some((repeat, _)) = row.and_then(|heading| heading.path.as_str().rsplit_once('[')) else {
            self.tell(self.paper.word(Word::RowsNowhere))?;
            return Ok(Move::Elsewhere);
        };
        let repeat = repeat.to_owned();
        self.add_row(&repeat)?;
        Ok(Move::Elsewhere)
    }

    /// Removes the row that the screen stands in.
    pub(super) fn remove_around(&mut self, screen: &Screen) -> Result<Move, Failure> {
        match screen.headings.iter().rev().find(|heading| heading.row.is_some()) {
            Some(heading) => self.remove_row(&heading.path, &heading.label)?,
            None => self.tell(self.paper.word(Word::RowStays))?,
        }
        Ok(Move::Elsewhere)
    }

    pub(super) fn choose_row_to_remove(&mut self, repeat: &Path) -> Result<(), Failure> {
        let inside = format!("{repeat}[");
        let is_row = |section: &Section| section.sort == Sort::Row && section.path.as_str().starts_with(&inside);
        let rows: Vec<Section> = self.visit.interview().outline().into_iter().filter(is_row).collect();
        // Rows of rows stand deeper.
        let depth = rows.iter().map(|row| row.depth).min().unwrap_or(0);
        let rows: Vec<Section> = rows.into_iter().filter(|row| row.depth == depth).collect();
        for (number, row) in (1..).zip(&rows) {
            self.tell(&draw::section(&self.paper, number, row))?;
        }
        let chosen = prompts::choose(&self.paper, self.paper.word(Word::AskSection), rows.len())?;
        match chosen {
            Some(at) => self.remove_row(&rows[at].path, &rows[at].label),
            None => Ok(()),
        }
    }

    fn remove_row(&mut self, row: &Path, label: &str) -> Result<(), Failure> {
        if !prompts::confirm(&self.paper, &self.paper.say(Word::AskRemoveRow, &[("label", &label)]))? {
            return Ok(());
        }
        if let Err(refusal) = self.step(|interview| interview.remove_row(row.as_str()))? {
            self.tell(refusal.text(self.visit.interview().tongue()))?;
        }
        Ok(())
    }
}
