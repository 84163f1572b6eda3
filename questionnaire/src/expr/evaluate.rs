//! Evaluation: operators here, paths and functions in files of their own. Nothing fails: what has no value is empty, and
//! what is no number is NaN.

use std::cell::Cell;

use super::ast::{Expr, Operator};
use super::{Value, World, compare};

/// How many parts of an expression and how many nodes one evaluation may look at. Conditions inside conditions multiply,
/// so that a short text could otherwise keep a phone busy for ever; what lies beyond is empty. The bound counts and does
/// not measure time, so it is the same everywhere.
pub const LOOKS_MAX: u64 = 20_000_000;

/// The value of `expr` at `node`, which `.` and `current()` stand for.
pub fn evaluate<W: World>(expr: &Expr, world: &W, node: W::Node) -> Value<W::Node> {
    Scope::new(world, node, &Cell::new(LOOKS_MAX)).value(expr)
}

/// Where an expression is being evaluated.
#[derive(Debug)]
pub(super) struct Scope<'w, W: World> {
    pub(super) world: &'w W,
    /// What `current()` stands for, and where `${name}` is seen from.
    pub(super) current: W::Node,
    /// What `.` stands for.
    pub(super) node: W::Node,
    /// What `position()` gives, from 1.
    pub(super) position: usize,
    /// What `last()` gives.
    pub(super) size: usize,
    /// Parts of the condition being asked whose values are known.
    pub(super) memo: &'w [(&'w Expr, Value<W::Node>)],
    /// How many looks are left, of [`LOOKS_MAX`].
    looks: &'w Cell<u64>,
}

impl<'w, W: World> Scope<'w, W> {
    pub(super) fn new(world: &'w W, node: W::Node, looks: &'w Cell<u64>) -> Self {
        Self { world, current: node, node, position: 1, size: 1, memo: &[], looks }
    }

    /// As if the expression belonged to another node.
    pub(super) fn moved_to(&self, node: W::Node) -> Scope<'_, W> {
        Scope::new(self.world, node, self.looks)
    }

    /// Takes that many looks, if so many are left.
    pub(super) fn look(&self, count: usize) -> bool {
        let left = self.looks.get().checked_sub(count as u64);
        self.looks.set(left.unwrap_or(0));
        left.is_some()
    }

    /// The same at another node.
    pub(super) fn at(&self, node: W::Node, position: usize, size: usize) -> Self {
        Self { node, position, size, ..*self }
    }

    /// The same with other parts whose values are known.
    pub(super) fn with<'m>(&self, memo: &'m [(&'m Expr, Value<W::Node>)]) -> Scope<'m, W>
    where
        'w: 'm,
    {
        let Self { world, current, node, position, size, looks, .. } = *self;
        Scope { world, current, node, position, size, memo, looks }
    }

    pub(super) fn value(&self, expr: &Expr) -> Value<W::Node> {
        if !self.look(1) {
            return Value::Text(String::new());
        }
        if let Some((_, value)) = self.memo.iter().find(|(part, _)| std::ptr::eq(*part, expr)) {
            return value.clone();
        }
        match expr {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.to_string()),
            Expr::Negate(inside) => Value::Number(-self.number(inside)),
            Expr::Path(path) => Value::Nodes(self.path(path)),
            Expr::Call(call) => self.call(call),
            Expr::Chain { first, rest } => self.chain(first, rest),
        }
    }

    pub(super) fn text(&self, expr: &Expr) -> String {
        match self.value(expr) {
            Value::Text(text) => text,
            value => value.text(self.world).into_owned(),
        }
    }

    pub(super) fn number(&self, expr: &Expr) -> f64 {
        self.value(expr).number(self.world)
    }

    pub(super) fn boolean(&self, expr: &Expr) -> bool {
        self.value(expr).boolean(self.world)
    }

    /// The nodes that `expr` gives; none where it gives something else.
    pub(super) fn nodes(&self, expr: &Expr) -> Vec<W::Node> {
        match self.value(expr) {
            Value::Nodes(nodes) => nodes,
            Value::Text(_) | Value::Number(_) | Value::Boolean(_) => Vec::new(),
        }
    }

    fn chain(&self, first: &Expr, rest: &[(Operator, Expr)]) -> Value<W::Node> {
        use Operator as O;
        match rest.first().map(|(operator, _)| *operator) {
            Some(O::Or) => Value::Boolean(self.boolean(first) || rest.iter().any(|(_, operand)| self.boolean(operand))),
            Some(O::And) => {
                Value::Boolean(self.boolean(first) && rest.iter().all(|(_, operand)| self.boolean(operand)))
            }
            Some(O::Union) => self.union(first, rest),
            Some(O::Add | O::Subtract | O::Multiply | O::Divide | O::Modulo) => {
                let start = self.number(first);
                Value::Number(
                    rest.iter()
                        .fold(start, |left, (operator, operand)| arithmetic(*operator, left, self.number(operand))),
                )
            }
            _ => {
                let start = self.value(first);
                rest.iter().fold(start, |left, (operator, operand)| {
                    Value::Boolean(compare::compare(*operator, &left, &self.value(operand), self.world))
                })
            }
        }
    }

    fn union(&self, first: &Expr, rest: &[(Operator, Expr)]) -> Value<W::Node> {
        let mut nodes = self.nodes(first);
        rest.iter().for_each(|(_, operand)| nodes.extend(self.nodes(operand)));
        nodes.sort_unstable();
        nodes.dedup();
        Value::Nodes(nodes)
    }
}

fn arithmetic(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        // The sign of the dividend, as XPath's `mod` has it.
        Operator::Modulo => left % right,
        _ => f64::NAN,
    }
}
