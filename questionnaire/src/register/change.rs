//! What the register is to be told, entity by entity.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::form::Entity;
use crate::interview::{CellAt, Path, RowAt, RowId, Sheet, Standing, to_json};

/// Properties of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The collection, e.g. `person`.
    pub list: String,
    /// What to do.
    pub action: Action,
    /// The entity's id; absent where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The row it stands in; absent for the form's own. The id of a new entity may be derived from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<RowId>,
    /// The entity's place in the interview.
    pub path: Path,
    /// The row or form around, where that is an entity as well: whom this one belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Path>,
    /// How it is called in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Values by property; `null` where a value that the register knew was taken back. A property without an answer is
    /// absent: nothing was found out about it.
    pub properties: BTreeMap<String, Value>,
}

/// What to do with an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is new.
    Create,
    /// The register knows it.
    Update,
}

impl Sheet {
    /// What the register is to be told, in the order of the interview.
    pub(crate) fn register_changes(&self) -> Vec<Change> {
        let heads = self.tree.walk(&self.plan).into_iter().filter(|&at| self.tree.is_head(at));
        let asked = heads.filter(|&head| self.tree.cell(head).asked);
        asked.flat_map(|head| self.changes_at(head)).collect()
    }

    fn changes_at(&self, head: CellAt) -> impl Iterator<Item = Change> {
        let entities = self.plan.entities_of(self.tree.cell(head).node);
        entities.filter_map(move |entity| self.change_to(entity, head))
    }

    fn change_to(&self, entity: &Entity, head: CellAt) -> Option<Change> {
        let row = self.tree.cell(head).row;
        let id = self.entity_id(entity, head);
        Some(Change {
            list: entity.list.clone(),
            action: self.action(entity, head, id.is_some())?,
            entity: id,
            row: (head != CellAt::ROOT).then(|| self.tree.row(row).id.clone()),
            path: self.path(head),
            within: self.entity_around(row),
            label: self.entity_label(entity, head),
            properties: self.properties(entity, row),
        })
    }

    /// The id that the form computes, else that of the record the row was begun with.
    fn entity_id(&self, entity: &Entity, head: CellAt) -> Option<String> {
        let computed = entity.entity_id.as_ref().map(|formula| self.answer_of(formula, head));
        let known = || self.tree.row(self.tree.cell(head).row).entities.get(&entity.list).cloned();
        computed.filter(|id| !id.is_empty()).or_else(known)
    }

    /// ODK's rules: with a known id an update, unless only `create_if` is given; `update_if` and `create_if` decide
    /// where they are given.
    fn action(&self, entity: &Entity, head: CellAt, is_known: bool) -> Option<Action> {
        let create = entity.create_if.as_ref().map(|formula| self.holds(formula, head));
        let update = entity.update_if.as_ref().map(|formula| self.holds(formula, head));
        match (is_known, create, update) {
            (true, _, Some(true)) | (true, None, None) => Some(Action::Update),
            (_, Some(true), _) | (false, None, None) => Some(Action::Create),
            _ => None,
        }
    }

    fn entity_around(&self, row: RowAt) -> Option<Path> {
        let mut around = std::iter::successors(self.tree.row(row).parent, |&at| self.tree.row(at).parent);
        let is_entity = |head: &CellAt| self.plan.entities_of(self.tree.cell(*head).node).next().is_some();
        around.find_map(|row| Some(self.tree.head(row)).filter(is_entity)).map(|head| self.path(head))
    }

    fn properties(&self, entity: &Entity, row: RowAt) -> BTreeMap<String, Value> {
        let mut properties = BTreeMap::new();
        for (property, node) in self.plan.properties_of(entity) {
            let at = self.tree.cell_of(&self.plan, row, node);
            let value = to_json(&self.plan.form.node(node).kind, self.tree.value(at));
            let is_told = !value.is_null() || self.standing(at) == Some(Standing::Changed);
            if is_told && self.tree.cell(at).asked {
                properties.insert(property.to_owned(), value);
            }
        }
        properties
    }
}
