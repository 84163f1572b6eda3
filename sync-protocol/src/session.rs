//! Enrolment, certificates and tokens: how a writer becomes known and a session is kept alive.

use serde::{Deserialize, Serialize};

use crate::changeset::{SignatureBytes, Signer, WriterKey};
use crate::entry::Recipient;
use crate::ids::{DeviceId, UserId, WriterId};

const CERTIFICATE_DOMAIN: &str = "tilik writer 1";
const MINTED_DOMAIN: &str = "tilik minted writer 1";
const RESUME_DOMAIN: &str = "tilik resume 1";

/// The server's word that a writer belongs to a person's device; verifies from the server's root key alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The device.
    pub device: DeviceId,
    /// Milliseconds since 1970.
    pub issued: i64,
    /// The writer's public key.
    pub key: WriterKey,
    /// By the server's root key over the other fields.
    pub signature: SignatureBytes,
    /// The person.
    pub user: UserId,
    /// The writer.
    pub writer: WriterId,
}

impl Certificate {
    /// Issues a certificate.
    pub fn issue(root: &Signer, writer: WriterId, key: WriterKey, user: UserId, device: DeviceId, issued: i64) -> Self {
        let signature = root.sign(&message(writer, &key, user, device, issued));
        Certificate { device, issued, key, signature, user, writer }
    }

    /// Whether `root` issued it.
    pub fn is_from(&self, root: &WriterKey) -> bool {
        root.verify(&message(self.writer, &self.key, self.user, self.device, self.issued), &self.signature)
    }
}

/// A device's word that a writer is its own, given with the key of another writer of it: made without a network, and the
/// server takes it for an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minted {
    /// The new writer's public key.
    pub key: WriterKey,
    /// The writer that vouches; ordinarily the one before.
    pub previous: WriterId,
    /// By the key of `previous` over the other fields.
    pub signature: SignatureBytes,
    /// The new writer.
    pub writer: WriterId,
}

impl Minted {
    /// Vouches for a writer with the key of another one of the same device.
    pub fn sign(previous: WriterId, with: &Signer, writer: WriterId, key: WriterKey) -> Minted {
        let signature = with.sign(&minted_message(writer, &key, previous));
        Minted { key, previous, signature, writer }
    }

    /// Whether the holder of this key said so.
    pub fn is_from(&self, key: &WriterKey) -> bool {
        key.verify(&minted_message(self.writer, &self.key, self.previous), &self.signature)
    }
}

fn minted_message(writer: WriterId, key: &WriterKey, previous: WriterId) -> Vec<u8> {
    let key = crate::changeset::text_of(&key.to_bytes());
    format!("{MINTED_DOMAIN}\n{writer}\n{key}\n{previous}\n").into_bytes()
}

fn message(writer: WriterId, key: &WriterKey, user: UserId, device: DeviceId, issued: i64) -> Vec<u8> {
    let key = crate::changeset::text_of(&key.to_bytes());
    format!("{CERTIFICATE_DOMAIN}\n{writer}\n{key}\n{user}\n{device}\n{issued}\n").into_bytes()
}

/// `POST /auth/v1/enrol`: a one-time code makes a new device known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrol {
    /// Version of the app, for the office's list.
    pub app: String,
    /// The one-time code, as typed; case, spaces and hyphens do not count.
    pub code: String,
    /// Minted on the device.
    pub device: DeviceId,
    /// The writer's public key; its secret half never leaves the device.
    pub key: WriterKey,
    /// What the office calls the device.
    pub name: String,
    /// Minted on the device.
    pub writer: WriterId,
}

/// The answer to [`Enrol`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolled {
    /// The writer's certificate.
    pub certificate: Certificate,
    /// The server's root key, pinned by the device from now on.
    pub root: WriterKey,
    /// Name of the server's project.
    pub project: String,
    /// The server's wall clock, milliseconds since 1970.
    pub time: i64,
    /// The session.
    pub tokens: Tokens,
    /// The person's name.
    pub user_name: String,
}

/// A short access token and the token that renews it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// For the header `authorization: Bearer …`.
    pub access: String,
    /// For [`Refresh`]; each works until its successor is used.
    pub refresh: String,
    /// What outbox files and bundles are encrypted to (section 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Recipient>,
    /// Seconds for which `access` is good.
    pub seconds: u32,
}

/// `POST /auth/v1/refresh`: a new pair of tokens for an old refresh token. Answered with [`Tokens`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refresh {
    /// The last refresh token. Seen again after its successor was used, the session ends: two hold it, one is not its owner.
    /// Until then it may be repeated, because answers get lost.
    pub refresh: String,
}

/// `POST /auth/v1/resume`: a device whose session a restored server has lost proves itself by its certified writer.
/// Answered with [`Resumed`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resume {
    /// The writer's.
    pub certificate: Certificate,
    /// The person's name, for a server that has lost the person as well.
    pub name: String,
    /// Absent in the first request, which asks for the server's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
}

/// That the device asks now, by its writer's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The server's time, milliseconds since 1970.
    pub at: i64,
    /// By the writer's key.
    pub signature: SignatureBytes,
}

impl Statement {
    /// States that `writer` asks the server of this root key at this time of the server.
    pub fn sign(signer: &Signer, writer: WriterId, root: &WriterKey, at: i64) -> Statement {
        Statement { at, signature: signer.sign(&resume_message(writer, root, at)) }
    }

    /// Whether the writer of the certificate stated it to the server of this root key.
    pub fn is_from(&self, certificate: &Certificate, root: &WriterKey) -> bool {
        certificate.key.verify(&resume_message(certificate.writer, root, self.at), &self.signature)
    }
}

fn resume_message(writer: WriterId, root: &WriterKey, at: i64) -> Vec<u8> {
    let root = crate::changeset::text_of(&root.to_bytes());
    format!("{RESUME_DOMAIN}\n{writer}\n{root}\n{at}\n").into_bytes()
}

/// The answer to [`Resume`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resumed {
    /// The server's wall clock, milliseconds since 1970.
    pub time: i64,
    /// A session; absent where the statement is, or is of another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
}

/// `POST /auth/v1/sign-in`: name and password for a session without a device (the office). Answered with [`Tokens`].
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// The account's name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_holds_for_its_fields_only() {
        let root = Signer::from_secret(&[1; 32]);
        let key = Signer::from_secret(&[2; 32]).key();
        let [writer, other] = [1, 2].map(WriterId::from_u128);
        let certificate =
            Certificate::issue(&root, writer, key, UserId::from_u128(3), DeviceId::from_u128(4), 1_700_000_000_000);
        assert!(certificate.is_from(&root.key()));
        assert!(!certificate.is_from(&Signer::from_secret(&[9; 32]).key()));
        assert!(!Certificate { writer: other, ..certificate }.is_from(&root.key()));
    }

    #[test]
    fn a_minted_writer_is_vouched_for_by_one_key_only() {
        let [old, new] = [1, 2].map(|byte| Signer::from_secret(&[byte; 32]));
        let [a, b] = [1, 2].map(WriterId::from_u128);
        let minted = Minted::sign(a, &old, b, new.key());
        assert!(minted.is_from(&old.key()) && !minted.is_from(&new.key()));
        assert!(!Minted { writer: a, ..minted.clone() }.is_from(&old.key()));
        assert!(!Minted { key: old.key(), ..minted.clone() }.is_from(&old.key()));
        assert!(!Minted { previous: b, ..minted }.is_from(&old.key()));
    }

    #[test]
    fn a_statement_holds_for_one_writer_server_and_time() {
        let [root, other] = [1, 3].map(|n| Signer::from_secret(&[n; 32]));
        let signer = Signer::from_secret(&[2; 32]);
        let [writer, another] = [1, 2].map(WriterId::from_u128);
        let certificate =
            |writer| Certificate::issue(&root, writer, signer.key(), UserId::from_u128(3), DeviceId::from_u128(4), 1);
        let statement = Statement::sign(&signer, writer, &root.key(), 7);
        assert!(statement.is_from(&certificate(writer), &root.key()));
        assert!(!statement.is_from(&certificate(another), &root.key()));
        assert!(!statement.is_from(&certificate(writer), &other.key()));
        assert!(!Statement { at: 8, ..statement }.is_from(&certificate(writer), &root.key()));
    }
}
