//! The histories of one of the device's writers differ here and on the server: the file was restored, copied, or has lost
//! its end. The device goes on under a new writer and seals again what the server cannot take under the old one.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sync_protocol::WriterId;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::{Answer, Refusal};
use zeroize::Zeroizing;

use super::{Progress, Reply, retelling};
use crate::device::Device;
use crate::env::{Env, dice};
use crate::error::Result;
use crate::store::lives::{self, Life};
use crate::store::meta::{self, Name};
use crate::store::outbox;

/// Acts on every `rotate` of an answer; returns the last common place of each writer that it concerns.
pub(crate) fn take(
    store: &Connection,
    env: &dyn Env,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<BTreeMap<WriterId, u64>> {
    let mut common = BTreeMap::new();
    let lives = lives::list(store)?;
    for state in answer.writers.iter().filter(|state| !state.rotate.is_empty()) {
        let Some(life) = lives.find(state.writer) else { continue };
        let ours = outbox::list_hashes(store, &life)?;
        // Nothing is left here of an earlier life whose store was lost: there is nothing to seal again.
        if ours.is_empty() && life.life != lives.present().life {
            continue;
        }
        let first = ours.first().map(|(seq, _)| outbox::find_holding(store, *seq)).transpose()?.flatten();
        let from = first.map_or(u64::MAX, |first| first.first);
        let last_common = last_common(&life, from, &ours, &state.rotate);
        // A server that holds nothing beyond what is here only answers a request from before: another one came first.
        if state.rotate.iter().all(|(seq, _)| life.place(*seq) <= last_common) {
            continue;
        }
        common.insert(state.writer, last_common);
        if life.life == lives.present().life {
            mint(store, env)?;
            progress.report.rotations += 1;
        }
        if ours.last().is_some_and(|(seq, _)| *seq > last_common) {
            retelling::retell(store, &life, last_common, env.now_ms())?;
        }
    }
    Ok(common)
}

/// The place of the last changeset up to which both sides hold the same. What stands on the server behind a place where they
/// differ came over a gap, on its own word: it is no proof of what lies before it. Where the list does not reach down far
/// enough, it is the last one below it that the server has judged: too low a place only seals again what the server then
/// knows. `from`: the first save that is here.
fn last_common(life: &Life, from: u64, ours: &[(u64, ChangesetHash)], theirs: &[(u64, ChangesetHash)]) -> u64 {
    let held: BTreeMap<u64, ChangesetHash> = theirs.iter().map(|(seq, hash)| (life.place(*seq), *hash)).collect();
    let mut common = None;
    for (place, hash) in &held {
        if ours.contains(&(*place, *hash)) {
            common = Some(*place);
        } else if from <= *place {
            break;
        }
    }
    if let Some(place) = common {
        return place;
    }
    let lowest = held.keys().next().copied().unwrap_or(0);
    let below = ours.iter().rev().find(|(seq, _)| *seq < lowest && *seq <= life.applied);
    below.map_or(life.place(0), |(seq, _)| *seq)
}

/// Closes the present writer and begins with a new one, which the old one vouches for at the next exchange.
pub(crate) fn mint(store: &Connection, env: &dyn Env) -> Result<()> {
    let secret: Zeroizing<[u8; 32]> = Zeroizing::new(dice(env));
    lives::begin(store, WriterId::random(dice(env)), &secret)?;
    // An answer to a request of the old writer leaves out what that one's saves make.
    meta::set(store, Name::Turn, meta::number(store, Name::Turn)? + 1)
}

/// The server does not know the writer that a request spoke for: where the device has had others, they vouch for it again.
pub(crate) fn vouch_again(device: &mut Device, reply: &Reply) -> Result<bool> {
    let is_unknown = serde_json::from_slice::<Refusal>(&reply.body).is_ok_and(|refusal| refusal.code == "wrong_writer");
    let step = device.transaction()?;
    if !is_unknown || lives::list(&step)?.present().life == 0 {
        return Ok(false);
    }
    lives::vouch_for_all(&step)?;
    step.commit()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_common_changeset_is_the_highest_with_the_same_hash() {
        let life = Life { life: 1, writer: WriterId::from_u128(1), applied: 0, decided: 0, backed_up: 0, vouch: false };
        let life = Life { applied: life.place(2), ..life };
        let chain = |marks: &[(u64, u8)], place: fn(&Life, u64) -> u64| -> Vec<(u64, ChangesetHash)> {
            marks.iter().map(|(seq, mark)| (place(&life, *seq), ChangesetHash([*mark; 32]))).collect()
        };
        let ours = chain(&[(1, 1), (2, 2), (5, 5), (6, 6)], Life::place);
        let bare: fn(&Life, u64) -> u64 = |_, seq| seq;
        for (theirs, expected) in [
            (vec![(6, 6), (5, 5), (2, 2), (1, 1)], 6),
            (vec![(9, 9), (6, 6), (5, 5)], 6),
            (vec![(9, 9), (6, 7), (5, 5)], 5),
            (vec![(6, 7), (5, 8), (2, 2), (1, 1)], 2),
            (vec![(3, 3), (2, 2)], 2),
            (vec![(6, 7), (5, 8)], 2),
            (vec![(1, 9)], 0),
            // Came over a gap, while another history took the numbers before it.
            (vec![(6, 6), (2, 9), (1, 1)], 1),
            (vec![(6, 6), (3, 3), (2, 2)], 2),
        ] {
            let common = last_common(&life, life.place(1), &ours, &chain(&theirs, bare));
            assert_eq!(common, life.place(expected), "{theirs:?}");
        }
    }
}
