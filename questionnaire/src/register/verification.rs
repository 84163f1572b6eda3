//! What became of the values that the register knew: each beside what was found.

use serde::Serialize;
use serde_json::Value;

use crate::form::{Entity, NodeId};
use crate::interview::{CellAt, Path, Prelisted, Sheet, Standing, to_json};

/// A value of the register and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The question.
    pub path: Path,
    /// The collection of the record that it belongs to, e.g. `person`.
    pub list: String,
    /// The record's id.
    pub entity: String,
    /// The property.
    pub property: String,
    /// What the register knew, from where and when.
    pub prelist: Prelisted,
    /// What was found; `null` for nothing, or where the question was skipped.
    pub found: Value,
    /// What that makes of it.
    pub standing: Standing,
}

impl Sheet {
    /// All values that the register knew, row by row.
    pub(crate) fn verification(&self) -> Vec<Verification> {
        let mut found = Vec::new();
        for head in self.tree.walk(&self.plan).into_iter().filter(|&at| self.tree.is_head(at)) {
            for entity in self.plan.entities_of(self.tree.cell(head).node) {
                let properties = self.plan.properties_of(entity);
                found.extend(properties.filter_map(|(property, node)| self.verified(entity, property, head, node)));
            }
        }
        found
    }

    fn verified(&self, entity: &Entity, property: &str, head: CellAt, node: NodeId) -> Option<Verification> {
        let row = self.tree.cell(head).row;
        let at = self.tree.cell_of(&self.plan, row, node);
        // Whatever was answered before the question was skipped says nothing about the register's value.
        let standing = if self.tree.cell(at).asked { self.standing(at)? } else { Standing::Untouched };
        Some(Verification {
            path: self.path(at),
            list: entity.list.clone(),
            entity: self.tree.row(row).entities.get(&entity.list)?.clone(),
            property: property.to_owned(),
            prelist: self.prelist.get(&at)?.clone(),
            found: to_json(&self.plan.form.node(node).kind, self.tree.value(at)),
            standing,
        })
    }
}
