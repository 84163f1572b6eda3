//! A questionnaire as it is being filled in: its data, and all that formulas need to be evaluated over it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::interview::environment::Environment;
use crate::interview::plan::Plan;
use crate::interview::prelist::Prelisted;
use crate::interview::shelf::Shelf;
use crate::interview::table::Tables;
use crate::interview::tree::{CellAt, Tree};

/// The data of one interview with its form, its tables and its surroundings.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) plan: Arc<Plan>,
    pub(crate) shelf: Shelf,
    pub(crate) tree: Tree,
    pub(crate) environment: Arc<dyn Environment>,
    /// Index into the form's languages.
    pub(crate) language: usize,
    /// Decides the order of choices that are shuffled without a seed of the form's own.
    pub(crate) shuffle: u32,
    /// When the interview was begun, in milliseconds since 1970; `None` while a stored one is checked.
    pub(crate) begun_ms: Option<i64>,
    /// What the register knew before the visit, beside the question that asks for it.
    pub(crate) prelist: HashMap<CellAt, Prelisted>,
}

impl Sheet {
    /// An empty sheet; `settle` fills it.
    pub(crate) fn new(plan: Arc<Plan>, tables: &Tables, environment: Arc<dyn Environment>) -> Self {
        let shelf = Shelf::new(&plan, tables);
        let tree = Tree::new(&plan);
        let language = plan.form.default_language;
        let shuffle = environment.random_bits() as u32;
        Sheet { plan, shelf, tree, environment, language, shuffle, begun_ms: None, prelist: HashMap::new() }
    }
}
