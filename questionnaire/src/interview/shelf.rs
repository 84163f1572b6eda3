//! The lists and tables of one interview, numbered, so that an expression's node can name one in four bytes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::interview::plan::Plan;
use crate::interview::table::{Table, Tables};

/// The form's choice lists, then the tables beside it.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    tables: Vec<Arc<Table>>,
    names: HashMap<String, u32>,
    lists: u32,
}

impl Shelf {
    pub(crate) fn new(plan: &Plan, beside: &Tables) -> Self {
        let mut shelf = Shelf { tables: plan.lists.clone(), names: HashMap::new(), lists: plan.lists.len() as u32 };
        for (name, table) in beside.iter() {
            shelf.names.insert(name.to_owned(), shelf.tables.len() as u32);
            shelf.tables.push(Arc::clone(table));
        }
        // A list of the form's own is meant before a table of the same name.
        for (at, list) in (0..).zip(&plan.form.lists) {
            shelf.names.insert(list.name.clone(), at);
        }
        shelf
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// What a table beside the form is called.
    pub(crate) fn name(&self, at: u32) -> Option<&str> {
        self.names.iter().find(|&(_, &known)| known == at).map(|(name, _)| name.as_str())
    }

    pub(crate) fn table(&self, at: u32) -> &Table {
        &self.tables[at as usize]
    }

    /// Whether it is a choice list of the form; `table` has the same number among them.
    pub(crate) fn is_list(&self, at: u32) -> bool {
        at < self.lists
    }
}
