//! The interview's data: rows of cells, whose values are the text of an ODK submission.
//!
//! Knows nothing of formulas: what is asked and what is calculated is written here by `settle`.

use std::collections::BTreeMap;

use crate::form::{Kind, NodeId};
use crate::interview::RowId;
use crate::interview::layout::ScopeId;
use crate::interview::plan::Plan;

/// Index of a cell; a cell keeps it as long as the interview lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellAt(u32);

/// Index of a row, likewise; 0 is the form itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowAt(u32);

impl CellAt {
    pub(crate) const ROOT: CellAt = CellAt(0);
}

impl RowAt {
    pub(crate) const ROOT: RowAt = RowAt(0);
}

/// A node in one row.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) node: NodeId,
    pub(crate) row: RowAt,
    /// What was answered or calculated last, whether it counts at present or not.
    pub(crate) raw: String,
    /// What of `raw` is left by the choices offered at present, where that is not all.
    pub(crate) left: Option<String>,
    /// Its own `relevant`.
    pub(crate) relevant: bool,
    /// Relevant together with all around it, and part of the interview.
    pub(crate) asked: bool,
    /// A person answered it or confirmed what stood there.
    pub(crate) touched: bool,
    /// Why the value may stay although it breaks the rule of `warning`.
    pub(crate) reason: Option<String>,
    /// Place in the order of the document.
    pub(crate) order: u32,
}

/// A row of a repeat, or the form itself.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: RowId,
    pub(crate) scope: ScopeId,
    /// The register's records that it is about, where they are known: their ids by list.
    pub(crate) entities: BTreeMap<String, String>,
    /// What the register calls it.
    pub(crate) label: Option<String>,
    /// The row around it; `None` for the form itself.
    pub(crate) parent: Option<RowAt>,
    base: u32,
    series: Vec<Series>,
    attached: bool,
    /// Whether its computed defaults were given.
    pub(crate) begun: bool,
}

/// The rows of one repeat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) rows: Vec<RowAt>,
    /// Rows that a smaller count took away; they come back when it grows.
    pub(crate) aside: Vec<RowAt>,
}

/// All rows and their cells.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    cells: Vec<Cell>,
    rows: Vec<Row>,
    /// Set when rows came, went or moved.
    unordered: bool,
}

impl Tree {
    /// The form's own row, its repeats without rows.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut tree = Tree { cells: Vec::new(), rows: Vec::new(), unordered: true };
        tree.push_row(plan, ScopeId::ROOT, None, RowId::from(""));
        tree
    }

    /// Makes a row that is not yet part of any series.
    pub(crate) fn push_row(&mut self, plan: &Plan, scope: ScopeId, parent: Option<RowAt>, id: RowId) -> RowAt {
        let at = RowAt(self.rows.len() as u32);
        let nodes = &plan.layout.scope(scope).nodes;
        let base = self.cells.len() as u32;
        let series = vec![Series::default(); plan.layout.scope(scope).series.len()];
        self.rows.push(Row {
            id,
            scope,
            entities: BTreeMap::new(),
            label: None,
            parent,
            base,
            series,
            attached: parent.is_none(),
            begun: false,
        });
        self.cells.extend(nodes.iter().map(|&node| Cell {
            node,
            row: at,
            raw: String::new(),
            left: None,
            relevant: true,
            asked: false,
            touched: false,
            reason: None,
            order: 0,
        }));
        at
    }

    pub(crate) fn cell(&self, at: CellAt) -> &Cell {
        &self.cells[at.0 as usize]
    }

    pub(crate) fn cell_mut(&mut self, at: CellAt) -> &mut Cell {
        &mut self.cells[at.0 as usize]
    }

    pub(crate) fn row(&self, at: RowAt) -> &Row {
        &self.rows[at.0 as usize]
    }

    pub(crate) fn row_mut(&mut self, at: RowAt) -> &mut Row {
        &mut self.rows[at.0 as usize]
    }

    /// How many cells there are, those set aside among them.
    pub(crate) fn cell_count(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn rows_made(&self) -> u32 {
        self.rows.len() as u32
    }

    /// Whether the row was made after `count` others.
    pub(crate) fn made_after(&self, row: RowAt, count: u32) -> bool {
        row.0 >= count
    }

    /// The cell of `node` in `row`; of a repeat, that of its series.
    pub(crate) fn cell_of(&self, plan: &Plan, row: RowAt, node: NodeId) -> CellAt {
        CellAt(self.row(row).base + plan.layout.local(node) as u32)
    }

    /// The cell that stands for the row as a whole.
    pub(crate) fn head(&self, row: RowAt) -> CellAt {
        CellAt(self.row(row).base)
    }

    pub(crate) fn is_head(&self, at: CellAt) -> bool {
        self.row(self.cell(at).row).base == at.0
    }

    /// Whether the cell stands for all rows of a repeat.
    pub(crate) fn is_series(&self, plan: &Plan, at: CellAt) -> bool {
        matches!(plan.form.node(self.cell(at).node).kind, Kind::Repeat { .. }) && !self.is_head(at)
    }

    /// The cells of a row, its own first.
    pub(crate) fn cells_of(&self, plan: &Plan, row: RowAt) -> impl Iterator<Item = CellAt> + use<> {
        let base = self.row(row).base;
        (base..base + plan.layout.scope(self.row(row).scope).nodes.len() as u32).map(CellAt)
    }

    pub(crate) fn series(&self, plan: &Plan, at: CellAt) -> &Series {
        let cell = self.cell(at);
        &self.row(cell.row).series[plan.layout.series_of(cell.node)]
    }

    pub(crate) fn series_mut(&mut self, plan: &Plan, at: CellAt) -> &mut Series {
        let Cell { node, row, .. } = *self.cell(at);
        self.unordered = true;
        &mut self.rows[row.0 as usize].series[plan.layout.series_of(node)]
    }

    /// The cell of the series that the row belongs to; `None` for the form itself.
    pub(crate) fn series_around(&self, plan: &Plan, row: RowAt) -> Option<CellAt> {
        let parent = self.row(row).parent?;
        Some(self.cell_of(plan, parent, plan.layout.scope(self.row(row).scope).head))
    }

    /// What stands above: the group, row or form that holds the cell. A series' rows stand in what holds the series.
    pub(crate) fn above(&self, plan: &Plan, at: CellAt) -> Option<CellAt> {
        let cell = self.cell(at);
        let row = if self.is_head(at) { self.row(cell.row).parent? } else { cell.row };
        let parent = plan.form.node(cell.node).parent?;
        let head = self.head(row);
        Some(if self.cell(head).node == parent { head } else { self.cell_of(plan, row, parent) })
    }

    /// What stands directly below a group, row or the form, in order; a repeat by its rows.
    pub(crate) fn children(&self, plan: &Plan, at: CellAt, into: &mut Vec<CellAt>) {
        let Cell { node, row, .. } = *self.cell(at);
        for &child in plan.layout.children(node) {
            let cell = self.cell_of(plan, row, child);
            match plan.layout.opened_by(child) {
                Some(_) => into.extend(self.series(plan, cell).rows.iter().map(|&row| self.head(row))),
                None => into.push(cell),
            }
        }
    }

    /// The row of `scope` that `row` lies in or is.
    pub(crate) fn row_at(&self, row: RowAt, scope: ScopeId) -> Option<RowAt> {
        std::iter::successors(Some(row), |&at| self.row(at).parent).find(|&at| self.row(at).scope == scope)
    }

    /// The rows of `scope` that lie in `row` or are it, in order.
    pub(crate) fn rows_under(&self, plan: &Plan, row: RowAt, scope: ScopeId) -> Vec<RowAt> {
        let top = self.row(row).scope;
        let mut way: Vec<ScopeId> = plan.layout.outward(scope).take_while(|&scope| scope != top).collect();
        let mut rows = vec![row];
        while let Some(next) = way.pop() {
            let series = plan.layout.series_of(plan.layout.scope(next).head);
            rows = rows.iter().flat_map(|&at| self.row(at).series[series].rows.iter().copied()).collect();
        }
        rows
    }

    /// Whether the row and all around it are part of the interview at present.
    pub(crate) fn is_attached(&self, row: RowAt) -> bool {
        std::iter::successors(Some(row), |&at| self.row(at).parent).all(|at| self.row(at).attached)
    }

    pub(crate) fn set_attached(&mut self, row: RowAt, attached: bool) {
        self.row_mut(row).attached = attached;
        self.unordered = true;
    }

    /// The value as formulas see it: empty unless asked, and only what the choices leave of it.
    pub(crate) fn value(&self, at: CellAt) -> &str {
        let cell = self.cell(at);
        match &cell.left {
            _ if !cell.asked => "",
            Some(left) => left,
            None => &cell.raw,
        }
    }

    /// All cells in the order of the document, rows set aside not among them; a series before its rows.
    pub(crate) fn walk(&self, plan: &Plan) -> Vec<CellAt> {
        let mut found = Vec::with_capacity(self.cells.len());
        self.walk_row(plan, RowAt::ROOT, &mut found);
        found
    }

    /// The same for one row.
    pub(crate) fn walk_row(&self, plan: &Plan, row: RowAt, into: &mut Vec<CellAt>) {
        for at in self.cells_of(plan, row) {
            into.push(at);
            if self.is_series(plan, at) {
                for &row in &self.series(plan, at).rows {
                    self.walk_row(plan, row, into);
                }
            }
        }
    }

    /// Numbers the cells anew where rows came, went or moved.
    pub(crate) fn put_in_order(&mut self, plan: &Plan) {
        if std::mem::take(&mut self.unordered) {
            for (order, at) in (0..).zip(self.walk(plan)) {
                self.cell_mut(at).order = order;
            }
        }
    }
}
