//! What a person may do; each role may do what the ones before it may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person's role, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Verifies households on a device, within the areas granted.
    Enumerator,
    /// Sees progress and people, and reads records, within the areas granted.
    Supervisor,
    /// Works in the office: settles conflicts, imports, exports, grants areas.
    Officer,
    /// Also makes and disables accounts.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Role::Enumerator, Role::Supervisor, Role::Officer, Role::Admin];

    /// The role's word in SQL, in JSON and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Enumerator => "enumerator",
            Role::Supervisor => "supervisor",
            Role::Officer => "officer",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is enumerator, supervisor, officer or admin")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(word: &str) -> Result<Role, NotARole> {
        Role::ALL.into_iter().find(|role| role.word() == word).ok_or(NotARole)
    }
}
