//! The interview as expressions see it.

use std::borrow::Cow;

use crate::expr::{Formula, Moment, World};
use crate::form::Source;
use crate::form::{Background, NodeId, Piece, Template, Text};
use crate::interview::graph::choices_of;
use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

/// A node of the interview, of a list or of a table. The order is that of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Spot {
    Document,
    Cell {
        order: u32,
        at: CellAt,
    },
    /// Row 0 is the document, 1 its root, row `n + 2` the item `n`; column `n + 1` the item's child `n`.
    Table {
        table: u32,
        row: u32,
        column: u32,
    },
}

const TABLE_ROOT: u32 = 1;
const TABLE_ITEMS: u32 = 2;
/// Where `table_of` puts the label of a choice; the columns of the form's author come after it.
const LABEL_COLUMN: u32 = 1;

impl Spot {
    /// The item `row` of a list or table.
    pub(crate) fn item(table: u32, row: u32) -> Spot {
        Spot::Table { table, row: row + TABLE_ITEMS, column: 0 }
    }

    /// What holds the items of a list or table.
    pub(crate) fn items(table: u32) -> Spot {
        Spot::Table { table, row: TABLE_ROOT, column: 0 }
    }

    /// Which item it is, if it is one.
    pub(crate) fn item_row(self) -> Option<u32> {
        match self {
            Spot::Table { row, column: 0, .. } => row.checked_sub(TABLE_ITEMS),
            _ => None,
        }
    }

    pub(crate) fn cell(self) -> Option<CellAt> {
        match self {
            Spot::Cell { at, .. } => Some(at),
            _ => None,
        }
    }
}

impl Sheet {
    pub(crate) fn spot(&self, at: CellAt) -> Spot {
        Spot::Cell { order: self.tree.cell(at).order, at }
    }

    /// A text of the form in the language being shown, its formulas seen from `at`.
    pub(crate) fn wording(&self, text: &Text, at: CellAt) -> String {
        self.find_wording(text, at).unwrap_or_default()
    }

    pub(crate) fn find_wording(&self, text: &Text, at: CellAt) -> Option<String> {
        let template = text.find(self.language, self.plan.form.default_language)?;
        Some(self.written(template, at))
    }

    fn written(&self, template: &Template, at: CellAt) -> String {
        let write = |piece: &Piece| match piece {
            Piece::Plain(text) => text.clone(),
            Piece::Value(formula) => self.answer_of(formula, at),
        };
        template.0.iter().map(write).collect()
    }

    pub(crate) fn answer_of(&self, formula: &Formula, at: CellAt) -> String {
        formula.answer(self, self.spot(at))
    }

    pub(crate) fn holds(&self, formula: &Formula, at: CellAt) -> bool {
        formula.holds(self, self.spot(at))
    }

    /// The label of a choice of one of the form's lists.
    pub(crate) fn list_label(&self, list: usize, row: usize) -> String {
        let label = &self.plan.form.lists[list].choices[row].label;
        self.wording(label, CellAt::ROOT)
    }

    fn list_field(&self, table: u32, row: u32, column: u32) -> Cow<'_, str> {
        if column == LABEL_COLUMN && self.shelf.is_list(table) {
            return Cow::Owned(self.list_label(table as usize, row as usize));
        }
        Cow::Borrowed(self.shelf.table(table).cell(row as usize, column as usize))
    }

    /// An empty cell of the choices sheet is no node, as in the XForm that ODK makes of it: what compares it is false. A
    /// table beside the form has all its cells.
    fn is_left_empty(&self, table: u32, row: u32, column: u32) -> bool {
        let cell = || self.shelf.table(table).cell(row as usize, column as usize);
        column > LABEL_COLUMN && self.shelf.is_list(table) && cell().is_empty()
    }

    fn children_of_table(&self, spot: (u32, u32, u32), name: Option<&str>, into: &mut Vec<Spot>) {
        let held = self.shelf.table(spot.0);
        let named = |known: &str| name.is_none_or(|name| name == known);
        match spot {
            (table, 0, _) if named("root") => into.push(Spot::items(table)),
            (table, TABLE_ROOT, _) if named("item") => {
                into.extend((0..held.len() as u32).map(|row| Spot::item(table, row)));
            }
            (_, 0 | TABLE_ROOT, _) => {}
            (table, row, 0) => {
                let columns = (1..).zip(held.names()).filter(|(_, known)| named(known)).map(|(column, _)| column);
                let there = columns.filter(|&column| !self.is_left_empty(table, row - TABLE_ITEMS, column - 1));
                into.extend(there.map(|column| Spot::Table { table, row, column }));
            }
            _ => {}
        }
    }

    /// The cells that `${name}` means at `from`.
    pub(crate) fn cells_named(&self, name: &str, from: CellAt, into: &mut Vec<CellAt>) {
        let cell = self.tree.cell(from);
        let Some(node) = self.plan.layout.find(&self.plan.form, name, cell.node) else { return };
        let scope = self.plan.layout.scope_of(node);
        let shared = self.plan.layout.common(self.tree.row(cell.row).scope, scope);
        let Some(row) = self.tree.row_at(cell.row, shared) else { return };
        for row in self.tree.rows_under(&self.plan, row, scope) {
            self.extend_with_node(row, node, into);
        }
    }

    fn extend_with_node(&self, row: RowAt, node: NodeId, into: &mut Vec<CellAt>) {
        let cell = self.tree.cell_of(&self.plan, row, node);
        match self.plan.layout.opened_by(node) {
            Some(_) => into.extend(self.tree.series(&self.plan, cell).rows.iter().map(|&row| self.tree.head(row))),
            None => into.push(cell),
        }
    }

    fn text_below(&self, at: CellAt) -> String {
        let mut below = Vec::new();
        self.tree.children(&self.plan, at, &mut below);
        below.into_iter().map(|at| self.text(self.spot(at)).into_owned()).collect()
    }
}

impl World for Sheet {
    type Node = Spot;

    fn document(&self) -> Spot {
        Spot::Document
    }

    fn parent(&self, node: Spot) -> Option<Spot> {
        match node {
            Spot::Document | Spot::Table { row: 0, .. } => None,
            Spot::Cell { at, .. } => {
                Some(self.tree.above(&self.plan, at).map_or(Spot::Document, |above| self.spot(above)))
            }
            Spot::Table { table, row: TABLE_ROOT, .. } => Some(Spot::Table { table, row: 0, column: 0 }),
            Spot::Table { table, column: 0, .. } => Some(Spot::items(table)),
            Spot::Table { table, row, .. } => Some(Spot::Table { table, row, column: 0 }),
        }
    }

    fn name(&self, node: Spot) -> &str {
        match node {
            Spot::Document | Spot::Table { row: 0, .. } => "",
            Spot::Cell { at, .. } => &self.plan.form.node(self.tree.cell(at).node).name,
            Spot::Table { row: TABLE_ROOT, .. } => "root",
            Spot::Table { column: 0, .. } => "item",
            Spot::Table { table, column, .. } => &self.shelf.table(table).names()[column as usize - 1],
        }
    }

    fn children(&self, node: Spot, name: Option<&str>, into: &mut Vec<Spot>) {
        let named = |at: &CellAt| name.is_none_or(|name| self.plan.form.node(self.tree.cell(*at).node).name == name);
        let mut below = Vec::new();
        match node {
            Spot::Document => below.push(CellAt::ROOT),
            Spot::Cell { at, .. } => self.tree.children(&self.plan, at, &mut below),
            Spot::Table { table, row, column } => return self.children_of_table((table, row, column), name, into),
        }
        into.extend(below.into_iter().filter(named).map(|at| self.spot(at)));
    }

    fn text(&self, node: Spot) -> Cow<'_, str> {
        match node {
            Spot::Document => Cow::Owned(self.text_below(CellAt::ROOT)),
            Spot::Cell { at, .. } if self.plan.is_leaf(self.tree.cell(at).node) => Cow::Borrowed(self.tree.value(at)),
            Spot::Cell { at, .. } => Cow::Owned(self.text_below(at)),
            Spot::Table { table, row, column } if column > 0 => self.list_field(table, row - TABLE_ITEMS, column - 1),
            Spot::Table { .. } => {
                let mut below = Vec::new();
                self.children(node, None, &mut below);
                Cow::Owned(below.into_iter().map(|below| self.text(below).into_owned()).collect())
            }
        }
    }

    fn instance(&self, name: &str) -> Option<Spot> {
        let table = self.shelf.find(name)?;
        Some(Spot::Table { table, row: 0, column: 0 })
    }

    fn rows_where(&self, parent: Spot, child: &str, column: &str, value: &str) -> Option<Vec<Spot>> {
        let Spot::Table { table, row: TABLE_ROOT, .. } = parent else { return None };
        let held = self.shelf.table(table);
        let at = held.find_column(column).filter(|_| child == "item");
        let Some(at) = at else { return Some(Vec::new()) };
        if self.shelf.is_list(table) && at == LABEL_COLUMN as usize {
            return None;
        }
        if self.shelf.is_list(table) && at > LABEL_COLUMN as usize && value.is_empty() {
            return Some(Vec::new());
        }
        Some(held.rows_with(at, value).iter().map(|&row| Spot::item(table, row)).collect())
    }

    fn named(&self, name: &str, from: Spot, into: &mut Vec<Spot>) {
        let mut cells = Vec::new();
        self.cells_named(name, from.cell().unwrap_or(CellAt::ROOT), &mut cells);
        into.extend(cells.into_iter().map(|at| self.spot(at)));
    }

    fn row_of(&self, node: Spot) -> Option<Spot> {
        let row = self.tree.cell(node.cell()?).row;
        (row != RowAt::ROOT).then(|| self.spot(self.tree.head(row)))
    }

    fn is_relevant(&self, node: Spot) -> bool {
        node.cell().is_none_or(|at| self.tree.cell(at).asked)
    }

    fn property(&self, name: &str) -> Option<Cow<'_, str>> {
        let known = |what| self.environment.background(what).map(Cow::Owned);
        match name {
            "version" => Some(Cow::Borrowed(&self.plan.form.version)),
            "deviceid" => known(Background::DeviceId),
            "username" => known(Background::Username),
            "email" => known(Background::Email),
            "phonenumber" => known(Background::PhoneNumber),
            "duration" => {
                let spent_ms = self.environment.now().unix_ms - self.begun_ms?;
                Some(Cow::Owned((spent_ms / 1_000).to_string()))
            }
            _ => None,
        }
    }

    fn choice_label(&self, question: &str, value: &str, from: Spot) -> Option<Cow<'_, str>> {
        let from = self.tree.cell(from.cell().unwrap_or(CellAt::ROOT)).node;
        let node = self.plan.layout.find(&self.plan.form, question, from)?;
        let (table, stored, shown) = match &choices_of(self.plan.form.node(node))?.from {
            Source::List(name) => (self.plan.find_list(name)? as u32, "name", "label"),
            Source::Table { table, value, label } => (self.shelf.find(table)?, value.as_str(), label.as_str()),
            Source::Repeat(_) => return Some(Cow::Owned(value.to_owned())),
        };
        let held = self.shelf.table(table);
        let row = *held.rows_with(held.find_column(stored)?, value).first()?;
        Some(self.list_field(table, row, held.find_column(shown)? as u32))
    }

    fn now(&self) -> Moment {
        self.environment.now()
    }

    fn random(&self) -> f64 {
        // 53 bits are what a number between 0 and 1 can tell apart.
        (self.environment.random_bits() >> 75) as f64 / (1u64 << 53) as f64
    }

    fn random_bits(&self) -> u128 {
        self.environment.random_bits()
    }
}
