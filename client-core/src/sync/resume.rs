//! The server does not know the session, or the writer, any more: a restored one lets the device in by its certificate.

use sync_protocol::changeset::WriterKey;
use sync_protocol::session::{Certificate, Resume, Resumed, Statement};

use super::{Outgoing, Reply};
use crate::device::Device;
use crate::enrolment::set_tokens;
use crate::error::{Error, Result};
use crate::store::lives;
use crate::store::meta::{self, Name};

/// Where a restored server lets devices in.
const RESUME_PATH: &str = "/auth/v1/resume";

/// How far the way back in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Resuming {
    /// Not needed so far.
    #[default]
    NotYet,
    /// The server's time is asked for.
    Time,
    /// This is its time: it is asked for a session.
    Session(i64),
    /// It was tried, once in a session.
    Tried,
}

impl Resuming {
    pub(super) fn is_due(self) -> bool {
        matches!(self, Resuming::Time | Resuming::Session(_))
    }
}

/// What to send.
pub(super) fn request(device: &Device, resuming: Resuming, ticket: u64) -> Result<Outgoing> {
    let store = device.store();
    let text: String = meta::find(store, Name::Certificate)?.ok_or(Error::SignInAgain)?;
    let certificate: Certificate = serde_json::from_str(&text).map_err(|_| Error::FileDamaged)?;
    let statement = match resuming {
        Resuming::Session(at) => {
            let root = meta::find::<[u8; 32]>(store, Name::Root)?.and_then(|root| WriterKey::from_bytes(&root));
            let life = lives::list(store)?.find(certificate.writer).ok_or(Error::FileDamaged)?;
            Some(Statement::sign(
                &lives::signer(store, &life)?,
                certificate.writer,
                &root.ok_or(Error::FileDamaged)?,
                at,
            ))
        }
        _ => None,
    };
    let name = meta::find(store, Name::Person)?.unwrap_or_default();
    let body = serde_json::to_vec(&Resume { certificate, name, statement }).expect("a request is JSON");
    Ok(Outgoing { ticket, path: RESUME_PATH, bearer: None, body })
}

/// Takes the answer; tells what comes next.
pub(super) fn answer(device: &mut Device, reply: &Reply, resuming: Resuming) -> Result<Resuming> {
    match reply.status {
        200 => {}
        400..=404 => return Err(Error::SignInAgain),
        _ => return Err(super::refusal(reply)),
    }
    let resumed: Resumed = serde_json::from_slice(&reply.body).map_err(|_| Error::BadAnswer("no tokens"))?;
    match (resumed.tokens, resuming) {
        (Some(tokens), _) => {
            let step = device.transaction()?;
            set_tokens(&step, &tokens)?;
            step.commit()?;
            crate::papers::keep(device);
            Ok(Resuming::Tried)
        }
        (None, Resuming::Time) => Ok(Resuming::Session(resumed.time)),
        (None, _) => Err(Error::SignInAgain),
    }
}
