//! What the register knew before the visit, beside what is found: each is confirmed or changed, and both are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::form::Kind;
use crate::interview::answer;
use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

/// What the register knows of those whom a form or one of its rows is about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Prefill {
    /// By the list that an entity of the form names, e.g. `household` and `family`, or in a row `person`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<String, Known>,
    /// The rows that a repeat begins with, by the list of its entity, e.g. `person`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, Vec<Prefill>>,
}

/// What the register knows of one household, person or the like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Known {
    /// Its id.
    pub entity: String,
    /// What it is called until the interview knows better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its values by property, as `save_to` names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Prelisted>,
}

impl Prefill {
    fn ids(&self) -> BTreeMap<String, String> {
        self.known.iter().map(|(list, known)| (list.clone(), known.entity.clone())).collect()
    }
}

/// A value of the register, with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prelisted {
    /// As an answer to its question is written in JSON.
    pub value: Value,
    /// E.g. `DTSEN 2025`.
    pub source: String,
    /// When it was true or imported, as the source writes dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What became of a prelist value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody has said anything about it.
    Untouched,
    /// It was found to be so.
    Confirmed,
    /// Another value was found, or none.
    Changed,
}

impl Sheet {
    /// Lays the register's values beside the questions of `row`.
    pub(crate) fn bind(&mut self, row: RowAt, prefill: &Prefill) {
        let held = self.tree.row_mut(row);
        held.entities = prefill.ids();
        held.label = prefill.known.values().find_map(|known| known.label.clone());
        let head = self.tree.cell(self.tree.head(row)).node;
        for entity in self.plan.entities_of(head) {
            let Some(known) = prefill.known.get(&entity.list) else { continue };
            for (property, node) in self.plan.properties_of(entity) {
                if let Some(listed) = known.values.get(property) {
                    self.prelist.insert(self.tree.cell_of(&self.plan, row, node), listed.clone());
                }
            }
        }
    }

    /// The same for `row` and all rows in it, by the ids of their entities: for a draft that is taken up again.
    pub(crate) fn bind_again(&mut self, row: RowAt, prefill: &Prefill) {
        self.bind(row, prefill);
        let plan = std::sync::Arc::clone(&self.plan);
        let series = self.tree.cells_of(&plan, row).filter(|&at| self.tree.is_series(&plan, at)).collect::<Vec<_>>();
        for at in series {
            let mut entities = plan.entities_of(self.tree.cell(at).node);
            let Some(entries) = entities.find_map(|entity| prefill.rows.get(&entity.list)) else { continue };
            let series = self.tree.series(&plan, at);
            for row in [series.rows.clone(), series.aside.clone()].concat() {
                let ids = &self.tree.row(row).entities;
                if let Some(entry) = entries.iter().find(|entry| !ids.is_empty() && entry.ids() == *ids) {
                    self.bind_again(row, entry);
                }
            }
        }
    }

    /// The prelist value in the text of a submission.
    pub(crate) fn prelist_text(&self, at: CellAt) -> Option<String> {
        let kind = &self.plan.form.node(self.tree.cell(at).node).kind;
        let text = answer::from_json(&self.prelist.get(&at)?.value)?;
        Some(answer::normal(kind, &text))
    }

    /// A prelist value that nobody is asked about: it stands as it is.
    pub(crate) fn taken_from_prelist(&self, at: CellAt) -> Option<String> {
        let node = self.plan.form.node(self.tree.cell(at).node);
        let is_fixed = node.read_only.as_ref().is_some_and(|formula| formula.text().trim() == "true()");
        (matches!(node.kind, Kind::Hidden) || is_fixed).then(|| self.prelist_text(at)).flatten()
    }

    /// What became of the prelist value of a question; `None` where it has none.
    pub(crate) fn standing(&self, at: CellAt) -> Option<Standing> {
        let listed = self.prelist_text(at)?;
        let cell = self.tree.cell(at);
        // What is calculated from answers is as good as they are.
        let calculated =
            matches!(self.plan.form.node(cell.node).kind, Kind::Calculate) && !self.tree.value(at).is_empty();
        Some(match (cell.touched || calculated, cell.raw == listed) {
            (false, _) => Standing::Untouched,
            (true, true) => Standing::Confirmed,
            (true, false) => Standing::Changed,
        })
    }
}
