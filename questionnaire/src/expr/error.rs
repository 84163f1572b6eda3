//! Why a text is not an expression, and what deserves a remark although it is one.

use std::ops::Range;

/// Why a text cannot be taken for an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// Which bytes of the text are meant; may be empty, at the end.
    pub at: Range<usize>,
    /// What kind of mistake it is.
    pub mistake: Mistake,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it; empty where only the author can know.
    pub advice: String,
}

/// Kinds of mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// The text does not follow the grammar.
    Syntax,
    /// It calls a function that neither ODK nor a dialect of XLSForm knows.
    UnknownFunction(String),
    /// A function is given too few or too many arguments.
    Arguments(String),
    /// It is longer or nested deeper than [`super::TEXT_BYTES_MAX`] and [`super::DEPTH_MAX`] allow.
    Limit,
}

/// An expression that is taken, but not quite as its author may think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which bytes of the text are meant.
    pub at: Range<usize>,
    /// What was noticed.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

impl ParseError {
    pub(super) fn syntax(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, mistake: Mistake::Syntax, message: message.into(), advice: String::new() }
    }

    pub(super) fn of(self, mistake: Mistake) -> Self {
        Self { mistake, ..self }
    }

    pub(super) fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }
}
