//! A held save is issued again: with its original context, effective clock and author, under a writer that is minted for its
//! original writer alone.
//!
//! So the new name can stand for the old one in contexts, exactly: who had seen the old one has seen the new one, and with
//! it nothing else. Under the writer of office work it would claim to have seen that work, too.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sync_protocol::changeset::{ChangesetHash, Sealed, Signer};
use sync_protocol::merge::Stamp;
use sync_protocol::{Dot, Header, RecordId, Save, Verdict, WriterId, version};

use super::batch::Batch;
use super::judge::{self, Author, Case, Judgement};
use super::waits;
use crate::ambient::Ambient;
use crate::store::changesets::{self, Changeset, Original};
use crate::store::db::{Error, Result};
use crate::store::held::{HeldId, Life};
use crate::store::{Tx, kept_aside, origins, writers};

/// With what right a save is issued again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// An operator answers for it.
    Operator,
    /// What it waited for is settled: the rights of its own author count.
    Author,
}

/// Everything that one transaction issues again.
pub(super) struct Reissue<'t> {
    pub(super) batch: Batch<'t>,
    ambient: Arc<dyn Ambient>,
    minted: HashMap<HeldWriter, Minted>,
}

/// A writer in one of its lives: all forks of one are told apart by the bytes that were kept.
type HeldWriter = (WriterId, Life);

/// A writer of the server's, minted for saves of one other writer. Its secret key goes with the transaction.
struct Minted {
    id: WriterId,
    signer: Signer,
    seq: u64,
    after: ChangesetHash,
    /// Of each record, the original number of the last save issued on it.
    last: BTreeMap<RecordId, u64>,
}

impl<'t> Reissue<'t> {
    pub(super) fn begin(tx: &'t Tx<'t>, ambient: Arc<dyn Ambient>, now_ms: i64) -> Reissue<'t> {
        Reissue { batch: Batch::begin(tx, now_ms), ambient, minted: HashMap::new() }
    }

    /// Judges a held save once more; merged, it has a new name.
    pub(super) fn judge(&mut self, id: &HeldId, leave: Leave) -> Result<(Judgement, Option<Dot>)> {
        let original = kept_aside::original(self.batch.tx, id)?.ok_or(Error::Stored("the bytes of a held save"))?;
        let refused = |code| Ok((Verdict::Quarantined(code).into(), None));
        let author = match leave {
            Leave::Operator => responsible(&original),
            Leave::Author => its_own(self.batch.tx, id.dot.writer, &original)?,
        };
        if let Some(code) = author.standing {
            return refused(code);
        }
        let mut save = match Save::parse(&original.line) {
            Ok(save) => save,
            Err(code) => return refused(code),
        };
        self.prepare(id.dot, &mut save)?;
        let mut minted = self.minted_for(id, &save)?;
        let sealed = minted.seal(&original, &save);
        let dot = Dot { writer: minted.id, save: minted.seq + 1 };
        self.batch.known().set_applied(dot.writer, minted.seq);
        let case = Case { dot, tag: sealed.links.tags[0], sealed: id.dot, save: &save };
        let judgement = judge::judge_save(&mut self.batch, &author, &case)?;
        let under = judgement.verdict.is_applied().then_some(dot);
        if under.is_some() {
            minted.store(&self.batch, &original, sealed)?;
            if let Some(fork) = original.fork {
                // Its device may seal it again under a new writer: it is taken once.
                origins::add(self.batch.tx, fork, dot.writer, dot.save)?;
            }
            self.batch.known().set_applied(dot.writer, dot.save);
            minted.last.extend(judge::touched(&save).into_iter().map(|record| (record, id.dot.save)));
        }
        self.minted.insert((id.dot.writer, id.life.clone()), minted);
        Ok((judgement, under))
    }

    /// Puts the names of today into the contexts, and takes out what cannot have been seen.
    fn prepare(&mut self, sealed: Dot, save: &mut Save) -> Result<()> {
        for write in &mut save.records {
            write.context.retain(|writer, seen| *writer != sealed.writer || seen.save < sealed.save);
            if let Some(renamed) = waits::renamed(&mut self.batch, sealed, write)? {
                write.context = renamed;
            }
        }
        Ok(())
    }

    /// The writer of this transaction for the save's own. A save that had not seen the one before on some record gets a new
    /// one: to have seen the later of two saves of a writer is to have seen the earlier.
    fn minted_for(&mut self, id: &HeldId, save: &Save) -> Result<Minted> {
        if let Some(minted) = self.minted.remove(&(id.dot.writer, id.life.clone())) {
            let in_order = save.records.iter().all(|write| {
                let seen = write.context.get(&id.dot.writer).map_or(0, |seen| seen.save);
                minted.last.get(&write.id).is_none_or(|last| *last <= seen)
            });
            if in_order {
                return Ok(minted);
            }
        }
        Ok(Minted {
            id: WriterId::random(self.ambient.random()),
            signer: Signer::from_secret(&self.ambient.random()),
            seq: 0,
            after: ChangesetHash::NONE,
            last: BTreeMap::new(),
        })
    }
}

impl Minted {
    fn seal(&self, original: &Original, save: &Save) -> Sealed {
        let header = Header {
            author: original.author,
            clock: original.clock,
            forms: original.header.forms.clone(),
            origin: None,
            protocol: version::CURRENT,
            seq: self.seq + 1,
            writer: self.id,
        };
        self.signer.seal(self.after, &header, vec![save.to_line()])
    }

    fn store(&mut self, batch: &Batch<'_>, original: &Original, sealed: Sealed) -> Result<()> {
        let (tx, now) = (batch.tx, batch.now_ms);
        if self.seq == 0 {
            writers::add_closed(tx, self.id, &self.signer.key(), now)?;
        }
        let after = std::mem::replace(&mut self.after, sealed.links.hash);
        self.seq += 1;
        changesets::add(
            tx,
            &Changeset {
                writer: self.id,
                first: self.seq,
                seq: self.seq,
                hash: self.after,
                after,
                signature: sealed.signature,
                header: sealed.header,
                payload: sealed.saves.join("\n"),
                tags: sealed.links.tags,
                author: original.author,
                clock: original.clock,
                received: now,
                carrier: None,
            },
        )?;
        writers::set_applied(tx, self.id, self.seq)
    }
}

/// An operator has looked at the save: whose it is and when it was made stays, whether that person had the right does not count.
fn responsible(original: &Original) -> Author {
    Author {
        user: None,
        stamp: Stamp { clock: original.clock, author: original.author },
        authored: original.clock,
        at_ms: original.received,
        standing: None,
    }
}

/// The author answers for it, with the rights of then.
fn its_own(tx: &Tx<'_>, writer: WriterId, original: &Original) -> Result<Author> {
    let writer = writers::find(tx, writer)?.ok_or(Error::Stored("the writer of a held save"))?;
    let stamp = Stamp { clock: original.clock, author: original.author };
    Ok(Author::of(&writer, stamp, original.header.clock, original.received))
}
