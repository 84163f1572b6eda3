//! Entries of changesets that a session brings, whoever wrote them; bundles are `intake`.

use std::collections::BTreeSet;

use sync_protocol::WriterId;
use sync_protocol::carriage::{self, Carriage, Head, Standing};
use sync_protocol::entry::{Entry, Identity};
use sync_protocol::exchange::Incoming;

use super::{Hub, Refused, deposit, judge, minted, senders};
use crate::store::{Tx, changesets, db, writers};

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
    hub.store.flush()?;
    Ok(carriage::Carried { entries })
}

fn find_stored(tx: &Tx<'_>, (writer, seq, hash): &Head) -> db::Result<Option<Standing>> {
    let Some(place) = changesets::ending_at(tx, *writer, *seq)?.filter(|place| place.hash == *hash) else {
        return Ok(None);
    };
    let backed_up = writers::find(tx, *writer)?.map_or(0, |writer| writer.backed_up);
    Ok(Some(if place.seq <= backed_up { Standing::BackedUp } else { Standing::Here }))
}

/// The body of an entry: what was stored and what was refused of it.
pub(super) fn deposit_body(hub: &Hub, body: &[u8]) -> Result<(usize, usize), Refused> {
    let incoming = Incoming::parse(body)?;
    minted::enrol(hub, &incoming.control)?;
    let known = hub.store.read(|tx| senders(tx, &incoming.control))?;
    let deposited = deposit::deposit(hub, &incoming, &known)?;
    Ok((deposited.stored, deposited.refused.values().map(Vec::len).sum()))
}
