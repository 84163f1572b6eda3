//! People with an account.

use serde::Serialize;
use sync_protocol::UserId;
use utoipa::ToSchema;

use crate::args;
use crate::people::Role;
use crate::store::db::{Columns, Result, Tx};
use crate::store::scope;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// The author of what they save.
    #[schema(value_type = String)]
    pub id: UserId,
    /// What they type to sign in; lower case.
    pub name: String,
    /// What others read.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Since when they may do nothing; milliseconds since 1970.
    pub disabled_at: Option<i64>,
}

fn user(row: &Columns<'_>) -> Result<User> {
    Ok(User {
        id: row.parsed(0)?,
        name: row.string(1)?,
        display_name: row.string(2)?,
        role: row.parsed(3)?,
        created_at: row.int(4)?,
        disabled_at: row.opt_int(5)?,
    })
}

/// Adds a person; false if the name is taken.
pub fn add(tx: &Tx<'_>, user: &User, password_hash: Option<&str>) -> Result<bool> {
    scope::directory_changed(tx)?;
    let added = tx.run(
        "INSERT INTO users (id, name, display_name, role, password, created_at, disabled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
        args![
            user.id.to_string().as_str(),
            &user.name,
            &user.display_name,
            user.role.word(),
            password_hash,
            user.created_at,
            user.disabled_at
        ],
    )?;
    Ok(added > 0)
}

/// The person with this id.
pub fn find(tx: &Tx<'_>, id: UserId) -> Result<Option<User>> {
    tx.row(
        "SELECT id, name, display_name, role, created_at, disabled_at FROM users WHERE id = $1",
        args![id.to_string().as_str()],
        user,
    )
}

/// The person who signs in by this name.
pub fn find_by_name(tx: &Tx<'_>, name: &str) -> Result<Option<User>> {
    tx.row("SELECT id, name, display_name, role, created_at, disabled_at FROM users WHERE name = $1", args![name], user)
}

/// Everybody, by name.
pub fn list(tx: &Tx<'_>) -> Result<Vec<User>> {
    tx.rows(
        "SELECT id, name, display_name, role, created_at, disabled_at FROM users ORDER BY name LIMIT 10000",
        args![],
        user,
    )
}

/// The hash of a person's password; `None` where there is none.
pub fn password_hash(tx: &Tx<'_>, id: UserId) -> Result<Option<String>> {
    let hash =
        tx.row("SELECT password FROM users WHERE id = $1", args![id.to_string().as_str()], |row| row.opt_string(0))?;
    Ok(hash.flatten())
}

/// Sets a person's password.
pub fn set_password_hash(tx: &Tx<'_>, id: UserId, hash: &str) -> Result<()> {
    tx.run("UPDATE users SET password = $2 WHERE id = $1", args![id.to_string().as_str(), hash])?;
    Ok(())
}

/// Disables a person from `now` on, once.
pub fn disable(tx: &Tx<'_>, id: UserId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL",
        args![id.to_string().as_str(), now],
    )?;
    Ok(())
}
