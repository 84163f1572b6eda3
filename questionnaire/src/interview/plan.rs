//! A form made ready to be asked: what of it is the same for every interview.

use std::collections::HashMap;
use std::sync::Arc;

use crate::form::{ChoiceList, Entity, Form, Kind, NodeId};
use crate::interview::graph::{Cycle, Graph, choices_of, is_branch};
use crate::interview::layout::Layout;
use crate::interview::table::Table;

/// A form made ready to be asked; made once, shared by all its interviews.
#[derive(Debug)]
pub struct Plan {
    pub(crate) form: Form,
    pub(crate) layout: Layout,
    pub(crate) graph: Graph,
    /// The form's choice lists, in its order, as `instance()` sees them.
    pub(crate) lists: Vec<Arc<Table>>,
    list_names: HashMap<String, usize>,
}

impl Plan {
    /// Makes `form` ready.
    pub fn new(form: Form) -> Self {
        let layout = Layout::new(&form);
        let graph = Graph::new(&form, &layout);
        let lists = form.lists.iter().map(|list| Arc::new(table_of(list))).collect();
        let list_names = form.lists.iter().enumerate().map(|(at, list)| (list.name.clone(), at)).collect();
        Plan { form, layout, graph, lists, list_names }
    }

    /// The form.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Questions that need each other's values in one row, by which none has one. An interview with such a form goes
    /// on, but what it calculates there means nothing: a form should not be published with one.
    pub fn cycles(&self) -> &[Cycle] {
        self.graph.cycles()
    }

    pub(crate) fn find_list(&self, name: &str) -> Option<usize> {
        self.list_names.get(name).copied()
    }

    /// The entities that a row of `head` (a repeat, or the form itself) makes or changes.
    pub(crate) fn entities_of(&self, head: NodeId) -> impl Iterator<Item = &Entity> {
        self.form.entities.iter().filter(move |entity| entity.scope == head)
    }

    /// The properties of an entity with the questions that fill them, each of which is there once in its row.
    pub(crate) fn properties_of<'a>(
        &self,
        entity: &'a Entity,
    ) -> impl Iterator<Item = (&'a str, NodeId)> + use<'a, '_> {
        let scope = self.layout.row_scope(entity.scope);
        let properties = entity.properties.iter().map(|(property, &node)| (property.as_str(), node));
        properties.filter(move |&(_, node)| self.layout.scope_of(node) == scope)
    }

    /// Whether the node holds a value.
    pub(crate) fn is_leaf(&self, node: NodeId) -> bool {
        !is_branch(self.form.node(node))
    }

    /// Whether the node is shown on a screen as a question or a note.
    pub(crate) fn is_shown(&self, node: NodeId) -> bool {
        let silent = matches!(self.form.node(node).kind, Kind::Calculate | Kind::Hidden | Kind::Background(_));
        self.is_leaf(node) && !silent
    }

    /// Whether a person can answer it, unless it is read-only.
    pub(crate) fn is_answerable(&self, node: NodeId) -> bool {
        self.is_shown(node) && !matches!(self.form.node(node).kind, Kind::Note)
    }

    /// Whether it has choices.
    pub(crate) fn has_choices(&self, node: NodeId) -> bool {
        choices_of(self.form.node(node)).is_some()
    }
}

/// The columns of a choice list: `name`, `label` (which is written by language, see `scene`), and its own.
fn table_of(list: &ChoiceList) -> Table {
    let names = ["name", "label"].into_iter().chain(list.columns.iter().map(String::as_str)).map(str::to_owned);
    let rows = list.choices.iter().map(|choice| {
        let own = choice.extra.iter().map(String::as_str);
        [choice.name.as_str(), ""].into_iter().chain(own).collect::<Vec<_>>()
    });
    Table::new(names.collect(), rows)
}
