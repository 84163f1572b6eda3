//! Enrolment: a one-time code makes a device and its writer known.

use sync_protocol::UserId;
use sync_protocol::session::{Certificate, Enrol, Enrolled};

use super::signing_in::NewTokens;
use crate::error::{Error, Result, bad_request, conflict, not_found};
use crate::instance::Instance;
use crate::secrets::codes::{CODE_MS, EnrolmentCode};
use crate::store::audit::{self, Deed};
use crate::store::devices::{self, Device};
use crate::store::{enrolment_codes, sessions, users, writers};

/// Gives out a code for a person's device; shown once, good for [`CODE_MS`]. Returns it with the time it ends.
pub fn give_code(instance: &Instance, user: UserId, by: UserId) -> Result<(EnrolmentCode, i64)> {
    let code = EnrolmentCode::random(instance.ambient.random());
    let hash = code.hash();
    let now = instance.now();
    let expires = now + CODE_MS;
    let deed = Deed::new(instance, Some(by), "code.give", user, "");
    instance.store.write(move |tx| {
        users::find(tx, user)?.filter(|user| user.disabled_at.is_none()).ok_or_else(|| not_found("person"))?;
        enrolment_codes::add(tx, &hash, user, by, now, expires)?;
        audit::add(tx, &deed).map_err(Error::from)
    })?;
    Ok((code, expires))
}

/// Makes a device known. The same device and writer may repeat it while the code lasts, because answers get lost.
pub fn enrol(instance: &Instance, ask: Enrol) -> Result<Enrolled> {
    let wrong = || bad_request("bad_code", "The code is wrong, used or too old; ask the office for a new one.");
    let hash = EnrolmentCode::typed(&ask.code).ok_or_else(wrong)?.hash();
    let one_line = |text: &str, max: usize| text.chars().filter(|c| !c.is_control()).take(max).collect::<String>();
    let (name, app) = (one_line(&ask.name, 128), one_line(&ask.app, 64));
    let tokens = NewTokens::random(instance);
    let now = instance.now();
    let deed = Deed::new(instance, None, "device.enrol", ask.device, "");
    let inside = instance.clone();
    instance.store.write(move |tx| {
        let given = enrolment_codes::find(tx, &hash)?.filter(|given| given.expires_at > now).ok_or_else(wrong)?;
        let issued = match given.used {
            None => now,
            Some((at, device, writer)) if device == ask.device && writer == ask.writer => at,
            Some(_) => return Err(wrong()),
        };
        let user = users::find(tx, given.user)?.filter(|user| user.disabled_at.is_none()).ok_or_else(wrong)?;
        match writers::find(tx, ask.writer)? {
            Some(writer) if writer.key != ask.key || writer.user != Some(user.id) => {
                return Err(conflict("writer_taken", "The writer is known already, with another key or person."));
            }
            _ => writers::add(tx, ask.writer, &ask.key, Some((user.id, ask.device)), now)?,
        }
        devices::put(
            tx,
            &Device { id: ask.device, name, app, user: user.id, enrolled_at: issued, last_seen: now, retired_at: None },
        )?;
        enrolment_codes::use_up(tx, &hash, ask.device, ask.writer, issued)?;
        sessions::end_of_device(tx, ask.device, now)?;
        let tokens = tokens.open(tx, &inside, user.id, Some(ask.device), now)?;
        audit::add(tx, &Deed { actor: Some(user.id), ..deed })?;
        Ok(Enrolled {
            certificate: Certificate::issue(&inside.keys.root, ask.writer, ask.key, user.id, ask.device, issued),
            root: inside.keys.root.key(),
            project: inside.project.to_string(),
            time: now,
            tokens,
            user_name: user.display_name,
        })
    })
}
