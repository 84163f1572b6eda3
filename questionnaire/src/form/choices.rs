//! Choice lists, and where a question takes its choices from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::Formula;
use crate::form::{Media, Text};

/// Where a question's choices come from and which of them it offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// The list.
    pub from: Source,
    /// Offers only rows that make this true; a bare name is a column of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Formula>,
}

/// The place of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A list of the form, by name.
    List(String),
    /// A table beside the form.
    Table {
        /// Its name without the ending, as `instance()` and `pulldata()` call it.
        table: String,
        /// The column stored as the answer (`name` unless the parameters say otherwise).
        value: String,
        /// The column shown (`label` unless the parameters say otherwise).
        label: String,
    },
    /// The rows of a repeat: each row's value of this question of the form, stored and shown.
    Repeat(String),
}

/// A list of the choices sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceList {
    /// `list_name`.
    pub name: String,
    /// Names of the extra columns that a choice of this list fills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Its rows in order.
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What is stored.
    pub name: String,
    /// What is shown.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub label: Text,
    /// Files beside the label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<Media, Text>,
    /// Values of [`ChoiceList::columns`], in their order; an absent cell is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
}

/// A table that lies beside the form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableFile {
    /// Its name in `instance()` and `pulldata()`.
    pub name: String,
    /// The file, e.g. `districts.csv`.
    pub file: String,
}
