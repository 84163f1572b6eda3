//! Sessions: opened by a password or an enrolment, kept alive by refresh tokens that each work once.

use sync_protocol::UserId;
use sync_protocol::ids::DeviceId;
use sync_protocol::session::{Refresh, SignIn, Tokens};

use super::callers::{Caller, alive, sign_in_again};
use crate::error::{Error, Result, unauthorized};
use crate::instance::Instance;
use crate::secrets::access::{ACCESS_SECONDS, SessionId};
use crate::secrets::passwords;
use crate::secrets::refresh::{RefreshToken, hash_of};
use crate::store::audit::{self, Deed};
use crate::store::db::Tx;
use crate::store::sessions::{self, Session};
use crate::store::users;

/// Milliseconds without a refresh after which a device's session ends.
const DEVICE_IDLE_MS: i64 = 180 * 86_400_000;
/// Milliseconds without a refresh after which an office session ends.
const OFFICE_IDLE_MS: i64 = 12 * 3_600_000;

/// The random parts of a session about to be opened.
pub(super) struct NewTokens {
    session: SessionId,
    refresh: RefreshToken,
}

impl NewTokens {
    pub(super) fn random(instance: &Instance) -> NewTokens {
        let ambient = instance.ambient.as_ref();
        NewTokens { session: SessionId::random(ambient.random()), refresh: RefreshToken::random(ambient.random()) }
    }

    /// Opens the session.
    pub(super) fn open(
        self,
        tx: &Tx<'_>,
        instance: &Instance,
        user: UserId,
        device: Option<DeviceId>,
        now: i64,
    ) -> Result<Tokens> {
        let session = Session { id: self.session, user, device, last_used: now, confirmed: false, ended_at: None };
        sessions::add(tx, &session, &self.refresh.hash())?;
        Ok(tokens(instance, &session.id, self.refresh, now))
    }
}

fn tokens(instance: &Instance, session: &SessionId, refresh: RefreshToken, now: i64) -> Tokens {
    Tokens {
        access: instance.keys.access.issue(session, now),
        refresh: refresh.reveal(),
        recipient: Some(instance.keys.identity.recipient()),
        seconds: ACCESS_SECONDS,
    }
}

/// Opens an office session by name and password. Takes tens of milliseconds and 19 MiB: run few at once.
pub fn sign_in(instance: &Instance, ask: SignIn) -> Result<Tokens> {
    let wrong = || unauthorized("bad_sign_in", "The name or the password is wrong.");
    let name = ask.name.trim().to_lowercase();
    let (user, hash) = instance.store.read(|tx| {
        let user = users::find_by_name(tx, &name)?.filter(|user| user.disabled_at.is_none());
        let hash = user.as_ref().map(|user| users::password_hash(tx, user.id)).transpose()?.flatten();
        Ok::<_, Error>((user, hash))
    })?;
    let holds = passwords::holds(&ask.password, hash.as_deref());
    instance.metrics.sign_in(holds);
    let user = user.filter(|_| holds).ok_or_else(wrong)?;
    let tokens = NewTokens::random(instance);
    let now = instance.now();
    let deed = Deed::new(instance, Some(user.id), "session.open", user.id, "");
    let inside = instance.clone();
    instance.store.write(move |tx| {
        audit::add(tx, &deed)?;
        tokens.open(tx, &inside, user.id, None, now)
    })
}

/// New tokens for a refresh token.
///
/// The token before works too until its successor is known to have arrived: a phone whose answer was lost comes back days
/// later and is not locked out. After that it ends the session: two hold it, and one is not its owner.
pub fn refresh(instance: &Instance, ask: &Refresh) -> Result<Tokens> {
    let hash = hash_of(&ask.refresh);
    let fresh = RefreshToken::random(instance.ambient.random());
    let fresh_hash = fresh.hash();
    let now = instance.now();
    let deed = Deed::new(instance, None, "session.reuse", "", "");
    // A refusal must not roll back the ending of a session, so it is told by the value.
    let session = instance.store.write(move |tx| {
        let Some((session, works)) = sessions::find_by_refresh(tx, &hash)? else { return Ok(None) };
        let idle = if session.device.is_some() { DEVICE_IDLE_MS } else { OFFICE_IDLE_MS };
        if now - session.last_used > idle {
            sessions::end(tx, &session.id, now)?;
            return Ok(None);
        }
        alive(tx, &session)?;
        if works {
            sessions::rotate(tx, &session.id, &fresh_hash, now)?;
        } else if !session.confirmed {
            sessions::replace(tx, &session.id, &fresh_hash, now)?;
        } else {
            sessions::end(tx, &session.id, now)?;
            audit::add(tx, &Deed { actor: Some(session.user), ..deed })?;
            return Ok(None);
        }
        Ok::<_, Error>(Some(session.id))
    })?;
    let session = session.ok_or_else(sign_in_again)?;
    Ok(tokens(instance, &session, fresh, now))
}

/// Ends the caller's session.
pub fn sign_out(instance: &Instance, caller: &Caller) -> Result<()> {
    let (session, now) = (caller.session.clone(), instance.now());
    instance.store.write(move |tx| sessions::end(tx, &session, now).map_err(Error::from))
}
