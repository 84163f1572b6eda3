//! Who asks: from an access token to a person with a role.

use sync_protocol::UserId;
use sync_protocol::ids::DeviceId;

use crate::error::{Error, Result, not_found, unauthorized};
use crate::instance::Instance;
use crate::people::Role;
use crate::secrets::access::{BadToken, SessionId};
use crate::store::audit::{self, Deed};
use crate::store::db::Tx;
use crate::store::sessions::Session;
use crate::store::users::User;
use crate::store::{devices, sessions, users};

/// Milliseconds by which a device's `last_seen` may lag: an idle sync writes nothing.
const SEEN_MS: i64 = 10 * 60 * 1_000;

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The device that asks; `None` for the office.
    pub device: Option<DeviceId>,
}

impl Caller {
    /// Whether the caller may do what `role` may.
    pub fn is_at_least(&self, role: Role) -> bool {
        self.user.role >= role
    }
}

/// The caller that an access token stands for.
pub fn caller(instance: &Instance, token: &str) -> Result<Caller> {
    let now = instance.now();
    let (id, issued) = instance.keys.access.session(token, now).map_err(|bad| match bad {
        BadToken::Expired => unauthorized("token_expired", "The access token has expired; refresh it."),
        BadToken::Forged => unauthorized("bad_token", "The access token is not one of this server."),
    })?;
    let (caller, arrived, stale) = instance.store.read(|tx| {
        let session = sessions::find(tx, &id)?.ok_or_else(sign_in_again)?;
        let (user, seen) = alive(tx, &session)?;
        let arrived = !session.confirmed && session.last_used / 1_000 == issued;
        let stale = seen.filter(|seen| now - seen > SEEN_MS).and(session.device);
        Ok::<_, Error>((Caller { user, session: id, device: session.device }, arrived, stale))
    })?;
    if arrived || stale.is_some() {
        let session = caller.session.clone();
        instance.store.write(move |tx| {
            if arrived {
                sessions::confirm(tx, &session)?;
            }
            stale.map_or(Ok(()), |device| devices::touch(tx, device, now)).map_err(Error::from)
        })?;
    }
    Ok(caller)
}

/// The person of a session that still stands, and when its device was last seen.
pub(super) fn alive(tx: &Tx<'_>, session: &Session) -> Result<(User, Option<i64>)> {
    if session.ended_at.is_some() {
        return Err(sign_in_again());
    }
    let user = users::find(tx, session.user)?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(|| unauthorized("disabled", "The account is disabled; ask the office."))?;
    let Some(id) = session.device else { return Ok((user, None)) };
    let device = devices::find(tx, id)?.filter(|device| device.retired_at.is_none());
    let device = device.ok_or_else(|| unauthorized("retired", "The device is retired; ask the office."))?;
    Ok((user, Some(device.last_seen)))
}

pub(super) fn sign_in_again() -> Error {
    unauthorized("sign_in_again", "The session has ended; sign in again. What was saved is safe.")
}

/// Retires a device: its sessions end; what it had signed still arrives through others.
pub fn retire_device(instance: &Instance, id: DeviceId, by: Option<UserId>) -> Result<()> {
    let now = instance.now();
    let deed = Deed::new(instance, by, "device.retire", id, "");
    instance.store.write(move |tx| {
        devices::find(tx, id)?.ok_or_else(|| not_found("device"))?;
        devices::retire(tx, id, now)?;
        sessions::end_of_device(tx, id, now)?;
        audit::add(tx, &deed)?;
        Ok(())
    })
}
