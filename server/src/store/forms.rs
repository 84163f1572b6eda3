//! Form versions: their packages, the files they were read from, and where they are published.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use sync_protocol::exchange::{AreaNode, FormVersion, PackageHash};
use sync_protocol::{AreaId, UserId};
use utoipa::ToSchema;

use crate::args;
use crate::store::db::{Columns, Result, Tx};
use crate::store::{checks, scope};

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was uploaded and may still be replaced; devices know nothing of it.
    Draft,
    /// Devices have it in some areas. It never changes again.
    Published,
    /// No device offers it any more.
    Retired,
}

impl State {
    /// The state's word in SQL and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Published => "published",
            State::Retired => "retired",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> std::result::Result<State, ()> {
        [State::Draft, State::Published, State::Retired].into_iter().find(|state| state.word() == word).ok_or(())
    }
}

/// One version of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Version {
    /// Of its package; names it for ever.
    #[schema(value_type = String)]
    pub hash: PackageHash,
    /// The form's id.
    pub form: String,
    /// Its version, as the form writes it.
    pub version: String,
    /// What people call it.
    pub title: String,
    /// How far it has come.
    pub state: State,
    /// Length of its package.
    pub bytes: u64,
    /// Everything with a value of its own.
    pub questions: u64,
    /// Groups.
    pub groups: u64,
    /// Repeats.
    pub repeats: u64,
    /// Languages.
    pub languages: u64,
    /// Who uploaded it; absent for the operator on the machine itself.
    #[schema(value_type = Option<String>)]
    pub uploaded_by: Option<UserId>,
    /// When; milliseconds since 1970.
    pub uploaded_at: i64,
    /// When it was published first.
    pub published_at: Option<i64>,
    /// When it was withdrawn from its last area.
    pub retired_at: Option<i64>,
    /// Where it is published now: these areas and all below them.
    #[schema(value_type = Vec<String>)]
    pub areas: Vec<AreaId>,
}

/// A file that a version was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its bytes as they came.
    pub bytes: Vec<u8>,
}

/// The columns that [`read`] takes, in its order.
macro_rules! columns {
    () => {
        "hash, form, version, title, state, bytes, questions, groups, repeats, languages, uploaded_by, uploaded_at,
         published_at, retired_at"
    };
}

fn read(row: &Columns<'_>) -> Result<Version> {
    Ok(Version {
        hash: row.parsed(0)?,
        form: row.string(1)?,
        version: row.string(2)?,
        title: row.string(3)?,
        state: row.parsed(4)?,
        bytes: row.number(5)?,
        questions: row.number(6)?,
        groups: row.number(7)?,
        repeats: row.number(8)?,
        languages: row.number(9)?,
        uploaded_by: row.opt_parsed(10)?,
        uploaded_at: row.int(11)?,
        published_at: row.opt_int(12)?,
        retired_at: row.opt_int(13)?,
        areas: vec![],
    })
}

/// Adds a draft with its package and the files it was read from.
pub fn add(tx: &Tx<'_>, version: &Version, package: &[u8], files: &[File]) -> Result<()> {
    let hash = version.hash.to_string();
    tx.run(
        "INSERT INTO form_versions (hash, form, version, title, state, bytes, questions, groups, repeats, languages,
             uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11)",
        args![
            &hash,
            &version.form,
            &version.version,
            &version.title,
            version.bytes,
            version.questions,
            version.groups,
            version.repeats,
            version.languages,
            version.uploaded_by.map(|user| user.to_string()).as_ref(),
            version.uploaded_at
        ],
    )?;
    tx.run("INSERT INTO form_packages (hash, package) VALUES ($1, $2)", args![&hash, package])?;
    // Visits may have arrived before the form that they were made with.
    checks::put_all_of(tx, &hash)?;
    for file in files {
        tx.run(
            "INSERT INTO form_files (hash, name, bytes) VALUES ($1, $2, $3)",
            args![&hash, &file.name, &file.bytes],
        )?;
    }
    Ok(())
}

/// Removes a draft; false if it is none.
pub fn remove_draft(tx: &Tx<'_>, hash: PackageHash) -> Result<bool> {
    if find(tx, hash)?.is_none_or(|version| version.state != State::Draft) {
        return Ok(false);
    }
    let hash = hash.to_string();
    tx.run("DELETE FROM form_files WHERE hash = $1", args![&hash])?;
    tx.run("DELETE FROM form_packages WHERE hash = $1", args![&hash])?;
    tx.run("DELETE FROM form_versions WHERE hash = $1", args![&hash])?;
    checks::put_all_of(tx, &hash)?;
    Ok(true)
}

/// The version that this package is.
pub fn find(tx: &Tx<'_>, hash: PackageHash) -> Result<Option<Version>> {
    let version =
        tx.row(concat!("SELECT ", columns!(), " FROM form_versions WHERE hash = $1"), args![&hash.to_string()], read)?;
    version.map(|version| Ok(Version { areas: list_areas(tx, hash)?, ..version })).transpose()
}

/// The version of this name.
pub fn find_named(tx: &Tx<'_>, form: &str, version: &str) -> Result<Option<Version>> {
    let version = tx.row(
        concat!("SELECT ", columns!(), " FROM form_versions WHERE form = $1 AND version = $2"),
        args![form, version],
        read,
    )?;
    version.map(|version| Ok(Version { areas: list_areas(tx, version.hash)?, ..version })).transpose()
}

/// Every version, form by form, the one uploaded last first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Version>> {
    let mut areas: HashMap<PackageHash, Vec<AreaId>> = HashMap::new();
    tx.each(
        "SELECT hash, area FROM form_areas WHERE withdrawn_at IS NULL ORDER BY hash, area LIMIT 100000",
        args![],
        |row| {
            areas.entry(row.parsed(0)?).or_default().push(row.parsed(1)?);
            Ok(true)
        },
    )?;
    tx.rows(
        concat!("SELECT ", columns!(), " FROM form_versions ORDER BY form, uploaded_at DESC, hash LIMIT 10000"),
        args![],
        |row| read(row).map(|version| Version { areas: areas.remove(&version.hash).unwrap_or_default(), ..version }),
    )
}

fn list_areas(tx: &Tx<'_>, hash: PackageHash) -> Result<Vec<AreaId>> {
    tx.rows(
        "SELECT area FROM form_areas WHERE hash = $1 AND withdrawn_at IS NULL ORDER BY area LIMIT 100000",
        args![&hash.to_string()],
        |row| row.parsed(0),
    )
}

/// The package's bytes.
pub fn find_package(tx: &Tx<'_>, hash: PackageHash) -> Result<Option<Vec<u8>>> {
    tx.row("SELECT package FROM form_packages WHERE hash = $1", args![&hash.to_string()], |row| {
        Ok(row.bytes(0)?.to_vec())
    })
}

/// At most `most` of the package's bytes from `from` on; none beyond its end.
pub fn find_part(tx: &Tx<'_>, hash: PackageHash, from: u64, most: u64) -> Result<Option<Vec<u8>>> {
    let place = i64::try_from(from).unwrap_or(i64::MAX).saturating_add(1);
    tx.row(
        "SELECT substr(package, $2, $3) FROM form_packages WHERE hash = $1",
        args![&hash.to_string(), place, most],
        |row| Ok(row.bytes(0)?.to_vec()),
    )
}

/// Names of the files that a version was read from.
pub fn list_files(tx: &Tx<'_>, hash: PackageHash) -> Result<Vec<String>> {
    tx.rows("SELECT name FROM form_files WHERE hash = $1 ORDER BY name LIMIT 1000", args![&hash.to_string()], |row| {
        row.string(0)
    })
}

/// A file that a version was read from.
pub fn find_file(tx: &Tx<'_>, hash: PackageHash, name: &str) -> Result<Option<File>> {
    tx.row("SELECT name, bytes FROM form_files WHERE hash = $1 AND name = $2", args![&hash.to_string(), name], |row| {
        Ok(File { name: row.string(0)?, bytes: row.bytes(1)?.to_vec() })
    })
}

/// Publishes a version in further areas.
pub fn publish(tx: &Tx<'_>, hash: PackageHash, areas: &[AreaId], now: i64) -> Result<()> {
    scope::directory_changed(tx)?;
    let hash = hash.to_string();
    tx.run(
        "UPDATE form_versions SET state = 'published', published_at = coalesce(published_at, $2), retired_at = NULL
          WHERE hash = $1",
        args![&hash, now],
    )?;
    for area in areas {
        tx.run(
            "INSERT INTO form_areas (hash, area, published_at) VALUES ($1, $2, $3)
             ON CONFLICT (hash, area) DO UPDATE SET withdrawn_at = NULL",
            args![&hash, &area.to_string(), now],
        )?;
    }
    Ok(())
}

/// Withdraws a version from these areas, or from all; withdrawn from the last one it is retired.
pub fn withdraw(tx: &Tx<'_>, hash: PackageHash, areas: Option<&[AreaId]>, now: i64) -> Result<()> {
    scope::directory_changed(tx)?;
    let id = hash.to_string();
    let all = list_areas(tx, hash)?;
    for area in areas.unwrap_or(&all) {
        tx.run(
            "UPDATE form_areas SET withdrawn_at = $3 WHERE hash = $1 AND area = $2 AND withdrawn_at IS NULL",
            args![&id, &area.to_string(), now],
        )?;
    }
    tx.run(
        "UPDATE form_versions SET state = 'retired', retired_at = $2
          WHERE hash = $1 AND state = 'published'
            AND NOT EXISTS (SELECT 1 FROM form_areas WHERE form_areas.hash = $1 AND withdrawn_at IS NULL)",
        args![&id, now],
    )?;
    Ok(())
}

/// Whether the person works, at that time, where the version is or was published, or where a visit made with it stands.
pub fn is_known_to(tx: &Tx<'_>, hash: PackageHash, user: UserId, at_ms: i64) -> Result<bool> {
    let found = tx.row(
        "WITH RECURSIVE below (id) AS (
            SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
            UNION SELECT areas.id FROM areas JOIN below ON areas.parent = below.id),
         above (id) AS (
            SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
            UNION SELECT areas.parent FROM areas JOIN above ON areas.id = above.id)
         SELECT 1 FROM form_areas
          WHERE hash = $3 AND (area IN (SELECT id FROM below) OR area IN (SELECT id FROM above))
         UNION ALL SELECT 1 FROM form_visits v JOIN records r ON r.id = v.visit
          WHERE v.package = $3 AND r.area IN (SELECT id FROM below) LIMIT 1",
        args![&user.to_string(), at_ms, &hash.to_string()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// What a directory of these areas tells of forms: form by form the newest version first, each with those areas where
/// no newer version of the form is published there or above; a version without any is left out.
pub fn list_offered(tx: &Tx<'_>, areas: &[AreaNode]) -> Result<Vec<FormVersion>> {
    let parents: HashMap<AreaId, Option<AreaId>> = areas.iter().map(|area| (area.id, area.parent)).collect();
    let mut published: Vec<FormVersion> = Vec::new();
    tx.each(
        "SELECT v.form, v.version, v.title, v.hash, v.bytes, a.area
           FROM form_areas a JOIN form_versions v ON v.hash = a.hash
          WHERE a.withdrawn_at IS NULL AND v.state = 'published'
          ORDER BY v.form, v.published_at DESC, v.uploaded_at DESC, v.hash, a.area LIMIT 100000",
        args![],
        |row| {
            let (hash, area) = (row.parsed(3)?, row.parsed(5)?);
            if !parents.contains_key(&area) {
                return Ok(true);
            }
            match published.last_mut().filter(|last| last.hash == hash) {
                Some(last) => last.areas.push(area),
                None => published.push(FormVersion {
                    areas: vec![area],
                    bytes: row.number(4)?,
                    form: row.string(0)?,
                    hash,
                    title: row.string(2)?,
                    version: row.string(1)?,
                }),
            }
            Ok(true)
        },
    )?;
    leave_out_outdated(&mut published, &parents);
    Ok(published)
}

fn leave_out_outdated(published: &mut Vec<FormVersion>, parents: &HashMap<AreaId, Option<AreaId>>) {
    let mut newer: BTreeMap<String, HashSet<AreaId>> = BTreeMap::new();
    for version in &mut *published {
        let newer = newer.entry(version.form.clone()).or_default();
        let is_outdated = |area: &AreaId| {
            let mut upward = std::iter::successors(Some(*area), |area| parents.get(area).copied().flatten());
            upward.any(|area| newer.contains(&area))
        };
        version.areas.retain(|area| !is_outdated(area));
        newer.extend(&version.areas);
    }
    published.retain(|version| !version.areas.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_is_told_only_where_no_newer_one_reaches() {
        let [city, district, village, other] = [1, 2, 3, 4].map(AreaId::from_u128);
        let parents =
            HashMap::from([(city, None), (district, Some(city)), (village, Some(district)), (other, Some(city))]);
        let version = |version: &str, areas: &[AreaId]| FormVersion {
            areas: areas.to_vec(),
            bytes: 1,
            form: "f".to_owned(),
            hash: PackageHash::of(version.as_bytes()),
            title: String::new(),
            version: version.to_owned(),
        };
        let told = |mut published: Vec<FormVersion>| {
            leave_out_outdated(&mut published, &parents);
            published.into_iter().map(|version| (version.version, version.areas)).collect::<Vec<_>>()
        };
        let own = |version: &str, areas: &[AreaId]| (version.to_owned(), areas.to_vec());
        assert_eq!(
            told(vec![version("2", &[district]), version("1", &[city, village, other])]),
            [own("2", &[district]), own("1", &[city, other])]
        );
        assert_eq!(told(vec![version("2", &[city]), version("1", &[city, village])]), [own("2", &[city])]);
    }
}
