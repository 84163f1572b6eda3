//! What the outbox file holds and the store does not, because a store was lost or has lost its end: before anything else the
//! server is asked which of these entries it lacks, and brought them. They can only be read there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync_protocol::WriterId;
use sync_protocol::carriage::{Carriage, Carried, Head, Standing};
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::entry::Entry;
use sync_protocol::exchange::{Answer, WriterState};
use sync_protocol::limits;

use super::{Outgoing, Progress, Reply, refusal};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::salvage;
use crate::store::meta::{self, Name};

/// Where entries go.
const ENTRIES_PATH: &str = "/sync/v1/entries";
/// Requests that may bring entries which did not arrive whole, before the rest is left for the next session.
const STRIKES_MAX: u32 = 3;
/// Milliseconds after which entries that the server has are asked about again: it may have been restored meanwhile.
const AGAIN_MS: i64 = 86_400_000;

/// What the bringing of one session remembers.
#[derive(Debug, Default)]
pub(super) struct Bringing {
    /// Which are brought or asked about; `None` before it is known.
    entries: Option<Vec<Entry>>,
    /// Those asked about so far.
    asked: usize,
    wanted: VecDeque<Head>,
    here: BTreeSet<ChangesetHash>,
    backed_up: BTreeSet<ChangesetHash>,
    strikes: u32,
    given_up: bool,
    /// Earlier writers all of whose entries are at the server, with the last of them: what is missing of their saves is gone.
    whole: BTreeMap<WriterId, (u64, ChangesetHash)>,
    /// Saves that the server asks for and nothing holds any more.
    missing: BTreeMap<WriterId, Vec<(u64, u64)>>,
}

/// The next request about entries, if there is anything to ask or to bring.
pub(super) fn request(
    device: &mut Device,
    progress: &mut Progress,
    ticket: u64,
) -> Result<Option<(Outgoing, Carriage)>> {
    if device.strays().is_empty() || progress.bringing.given_up {
        return Ok(None);
    }
    begin(device, progress)?;
    let bringing = &mut progress.bringing;
    let entries = bringing.entries.as_deref().unwrap_or_default();
    let (ask, brought) = match bringing.wanted.is_empty() {
        false => pack(entries, &bringing.wanted),
        true => (entries[bringing.asked..].iter().take(limits::ENTRIES_MAX).map(Entry::name).collect(), Vec::new()),
    };
    if ask.is_empty() {
        return Ok(None);
    }
    let carriage = Carriage { ask };
    let body = carriage.to_body(&brought);
    let bearer = meta::find(device.store(), Name::Access)?;
    Ok(Some((Outgoing { ticket, path: ENTRIES_PATH, bearer, body }, carriage)))
}

/// Decides once in a session, and again when the server turns out to be restored, what is asked about.
fn begin(device: &mut Device, progress: &mut Progress) -> Result<()> {
    let is_again = progress.report.rewound && !std::mem::replace(&mut progress.bringing_again, progress.report.rewound);
    if progress.bringing.entries.is_some() && !is_again {
        return Ok(());
    }
    let is_old = device.env().now_ms().saturating_sub(meta::number(device.store(), Name::AshoreAt)?) > AGAIN_MS;
    let is_due = is_again || is_old || device.adrift()? > 0;
    let entries = match device.lifeboat().filter(|_| is_due) {
        Some(boat) => salvage::entries(boat.as_ref()),
        None => Vec::new(),
    };
    let mut strays: BTreeSet<Head> = device.strays().iter().copied().collect();
    let entries = entries.into_iter().filter(|entry| strays.remove(&entry.name())).collect();
    progress.bringing = Bringing { entries: Some(entries), ..Bringing::default() };
    Ok(())
}

fn pack<'e>(entries: &'e [Entry], wanted: &VecDeque<Head>) -> (Vec<Head>, Vec<&'e Entry>) {
    let (mut ask, mut brought, mut bytes) = (Vec::new(), Vec::new(), 0);
    for head in wanted.iter().take(limits::ENTRIES_MAX) {
        let Some(entry) = entries.iter().find(|entry| entry.name() == *head) else { continue };
        bytes += entry.sealed.len();
        if !brought.is_empty() && bytes > limits::ENTRIES_BYTES {
            break;
        }
        ask.push(*head);
        brought.push(entry);
    }
    (ask, brought)
}

/// Takes the answer.
pub(super) fn answer(device: &mut Device, reply: &Reply, asked: &Carriage, progress: &mut Progress) -> Result<()> {
    match reply.status {
        200 => {}
        429 | 500.. => return Err(refusal(reply)),
        // An older server: they stay in the file.
        _ => {
            progress.bringing.given_up = true;
            return Ok(());
        }
    }
    let carried: Carried = serde_json::from_slice(&reply.body).map_err(|_| Error::BadAnswer("no word of entries"))?;
    if carried.entries.len() != asked.ask.len() {
        return Err(Error::BadAnswer("word of other entries"));
    }
    let bringing = &mut progress.bringing;
    let was_brought = !bringing.wanted.is_empty();
    if !was_brought {
        bringing.asked += asked.ask.len();
    }
    for (head, standing) in asked.ask.iter().zip(carried.entries) {
        bringing.wanted.retain(|wanted| wanted != head);
        match standing {
            Standing::Wanted if was_brought => {
                bringing.strikes += 1;
                bringing.wanted.push_back(*head);
            }
            Standing::Wanted => bringing.wanted.push_back(*head),
            Standing::Refused | Standing::Foreign => progress.report.strays_refused += 1,
            Standing::Here | Standing::BackedUp => {
                progress.report.strays_sent += u64::from(was_brought);
                bringing.here.insert(head.2);
                if standing == Standing::BackedUp {
                    bringing.backed_up.insert(head.2);
                }
            }
        }
    }
    bringing.given_up |= bringing.strikes > STRIKES_MAX;
    settle(device, progress)
}

/// Once every entry is at the server, nothing is adrift any more.
fn settle(device: &mut Device, progress: &mut Progress) -> Result<()> {
    let bringing = &mut progress.bringing;
    let Some(entries) = &bringing.entries else { return Ok(()) };
    if bringing.asked < entries.len() || !bringing.wanted.is_empty() {
        return Ok(());
    }
    let mut last: BTreeMap<WriterId, (u64, ChangesetHash)> = BTreeMap::new();
    for entry in entries {
        let told = last.entry(entry.writer).or_insert((entry.seq, entry.hash));
        *told = (*told).max((entry.seq, entry.hash));
    }
    let is_whole = |writer: &WriterId| {
        entries.iter().filter(|entry| entry.writer == *writer).all(|entry| bringing.here.contains(&entry.hash))
    };
    last.retain(|writer, _| is_whole(writer));
    bringing.whole = last;
    let ashore = entries.iter().filter(|entry| bringing.here.contains(&entry.hash)).count();
    let now = device.env().now_ms();
    meta::set(device.store(), Name::Ashore, ashore as i64)?;
    meta::set(device.store(), Name::AshoreAt, now)
}

/// Hashes of strays that every backup of the server holds.
pub(super) fn backed_up(progress: &Progress) -> &BTreeSet<ChangesetHash> {
    &progress.bringing.backed_up
}

/// The earlier writers to be told of because their entries are all at the server: the last of them, and what is missing.
pub(super) fn told(progress: &Progress) -> impl Iterator<Item = (WriterId, (u64, ChangesetHash), Vec<(u64, u64)>)> {
    let missing = |writer| progress.bringing.missing.get(writer).cloned().unwrap_or_default();
    progress.bringing.whole.iter().map(move |(writer, last)| (*writer, *last, missing(writer)))
}

/// Whether something is missing that the server has not been told of.
pub(super) fn is_due(progress: &Progress) -> bool {
    !progress.bringing.missing.is_empty()
}

/// Takes what an answer says of those writers: what it asks for and nothing holds is gone.
pub(super) fn take(answer: &Answer, progress: &mut Progress) {
    let bringing = &mut progress.bringing;
    let told: BTreeSet<WriterId> = std::mem::take(&mut bringing.missing).into_keys().collect();
    for state in &answer.writers {
        if bringing.whole.contains_key(&state.writer) {
            let holes = holes(state);
            if holes.is_empty() || told.contains(&state.writer) {
                bringing.whole.remove(&state.writer);
            } else {
                bringing.missing.insert(state.writer, holes);
            }
        }
    }
}

/// What lies between the saves that wait, from where the server asks on.
fn holes(state: &WriterState) -> Vec<(u64, u64)> {
    let Some(mut next) = state.push_from else { return Vec::new() };
    let mut holes = Vec::new();
    for (first, last) in &state.waiting {
        if *first > next {
            holes.push((next, first - 1));
        }
        next = next.max(last + 1);
    }
    holes.truncate(limits::MISSING_MAX);
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_lies_between_what_waits() {
        let state = |push_from, waiting: &[(u64, u64)]| WriterState {
            applied: 0,
            backed_up: 0,
            decided: 0,
            decisions: vec![],
            push_from,
            refused: vec![],
            rotate: vec![],
            verdicts: vec![],
            waiting: waiting.to_vec(),
            writer: WriterId::from_u128(1),
        };
        assert_eq!(holes(&state(None, &[(3, 4)])), []);
        assert_eq!(holes(&state(Some(2), &[(3, 4), (5, 5), (8, 9)])), [(2, 2), (6, 7)]);
        assert_eq!(holes(&state(Some(2), &[])), []);
    }
}
