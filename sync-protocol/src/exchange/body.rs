//! Bodies are lines; line 1 is a control object.

use serde::{Deserialize, Serialize};

/// Why a body cannot be taken apart; nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// Not UTF-8.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// Line 1 is no control object.
    #[error("line 1 is not a control object: {0}")]
    Control(String),
    /// Lines are missing or left over.
    #[error("the body holds {found} lines, line 1 announces {announced}")]
    Lines {
        /// Lines announced, line 1 included.
        announced: usize,
        /// Lines found.
        found: usize,
    },
    /// A bound is crossed.
    #[error("{what}: more than {max}")]
    TooMuch {
        /// What is too much.
        what: &'static str,
        /// The bound.
        max: usize,
    },
}

/// Exact lines: only `\n` ends one.
pub(super) fn lines_of(text: &str) -> std::str::Split<'_, char> {
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

pub(super) fn control_line<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, BadBody> {
    // The error's own text may quote the line; only its place and kind go on.
    serde_json::from_str(line).map_err(|e| BadBody::Control(format!("column {}, {:?}", e.column(), e.classify())))
}

pub(super) fn bounded(what: &'static str, found: usize, max: usize) -> Result<(), BadBody> {
    if found > max { Err(BadBody::TooMuch { what, max }) } else { Ok(()) }
}

/// Line 1 of a body, ready for its other lines.
pub fn control_body(control: &impl Serialize) -> String {
    let mut body = serde_json::to_string(control).expect("a control object is JSON");
    body.push('\n');
    body
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) fn is_zero_usize(n: &usize) -> bool {
    *n == 0
}

/// The error of any endpoint: a code for programs and one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable word, such as `sign_in_again`.
    pub code: String,
    /// What happened, what is safe, what to do now.
    pub message: String,
}
