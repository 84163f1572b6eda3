//! Expressions of a form: the XPath subset of ODK, with `${name}` for a question.

mod formula;
mod world;

pub use formula::Formula;
pub use world::{Moment, World};
