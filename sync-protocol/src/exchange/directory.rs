//! The directory: what a device needs to know beside rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AreaId, UserId};

/// What a device needs to know beside rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directory {
    /// The granted areas with all below them, and their ancestors for the names.
    pub areas: Vec<AreaNode>,
    /// The form versions published where the device works, the newest of each form first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<FormVersion>,
    /// The round under way in these areas, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Names of the people whose work stands in these areas.
    pub people: Vec<(UserId, String)>,
    /// What the next request says it holds.
    pub stamp: String,
}

/// A published form version: what a device needs to fetch its package and to know where to offer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormVersion {
    /// The areas, of the device's own or above them, that it is published for.
    pub areas: Vec<AreaId>,
    /// Length of the package.
    pub bytes: u64,
    /// The form's id.
    pub form: String,
    /// Of the package; names it for ever.
    pub hash: PackageHash,
    /// What people call it.
    pub title: String,
    /// Its version, as the form writes it.
    pub version: String,
}

/// BLAKE3 over the exact bytes of a form's package; 64 hexadecimal digits in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageHash(pub [u8; 32]);

impl PackageHash {
    /// The hash of a package.
    pub fn of(package: &[u8]) -> PackageHash {
        PackageHash(*blake3::hash(package).as_bytes())
    }
}

impl fmt::Display for PackageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl std::str::FromStr for PackageHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let hash = blake3::Hash::from_hex(text).map_err(|_| ())?;
        if is_lower { Ok(PackageHash(*hash.as_bytes())) } else { Err(()) }
    }
}

impl Serialize for PackageHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PackageHash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|()| serde::de::Error::custom("not a hash"))
    }
}

/// Asks for a part of a form's package.
///
/// The answer is the package's bytes from `from` on, at most [`crate::limits::PACKAGE_PART_BYTES`] of them, as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagePart {
    /// Bytes that the device holds already.
    pub from: u64,
    /// The package.
    pub hash: PackageHash,
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
