//! Which saves a problem of a merged household goes back to: those of the values that its rule looks at.

use std::collections::{BTreeSet, HashMap, HashSet};

use questionnaire::expr::{Base, Formula, Move};
use questionnaire::form::{Choices, Form, Kind, NodeId};
use questionnaire::interview::{Problem, Rule};
use sync_protocol::Dot;

use super::registers::{Came, Merged};

/// A form with the values that were laid over it.
pub(super) struct Origins<'a> {
    form: &'a Form,
    merged: &'a Merged,
    /// The save of the visit that all other answers are of.
    visit: Dot,
    by_path: HashMap<String, NodeId>,
    by_name: HashMap<&'a str, Vec<NodeId>>,
}

/// A problem's place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'p> {
    pub(super) node: NodeId,
    /// The row's id; empty for the form itself.
    pub(super) row: &'p str,
}

/// Where the values of one problem are gathered.
struct Gathering<'p> {
    spot: Spot<'p>,
    repeat: Option<NodeId>,
    came: BTreeSet<Came>,
    seen: HashSet<(NodeId, Rows)>,
}

/// Of which rows a question's values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rows {
    Own,
    All,
}

impl<'a> Origins<'a> {
    pub(super) fn new(form: &'a Form, merged: &'a Merged, visit: Dot) -> Self {
        let by_path = form.ids().map(|id| (form.path(id), id)).collect();
        let mut by_name: HashMap<&str, Vec<NodeId>> = HashMap::new();
        for id in form.ids() {
            by_name.entry(form.node(id).name.as_str()).or_default().push(id);
        }
        Origins { form, merged, visit, by_path, by_name }
    }

    /// The question and row of a problem.
    pub(super) fn spot<'p>(&self, problem: &'p Problem) -> Option<Spot<'p>> {
        let path = problem.path.as_str();
        let plain: Vec<&str> = path.split('/').map(|part| part.split('[').next().unwrap_or(part)).collect();
        let node = *self.by_path.get(&plain.join("/"))?;
        let row = path.rsplit_once('[').and_then(|(_, rest)| rest.split(']').next()).unwrap_or("");
        Some(Spot { node, row })
    }

    /// The saves that the values at stake came from.
    pub(super) fn of(&self, spot: Spot<'_>, rule: Rule) -> BTreeSet<Came> {
        let is_repeat = matches!(self.form.node(spot.node).kind, Kind::Repeat { .. });
        let repeat = if is_repeat { None } else { self.form.repeat_around(spot.node) };
        let mut gathering = Gathering { spot, repeat, came: BTreeSet::new(), seen: HashSet::new() };
        self.gather(spot.node, Rows::Own, &mut gathering);
        if rule == Rule::Required {
            // The visit that asked and got no answer.
            gathering.came.insert(self.visit_itself());
        }
        for at in self.form.ancestors(spot.node) {
            self.follow(self.form.node(at).relevant.as_ref(), at, &mut gathering);
        }
        let node = self.form.node(spot.node);
        let formula = match (rule, &node.kind) {
            (Rule::Constraint, _) => node.constraint.as_ref(),
            (Rule::Required, _) => node.required.as_ref(),
            (Rule::Choice, Kind::SelectOne(of) | Kind::SelectMultiple(of) | Kind::Rank(of)) => {
                let Choices { filter, .. } = of;
                filter.as_ref()
            }
            (_, Kind::Repeat { count }) => count.as_ref(),
            _ => None,
        };
        self.follow(formula, spot.node, &mut gathering);
        gathering.came
    }

    fn visit_itself(&self) -> Came {
        Came { dot: self.visit, register: String::new() }
    }

    /// What stands behind a question's value.
    fn gather(&self, node: NodeId, rows: Rows, into: &mut Gathering<'_>) {
        if !into.seen.insert((node, rows)) {
            return;
        }
        if matches!(self.form.node(node).kind, Kind::Repeat { .. }) {
            return self.gather_rows(node, into);
        }
        let mut values = self.values(node, rows, into).into_iter().peekable();
        if values.peek().is_some() {
            into.came.extend(values.cloned());
        } else if let Some(calculation) = &self.form.node(node).calculation {
            self.follow(Some(calculation), node, into);
        } else if node != into.spot.node && self.form.repeat_around(node).is_none() {
            into.came.insert(self.visit_itself());
        }
    }

    /// That a repeat has its rows goes back to whoever recorded each.
    fn gather_rows(&self, repeat: NodeId, into: &mut Gathering<'_>) {
        for row in self.merged.rows(repeat) {
            let mut inside = self.form.ids().filter(|&id| self.form.repeat_around(id) == Some(repeat));
            into.came.extend(inside.find_map(|id| self.merged.came(row, id)).cloned());
        }
    }

    fn values(&self, node: NodeId, rows: Rows, into: &Gathering<'_>) -> Vec<&'a Came> {
        match self.form.repeat_around(node) {
            None => self.merged.came("", node).into_iter().collect(),
            Some(repeat) if rows == Rows::Own && into.repeat == Some(repeat) => {
                self.merged.came(into.spot.row, node).into_iter().collect()
            }
            Some(repeat) => self.merged.rows(repeat).iter().filter_map(|row| self.merged.came(row, node)).collect(),
        }
    }

    /// What a formula of `of` looks at.
    fn follow(&self, formula: Option<&Formula>, of: NodeId, into: &mut Gathering<'_>) {
        let own = self.form.repeat_around(of);
        for reference in formula.iter().flat_map(|formula| formula.references()) {
            let names: Vec<&str> = reference.moves.iter().filter_map(|step| name_of(*step)).collect();
            let target = match (names.last(), reference.base) {
                (Some(name), _) => Some(*name),
                (None, Base::Named(name)) => Some(name),
                _ => None,
            };
            let crosses = names
                .iter()
                .any(|name| self.named(name).iter().any(|&id| matches!(self.form.node(id).kind, Kind::Repeat { .. })));
            for &node in target.map_or(&[][..], |name| self.named(name)) {
                let is_beside = !crosses && own.is_some() && self.form.repeat_around(node) == own;
                self.gather(node, if is_beside { Rows::Own } else { Rows::All }, into);
            }
        }
    }

    fn named(&self, name: &str) -> &[NodeId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

fn name_of(step: Move<'_>) -> Option<&str> {
    match step {
        Move::Down(name) | Move::Deep(name) | Move::Above(name) | Move::Beside(name) => name,
        Move::Up => None,
    }
}
