//! Where two engines see an interview differently.

use std::collections::BTreeSet;
use std::fmt;

use questionnaire::form::Form;

use crate::generator::{Generator, plain};
use crate::odk::{Nodes, Standing};

/// A node on which the engines disagree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) what: &'static str,
    pub(crate) odk: String,
    pub(crate) ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {}: ODK {}, ours {}", self.what, self.path, self.odk, self.ours)
    }
}

/// Everything that is compared of one form: nodes that stand in both, unless chance or the moment decides their value.
pub(crate) struct Comparison<'a> {
    generator: &'a Generator<'a>,
    unpredictable: BTreeSet<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(form: &Form, generator: &'a Generator<'a>) -> Self {
        Comparison { generator, unpredictable: unpredictable(form) }
    }

    /// All differences, in the order of the paths.
    pub(crate) fn differences(&self, odk: &Nodes, ours: &Nodes) -> Vec<Difference> {
        let known = odk.iter().filter(|(path, _)| self.generator.node(path).is_some());
        let mut all: Vec<Difference> = known
            .flat_map(|(path, standing)| match ours.get(path) {
                Some(own) => self.of_node(path, standing, own),
                None if standing.relevant => vec![difference(path, "existence", "there", "absent")],
                None => Vec::new(),
            })
            .collect();
        let more = ours.iter().filter(|(path, standing)| {
            standing.relevant && !odk.contains_key(*path) && !self.generator.is_kept_in_meta(path)
        });
        all.extend(more.map(|(path, _)| difference(path, "existence", "absent", "there")));
        all
    }

    fn of_node(&self, path: &str, odk: &Standing, ours: &Standing) -> Vec<Difference> {
        if self.is_unpredictable(path) {
            return Vec::new();
        }
        if odk.relevant != ours.relevant {
            return vec![difference(path, "relevance", odk.relevant, ours.relevant)];
        }
        if !odk.relevant || odk.value.is_none() {
            return Vec::new();
        }
        let mut all = Vec::new();
        if !self.is_same_value(path, &odk.value, &ours.value) {
            all.push(difference(path, "value", &odk.value, &ours.value));
        }
        if odk.violation != ours.violation {
            all.push(difference(path, "violation", &odk.violation, &ours.violation));
        }
        if odk.choices.is_some() && odk.choices != ours.choices {
            all.push(difference(path, "choices", &odk.choices, &ours.choices));
        }
        all
    }

    /// ODK's engine writes whole decimals and degrees with `.0`; the numbers count.
    fn is_same_value(&self, path: &str, odk: &Option<String>, ours: &Option<String>) -> bool {
        if odk == ours {
            return true;
        }
        let (Some(odk), Some(ours), true) = (odk, ours, self.generator.is_numeric(path)) else { return false };
        let numbers = |text: &str| text.split([' ', ';']).map(|word| word.parse::<f64>().ok()).collect::<Vec<_>>();
        numbers(odk) == numbers(ours)
    }

    fn is_unpredictable(&self, path: &str) -> bool {
        plain(path).split('/').any(|name| self.unpredictable.contains(name))
    }
}

fn difference(path: &str, what: &'static str, odk: impl fmt::Debug, ours: impl fmt::Debug) -> Difference {
    Difference { path: path.to_owned(), what, odk: format!("{odk:?}"), ours: format!("{ours:?}") }
}

/// Names of nodes whose value is drawn by chance, and of those that look at one.
fn unpredictable(form: &Form) -> BTreeSet<String> {
    let text = |id| serde_json::to_string(form.node(id)).expect("a node is plain JSON");
    let rows: Vec<(String, String)> = form.ids().skip(1).map(|id| (form.node(id).name.clone(), text(id))).collect();
    let mut names: BTreeSet<String> = BTreeSet::new();
    loop {
        let found: Vec<String> = rows
            .iter()
            .filter(|(name, text)| {
                !names.contains(name)
                    && (["random(", "uuid(", "randomize"].iter().any(|word| text.contains(word))
                        || names.iter().any(|seen| text.contains(&format!("${{{seen}}}"))))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if found.is_empty() {
            return names;
        }
        names.extend(found);
    }
}
