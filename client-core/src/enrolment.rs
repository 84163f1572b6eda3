//! Enrolment: a one-time code makes the device known to its server and its writer certified.

use sync_protocol::changeset::WriterKey;
use sync_protocol::ids::DeviceId;
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{Signer, UserId, WriterId};
use zeroize::Zeroizing;

use crate::device::Device;
use crate::env::dice;
use crate::error::{Error, Result, bad_input};
use crate::lifeboat;
use crate::store::ids::Key;
use crate::store::lives;
use crate::store::meta::{self, Name};
use crate::sync::{Outgoing, Reply, refusal};

/// Where enrolment is asked for.
const ENROL_PATH: &str = "/auth/v1/enrol";

impl Device {
    /// What to send to enrol with a one-time code. `name` is what the office will call the device, `app` names the program.
    ///
    /// The writer is made and stored by the first call; a repetition after a lost answer asks for the same one.
    pub fn enrol_request(&mut self, code: &str, name: &str, app: &str) -> Result<Outgoing> {
        let code = code.trim();
        if code.is_empty() || code.len() > 128 || name.len() > 200 || app.len() > 200 {
            return Err(bad_input("a code is needed, and neither it nor the names may be that long"));
        }
        let (device, writer, signer) = self.pending_writer()?;
        let ask = Enrol {
            app: app.to_owned(),
            code: code.to_owned(),
            device,
            key: signer.key(),
            name: name.to_owned(),
            writer,
        };
        Ok(Outgoing {
            ticket: 0,
            path: ENROL_PATH,
            bearer: None,
            body: serde_json::to_vec(&ask).expect("an enrolment is JSON"),
        })
    }

    /// Takes the server's answer: checks the certificate against the root key and pins that key.
    pub fn enrol_answer(&mut self, reply: &Reply) -> Result<()> {
        if reply.status != 200 {
            return Err(refusal(reply));
        }
        let enrolled: Enrolled =
            serde_json::from_slice(&reply.body).map_err(|_| Error::BadAnswer("not the answer to an enrolment"))?;
        let (device, writer, signer) = self.pending_writer()?;
        self.check_certificate(&enrolled.certificate, &enrolled.root, (device, writer, &signer.key()))?;
        let now = self.env().now_ms();
        let step = self.transaction()?;
        meta::set(&step, Name::User, enrolled.certificate.user.key())?;
        meta::set(&step, Name::Person, &enrolled.user_name)?;
        meta::set(&step, Name::Project, &enrolled.project)?;
        meta::set(&step, Name::Root, enrolled.root.to_bytes())?;
        let certificate = serde_json::to_string(&enrolled.certificate).expect("a certificate is JSON");
        meta::set(&step, Name::Certificate, certificate)?;
        meta::set(&step, Name::Skew, enrolled.time - now)?;
        meta::set(&step, Name::SkewAt, now)?;
        set_tokens(&step, &enrolled.tokens)?;
        // Known from now on; earlier writers of this device are vouched for by it.
        lives::vouch_for_all(&step)?;
        meta::clear(&step, Name::Vouch)?;
        step.commit()?;
        lifeboat::board(self)
    }

    fn check_certificate(
        &self,
        certificate: &Certificate,
        root: &WriterKey,
        ours: (DeviceId, WriterId, &WriterKey),
    ) -> Result<()> {
        let pinned: Option<[u8; 32]> = meta::find(self.store(), Name::Root)?;
        if pinned.is_some_and(|pinned| pinned != root.to_bytes()) {
            return Err(Error::BadAnswer("the root key of another server"));
        }
        let user: Option<[u8; 16]> = meta::find(self.store(), Name::User)?;
        if user.is_some_and(|user| UserId::of(user) != certificate.user) {
            return Err(Error::BadAnswer("a certificate for another person; each has a store of their own"));
        }
        if (certificate.device, certificate.writer, &certificate.key) != ours || !certificate.is_from(root) {
            return Err(Error::BadAnswer("a certificate that is not for this device"));
        }
        Ok(())
    }

    /// The device's id, writer and key: stored by an earlier attempt, or made now.
    fn pending_writer(&mut self) -> Result<(DeviceId, WriterId, Signer)> {
        let found = (
            meta::find::<[u8; 16]>(self.store(), Name::Device)?,
            meta::find::<[u8; 16]>(self.store(), Name::Writer)?,
            meta::find::<[u8; 32]>(self.store(), Name::Secret)?,
        );
        if let (Some(device), Some(writer), Some(secret)) = found {
            return Ok((DeviceId::of(device), WriterId::of(writer), Signer::from_secret(&secret)));
        }
        let device = DeviceId::minted(self.env().now_ms().max(0) as u64, dice(self.env()));
        let writer = WriterId::random(dice(self.env()));
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(dice(self.env()));
        let step = self.transaction()?;
        meta::set(&step, Name::Device, device.key())?;
        meta::set(&step, Name::Writer, writer.key())?;
        meta::set(&step, Name::Secret, secret.as_slice())?;
        step.commit()?;
        Ok((device, writer, Signer::from_secret(&secret)))
    }
}

/// Stores a session's tokens.
pub(crate) fn set_tokens(store: &rusqlite::Connection, tokens: &Tokens) -> Result<()> {
    meta::set(store, Name::Access, &tokens.access)?;
    if let Some(recipient) = tokens.recipient {
        meta::set(store, Name::Recipient, recipient.0)?;
    }
    meta::set(store, Name::Refresh, &tokens.refresh)
}
