//! Rows that a count takes away and brings back: ODK's engine brings them back empty, ours as they were
//! (docs/questionnaire.md), so an interview in which that happens tells nothing from there on.

use std::collections::{BTreeMap, BTreeSet};

use questionnaire::form::{Form, Kind};

use crate::generator::Generator;
use crate::odk::Nodes;

/// How many rows the counted repeats of an interview have had.
#[derive(Default)]
pub(crate) struct Counts {
    rows: BTreeMap<String, usize>,
    shrunk: BTreeSet<String>,
}

impl Counts {
    /// Takes note of the rows there are now; whether some of them had been taken away before.
    pub(crate) fn have_come_back(&mut self, form: &Form, generator: &Generator<'_>, nodes: &Nodes) -> bool {
        let mut rows: BTreeMap<String, usize> = BTreeMap::new();
        for path in nodes.keys().filter(|path| path.ends_with(']')) {
            let kind = generator.node(path).map(|id| &form.node(id).kind);
            if let (Some(Kind::Repeat { count: Some(_) }), Some((range, _))) = (kind, path.rsplit_once('[')) {
                *rows.entry(range.to_owned()).or_default() += 1;
            }
        }
        let now = |range: &str| rows.get(range).copied().unwrap_or_default();
        let fewer = self.rows.iter().filter(|&(range, &before)| now(range) < before);
        self.shrunk.extend(fewer.map(|(range, _)| range.clone()));
        let before = |range: &str| self.rows.get(range).copied().unwrap_or_default();
        let again = rows.iter().any(|(range, &now)| self.shrunk.contains(range) && now > before(range));
        self.rows = rows;
        again
    }
}
