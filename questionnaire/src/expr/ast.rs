//! The shape of an expression once it is read.

use super::functions::Function;
use super::pattern::Pattern;

/// An expression of the XPath subset.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A literal number; never negative, see [`Expr::Negate`].
    Number(f64),
    /// A literal text.
    Text(Box<str>),
    /// Operands joined by operators of one precedence, read from left to right. A sum of a thousand terms is one chain,
    /// so that depth is bounded by brackets alone.
    Chain {
        /// The leftmost operand.
        first: Box<Expr>,
        /// Each further operand with the operator before it; never empty.
        rest: Vec<(Operator, Expr)>,
    },
    /// `-x`
    Negate(Box<Expr>),
    /// A function of the table applied to arguments that fit its arity.
    Call(Call),
    /// Where to look for nodes.
    Path(Path),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Union,
}

impl Operator {
    /// How it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "div",
            Self::Modulo => "mod",
            Self::Union => "|",
        }
    }

    /// How strongly it binds, as XPath 1.0 (section 3.4 and 3.5) orders operators; [`level::NEGATE`] lies between.
    pub(super) const fn level(self) -> u8 {
        match self {
            Self::Or => level::OR,
            Self::And => level::AND,
            Self::Equal | Self::NotEqual => level::EQUALITY,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => level::ORDER,
            Self::Add | Self::Subtract => level::SUM,
            Self::Multiply | Self::Divide | Self::Modulo => level::PRODUCT,
            Self::Union => level::UNION,
        }
    }
}

/// Precedence, weakest first.
pub(super) mod level {
    pub(in crate::expr) const OR: u8 = 1;
    pub(in crate::expr) const AND: u8 = 2;
    pub(in crate::expr) const EQUALITY: u8 = 3;
    pub(in crate::expr) const ORDER: u8 = 4;
    pub(in crate::expr) const SUM: u8 = 5;
    pub(in crate::expr) const PRODUCT: u8 = 6;
    pub(in crate::expr) const NEGATE: u8 = 7;
    pub(in crate::expr) const UNION: u8 = 8;
}

/// A function call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub function: &'static Function,
    /// With what; as many as the function takes.
    pub arguments: Vec<Expr>,
    /// The regular expression of a `regex()` whose pattern is a literal.
    pub(super) pattern: Option<Pattern>,
}

/// A place to start from, and steps from there.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Where it starts.
    pub start: Start,
    /// Conditions on the start itself, as in `${row}[1]/age`; empty where the start is `/` or the node at hand.
    pub predicates: Vec<Expr>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// At the node at hand: `a/b`, `.`, `../a`.
    Here,
    /// At the document: `/data/a`.
    Document,
    /// At the question of that name: `${name}`.
    Named(Box<str>),
    /// At the question of that name in the interview finalized before: `${last-saved#name}`.
    LastSaved(Box<str>),
    /// At what an expression gives: `current()/..`, `instance('x')/root`, `(a | b)[1]`.
    Result(Box<Expr>),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// In which direction.
    pub axis: Axis,
    /// To what.
    pub test: Test,
    /// Conditions, applied one after another.
    pub predicates: Vec<Expr>,
}

impl Step {
    /// Whether it is what `//` stands for between two steps: the node itself and all below it.
    pub(super) fn is_double_slash(&self) -> bool {
        self.axis == Axis::DescendantOrSelf && self.test == Test::Any && self.predicates.is_empty()
    }
}

/// The direction of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "XPath's own names")]
pub enum Axis {
    Child,
    Parent,
    SelfNode,
    Descendant,
    DescendantOrSelf,
    Ancestor,
    AncestorOrSelf,
    FollowingSibling,
    PrecedingSibling,
    /// Answers have no attributes: gives nothing.
    Attribute,
}

/// What a step accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Elements of that name; a prefix other than that of the meta block is part of the name.
    Name(Box<str>),
    /// Every element: `*`, `node()`.
    Any,
    /// `text()`: a leaf stands for its own text.
    Text,
}
