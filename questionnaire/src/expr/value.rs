//! What an expression gives, and how one kind of value is taken for another.

use std::borrow::Cow;

use super::{World, numbers};

/// The value of an expression: XPath's four kinds. A date or a time is text; where a number is due, it is the days since
/// 1970-01-01.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<N> {
    /// Nodes in the order of their document, each once.
    Nodes(Vec<N>),
    /// Text.
    Text(String),
    /// A number; what is not one is NaN.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl<N: Copy> Value<N> {
    /// As `string()` takes it: the first node's text, a number without exponent, `true` or `false`. NaN is empty, as
    /// ODK's engine stores it.
    pub fn text<'a, W: World<Node = N>>(&'a self, world: &'a W) -> Cow<'a, str> {
        match self {
            Self::Nodes(nodes) => nodes.first().map_or(Cow::Borrowed(""), |node| world.text(*node)),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(numbers::text(*number)),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
        }
    }

    /// As `number()` takes it: of nodes the first; of true 1 and of false 0; of a date its days since 1970-01-01; NaN of
    /// what is empty or no number.
    pub fn number<W: World<Node = N>>(&self, world: &W) -> f64 {
        match self {
            Self::Nodes(nodes) => nodes.first().map_or(f64::NAN, |node| number(&world.text(*node), world)),
            Self::Text(text) => number(text, world),
            Self::Number(number) => *number,
            Self::Boolean(truth) => f64::from(u8::from(*truth)),
        }
    }

    /// As `boolean()` takes it: whether there is a letter, a number other than 0, a node that has children or text.
    pub fn boolean<W: World<Node = N>>(&self, world: &W) -> bool {
        match self {
            Self::Nodes(nodes) => nodes.iter().any(|node| stands(*node, world)),
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Boolean(truth) => *truth,
        }
    }
}

/// What `number()` makes of a text in this world.
pub(super) fn number<W: World>(text: &str, world: &W) -> f64 {
    numbers::number(text, || world.now().offset_min)
}

/// An unanswered question counts as false, as its text does and as people mean it; a row, which has no text of its own,
/// counts as true.
fn stands<W: World>(node: W::Node, world: &W) -> bool {
    if !world.text(node).is_empty() {
        return true;
    }
    let mut children = Vec::new();
    world.children(node, None, &mut children);
    !children.is_empty()
}
