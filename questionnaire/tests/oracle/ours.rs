//! Our engine, told the same steps and asked for the same state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use questionnaire::expr::Moment;
use questionnaire::form::{Background, Form, Kind, NodeId};
use questionnaire::interview::{Answer, Environment, Interview, Plan, Prefill, Rule, Tables};

use crate::generator::plain;
use crate::odk::{Nodes, Standing, Step};

/// A choice list is compared up to this length.
const CHOICES_MAX: usize = 1_000;

/// A device that is the same as ODK's engine is told: see `createInstance` in tests/oracle/oracle.mjs.
pub(crate) struct Device {
    pub(crate) now: Moment,
    drawn: AtomicU64,
}

impl Environment for Device {
    fn now(&self) -> Moment {
        self.now
    }

    fn random_bits(&self) -> u128 {
        u128::from(self.drawn.fetch_add(1, Ordering::Relaxed)).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    fn background(&self, what: Background) -> Option<String> {
        let known = match what {
            Background::DeviceId => "device",
            Background::Username => "enumerator",
            Background::Email => "enumerator@example.org",
            Background::PhoneNumber => "0800",
            _ => return None,
        };
        Some(known.to_owned())
    }
}

/// Our engine with one interview.
pub(crate) struct Ours {
    plan: Arc<Plan>,
    tables: Tables,
    now: Moment,
    interview: Interview,
}

impl Ours {
    pub(crate) fn new(form: Form, tables: Tables, now: Moment) -> Self {
        let plan = Arc::new(Plan::new(form));
        let interview = begin(&plan, &tables, now);
        Ours { plan, tables, now, interview }
    }

    /// Does a step and tells how everything stands after it.
    pub(crate) fn take(&mut self, step: &Step) -> Result<Nodes, String> {
        let interview = &mut self.interview;
        let refused = match step {
            Step::Begin => {
                *interview = begin(&self.plan, &self.tables, self.now);
                None
            }
            Step::Set { path, value } => {
                let plain = plain(path);
                let form = self.plan.form();
                let id = form.ids().find(|&id| form.path(id) == plain).ok_or("no such node")?;
                interview.answer(path, Answer::of(&form.node(id).kind, value)).err()
            }
            Step::Add { path } => interview.add_row(path).err(),
            Step::Remove { path } => interview.remove_row(path).err(),
        };
        match refused {
            Some(refusal) => Err(refusal.to_string()),
            None => Ok(self.nodes()),
        }
    }

    fn nodes(&self) -> Nodes {
        let mut nodes = Nodes::new();
        let root = format!("/{}", self.plan.form().node(NodeId::ROOT).name);
        self.gather(NodeId::ROOT, &root, &self.violations(), &mut nodes);
        nodes
    }

    /// What is wrong by path; warnings are ours alone.
    fn violations(&self) -> BTreeMap<String, &'static str> {
        let problems = self.interview.problems().into_iter().filter(|problem| !problem.rule.is_soft());
        problems
            .filter_map(|problem| {
                let rule = if problem.rule == Rule::Required { "required" } else { "constraint" };
                Some((self.interview.path_by_position(problem.path.as_str())?, rule))
            })
            .collect()
    }

    fn gather(&self, parent: NodeId, above: &str, violations: &BTreeMap<String, &'static str>, into: &mut Nodes) {
        let form = self.plan.form();
        for child in form.children(parent) {
            let path = format!("{above}/{}", form.node(child).name);
            match form.node(child).kind {
                Kind::Group => {
                    into.insert(path.clone(), self.branch(&path));
                    self.gather(child, &path, violations, into);
                }
                Kind::Repeat { .. } => {
                    let rows = (1..).map(|row| format!("{path}[{row}]"));
                    for row in rows.take_while(|row| self.interview.value(row).is_some()) {
                        into.insert(row.clone(), self.branch(&row));
                        self.gather(child, &row, violations, into);
                    }
                }
                _ => {
                    let standing = self.leaf(child, &path, violations.get(&path).copied());
                    into.insert(path, standing);
                }
            }
        }
    }

    fn branch(&self, path: &str) -> Standing {
        Standing { relevant: self.interview.is_asked(path), ..Standing::default() }
    }

    fn leaf(&self, id: NodeId, path: &str, violation: Option<&str>) -> Standing {
        let has_choices =
            matches!(self.plan.form().node(id).kind, Kind::SelectOne(_) | Kind::SelectMultiple(_) | Kind::Rank(_));
        let offers = || self.interview.search_choices(path, "", CHOICES_MAX).unwrap_or_default();
        Standing {
            relevant: self.interview.is_asked(path),
            value: self.interview.value(path).map(str::to_owned),
            violation: violation.map(str::to_owned),
            choices: has_choices.then(|| offers().into_iter().map(|offer| offer.name).collect()),
            ..Standing::default()
        }
    }
}

fn begin(plan: &Arc<Plan>, tables: &Tables, now: Moment) -> Interview {
    let device = Arc::new(Device { now, drawn: AtomicU64::new(1) });
    Interview::begin(Arc::clone(plan), tables, device, Prefill::default())
}
