//! The directory: what a device needs to know beside rows.

use serde::{Deserialize, Serialize};

use crate::ids::{AreaId, UserId};

/// What a device needs to know beside rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directory {
    /// The granted areas with all below them, and their ancestors for the names.
    pub areas: Vec<AreaNode>,
    /// The round under way in these areas, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Names of the people whose work stands in these areas.
    pub people: Vec<(UserId, String)>,
    /// What the next request says it holds.
    pub stamp: String,
}

/// A round of data collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// First day, ISO 8601.
    pub from: String,
    /// The round.
    pub id: crate::ids::RoundId,
    /// Its name.
    pub name: String,
    /// Last day, ISO 8601; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// One node of the administrative tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaNode {
    /// Official code, or the office's for RW and RT.
    pub code: String,
    /// Whether the device holds its rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
    /// The node.
    pub id: AreaId,
    /// Its level.
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The node above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AreaId>,
}

/// Levels of the administrative tree, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AreaLevel {
    /// Provinsi.
    Province,
    /// Kabupaten or kota.
    Regency,
    /// Kecamatan.
    District,
    /// Kelurahan or desa.
    Village,
    /// Rukun warga; optional.
    Rw,
    /// Rukun tetangga: where households live.
    Rt,
}

impl AreaLevel {
    /// Every level, from the top.
    pub const ALL: [AreaLevel; 6] = [Self::Province, Self::Regency, Self::District, Self::Village, Self::Rw, Self::Rt];

    /// The level's word in files, SQL and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Regency => "regency",
            Self::District => "district",
            Self::Village => "village",
            Self::Rw => "rw",
            Self::Rt => "rt",
        }
    }
}

impl std::str::FromStr for AreaLevel {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.word() == word).ok_or(())
    }
}
