//! Single values of the device by name.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql, named_params};

use crate::error::Result;

/// The names, each with what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// Blob: the writer's id.
    Writer,
    /// Blob: the writer's secret key.
    Secret,
    /// Blob: the device's id.
    Device,
    /// Blob: the person it is enrolled for; absent while an enrolment is under way.
    User,
    /// Text: that person's name.
    Person,
    /// Text: name of the server's project.
    Project,
    /// Blob: the server's root key.
    Root,
    /// Text: the writer's certificate, JSON.
    Certificate,
    /// Text: access token.
    Access,
    /// Text: refresh token.
    Refresh,
    /// Text: token of the installation that this store belongs to, and what tells its place.
    Token,
    /// Blob: what the outbox file is encrypted to.
    Recipient,
    /// Integer: how many entries of the outbox file that this store does not hold the server has said to have.
    Ashore,
    /// Integer: device time when it was last asked about them.
    AshoreAt,
    /// Integer: how many writers this device had before; absent for 0.
    Life,
    /// Integer: 1 where the server may not know the writer, which another one of the device vouches for.
    Vouch,
    /// Integer: hybrid clock of the last changeset.
    Clock,
    /// Integer: highest own save whose verdict is stored.
    Applied,
    /// Integer: number of the last decision on own saves that is stored.
    Decided,
    /// Integer: highest own save that every kept backup of the server covers.
    BackedUp,
    /// Integer: the mark of the last whole pull.
    Mark,
    /// Blob: stamp of the cursors at that mark.
    Scope,
    /// Text: stamp of the directory held.
    Directory,
    /// Text: the round under way, JSON.
    Round,
    /// Integer: how many answers have moved cursors; an answer to a request from before is not applied.
    Turn,
    /// Integer: server time minus device time, milliseconds, at the last answer.
    Skew,
    /// Integer: device time of that answer.
    SkewAt,
    /// Integer: device time of the last sync that came to its end.
    SyncedAt,
    /// Integer: device time when the server was last asked about files that it has had.
    FilesAskedAt,
    /// Integer: `BackedUp` at that time.
    FilesAskedOf,
}

impl Name {
    const fn word(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Secret => "secret",
            Self::Device => "device",
            Self::User => "user",
            Self::Person => "user_name",
            Self::Project => "project",
            Self::Root => "root",
            Self::Certificate => "certificate",
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Token => "token",
            Self::Recipient => "recipient",
            Self::Ashore => "ashore",
            Self::AshoreAt => "ashore_at",
            Self::Life => "life",
            Self::Vouch => "vouch",
            Self::Clock => "clock",
            Self::Applied => "applied",
            Self::Decided => "decided",
            Self::BackedUp => "backed_up",
            Self::Mark => "mark",
            Self::Scope => "scope",
            Self::Directory => "directory",
            Self::Round => "round",
            Self::Turn => "turn",
            Self::Skew => "skew",
            Self::SkewAt => "skew_at",
            Self::SyncedAt => "synced_at",
            Self::FilesAskedAt => "files_asked_at",
            Self::FilesAskedOf => "files_asked_of",
        }
    }
}

/// The value under a name.
pub(crate) fn find<T: FromSql>(store: &Connection, name: Name) -> Result<Option<T>> {
    let mut query = store.prepare_cached("SELECT value FROM meta WHERE name = $name")?;
    Ok(query.query_row(named_params! {"$name": name.word()}, |row| row.get(0)).optional()?)
}

/// A number; 0 before it was ever set.
pub(crate) fn number(store: &Connection, name: Name) -> Result<i64> {
    Ok(find(store, name)?.unwrap_or(0))
}

/// Sets the value under a name.
pub(crate) fn set(store: &Connection, name: Name, value: impl ToSql) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT INTO meta (name, value) VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?;
    statement.execute(named_params! {"$name": name.word(), "$value": value})?;
    Ok(())
}

/// Forgets the value under a name.
pub(crate) fn clear(store: &Connection, name: Name) -> Result<()> {
    store.prepare_cached("DELETE FROM meta WHERE name = $name")?.execute(named_params! {"$name": name.word()})?;
    Ok(())
}
