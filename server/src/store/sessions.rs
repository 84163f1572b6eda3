//! Sessions: sign-ins and enrolments that have not ended.

use sync_protocol::UserId;
use sync_protocol::ids::DeviceId;

use crate::args;
use crate::secrets::access::SessionId;
use crate::store::db::{Columns, Result, Tx};

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Named by access tokens.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// The device, where it has one.
    pub device: Option<DeviceId>,
    /// When the session last got tokens; milliseconds since 1970.
    pub last_used: i64,
    /// Whether the tokens it got last have arrived: one of them was used.
    pub confirmed: bool,
    /// When it ended; milliseconds since 1970.
    pub ended_at: Option<i64>,
}

fn session(row: &Columns<'_>) -> Result<Session> {
    Ok(Session {
        id: SessionId::stored(row.string(0)?),
        user: row.parsed(1)?,
        device: row.opt_parsed(2)?,
        last_used: row.int(3)?,
        confirmed: row.bool(4)?,
        ended_at: row.opt_int(5)?,
    })
}

/// Opens a session.
pub fn add(tx: &Tx<'_>, session: &Session, refresh_hash: &str) -> Result<()> {
    tx.run(
        "INSERT INTO sessions (id, user_id, device, refresh, created_at, last_used, confirmed) VALUES ($1, $2, $3, $4, $5, $5, 0)",
        args![
            session.id.as_str(),
            session.user.to_string().as_str(),
            session.device.map(|d| d.to_string()).as_ref(),
            refresh_hash,
            session.last_used
        ],
    )?;
    Ok(())
}

/// The session with this id.
pub fn find(tx: &Tx<'_>, id: &SessionId) -> Result<Option<Session>> {
    tx.row(
        "SELECT id, user_id, device, last_used, confirmed, ended_at FROM sessions WHERE id = $1",
        args![id.as_str()],
        session,
    )
}

/// The session that a refresh token belongs to, and whether it is the token that works now.
pub fn find_by_refresh(tx: &Tx<'_>, hash: &str) -> Result<Option<(Session, bool)>> {
    tx.row(
        "SELECT id, user_id, device, last_used, confirmed, ended_at, refresh = $1 FROM sessions
         WHERE refresh = $1 OR previous_refresh = $1",
        args![hash],
        |row| Ok((session(row)?, row.bool(6)?)),
    )
}

/// Replaces the refresh token that works.
pub fn rotate(tx: &Tx<'_>, id: &SessionId, refresh_hash: &str, now: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET previous_refresh = refresh, refresh = $2, last_used = $3, confirmed = 0 WHERE id = $1",
        args![id.as_str(), refresh_hash, now],
    )?;
    Ok(())
}

/// Replaces the refresh token that works, while the previous one stays the previous one.
pub fn replace(tx: &Tx<'_>, id: &SessionId, refresh_hash: &str, now: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET refresh = $2, last_used = $3, confirmed = 0 WHERE id = $1",
        args![id.as_str(), refresh_hash, now],
    )?;
    Ok(())
}

/// Notes that the tokens handed out last have arrived.
pub fn confirm(tx: &Tx<'_>, id: &SessionId) -> Result<()> {
    tx.run("UPDATE sessions SET confirmed = 1 WHERE id = $1", args![id.as_str()])?;
    Ok(())
}

/// Whether a device has a session that has not ended.
pub fn is_open(tx: &Tx<'_>, device: DeviceId) -> Result<bool> {
    let found = tx.row(
        "SELECT 1 FROM sessions WHERE device = $1 AND ended_at IS NULL LIMIT 1",
        args![device.to_string().as_str()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Ends a session.
pub fn end(tx: &Tx<'_>, id: &SessionId, now: i64) -> Result<()> {
    tx.run("UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", args![id.as_str(), now])?;
    Ok(())
}

/// Ends every session of a person.
pub fn end_of_user(tx: &Tx<'_>, user: UserId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL",
        args![user.to_string().as_str(), now],
    )?;
    Ok(())
}

/// Ends every session that a person opened by password.
pub fn end_of_office(tx: &Tx<'_>, user: UserId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND device IS NULL AND ended_at IS NULL",
        args![user.to_string().as_str(), now],
    )?;
    Ok(())
}

/// Ends every session of a device.
pub fn end_of_device(tx: &Tx<'_>, device: DeviceId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET ended_at = $2 WHERE device = $1 AND ended_at IS NULL",
        args![device.to_string().as_str(), now],
    )?;
    Ok(())
}
