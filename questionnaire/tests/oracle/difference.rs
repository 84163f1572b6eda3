//! Where two engines see an interview differently.

use std::collections::BTreeSet;
use std::fmt;

use questionnaire::form::{Form, Kind, Source};
use questionnaire::interview::Tables;

use crate::generator::{Generator, plain};
use crate::odk::{Nodes, Standing, Step};

/// Deviations that docs/questionnaire.md lists, where a form meets them: the form, the node, and what it is about.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    ("ipa_phone_survey", "pb_next_call", "format-date-time of a number of days"),
    ("pyxform_attribute_columns_test", "uri_deviceid", "what Collect's older versions called deviceid"),
    ("pyxform_xlsform_spec_test", "uri_deviceid", "what Collect's older versions called deviceid"),
];

/// A node on which the engines disagree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) what: &'static str,
    pub(crate) odk: String,
    pub(crate) ours: String,
}

impl Difference {
    /// ODK's engine has taken a step that ours refuses.
    pub(crate) fn of_step(step: &Step, refusal: String) -> Self {
        let path = match step {
            Step::Begin => String::new(),
            Step::Set { path, .. } | Step::Add { path } | Step::Remove { path } => path.clone(),
        };
        Difference { path, what: "the step", odk: "takes it".to_owned(), ours: refusal }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {}: ODK {}, ours {}", self.what, self.path, self.odk, self.ours)
    }
}

/// Everything that is compared of one form: nodes that stand in both, unless chance or the moment decides their value.
pub(crate) struct Comparison<'a> {
    generator: &'a Generator<'a>,
    left_out: BTreeSet<String>,
    /// Questions whose choices come from a table that is not there: ODK's engine may know them otherwise (`search()`).
    without_table: BTreeSet<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(name: &str, form: &Form, tables: &Tables, generator: &'a Generator<'a>) -> Self {
        let deviations = DEVIATIONS.iter().filter(|(form, ..)| *form == name);
        let left_out = deviations.map(|(_, node, _)| (*node).to_owned()).collect();
        Comparison { generator, left_out: with_dependents(form, left_out), without_table: without_table(form, tables) }
    }

    /// All differences, in the order of the paths.
    pub(crate) fn differences(&self, odk: &Nodes, ours: &Nodes) -> Vec<Difference> {
        let known = odk.iter().filter(|(path, _)| self.generator.node(path).is_some());
        let mut all: Vec<Difference> = known
            .flat_map(|(path, standing)| match ours.get(path) {
                Some(own) => self.of_node(path, standing, own),
                None if standing.relevant && !self.is_left_out(path) => {
                    vec![difference(path, "existence", "there", "absent")]
                }
                None => Vec::new(),
            })
            .collect();
        let more = ours.iter().filter(|(path, standing)| {
            let is_expected = standing.relevant && !self.is_left_out(path) && !self.generator.is_kept_in_meta(path);
            is_expected && !odk.contains_key(*path)
        });
        all.extend(more.map(|(path, _)| difference(path, "existence", "absent", "there")));
        all
    }

    fn of_node(&self, path: &str, odk: &Standing, ours: &Standing) -> Vec<Difference> {
        if self.is_left_out(path) {
            return Vec::new();
        }
        if odk.relevant != ours.relevant {
            return vec![difference(path, "relevance", odk.relevant, ours.relevant)];
        }
        if !odk.relevant || odk.value.is_none() {
            return Vec::new();
        }
        let mut all = Vec::new();
        if !is_same_value(odk.value.as_deref(), ours.value.as_deref()) {
            all.push(difference(path, "value", &odk.value, &ours.value));
        }
        if odk.violation != ours.violation {
            all.push(difference(path, "violation", &odk.violation, &ours.violation));
        }
        if odk.choices.is_some() && odk.choices != ours.choices && !self.lacks_table(path) {
            all.push(difference(path, "choices", &odk.choices, &ours.choices));
        }
        all
    }

    /// Whether an answer to the node would tell nothing.
    pub(crate) fn is_idle(&self, path: &str) -> bool {
        self.is_left_out(path) || self.lacks_table(path)
    }

    fn lacks_table(&self, path: &str) -> bool {
        plain(path).rsplit('/').next().is_some_and(|name| self.without_table.contains(name))
    }

    /// Whether chance or a deviation that is documented has a say in the node.
    fn is_left_out(&self, path: &str) -> bool {
        plain(path).split('/').any(|name| self.left_out.contains(name))
    }
}

/// ODK's engine writes whole decimals and degrees with `.0`; the numbers count. pyxform straightens quotes in labels.
fn is_same_value(odk: Option<&str>, ours: Option<&str>) -> bool {
    let words = |value: Option<&str>| -> Vec<String> {
        let straight = value.unwrap_or_default().replace(['‘', '’'], "'").replace(['“', '”'], "\"");
        straight.split(' ').map(|word| word.strip_suffix(".0").unwrap_or(word).to_owned()).collect()
    };
    odk == ours || words(odk) == words(ours)
}

fn difference(path: &str, what: &'static str, odk: impl fmt::Debug, ours: impl fmt::Debug) -> Difference {
    Difference { path: path.to_owned(), what, odk: format!("{odk:?}"), ours: format!("{ours:?}") }
}

fn without_table(form: &Form, tables: &Tables) -> BTreeSet<String> {
    let lacks = |kind: &Kind| match kind {
        Kind::SelectOne(choices) | Kind::SelectMultiple(choices) | Kind::Rank(choices) => {
            matches!(&choices.from, Source::Table { table, .. } if tables.find(table).is_none())
        }
        _ => false,
    };
    form.nodes.iter().filter(|node| lacks(&node.kind)).map(|node| node.name.clone()).collect()
}

/// These nodes, those whose value is drawn by chance, and all that look at one of them.
fn with_dependents(form: &Form, mut names: BTreeSet<String>) -> BTreeSet<String> {
    let text = |id| serde_json::to_string(form.node(id)).expect("a node is plain JSON");
    let rows: Vec<(String, String)> = form.ids().skip(1).map(|id| (form.node(id).name.clone(), text(id))).collect();
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
