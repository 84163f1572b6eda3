//! Office work and imports: ordinary saves, sealed under the server's own writer and judged like everybody's.

use sync_protocol::changeset::{ChangesetHash, Signer};
use sync_protocol::exchange::{Salt, VerdictRange};
use sync_protocol::{Clock, Header, Save, UserId, WriterId, limits, version};

use super::batch::Batch;
use super::{Hub, judge};
use crate::ambient::Ambient;
use crate::store::db::{Error, Result};
use crate::store::{Store, Tx, changesets, writers};

/// Saves of one server changeset.
const SAVES_SEALED: usize = 250;
/// Bytes of one server changeset, well below the limit.
const BYTES_SEALED: usize = limits::CHANGESET_BYTES_MAX / 2;

/// The server's writer of this process. Its secret key lives in memory only: after a restart a new writer is minted.
#[derive(Debug, Clone)]
pub struct Own {
    id: WriterId,
    signer: Signer,
}

impl Own {
    /// Mints the writer of this process and closes the one before it for ever.
    pub fn mint(store: &Store, ambient: &dyn Ambient) -> Result<Own> {
        let signer = Signer::from_secret(&ambient.random());
        let id = WriterId::random(ambient.random());
        let (key, now) = (signer.key(), ambient.now_ms());
        store.write(move |tx| {
            writers::close_own(tx, now)?;
            writers::add(tx, id, &key, None, now)
        })?;
        Ok(Own { id, signer })
    }

    /// The writer's id.
    pub fn id(&self) -> WriterId {
        self.id
    }
}

/// Seals and merges saves of the office, all in one transaction. Returns the verdict of each, by number.
pub fn write(hub: &Hub, author: UserId, saves: Vec<Save>) -> Result<Vec<VerdictRange>> {
    let office = Office::at(hub, author);
    hub.store.write(move |tx| office.write(tx, &saves))
}

/// Office work within a transaction of the caller, which may write other tables with it.
#[derive(Debug, Clone)]
pub struct Office {
    own: Own,
    author: UserId,
    now_ms: i64,
    salt: Salt,
}

impl Office {
    /// Work of this person, now.
    pub fn at(hub: &Hub, author: UserId) -> Office {
        Office { own: hub.own.clone(), author, now_ms: hub.now_ms(), salt: hub.salt() }
    }

    /// Seals the saves in changesets of bounded size and judges them. Call it once in a transaction.
    pub fn write(&self, tx: &Tx<'_>, saves: &[Save]) -> Result<Vec<VerdictRange>> {
        let before = writers::find(tx, self.own.id)?.ok_or(Error::Stored("the server's writer"))?;
        let mut seq = before.applied;
        let mut after = changesets::ending_at(tx, before.id, seq)?.map_or(ChangesetHash::NONE, |place| place.hash);
        let mut lines: Vec<String> = Vec::new();
        let mut bytes = 0;
        for (at, save) in saves.iter().enumerate() {
            let line = save.to_line();
            bytes += line.len();
            lines.push(line);
            if lines.len() >= SAVES_SEALED || bytes >= BYTES_SEALED || at + 1 == saves.len() {
                seq += lines.len() as u64;
                after = self.seal(tx, after, seq, std::mem::take(&mut lines))?;
                bytes = 0;
            }
        }
        let mut batch = Batch::begin(tx, self.now_ms);
        let (verdicts, _) = judge::judge_writer(&mut batch, &before, usize::MAX)?;
        batch.finish(self.salt)?;
        Ok(verdicts)
    }

    fn seal(&self, tx: &Tx<'_>, after: ChangesetHash, seq: u64, lines: Vec<String>) -> Result<ChangesetHash> {
        let header = Header {
            author: self.author,
            clock: Clock(self.now_ms),
            forms: vec![],
            origin: None,
            protocol: version::CURRENT,
            seq,
            writer: self.own.id,
        };
        let first = header.first(lines.len());
        let sealed = self.own.signer.seal(after, &header, lines);
        let hash = sealed.links.hash;
        changesets::add(
            tx,
            &changesets::Changeset {
                writer: self.own.id,
                first,
                seq,
                hash,
                after,
                signature: sealed.signature,
                header: sealed.header,
                payload: sealed.saves.join("\n"),
                tags: sealed.links.tags,
                author: self.author,
                clock: header.clock,
                received: self.now_ms,
                carrier: None,
            },
        )?;
        Ok(hash)
    }
}
