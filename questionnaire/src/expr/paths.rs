//! Paths: from a start over steps to nodes, with the conditions on the way.

use super::ast::{Axis, Expr, Path, Start, Step, Test};
use super::evaluate::Scope;
use super::lookup::Equality;
use super::{Value, World, memo};

/// The name of the table that holds the answers of the interview finalized before, as ODK calls it.
const LAST_SAVED: &str = "__last-saved";

impl<W: World> Scope<'_, W> {
    pub(super) fn path(&self, path: &Path) -> Vec<W::Node> {
        let mut nodes = self.start(&path.start);
        for predicate in &path.predicates {
            nodes = self.filter(nodes, predicate);
        }
        let mut steps = path.steps.as_slice();
        while let Some((step, rest)) = steps.split_first() {
            // `//name` is two steps, and the first of them would gather the whole document.
            match rest.split_first() {
                Some((next, rest))
                    if step.is_double_slash() && next.axis == Axis::Child && next.predicates.is_empty() =>
                {
                    let below = Step { axis: Axis::Descendant, test: next.test.clone(), predicates: Vec::new() };
                    nodes = self.step(&nodes, &below);
                    steps = rest;
                }
                _ => {
                    nodes = self.step(&nodes, step);
                    steps = rest;
                }
            }
        }
        nodes
    }

    fn start(&self, start: &Start) -> Vec<W::Node> {
        match start {
            Start::Here => vec![self.node],
            Start::Document => vec![self.world.document()],
            Start::Named(name) => {
                let mut nodes = Vec::new();
                self.world.named(name, self.current, &mut nodes);
                nodes
            }
            Start::LastSaved(name) => {
                let step = Step { axis: Axis::Descendant, test: Test::Name(name.clone()), predicates: Vec::new() };
                self.world.instance(LAST_SAVED).map_or_else(Vec::new, |document| self.step(&[document], &step))
            }
            Start::Result(inside) => self.nodes(inside),
        }
    }

    /// One step from each of `from`; positions count within the nodes that one of them leads to.
    fn step(&self, from: &[W::Node], step: &Step) -> Vec<W::Node> {
        let mut reached = Vec::new();
        for node in from {
            let before = reached.len();
            if step.predicates.is_empty() {
                self.along(*node, step, &mut reached);
            } else {
                reached.extend(self.step_with_conditions(*node, step));
            }
            if !self.look(reached.len() - before) {
                return Vec::new();
            }
        }
        if from.len() > 1 && !reached.is_sorted_by(|a, b| a < b) {
            reached.sort_unstable();
            reached.dedup();
        }
        reached
    }

    fn step_with_conditions(&self, node: W::Node, step: &Step) -> Vec<W::Node> {
        let (first, others) = step.predicates.split_first().expect("a step with conditions");
        let mut nodes = match (&step.axis, &step.test) {
            (Axis::Child, Test::Name(child)) => self.rows_where(node, child, first),
            _ => {
                let mut nodes = Vec::new();
                self.along(node, step, &mut nodes);
                self.filter(nodes, first)
            }
        };
        for predicate in others {
            nodes = self.filter(nodes, predicate);
        }
        if matches!(step.axis, Axis::Ancestor | Axis::AncestorOrSelf | Axis::PrecedingSibling) {
            nodes.sort_unstable();
        }
        nodes
    }

    /// The children `child` of `parent` that make `predicate` true. Where it asks that a column equal something known
    /// beforehand, the world's index is used.
    pub(super) fn rows_where(&self, parent: W::Node, child: &str, predicate: &Expr) -> Vec<W::Node> {
        if let Some(equality) = Equality::of(predicate)
            && let Some(rows) = self.indexed(parent, child, &equality)
        {
            return if equality.is_all { rows } else { self.filter(rows, predicate) };
        }
        let mut rows = Vec::new();
        self.world.children(parent, Some(child), &mut rows);
        self.filter(rows, predicate)
    }

    fn indexed(&self, parent: W::Node, child: &str, equality: &Equality<'_>) -> Option<Vec<W::Node>> {
        let rows = |value: &str| self.world.rows_where(parent, child, equality.column, value);
        match self.value(equality.value) {
            Value::Text(text) => rows(&text),
            Value::Nodes(nodes) => match nodes.as_slice() {
                [] => Some(Vec::new()),
                [node] => rows(&self.world.text(*node)),
                _ => None,
            },
            // `[code = 5]` is true of 05 and 5.0 as well, which the index does not know.
            Value::Number(_) | Value::Boolean(_) => None,
        }
    }

    /// Those of `nodes` that make `predicate` true; a number is true at that position.
    fn filter(&self, nodes: Vec<W::Node>, predicate: &Expr) -> Vec<W::Node> {
        let size = nodes.len();
        let mut position = 0;
        let memo = if size < memo::ROWS_MIN { Vec::new() } else { self.memo(predicate) };
        let asker = self.with(&memo);
        nodes
            .into_iter()
            .filter(|node| {
                position += 1;
                let scope = asker.at(*node, position, size);
                match scope.value(predicate) {
                    Value::Number(number) => number == position as f64,
                    value => value.boolean(self.world),
                }
            })
            .collect()
    }

    /// Appends what the step's axis and test reach from `node`, nearest first.
    fn along(&self, node: W::Node, step: &Step, into: &mut Vec<W::Node>) {
        match step.axis {
            Axis::Child => match &step.test {
                Test::Name(name) => self.world.children(node, Some(name), into),
                Test::Any => self.world.children(node, None, into),
                Test::Text => self.leaf(node, into),
            },
            Axis::Parent => into.extend(self.world.parent(node).filter(|node| self.passes(*node, &step.test))),
            Axis::SelfNode => into.extend(Some(node).filter(|node| self.passes(*node, &step.test))),
            Axis::Descendant => self.below(node, &step.test, into),
            Axis::DescendantOrSelf => {
                into.extend(Some(node).filter(|node| self.passes(*node, &step.test)));
                self.below(node, &step.test, into);
            }
            Axis::Ancestor => self.above(node, &step.test, into),
            Axis::AncestorOrSelf => {
                into.extend(Some(node).filter(|node| self.passes(*node, &step.test)));
                self.above(node, &step.test, into);
            }
            Axis::FollowingSibling => into.extend(self.siblings(node, &step.test).filter(|other| *other > node)),
            Axis::PrecedingSibling => into.extend(self.siblings(node, &step.test).filter(|other| *other < node).rev()),
            Axis::Attribute => {}
        }
    }

    fn passes(&self, node: W::Node, test: &Test) -> bool {
        match test {
            Test::Name(name) => self.world.name(node) == &**name,
            Test::Any => true,
            Test::Text => false,
        }
    }

    /// A leaf stands for its own text.
    fn leaf(&self, node: W::Node, into: &mut Vec<W::Node>) {
        let mut children = Vec::new();
        self.world.children(node, None, &mut children);
        into.extend(children.is_empty().then_some(node));
    }

    /// All below `node`, in the document's order.
    fn below(&self, node: W::Node, test: &Test, into: &mut Vec<W::Node>) {
        let mut waiting = Vec::new();
        self.world.children(node, None, &mut waiting);
        waiting.reverse();
        let mut children = Vec::new();
        while let Some(node) = waiting.pop().filter(|_| self.look(1)) {
            into.extend(Some(node).filter(|node| self.passes(*node, test)));
            self.world.children(node, None, &mut children);
            waiting.extend(children.drain(..).rev());
        }
    }

    fn above(&self, mut node: W::Node, test: &Test, into: &mut Vec<W::Node>) {
        while let Some(parent) = self.world.parent(node) {
            into.extend(Some(parent).filter(|node| self.passes(*node, test)));
            node = parent;
        }
    }

    fn siblings(&self, node: W::Node, test: &Test) -> impl DoubleEndedIterator<Item = W::Node> {
        let name = match test {
            Test::Name(name) => Some(&**name),
            Test::Any | Test::Text => None,
        };
        let mut siblings = Vec::new();
        if let Some(parent) = self.world.parent(node) {
            self.world.children(parent, name, &mut siblings);
        }
        siblings.into_iter()
    }
}
