//! A questionnaire as it was read: its questions in order, its choice lists, its texts in every language.
//!
//! A form is data: it is published by the server, stored with its version and travels to devices as JSON.
//! How it is read from a workbook is `xlsform`'s business, how it is asked is `interview`'s.

mod choices;
mod entity;
mod kind;
mod node;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use choices::{Choice, ChoiceList, Choices, Source, TableFile};
pub use entity::Entity;
pub use kind::{Background, Kind, Range};
pub use node::{Initial, Media, Node, NodeId, Place};
pub use text::{Language, Piece, Template, Text};

use crate::expr::Formula;

/// One version of one questionnaire.
///
/// `nodes` is in the order of the survey sheet, parents before their children; `nodes[0]` is the form itself, a group
/// whose name is the root element's (`data` where the settings name none).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// `form_id` of the settings sheet, else the workbook's name.
    pub id: String,
    /// `version` of the settings sheet, as written; empty where there is none.
    pub version: String,
    /// `form_title`.
    pub title: String,
    /// The languages of the form in the order of their first appearance; never empty.
    pub languages: Vec<Language>,
    /// Index into `languages`.
    pub default_language: usize,
    /// The name an interview gets (`instance_name`), e.g. `concat(${village}, ' ', ${head})`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<Formula>,
    /// Pages or one long list (`style`); empty where the sheet says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub style: Vec<String>,
    /// Everything that stands on the survey sheet.
    pub nodes: Vec<Node>,
    /// The choices sheet (and external_choices), one entry a list.
    pub lists: Vec<ChoiceList>,
    /// Tables that must lie beside the form: `pulldata`, `select_one_from_file`, `csv-external`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableFile>,
    /// What the interview makes or changes in the register.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Settings that this engine keeps but does not act on, by their column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

impl Form {
    /// The node at `id`.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The ids of all nodes, the form itself first, in the order of the sheet.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::new)
    }

    /// The children of `parent` in the order of the sheet.
    pub fn children(&self, parent: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.ids().filter(move |&id| self.node(id).parent == Some(parent))
    }

    /// From `id` up to the form itself, `id` first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), |&at| self.node(at).parent)
    }

    /// The innermost repeat that holds `id`, itself not counted.
    pub fn repeat_around(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id).skip(1).find(|&at| matches!(self.node(at).kind, Kind::Repeat { .. }))
    }

    /// Names from the root element down to `id`, joined by `/`, e.g. `/data/person/age`.
    pub fn path(&self, id: NodeId) -> String {
        let mut names: Vec<&str> = self.ancestors(id).map(|at| self.node(at).name.as_str()).collect();
        names.push("");
        names.reverse();
        names.join("/")
    }

    /// The list of that name.
    pub fn find_list(&self, name: &str) -> Option<&ChoiceList> {
        self.lists.iter().find(|list| list.name == name)
    }
}
