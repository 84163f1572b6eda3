//! An expression together with the text it was read from.

use std::cell::Cell;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::{ParseError, Remark};
use super::evaluate::{LOOKS_MAX, Scope, evaluate};
use super::{Expr, Gives, Reference, Value, World, kinds, parser, references};

/// An expression that was read without an error; in JSON it is its text as the author wrote it.
///
/// `Display` writes it in one spelling: single spaces, straight quotes, no needless brackets.
#[derive(Debug, Clone)]
pub struct Formula {
    text: String,
    expr: Expr,
}

impl Formula {
    /// Reads an expression; see [`super::DEPTH_MAX`] and [`super::TEXT_BYTES_MAX`] for what is too much of it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expr = parser::parse(text)?.0;
        Ok(Self { text: text.to_owned(), expr })
    }

    /// Reads an expression, and tells what its author should know although it is one: functions of SurveyCTO without a
    /// full meaning here, quotes bent by Excel, a `${name}` between quotes, a regular expression that cannot be read.
    pub fn parse_with_remarks(text: &str) -> Result<(Self, Vec<Remark>), ParseError> {
        let (expr, remarks) = parser::parse(text)?;
        Ok((Self { text: text.to_owned(), expr }, remarks))
    }

    /// The text as the author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was read from it.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Every place it looks at, as far as that can be told before it is evaluated.
    pub fn references(&self) -> Vec<Reference<'_>> {
        references::references(&self.expr)
    }

    /// Every `name` of a `${name}`, also of those between quotes where a function takes a question so; each once.
    pub fn names(&self) -> Vec<&str> {
        references::names(&self.expr)
    }

    /// Every `name` of a `${last-saved#name}`; each once.
    pub fn last_saved_names(&self) -> Vec<&str> {
        references::last_saved_names(&self.expr)
    }

    /// Every table or list that `instance()` and `pulldata()` call by a literal name; each once.
    pub fn instances(&self) -> Vec<&str> {
        references::instances(&self.expr)
    }

    /// Whether it may give another value although no answer has changed: it asks for the time or for chance.
    pub fn is_volatile(&self) -> bool {
        references::is_volatile(&self.expr)
    }

    /// Of which kind its value will be.
    pub fn gives(&self) -> Gives {
        kinds::gives(&self.expr)
    }

    /// Every `name` of a bare `${name}` that it asks whether it is true, taken for a condition itself. A calculation that
    /// gave false is kept as the text `false`, which as a condition is true: worth a warning.
    pub fn asked_for_truth(&self) -> Vec<&str> {
        kinds::asked_for_truth(&self.expr)
    }

    /// Its value at `node`, which `current()` and `.` stand for.
    pub fn value<W: World>(&self, world: &W, node: W::Node) -> Value<W::Node> {
        evaluate(&self.expr, world, node)
    }

    /// Its value at `node` as `boolean()` takes it: for `relevant`, `required`, `read_only`, `constraint`.
    pub fn holds<W: World>(&self, world: &W, node: W::Node) -> bool {
        self.value(world, node).boolean(world)
    }

    /// Its value at `node` as it is stored in an answer: for `calculation`, `default`.
    pub fn answer<W: World>(&self, world: &W, node: W::Node) -> String {
        self.value(world, node).text(world).into_owned()
    }

    /// The children `child` of `parent` for which it holds, in order: for `choice_filter`, where a bare name is a
    /// column of the row and `current()` the question at `current`.
    pub fn rows<W: World>(&self, world: &W, parent: W::Node, child: &str, current: W::Node) -> Vec<W::Node> {
        Scope::new(world, current, &Cell::new(LOOKS_MAX)).rows_where(parent, child, &self.expr)
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl FromStr for Formula {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
