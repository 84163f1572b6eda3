//! One row of the survey sheet: a question, a group, a repeat or a silent value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::Formula;
use crate::form::{Kind, Text};

/// Index of a node in [`crate::form::Form::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(u32);

impl NodeId {
    /// The form itself.
    pub const ROOT: NodeId = NodeId(0);

    /// The node at `index`; a form has fewer than 2^32 rows (a sheet has at most 2^20).
    pub fn new(index: usize) -> Self {
        NodeId(u32::try_from(index).expect("a sheet has at most 2^20 rows"))
    }

    /// The index into [`crate::form::Form::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A question, group, repeat or silent value with all that its row says of it.
///
/// Formulas are absent where the cell is empty. `required` and `read_only` are formulas as well: `yes` in the cell is
/// read as `true()`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique among its siblings.
    pub name: String,
    /// The group or repeat it stands in; `None` only for the form itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<NodeId>,
    /// What it is.
    pub kind: Kind,
    /// What is read out.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub label: Text,
    /// The line below the label.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub hint: Text,
    /// The longer help, shown on demand.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub guidance: Text,
    /// File names beside the label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<Media, Text>,
    /// Asked only while this is true; a group's counts for all inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<Formula>,
    /// A value that is not empty must make this true; `.` is the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Formula>,
    /// What to say when it does not.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub constraint_message: Text,
    /// A value that is not empty should make this true; one that does not may stay, with a reason (column `warning`,
    /// which other readers of XLSForm pass over).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Formula>,
    /// What to say when it does not (column `warning_message`).
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub warning_message: Text,
    /// An answer is needed while this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Formula>,
    /// What to say when it is missing.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub required_message: Text,
    /// Shown, not asked, while this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<Formula>,
    /// The value that is computed, whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<Formula>,
    /// The value it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Initial>,
    /// The calculation runs when one of these changes, not whenever one of its own references does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trigger: Vec<NodeId>,
    /// Words of the appearance cell, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appearance: Vec<String>,
    /// `key=value` pairs of the parameters cell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The register's property that the answer is written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_to: Option<String>,
    /// Where it was read.
    pub place: Place,
}

impl Node {
    /// A node that has a name, a parent and a kind, and nothing else.
    pub fn new(name: impl Into<String>, parent: Option<NodeId>, kind: Kind, place: Place) -> Self {
        Node {
            name: name.into(),
            parent,
            kind,
            label: Text::default(),
            hint: Text::default(),
            guidance: Text::default(),
            media: BTreeMap::new(),
            relevant: None,
            constraint: None,
            constraint_message: Text::default(),
            warning: None,
            warning_message: Text::default(),
            required: None,
            required_message: Text::default(),
            read_only: None,
            calculation: None,
            default: None,
            trigger: Vec::new(),
            appearance: Vec::new(),
            parameters: BTreeMap::new(),
            save_to: None,
            place,
        }
    }
}

/// The value a question begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// The cell's text, as the answer is written in an ODK submission.
    Fixed(String),
    /// Computed once, when the interview or the repeat's row begins.
    Computed(Formula),
}

/// What a media cell points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A picture beside the label.
    Image,
    /// The same in full size.
    BigImage,
    /// A recording.
    Audio,
    /// A film.
    Video,
}

/// A row of the survey sheet, counted as the spreadsheet counts: the header is row 1. 0 where a row made no part of
/// it (the form itself, or a question that another row implies).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place {
    /// The row.
    pub row: u32,
}
