//! What an interview makes or changes in the register (ODK Entities' convention).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::Formula;
use crate::form::NodeId;

/// A row of the entities sheet.
///
/// A form may fill several registers from the same place: `properties` tells which question fills which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// `list_name`: the collection, e.g. `household` or `person`.
    pub list: String,
    /// The form itself, or the repeat whose every row is one entity.
    pub scope: NodeId,
    /// How the entity is called in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Formula>,
    /// The id of the entity that is changed; absent where each is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<Formula>,
    /// Made only if this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_if: Option<Formula>,
    /// Changed only if this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_if: Option<Formula>,
    /// The properties of the register and the questions whose answers fill them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, NodeId>,
}
