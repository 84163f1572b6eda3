//! Bringing everything that depends on a change up to date, and nothing else.
//!
//! Work is a formula in one row. What a piece of work changes adds those that read it; work is done in the order of the
//! graph, so that as a rule each piece is done once. `relevant`, counts and choices are functions of the answers; so
//! are calculations, unless they ask for the time, for chance or for what they were before.

use std::collections::{BTreeSet, VecDeque};

use crate::form::{Initial, Kind, NodeId};
use crate::interview::RowId;
use crate::interview::answer;
use crate::interview::graph::{JobId, Reader, Work};
use crate::interview::prelist::Prefill;
use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

/// The most rows that a `repeat_count` may ask for; a slip of the finger asks for millions.
pub const ROWS_MAX: usize = 2_000;

/// The most rows that are made for counts in one interview, since counts inside of counted rows multiply.
const ROWS_MADE_MAX: u32 = 20_000;

/// How often each piece of work may be repeated on average before a form is taken to turn in circles.
const ROUNDS_MAX: usize = 200;

/// Which calculations to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calculations {
    /// All that are concerned.
    Run,
    /// None: the values at hand are those that were calculated before.
    Keep,
    /// Those that give the same whenever they are run; the others keep what they have.
    RunSteady,
}

/// What is still to do, and what came of it.
pub(crate) struct Settling {
    work: BTreeSet<(JobId, CellAt)>,
    /// Rows that begin and whose computed defaults wait, with the cells still to fill.
    beginning: VecDeque<CellAt>,
    calculations: Calculations,
    /// Rows made from here on are new: no trigger fires in them.
    rows_before: u32,
    done: usize,
    /// Cells whose value as formulas see it is another.
    pub(crate) changed: BTreeSet<CellAt>,
    /// Cells that are asked now and were not, or the other way.
    pub(crate) turned: BTreeSet<CellAt>,
    /// Whether rows came, went or moved.
    pub(crate) rows_changed: bool,
}

impl Settling {
    /// Takes over the computed defaults that wait in `other`.
    pub(crate) fn begin_after(&mut self, other: &mut Settling) {
        self.beginning.append(&mut other.beginning);
    }
}

impl Sheet {
    /// Begins to settle after a change to what is there.
    pub(crate) fn settling(&self) -> Settling {
        Settling {
            work: BTreeSet::new(),
            beginning: VecDeque::new(),
            calculations: Calculations::Run,
            rows_before: self.tree.rows_made(),
            done: 0,
            changed: BTreeSet::new(),
            turned: BTreeSet::new(),
            rows_changed: false,
        }
    }

    /// Evaluates everything anew.
    pub(crate) fn settle_all(&mut self, calculations: Calculations) -> Settling {
        let mut settling = Settling { calculations, rows_before: 0, ..self.settling() };
        self.ask(CellAt::ROOT, true, &mut settling);
        self.push_row_work(RowAt::ROOT, &mut settling);
        settling
    }

    /// Does all the work there is.
    pub(crate) fn settle(&mut self, settling: &mut Settling) {
        loop {
            while let Some((job, at)) = settling.work.pop_first() {
                settling.done += 1;
                if settling.done > ROUNDS_MAX * self.tree.cell_count() {
                    settling.work.clear();
                    return;
                }
                self.tree.put_in_order(&self.plan);
                if self.tree.is_attached(self.tree.cell(at).row) {
                    self.run(job, at, settling);
                }
            }
            match settling.beginning.pop_front() {
                Some(at) => self.begin_cell(at, settling),
                None => break,
            }
        }
        self.tree.put_in_order(&self.plan);
    }

    /// Takes an answer, or a value from elsewhere.
    pub(crate) fn set_raw(&mut self, at: CellAt, text: String, settling: &mut Settling) {
        if self.tree.cell(at).raw == text {
            return;
        }
        let before = self.tree.value(at).to_owned();
        let cell = self.tree.cell_mut(at);
        cell.raw = text;
        cell.reason = None;
        self.offer(at);
        if self.tree.value(at) != before {
            self.push_readers(at, settling);
        }
    }

    fn run(&mut self, job: JobId, at: CellAt, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        let node = plan.form.node(plan.graph.job(job).node);
        match plan.graph.job(job).work {
            Work::Relevant | Work::RelevantSeries => {
                let relevant = node.relevant.as_ref().is_none_or(|formula| self.holds(formula, at));
                if self.tree.cell(at).relevant != relevant {
                    self.tree.cell_mut(at).relevant = relevant;
                    let around = self.tree.above(&plan, at).is_none_or(|above| self.tree.cell(above).asked);
                    self.ask(at, around, settling);
                }
            }
            Work::Count => self.count_rows(at, settling),
            Work::Calculate => {
                let steady = || node.calculation.as_ref().is_some_and(|formula| !formula.is_volatile());
                let runs = match settling.calculations {
                    Calculations::Run => true,
                    Calculations::Keep => false,
                    Calculations::RunSteady => matches!(node.kind, Kind::Calculate) && steady(),
                };
                if runs && self.tree.cell(at).asked {
                    self.calculate(at, settling);
                }
            }
            Work::Trigger => {
                let fresh = self.tree.made_after(self.tree.cell(at).row, settling.rows_before);
                if !fresh && settling.calculations == Calculations::Run {
                    self.calculate(at, settling);
                }
            }
            Work::Offer => {
                let before = self.tree.value(at).to_owned();
                self.offer(at);
                if self.tree.value(at) != before {
                    self.push_readers(at, settling);
                }
            }
        }
    }

    fn calculate(&mut self, at: CellAt, settling: &mut Settling) {
        let node = self.tree.cell(at).node;
        if let Some(formula) = &self.plan.form.node(node).calculation {
            let text = self.answer_of(formula, at);
            let text = answer::calculated(&self.plan.form.node(node).kind, &text);
            self.set_raw(at, text, settling);
        }
    }

    /// Brings `asked` up to date in `at` and all below it.
    fn ask(&mut self, at: CellAt, around: bool, settling: &mut Settling) {
        let mut open = vec![(at, around)];
        while let Some((at, around)) = open.pop() {
            let cell = self.tree.cell(at);
            let asked = cell.relevant && around;
            if cell.asked == asked {
                continue;
            }
            let node = cell.node;
            self.turn(at, asked, settling);
            if self.tree.is_series(&self.plan, at) {
                continue;
            }
            let row = self.tree.cell(at).row;
            for &child in self.plan.layout.children(node) {
                open.push((self.tree.cell_of(&self.plan, row, child), asked));
            }
            let mut below = Vec::new();
            self.tree.children(&self.plan, at, &mut below);
            open.extend(below.into_iter().filter(|&at| self.tree.is_head(at)).map(|at| (at, asked)));
        }
    }

    fn turn(&mut self, at: CellAt, asked: bool, settling: &mut Settling) {
        let node = self.tree.cell(at).node;
        let was_empty = self.tree.value(at).is_empty();
        self.tree.cell_mut(at).asked = asked;
        settling.turned.insert(at);
        if !was_empty || !self.tree.value(at).is_empty() {
            settling.changed.insert(at);
        }
        // Also where no value changes: a formula may ask whether the question is relevant.
        let row = self.tree.cell(at).row;
        self.push(self.plan.graph.readers(node), row, settling);
        for &job in self.plan.graph.jobs_of(node) {
            if asked && self.plan.graph.job(job).work == Work::Calculate {
                settling.work.insert((job, at));
            }
        }
    }

    /// What formulas see at `at` is another.
    fn push_readers(&mut self, at: CellAt, settling: &mut Settling) {
        settling.changed.insert(at);
        let cell = self.tree.cell(at);
        self.push(self.plan.graph.readers(cell.node), cell.row, settling);
    }

    /// The rows of the series at `at` are others, or in another order.
    pub(crate) fn push_watchers(&self, at: CellAt, settling: &mut Settling) {
        settling.rows_changed = true;
        let cell = self.tree.cell(at);
        self.push(self.plan.graph.watchers(cell.node), cell.row, settling);
    }

    fn push(&self, readers: &[Reader], row: RowAt, settling: &mut Settling) {
        for reader in readers {
            let job = self.plan.graph.job(reader.job);
            let Some(shared) = self.tree.row_at(row, reader.shared) else { continue };
            for row in self.tree.rows_under(&self.plan, shared, job.scope) {
                settling.work.insert((reader.job, self.seat(job.node, job.work, row)));
            }
        }
    }

    /// The cell that a job in `row` is about.
    fn seat(&self, node: NodeId, work: Work, row: RowAt) -> CellAt {
        match (work, self.plan.layout.opened_by(node)) {
            (Work::Relevant, Some(_)) => self.tree.head(row),
            _ => self.tree.cell_of(&self.plan, row, node),
        }
    }

    /// All work in a row and the rows inside.
    fn push_row_work(&self, row: RowAt, settling: &mut Settling) {
        let mut cells = Vec::new();
        self.tree.walk_row(&self.plan, row, &mut cells);
        for at in cells {
            let heads = self.tree.is_head(at) && at != CellAt::ROOT;
            for &job in self.plan.graph.jobs_of(self.tree.cell(at).node) {
                let of_series = self.plan.layout.opened_by(self.tree.cell(at).node).is_some();
                let of_head = of_series && self.plan.graph.job(job).work == Work::Relevant;
                if heads == of_head {
                    settling.work.insert((job, at));
                }
            }
        }
    }
}

/// Rows that come and go.
impl Sheet {
    /// Makes a row and the rows that its own repeats begin with; it is not yet part of the interview.
    pub(crate) fn make_row(&mut self, series: CellAt, id: Option<RowId>) -> RowAt {
        let cell = self.tree.cell(series);
        let scope = self.plan.layout.opened_by(cell.node).expect("a series stands for a repeat");
        let parent = cell.row;
        let id = id.unwrap_or_else(|| RowId::drawn(self.environment.random_bits()));
        let plan = std::sync::Arc::clone(&self.plan);
        self.tree.push_row(&plan, scope, Some(parent), id)
    }

    /// Gives a new row what it begins with: what the register knows, fixed defaults, and rows in its repeats, one each
    /// where neither the register nor a count rules.
    pub(crate) fn begin_row(&mut self, row: RowAt, known: &Prefill, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        self.bind(row, known);
        for at in self.tree.cells_of(&plan, row) {
            let node = plan.form.node(self.tree.cell(at).node);
            if let Some(Initial::Fixed(text)) = &node.default {
                self.set_raw(at, answer::normal(&node.kind, text), settling);
            }
            if let Some(text) = self.taken_from_prelist(at) {
                self.set_raw(at, text, settling);
            }
            if self.tree.is_series(&plan, at) {
                self.begin_series(at, known, settling);
            }
        }
    }

    fn begin_series(&mut self, series: CellAt, known: &Prefill, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        let repeat = self.tree.cell(series).node;
        let entries = plan.entities_of(repeat).find_map(|entity| known.rows.get(&entity.list));
        let entries = entries.map(Vec::as_slice).unwrap_or_default();
        let is_counted = matches!(plan.form.node(repeat).kind, Kind::Repeat { count: Some(_) });
        let blank = [Prefill::default()];
        for entry in if entries.is_empty() && !is_counted { &blank } else { entries } {
            let row = self.make_row(series, None);
            self.begin_row(row, entry, settling);
            if is_counted {
                // The count takes them from there, in their order.
                self.tree.series_mut(&plan, series).aside.push(row);
            } else {
                self.attach(series, row, usize::MAX, settling);
            }
        }
    }

    /// A computed default: once, when its row begins.
    fn begin_cell(&mut self, at: CellAt, settling: &mut Settling) {
        let cell = self.tree.cell(at);
        let node = self.plan.form.node(cell.node);
        if let (Some(Initial::Computed(formula)), true, true) = (&node.default, cell.asked, cell.raw.is_empty()) {
            let text = answer::calculated(&node.kind, &self.answer_of(formula, at));
            self.set_raw(at, text, settling);
        }
    }

    /// Makes `row` part of the interview, before the row that is at `position` now, or last. The caller tells watchers.
    pub(crate) fn attach(&mut self, series: CellAt, row: RowAt, position: usize, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        let rows = &mut self.tree.series_mut(&plan, series).rows;
        rows.insert(position.min(rows.len()), row);
        self.tree.set_attached(row, true);
        let head = self.tree.head(row);
        let around = self.tree.above(&plan, head).is_none_or(|above| self.tree.cell(above).asked);
        self.ask(head, around, settling);
        self.push_row_work(row, settling);
        self.begin_computed(row, settling);
    }

    /// Lets the computed defaults of a row follow once all else is settled, unless they were given before.
    pub(crate) fn begin_computed(&mut self, row: RowAt, settling: &mut Settling) {
        if std::mem::replace(&mut self.tree.row_mut(row).begun, true) {
            return;
        }
        for at in self.tree.cells_of(&self.plan, row) {
            if matches!(self.plan.form.node(self.tree.cell(at).node).default, Some(Initial::Computed(_))) {
                settling.beginning.push_back(at);
            }
        }
    }

    /// Takes the row at `position` out of the interview. The caller tells watchers.
    pub(crate) fn detach(&mut self, series: CellAt, position: usize, settling: &mut Settling) -> RowAt {
        let plan = std::sync::Arc::clone(&self.plan);
        let row = self.tree.series(&plan, series).rows[position];
        self.ask(self.tree.head(row), false, settling);
        self.tree.series_mut(&plan, series).rows.remove(position);
        self.tree.set_attached(row, false);
        row
    }

    /// Puts the row at `from` where the one at `to` is.
    pub(crate) fn reorder(&mut self, series: CellAt, from: usize, to: usize, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        let rows = &mut self.tree.series_mut(&plan, series).rows;
        let row = rows.remove(from);
        rows.insert(to.min(rows.len()), row);
        self.push_watchers(series, settling);
    }

    /// As many rows as the count says; those too many are set aside, first to come back. Without a number nothing
    /// happens: whoever is typing one has not decided yet.
    fn count_rows(&mut self, series: CellAt, settling: &mut Settling) {
        let plan = std::sync::Arc::clone(&self.plan);
        let Kind::Repeat { count: Some(formula) } = &plan.form.node(self.tree.cell(series).node).kind else { return };
        let Ok(wanted) = self.answer_of(formula, series).parse::<f64>() else { return };
        if wanted.is_nan() {
            return;
        }
        let (held, room) = (self.tree.series(&plan, series), ROWS_MADE_MAX.saturating_sub(self.tree.rows_made()));
        let wanted = (wanted.max(0.0) as usize).min(ROWS_MAX).min(held.rows.len() + held.aside.len() + room as usize);
        if wanted == self.tree.series(&plan, series).rows.len() {
            return;
        }
        while self.tree.series(&plan, series).rows.len() > wanted {
            let last = self.tree.series(&plan, series).rows.len() - 1;
            let row = self.detach(series, last, settling);
            self.tree.series_mut(&plan, series).aside.insert(0, row);
        }
        while self.tree.series(&plan, series).rows.len() < wanted {
            if self.tree.series(&plan, series).aside.is_empty() {
                let row = self.make_row(series, None);
                self.begin_row(row, &Prefill::default(), settling);
                self.attach(series, row, usize::MAX, settling);
            } else {
                let row = self.tree.series_mut(&plan, series).aside.remove(0);
                self.attach(series, row, usize::MAX, settling);
            }
        }
        self.push_watchers(series, settling);
    }
}
