//! An expression that was read without an error.

use serde::{Deserialize, Serialize};

/// An expression that was read without an error; in JSON it is its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Formula(String);
