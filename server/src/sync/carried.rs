//! Changesets that come without a session: out of an outbox file or a bundle, whoever carried it.

use std::collections::BTreeMap;

use sync_protocol::WriterId;
use sync_protocol::entry::{Entry, Identity, Receipt};
use sync_protocol::exchange::Incoming;

use super::{Hub, Refused, deposit, judge, minted, senders};
use crate::store::changesets;
use crate::store::db;
use crate::store::writers;

/// What became of the entries of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Entries found whole.
    pub entries: usize,
    /// Changesets stored for the first time.
    pub stored: usize,
    /// Changesets that were not stored, and bodies that are none.
    pub refused: usize,
    /// Entries that are encrypted to another server.
    pub foreign: usize,
}

/// Deposits every entry among these bytes as if its device had sent it; what is there already stays as it is.
pub fn deposit_file(hub: &Hub, identity: &Identity, bytes: &[u8]) -> db::Result<(Carried, Receipt)> {
    let mut carried = Carried::default();
    let mut named: BTreeMap<WriterId, ()> = BTreeMap::new();
    for entry in Entry::list(bytes) {
        carried.entries += 1;
        let Some(body) = identity.open(&entry) else {
            carried.foreign += 1;
            continue;
        };
        named.insert(entry.writer, ());
        match deposit_body(hub, &body) {
            Ok((stored, refused)) => {
                carried.stored += stored;
                carried.refused += refused;
            }
            Err(Refused::Store(error)) => return Err(error),
            Err(_) => carried.refused += 1,
        }
    }
    judge::judge(hub, named.keys().copied().collect())?;
    let receipt = hub.store.read(|tx| {
        let mut stored = Vec::new();
        for writer in named.keys() {
            let applied = writers::find(tx, *writer)?.map_or(0, |writer| writer.applied);
            if applied > 0 {
                stored.push((*writer, 1, applied));
            }
            let waiting = changesets::waiting_ranges(tx, *writer, applied)?;
            stored.extend(waiting.into_iter().map(|(first, last)| (*writer, first, last)));
        }
        Ok::<_, db::Error>(Receipt { stored })
    })?;
    Ok((carried, receipt))
}

fn deposit_body(hub: &Hub, body: &[u8]) -> Result<(usize, usize), Refused> {
    let incoming = Incoming::parse(body)?;
    minted::enrol(hub, &incoming.control)?;
    let known = hub.store.read(|tx| senders(tx, &incoming.control))?;
    let deposited = deposit::deposit(hub, &incoming, &known)?;
    Ok((deposited.stored, deposited.refused.values().map(Vec::len).sum()))
}
