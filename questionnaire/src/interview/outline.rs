//! The interview at a glance: its groups and rows, and how far each of them is.

use serde::Serialize;

use crate::form::Entity;
use crate::interview::path::Path;
use crate::interview::sheet::Sheet;
use crate::interview::tree::CellAt;

/// A group, a row, or a repeat as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Where; `jump` takes it.
    pub path: Path,
    /// How many sections it stands in.
    pub depth: usize,
    /// What it is called.
    pub label: String,
    /// Which of the three it is.
    pub sort: Sort,
    /// How many questions in it are asked at present, notes not counted.
    pub asked: usize,
    /// How many of them have an answer.
    pub answered: usize,
    /// How many places in it need to be looked at before the interview can end.
    pub problems: usize,
    /// How many of the register's values in it nobody has confirmed or changed yet.
    pub untouched: usize,
    /// Whether the screen that is open stands in it.
    pub current: bool,
}

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Questions that belong together; the form itself is the outermost.
    Group,
    /// All rows of a repeat, to which a person may add.
    GrowingRepeat,
    /// All rows of a repeat that has as many as a count says.
    CountedRepeat,
    /// A row of a repeat.
    Row,
}

impl Sheet {
    /// All sections that are asked at present, in order, each before those in it.
    pub(crate) fn outline(&self, current: Option<CellAt>) -> Vec<Section> {
        let around = std::iter::successors(current, |&at| self.tree.above(&self.plan, at)).collect::<Vec<_>>();
        let mut sections = Vec::new();
        self.outline_of(CellAt::ROOT, 0, &around, &mut sections);
        sections
    }

    /// Adds `branch` and what stands in it, and returns its index.
    fn outline_of(&self, branch: CellAt, depth: usize, around: &[CellAt], into: &mut Vec<Section>) -> usize {
        let sort = if self.tree.is_head(branch) && branch != CellAt::ROOT { Sort::Row } else { Sort::Group };
        let own = self.start_section(branch, depth, sort, around.contains(&branch), into);
        let cell = self.tree.cell(branch);
        for &child in self.plan.layout.children(cell.node) {
            let at = self.tree.cell_of(&self.plan, cell.row, child);
            if self.plan.layout.opened_by(child).is_some() {
                let inner = self.outline_of_series(at, depth + 1, around, into);
                if let Some(inner) = inner {
                    add_up(own, inner, into);
                }
            } else if self.plan.is_leaf(child) {
                self.count(at, &mut into[own]);
            } else if self.tree.cell(at).asked {
                let inner = self.outline_of(at, depth + 1, around, into);
                add_up(own, inner, into);
            }
        }
        own
    }

    fn outline_of_series(
        &self,
        series: CellAt,
        depth: usize,
        around: &[CellAt],
        into: &mut Vec<Section>,
    ) -> Option<usize> {
        let rows = &self.tree.series(&self.plan, series).rows;
        let heads: Vec<CellAt> = rows.iter().map(|&row| self.tree.head(row)).collect();
        let heads: Vec<CellAt> = heads.into_iter().filter(|&head| self.tree.cell(head).asked).collect();
        if heads.is_empty() && !self.may_grow(series) {
            return None;
        }
        let sort = if self.may_grow(series) { Sort::GrowingRepeat } else { Sort::CountedRepeat };
        let current = heads.iter().any(|head| around.contains(head)) || around.first() == Some(&series);
        let own = self.start_section(series, depth, sort, current, into);
        for head in heads {
            let inner = self.outline_of(head, depth + 1, around, into);
            add_up(own, inner, into);
        }
        Some(own)
    }

    fn start_section(&self, at: CellAt, depth: usize, sort: Sort, current: bool, into: &mut Vec<Section>) -> usize {
        let label = self.title(at);
        let path = self.path(at);
        into.push(Section { path, depth, label, sort, asked: 0, answered: 0, problems: 0, untouched: 0, current });
        into.len() - 1
    }

    fn count(&self, at: CellAt, section: &mut Section) {
        if self.is_on_screen(at) && self.plan.is_answerable(self.tree.cell(at).node) {
            section.asked += 1;
            section.answered += usize::from(!self.tree.value(at).is_empty());
            section.untouched += usize::from(self.standing(at) == Some(super::prelist::Standing::Untouched));
        }
        section.problems += usize::from(self.find_problem(at).is_some());
    }

    /// What a group, row or the form is called; a row by whom it is about.
    pub(crate) fn title(&self, at: CellAt) -> String {
        if at == CellAt::ROOT {
            return self.plan.form.title.clone();
        }
        let cell = self.tree.cell(at);
        let is_row = self.tree.is_head(at);
        let mut entities = self.plan.entities_of(cell.node).filter(|_| is_row);
        let own = entities.find_map(|entity| self.entity_label(entity, at));
        let listed = || self.tree.row(cell.row).label.clone().filter(|_| is_row);
        own.or_else(listed).unwrap_or_else(|| self.label(at))
    }

    /// The label that the form gives to the entity of a row.
    pub(crate) fn entity_label(&self, entity: &Entity, head: CellAt) -> Option<String> {
        let label = self.answer_of(entity.label.as_ref()?, head);
        (!label.trim().is_empty()).then_some(label)
    }
}

fn add_up(own: usize, inner: usize, sections: &mut [Section]) {
    let Section { asked, answered, problems, untouched, .. } = sections[inner];
    let own = &mut sections[own];
    own.asked += asked;
    own.answered += answered;
    own.problems += problems;
    own.untouched += untouched;
}
