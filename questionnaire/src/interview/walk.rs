//! The way through an interview: which screens there are, one after another.

use crate::form::Kind;
use crate::interview::sheet::Sheet;
use crate::interview::tree::CellAt;

/// A screen, by what stands on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stop {
    /// One question or note.
    Question(CellAt),
    /// All questions of a group or row whose appearance is `field-list`.
    Group(CellAt),
    /// Whether there is one more row in the series.
    Another(CellAt),
    /// Nothing is left to ask.
    End,
}

impl Stop {
    fn cell(self) -> Option<CellAt> {
        match self {
            Stop::Question(at) | Stop::Group(at) | Stop::Another(at) => Some(at),
            Stop::End => None,
        }
    }
}

impl Sheet {
    /// All screens in order, the end last.
    pub(crate) fn stops(&self) -> Vec<Stop> {
        let mut stops = Vec::new();
        if self.is_one_page(CellAt::ROOT) {
            stops.push(Stop::Group(CellAt::ROOT));
        } else {
            self.stops_in(CellAt::ROOT, &mut stops);
        }
        stops.push(Stop::End);
        stops
    }

    fn stops_in(&self, branch: CellAt, stops: &mut Vec<Stop>) {
        let cell = self.tree.cell(branch);
        for &child in self.plan.layout.children(cell.node) {
            let at = self.tree.cell_of(&self.plan, cell.row, child);
            if self.plan.layout.opened_by(child).is_some() {
                for &row in &self.tree.series(&self.plan, at).rows {
                    self.stops_at_branch(self.tree.head(row), stops);
                }
                stops.extend(self.may_grow(at).then_some(Stop::Another(at)));
            } else if !self.plan.is_leaf(child) {
                self.stops_at_branch(at, stops);
            } else if self.is_on_screen(at) {
                stops.push(Stop::Question(at));
            }
        }
    }

    fn stops_at_branch(&self, at: CellAt, stops: &mut Vec<Stop>) {
        if !self.tree.cell(at).asked {
            return;
        }
        if !self.is_one_page(at) {
            self.stops_in(at, stops);
        } else if !self.questions_in(at).is_empty() {
            stops.push(Stop::Group(at));
        }
    }

    fn is_one_page(&self, at: CellAt) -> bool {
        self.plan.form.node(self.tree.cell(at).node).appearance.iter().any(|word| word == "field-list")
    }

    /// Whether a person may add a row.
    pub(crate) fn may_grow(&self, series: CellAt) -> bool {
        let cell = self.tree.cell(series);
        cell.asked && matches!(self.plan.form.node(cell.node).kind, Kind::Repeat { count: None })
    }

    pub(crate) fn is_on_screen(&self, at: CellAt) -> bool {
        let cell = self.tree.cell(at);
        cell.asked && self.plan.is_shown(cell.node)
    }

    /// All questions and notes in a group or row that are asked.
    pub(crate) fn questions_in(&self, branch: CellAt) -> Vec<CellAt> {
        let mut questions = Vec::new();
        let mut open = vec![branch];
        while let Some(at) = open.pop() {
            if self.is_on_screen(at) {
                questions.push(at);
            }
            let mut below = Vec::new();
            self.tree.children(&self.plan, at, &mut below);
            open.extend(below.into_iter().rev());
        }
        questions
    }

    /// The questions on a screen.
    pub(crate) fn questions_at(&self, stop: Stop) -> Vec<CellAt> {
        match stop {
            Stop::Question(at) => vec![at],
            Stop::Group(at) => self.questions_in(at),
            Stop::Another(_) | Stop::End => Vec::new(),
        }
    }

    /// The place of `stop` among `stops`; where it is gone meanwhile, that of the one before which it stood.
    pub(crate) fn place_of(&self, stop: Stop, stops: &[Stop]) -> Result<usize, usize> {
        if let Some(place) = stops.iter().position(|&known| known == stop) {
            return Ok(place);
        }
        let order = |stop: &Stop| stop.cell().map_or(u32::MAX, |at| self.tree.cell(at).order);
        let gone = order(&stop);
        Err(stops.iter().position(|known| order(known) > gone).unwrap_or(stops.len() - 1))
    }

    /// The screen on which one finds `at`, or the first one after it.
    pub(crate) fn stop_for(&self, at: CellAt) -> Stop {
        let stops = self.stops();
        let around: Vec<CellAt> = std::iter::successors(Some(at), |&at| self.tree.above(&self.plan, at)).collect();
        let holds = |stop: &&Stop| match **stop {
            Stop::Group(group) => around.contains(&group),
            stop => stop.cell() == Some(at),
        };
        let order = self.tree.cell(at).order;
        let follows = |stop: &&Stop| stop.cell().is_none_or(|cell| self.tree.cell(cell).order >= order);
        stops.iter().find(holds).or_else(|| stops.iter().find(follows)).copied().unwrap_or(Stop::End)
    }
}
