//! Expressions of a form: the XPath subset of ODK, with `${name}` for a question.
//!
//! [`Formula::parse`] reads one, [`Formula::references`] tells what it looks at, [`Formula::value`] evaluates it over a
//! [`World`]. The rules are those of ODK's XForms specification (getodk.github.io/xforms-spec), which stands on XPath
//! 1.0; where the specification is silent, ODK's engine decides. docs/questionnaire.md lists every deviation.

mod ast;
mod calendar;
mod compare;
mod error;
mod evaluate;
mod formula;
mod functions;
mod kinds;
mod lexer;
mod lookup;
mod memo;
mod numbers;
mod parser;
mod paths;
mod pattern;
mod print;
mod references;
mod remarks;
#[cfg(test)]
mod tests;
mod value;
mod world;

pub use ast::{Axis, Call, Expr, Operator, Path, Start, Step, Test};
pub use error::{Mistake, ParseError, Remark};
pub use evaluate::{LOOKS_MAX, evaluate};
pub use formula::Formula;
pub use functions::{ANY_NUMBER, Builtin, Function, Gives, Support, find_function, list_functions};
pub use parser::{DEPTH_MAX, TEXT_BYTES_MAX};
pub use references::{Base, Move, Reference};
pub use value::Value;
pub use world::{Moment, World};
