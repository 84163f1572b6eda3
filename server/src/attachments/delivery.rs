//! A device's request about files: what of it came is kept, and every file it spoke of is told how it stands.

use std::collections::BTreeMap;

use sync_protocol::blobs::{BlobCode, Delivered, Delivery, Piece, Standing};
use sync_protocol::ids::DeviceId;
use sync_protocol::{BlobHash, UserId, limits};

use super::Problem;
use crate::error::{Error, Result, bad_request, forbidden_as};
use crate::instance::Instance;
use crate::people::Caller;
use crate::store::blobs::{self, Arrival};
use crate::store::writers;

/// Who brings files: on whose share of the disk they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bringer {
    /// The person.
    pub user: UserId,
    /// The device that the files come from.
    pub device: Option<DeviceId>,
}

/// What the database knows of some files.
struct Known {
    standings: BTreeMap<BlobHash, Standing>,
    /// Bytes that the person has brought.
    used: u64,
}

/// Takes in the body of a request, which may have been cut, and answers.
pub fn deliver(instance: &Instance, caller: &Caller, body: &[u8]) -> Result<Delivered> {
    let (delivery, came) = Delivery::parse(body).map_err(|e| bad_request("bad_body", format!("{e}.")))?;
    let writer = instance.store.read(|tx| writers::find(tx, delivery.writer).map_err(Error::from))?;
    if writer.is_none_or(|writer| writer.user != Some(caller.user.id)) {
        return Err(forbidden_as("wrong_writer", "The writer of the request is not enrolled for this person."));
    }
    let by = Bringer { user: caller.user.id, device: caller.device };
    let pieces: Vec<(Piece, &[u8])> = delivery.blobs.iter().copied().zip(came).collect();
    let (standings, trouble) = bring(instance, by, &pieces)?;
    note_losses(instance, caller, &delivery)?;
    if let Some(problem) = trouble {
        // What could be stored is; the device asks again and learns it.
        return Err(problem.into());
    }
    let stand = |piece: &Piece| (piece.blob, standings.get(&piece.blob).copied().unwrap_or(Standing::Wanted(0)));
    Ok(Delivered { blobs: delivery.blobs.iter().map(stand).collect() })
}

/// How files stand, as far as it was found out, and what stopped it.
pub(crate) type Brought = (BTreeMap<BlobHash, Standing>, Option<Problem>);

/// Takes pieces in, each of another file, and tells how their files stand.
///
/// A file is acknowledged once its bytes are durable under its name and the database says so, in this order: a crash between
/// the two leaves bytes that are put there again, and nothing that is taken for a file which it is not.
pub(crate) fn bring(instance: &Instance, by: Bringer, pieces: &[(Piece, &[u8])]) -> Result<Brought> {
    let Known { mut standings, mut used } = known(instance, by, pieces)?;
    let attachments = &instance.attachments;
    let mut whole: Vec<(BlobHash, Vec<u8>)> = Vec::new();
    let mut trouble: Option<Problem> = None;
    for (piece, bytes) in pieces {
        if standings.contains_key(&piece.blob) {
            continue;
        }
        let held = attachments.parts.held(by.user, piece.blob)?;
        // What has come of the file at hand is under way, and counts already.
        let standing = match refusal(piece, used.saturating_sub(held), attachments.quota_bytes) {
            Some(code) => Standing::Refused(code),
            None => match take(instance, by, piece, bytes) {
                Ok(Taken::Part(held)) => Standing::Wanted(held),
                Ok(Taken::Whole(bytes)) => {
                    used += piece.bytes;
                    whole.push((piece.blob, bytes));
                    Standing::Wanted(0)
                }
                Err(problem) => {
                    trouble = Some(problem);
                    break;
                }
            },
        };
        standings.insert(piece.blob, standing);
    }
    let stored = put(instance, by, whole, &mut trouble)?;
    standings.extend(stored.into_iter().map(|hash| (hash, Standing::Here)));
    Ok((standings, trouble))
}

fn known(instance: &Instance, by: Bringer, pieces: &[(Piece, &[u8])]) -> Result<Known> {
    instance.store.read(|tx| {
        let mut standings = BTreeMap::new();
        for (piece, _) in pieces {
            if let Some(blob) = blobs::find(tx, piece.blob)? {
                let standing = if blob.is_backed_up { Standing::BackedUp } else { Standing::Here };
                standings.insert(piece.blob, standing);
            }
        }
        let all_known = standings.len() == pieces.len();
        let used = if all_known { 0 } else { blobs::bytes_of(tx, by.user)? };
        let under_way = if all_known { 0 } else { instance.attachments.parts.held_of(by.user) };
        Ok::<_, Error>(Known { standings, used: used + under_way })
    })
}

fn refusal(piece: &Piece, used: u64, quota_bytes: u64) -> Option<BlobCode> {
    if piece.bytes == 0 || piece.bytes > limits::BLOB_BYTES_MAX as u64 {
        return Some(BlobCode::TooLarge);
    }
    (used + piece.bytes > quota_bytes).then_some(BlobCode::Quota)
}

enum Taken {
    /// So much of the file is held now.
    Part(u64),
    /// All of it, and its hash is right.
    Whole(Vec<u8>),
}

fn take(instance: &Instance, by: Bringer, piece: &Piece, bytes: &[u8]) -> std::result::Result<Taken, Problem> {
    let (parts, user, hash) = (&instance.attachments.parts, by.user, piece.blob);
    // A small file that came in one piece never touches the disk before it is proven.
    if piece.from == 0 && bytes.len() as u64 == piece.bytes {
        return Ok(if BlobHash::of(bytes) == hash { Taken::Whole(bytes.to_vec()) } else { Taken::Part(0) });
    }
    let held = match bytes.is_empty() {
        true => parts.held(user, hash)?,
        false => parts.append(user, hash, piece.bytes, piece.from, bytes)?,
    };
    if held < piece.bytes {
        return Ok(Taken::Part(held));
    }
    let whole = parts.read(user, hash)?;
    if BlobHash::of(&whole) == hash {
        return Ok(Taken::Whole(whole));
    }
    parts.remove(user, hash)?;
    Ok(Taken::Part(0))
}

/// Puts whole files in their place and notes them; tells which.
fn put(
    instance: &Instance,
    by: Bringer,
    whole: Vec<(BlobHash, Vec<u8>)>,
    trouble: &mut Option<Problem>,
) -> Result<Vec<BlobHash>> {
    if whole.is_empty() {
        return Ok(Vec::new());
    }
    let lengths: BTreeMap<BlobHash, u64> = whole.iter().map(|(hash, bytes)| (*hash, bytes.len() as u64)).collect();
    let mut stored = Vec::with_capacity(whole.len());
    for (hash, outcome) in instance.attachments.shelf.put(whole) {
        match outcome {
            Ok(()) => stored.push(hash),
            Err(problem) => *trouble = Some(problem.into()),
        }
    }
    let Bringer { user, device } = by;
    let arrivals: Vec<Arrival> =
        stored.iter().map(|hash| Arrival { hash: *hash, bytes: lengths[hash], user, device }).collect();
    let now = instance.now();
    instance
        .store
        .write(move |tx| arrivals.iter().try_for_each(|arrival| blobs::add(tx, arrival, now)).map_err(Error::from))?;
    for hash in &stored {
        // One that stays is found whole the next time somebody asks, or goes with the old ones.
        let _ = instance.attachments.parts.remove(user, *hash);
    }
    Ok(stored)
}

fn note_losses(instance: &Instance, caller: &Caller, delivery: &Delivery) -> Result<()> {
    if delivery.lost.is_empty() {
        return Ok(());
    }
    let (lost, user, device, now) = (delivery.lost.clone(), caller.user.id, caller.device, instance.now());
    instance.store.write(move |tx| {
        lost.iter().try_for_each(|hash| blobs::note_loss(tx, *hash, user, device, now)).map_err(Error::from)
    })
}
