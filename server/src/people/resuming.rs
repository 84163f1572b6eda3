//! A restored server has lost sessions, devices and people newer than its backup: devices get back in by themselves.
//!
//! The root key is in every backup, so a certificate verifies whatever else was lost. Only a restored server lets anybody in
//! this way: on any other one, a session that is not known has ended for a reason.

use sync_protocol::session::{Certificate, Resume, Resumed};

use super::Role;
use super::callers::sign_in_again;
use super::signing_in::NewTokens;
use crate::error::{Result, unauthorized};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::devices::{self, Device};
use crate::store::users::{self, User};
use crate::store::{Tx, backups, sessions, writers};

/// Milliseconds by which a statement may be older or newer than the server's clock.
const STATEMENT_MS: i64 = 10 * 60 * 1_000;

/// Lets a device in by its writer's certificate and a statement of now; without one it tells the time.
pub fn resume(instance: &Instance, ask: Resume) -> Result<Resumed> {
    let now = instance.now();
    let root = instance.keys.root.key();
    if !ask.certificate.is_from(&root) {
        return Err(sign_in_again());
    }
    let is_of_now = |at: i64| (now - at).abs() <= STATEMENT_MS;
    let Some(statement) = ask.statement.filter(|statement| is_of_now(statement.at)) else {
        return Ok(Resumed { time: now, tokens: None });
    };
    if !statement.is_from(&ask.certificate, &root) {
        return Err(sign_in_again());
    }
    let (tokens, inside) = (NewTokens::random(instance), instance.clone());
    let (certificate, name) = (ask.certificate, ask.name);
    let deed = Deed::new(instance, Some(certificate.user), "device.resume", certificate.device, "");
    let tokens = instance.store.write(move |tx| {
        if !backups::was_restored(tx)? {
            return Err(sign_in_again());
        }
        let_in(tx, &certificate, &name, now)?;
        sessions::end_of_device(tx, certificate.device, now)?;
        audit::add(tx, &deed)?;
        tokens.open(tx, &inside, certificate.user, Some(certificate.device), now)
    })?;
    Ok(Resumed { time: now, tokens: Some(tokens) })
}

/// Makes known again what the backup did not hold. What the office had ended before the backup stays ended.
fn let_in(tx: &Tx<'_>, certificate: &Certificate, name: &str, now: i64) -> Result<()> {
    let retired = || unauthorized("retired", "The device is retired; ask the office.");
    match users::find(tx, certificate.user)? {
        Some(user) if user.disabled_at.is_some() => {
            return Err(unauthorized("disabled", "The account is disabled; ask the office."));
        }
        Some(_) => {}
        None => add_person(tx, certificate, name, now)?,
    }
    match devices::find(tx, certificate.device)? {
        Some(device) if device.retired_at.is_some() => return Err(retired()),
        Some(_) if !sessions::is_open(tx, certificate.device)? => return Err(sign_in_again()),
        Some(_) => {}
        None => devices::put(
            tx,
            &Device {
                id: certificate.device,
                name: "newer than the backup".to_owned(),
                app: String::new(),
                user: certificate.user,
                enrolled_at: certificate.issued,
                last_seen: now,
                retired_at: None,
            },
        )?,
    }
    match writers::find(tx, certificate.writer)? {
        Some(writer) if writer.stolen.is_some() => Err(retired()),
        Some(writer) if writer.key != certificate.key || writer.user != Some(certificate.user) => Err(sign_in_again()),
        Some(_) => Ok(()),
        None => {
            let of = Some((certificate.user, certificate.device));
            Ok(writers::add(tx, certificate.writer, &certificate.key, of, now)?)
        }
    }
}

/// Somebody newer than the backup: known by id, without any grant, until the office says more.
fn add_person(tx: &Tx<'_>, certificate: &Certificate, name: &str, now: i64) -> Result<()> {
    let display_name: String = name.chars().filter(|c| !c.is_control()).take(128).collect();
    let user = User {
        id: certificate.user,
        name: format!("restored-{}", certificate.user),
        display_name: if display_name.is_empty() { "?".to_owned() } else { display_name },
        role: Role::Enumerator,
        created_at: now,
        disabled_at: None,
    };
    match users::add(tx, &user, None)? {
        true => Ok(()),
        false => Err(sign_in_again()),
    }
}
