//! The answers of a whole interview in JSON: an object for each group and row, a list for each repeat.
//!
//! A row carries its id as `@row` and, where it is about known records of the register, their ids as `@entities`, by
//! list; no question can be called so. What has no answer is absent.

use serde_json::{Map, Value};

use crate::form::NodeId;
use crate::interview::RowId;
use crate::interview::answer;
use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

const ROW: &str = "@row";
const ENTITIES: &str = "@entities";
const ASIDE: &str = "@aside";

/// Which answers to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those that count at present.
    Counting,
    /// Also what is kept aside: of skipped questions, of rows and choices that are not there at present.
    All,
}

/// An answer that found no place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misfit {
    /// What holds it.
    pub(crate) above: CellAt,
    /// The key, or the text that is no answer.
    pub(crate) name: String,
}

impl Sheet {
    pub(crate) fn write(&self, extent: Extent) -> Value {
        Value::Object(self.write_branch(CellAt::ROOT, extent))
    }

    fn write_branch(&self, branch: CellAt, extent: Extent) -> Map<String, Value> {
        let mut object = Map::new();
        let cell = self.tree.cell(branch);
        for &child in self.plan.layout.children(cell.node) {
            let at = self.tree.cell_of(&self.plan, cell.row, child);
            let node = self.plan.form.node(child);
            let value = if self.plan.layout.opened_by(child).is_some() {
                Value::Array(self.write_series(at, extent))
            } else if self.plan.is_leaf(child) {
                let text = if extent == Extent::All { &self.tree.cell(at).raw } else { self.tree.value(at) };
                answer::to_json(&node.kind, text)
            } else {
                Value::Object(self.write_branch(at, extent))
            };
            if !is_void(&value) {
                object.insert(node.name.clone(), value);
            }
        }
        object
    }

    fn write_series(&self, series: CellAt, extent: Extent) -> Vec<Value> {
        let held = self.tree.series(&self.plan, series);
        let asked = |&&row: &&RowAt| extent == Extent::All || self.tree.cell(self.tree.head(row)).asked;
        let mut rows: Vec<Value> =
            held.rows.iter().filter(asked).map(|&row| Value::Object(self.write_row(row, extent))).collect();
        if extent == Extent::All {
            rows.extend(held.aside.iter().map(|&row| {
                let mut object = self.write_row(row, extent);
                object.insert(ASIDE.to_owned(), Value::Bool(true));
                Value::Object(object)
            }));
        }
        rows
    }

    fn write_row(&self, row: RowAt, extent: Extent) -> Map<String, Value> {
        let mut object = Map::new();
        let held = self.tree.row(row);
        object.insert(ROW.to_owned(), held.id.as_str().into());
        if !held.entities.is_empty() {
            let ids = held.entities.iter().map(|(list, id)| (list.clone(), id.as_str().into()));
            object.insert(ENTITIES.to_owned(), Value::Object(ids.collect()));
        }
        object.extend(self.write_branch(self.tree.head(row), extent));
        object
    }

    /// Takes answers as they were written; nothing is evaluated. Returns those that found no place.
    pub(crate) fn read(&mut self, answers: &Value) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        self.read_branch(CellAt::ROOT, answers, &mut misfits);
        misfits
    }

    fn read_branch(&mut self, branch: CellAt, value: &Value, misfits: &mut Vec<Misfit>) {
        let Value::Object(object) = value else {
            return misfits.push(Misfit { above: branch, name: value.to_string() });
        };
        for (name, value) in object {
            let children = self.plan.layout.children(self.tree.cell(branch).node);
            match children.iter().copied().find(|&child| self.plan.form.node(child).name == *name) {
                Some(child) => self.read_node(branch, child, value, misfits),
                None if name.starts_with('@') => {}
                None => misfits.push(Misfit { above: branch, name: name.clone() }),
            }
        }
    }

    fn read_node(&mut self, branch: CellAt, child: NodeId, value: &Value, misfits: &mut Vec<Misfit>) {
        let at = self.tree.cell_of(&self.plan, self.tree.cell(branch).row, child);
        let misfit = || Misfit { above: branch, name: self.plan.form.node(child).name.clone() };
        if self.plan.layout.opened_by(child).is_some() {
            match value {
                Value::Array(rows) => rows.iter().for_each(|row| self.read_row(at, row, misfits)),
                _ => misfits.push(misfit()),
            }
        } else if !self.plan.is_leaf(child) {
            self.read_branch(at, value, misfits);
        } else {
            match answer::from_json(value) {
                Some(text) => self.tree.cell_mut(at).raw = text,
                None => misfits.push(misfit()),
            }
        }
    }

    fn read_row(&mut self, series: CellAt, value: &Value, misfits: &mut Vec<Misfit>) {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let row = self.make_row(series, text(ROW).map(RowId::from));
        let ids = value.get(ENTITIES).and_then(Value::as_object).into_iter().flatten();
        let ids = ids.filter_map(|(list, id)| Some((list.clone(), id.as_str()?.to_owned())));
        self.tree.row_mut(row).entities = ids.collect();
        self.tree.row_mut(row).begun = true;
        let plan = std::sync::Arc::clone(&self.plan);
        if value.get(ASIDE) == Some(&Value::Bool(true)) {
            self.tree.series_mut(&plan, series).aside.push(row);
        } else {
            self.tree.series_mut(&plan, series).rows.push(row);
            self.tree.set_attached(row, true);
        }
        self.read_branch(self.tree.head(row), value, misfits);
    }
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
