//! `=`, `!=`, `<`, `<=`, `>`, `>=` between values of any two kinds, as XPath 1.0 (section 3.4) has them: of nodes it is
//! enough that one fits.

use std::borrow::Cow;
use std::collections::HashSet;

use super::ast::Operator;
use super::{Value, World, value};

pub(super) fn compare<W: World>(operator: Operator, left: &Value<W::Node>, right: &Value<W::Node>, world: &W) -> bool {
    match operator {
        Operator::Equal => equal(left, right, world, true),
        Operator::NotEqual => equal(left, right, world, false),
        _ => ordered(operator, left, right, world),
    }
}

/// Whether a pair of the two is equal, or, if not `wanted`, whether a pair differs.
fn equal<W: World>(left: &Value<W::Node>, right: &Value<W::Node>, world: &W, wanted: bool) -> bool {
    match (left, right) {
        (Value::Boolean(truth), other) | (other, Value::Boolean(truth)) => (other.boolean(world) == *truth) == wanted,
        (Value::Nodes(left), Value::Nodes(right)) => pairs(left, right, world, wanted),
        (Value::Nodes(nodes), Value::Number(number)) | (Value::Number(number), Value::Nodes(nodes)) => {
            nodes.iter().any(|node| (value::number(&world.text(*node), world) == *number) == wanted)
        }
        (Value::Nodes(nodes), Value::Text(text)) | (Value::Text(text), Value::Nodes(nodes)) => {
            nodes.iter().any(|node| (world.text(*node) == *text) == wanted)
        }
        (Value::Text(left), Value::Text(right)) => (left == right) == wanted,
        (left, right) => (left.number(world) == right.number(world)) == wanted,
    }
}

fn pairs<W: World>(left: &[W::Node], right: &[W::Node], world: &W, wanted: bool) -> bool {
    if let ([left], [right]) = (left, right) {
        return (world.text(*left) == world.text(*right)) == wanted;
    }
    let right: HashSet<Cow<'_, str>> = right.iter().map(|node| world.text(*node)).collect();
    left.iter().any(|node| {
        let found = right.contains(&world.text(*node));
        if wanted { found } else { right.len() > usize::from(found) }
    })
}

/// Both sides as numbers; of nodes the one that fits best.
fn ordered<W: World>(operator: Operator, left: &Value<W::Node>, right: &Value<W::Node>, world: &W) -> bool {
    match operator {
        Operator::Less => least(left, world) < greatest(right, world),
        Operator::LessOrEqual => least(left, world) <= greatest(right, world),
        Operator::Greater => greatest(left, world) > least(right, world),
        Operator::GreaterOrEqual => greatest(left, world) >= least(right, world),
        _ => false,
    }
}

fn least<W: World>(value: &Value<W::Node>, world: &W) -> f64 {
    best(value, world, f64::min)
}

fn greatest<W: World>(value: &Value<W::Node>, world: &W) -> f64 {
    best(value, world, f64::max)
}

/// `f64::min` and `f64::max` pass over NaN, which is in no order with anything.
fn best<W: World>(value: &Value<W::Node>, world: &W, better: fn(f64, f64) -> f64) -> f64 {
    match value {
        Value::Nodes(nodes) => nodes.iter().map(|node| value::number(&world.text(*node), world)).fold(f64::NAN, better),
        other => other.number(world),
    }
}
