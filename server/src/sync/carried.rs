//! Changesets that come without a session: out of an outbox file or a bundle, whoever carried it.

use std::collections::{BTreeMap, BTreeSet};

use sync_protocol::WriterId;
use sync_protocol::carriage::{self, Carriage, Head, Standing};
use sync_protocol::entry::{Entry, Identity, Receipt};
use sync_protocol::exchange::Incoming;

use super::{Hub, Refused, deposit, judge, minted, senders};
use crate::store::{Tx, changesets, db, writers};

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

/// Takes in the entries that a session brings, whoever's they are, and tells how each that it asks about stands.
pub fn take_entries(hub: &Hub, identity: &Identity, body: &[u8]) -> Result<carriage::Carried, Refused> {
    let (Carriage { ask }, brought) = Carriage::parse(body)?;
    if !brought.is_empty() && hub.is_short_of_room() {
        return Err(Refused::NoRoom);
    }
    let mut foreign = BTreeSet::new();
    for entry in &brought {
        let Some(body) = identity.open(entry) else {
            foreign.insert(entry.name());
            continue;
        };
        // Whatever else it could not be stored for shows below: it is not here.
        if let Err(Refused::Store(error)) = deposit_body(hub, &body) {
            return Err(Refused::Store(error));
        }
    }
    let writers: BTreeSet<WriterId> = brought.iter().map(|entry| entry.writer).collect();
    judge::judge(hub, writers.into_iter().collect())?;
    let brought: BTreeSet<Head> = brought.iter().map(Entry::name).collect();
    let standing = |tx: &Tx<'_>, head: &Head| match find_stored(tx, head)? {
        Some(standing) => Ok(standing),
        None if foreign.contains(head) => Ok(Standing::Foreign),
        None if brought.contains(head) => Ok(Standing::Refused),
        None => Ok::<_, db::Error>(Standing::Wanted),
    };
    let entries = hub.store.read(|tx| ask.iter().map(|head| standing(tx, head)).collect::<db::Result<_>>())?;
    Ok(carriage::Carried { entries })
}

fn find_stored(tx: &Tx<'_>, (writer, seq, hash): &Head) -> db::Result<Option<Standing>> {
    let Some(place) = changesets::ending_at(tx, *writer, *seq)?.filter(|place| place.hash == *hash) else {
        return Ok(None);
    };
    let backed_up = writers::find(tx, *writer)?.map_or(0, |writer| writer.backed_up);
    Ok(Some(if place.seq <= backed_up { Standing::BackedUp } else { Standing::Here }))
}

fn deposit_body(hub: &Hub, body: &[u8]) -> Result<(usize, usize), Refused> {
    let incoming = Incoming::parse(body)?;
    minted::enrol(hub, &incoming.control)?;
    let known = hub.store.read(|tx| senders(tx, &incoming.control))?;
    let deposited = deposit::deposit(hub, &incoming, &known)?;
    Ok((deposited.stored, deposited.refused.values().map(Vec::len).sum()))
}
