//! The audit: what people did that is no record. Ids and counts only.

use sync_protocol::UserId;

use crate::ambient::Ambient;
use crate::args;
use crate::instance::Instance;
use crate::store::db::{Result, Tx};

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The line.
    pub id: String,
    /// When; milliseconds since 1970.
    pub at: i64,
    /// Who; `None` for the operator on the machine itself.
    pub actor: Option<UserId>,
    /// What, as a dotted word such as `grant.add`.
    pub action: &'static str,
    /// Id of what it was done to.
    pub subject: String,
    /// Anything else worth knowing; no respondent's data.
    pub note: String,
}

impl Deed {
    /// A line about what happens now.
    pub fn new(
        instance: &Instance,
        actor: Option<UserId>,
        action: &'static str,
        subject: impl ToString,
        note: &str,
    ) -> Deed {
        Deed::by(instance.ambient.as_ref(), actor, action, subject, note)
    }

    /// A line about what happens now, by this clock.
    pub fn by(
        ambient: &dyn Ambient,
        actor: Option<UserId>,
        action: &'static str,
        subject: impl ToString,
        note: &str,
    ) -> Deed {
        let (at, random) = ambient.id_parts();
        let id = uuid::Builder::from_unix_timestamp_millis(at, &random).into_uuid();
        let (subject, note) = (subject.to_string(), note.to_owned());
        Deed { id: id.to_string(), at: ambient.now_ms(), actor, action, subject, note }
    }
}

/// Writes a line.
pub fn add(tx: &Tx<'_>, deed: &Deed) -> Result<()> {
    tx.run(
        "INSERT INTO audit (id, at, actor, action, subject, note) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&deed.id, deed.at, deed.actor.map(|a| a.to_string()).as_ref(), deed.action, &deed.subject, &deed.note],
    )?;
    Ok(())
}
