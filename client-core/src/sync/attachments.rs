//! Attachments: after records and forms, what the server lacks is asked for once, then sent, small ones together, large ones
//! part by part from where they stopped.
//!
//! Nothing that goes wrong here is the session's failure: what arrived stays there, and the next session asks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync_protocol::blobs::{Delivered, Delivery, Piece, Standing};
use sync_protocol::{BlobHash, limits};

use super::{Outgoing, Progress, Reply, Report, refusal};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::store::attachments::{self, State};
use crate::store::blobs;
use crate::store::meta::{self, Name};

/// Where files go.
const BLOBS_PATH: &str = "/sync/v1/blobs";
/// Requests in a row that may fail on the way before the rest is left for the next session.
const FAILURES_MAX: u32 = 3;
/// Bytes of files in the first requests; on a link that holds they grow, on one that breaks they shrink.
const PART_BYTES_FIRST: usize = 128 << 10;
/// A request carries no fewer.
const PART_BYTES_MIN: usize = 16 << 10;
/// Requests in a row that got through, after which the next one carries twice as much; each failure doubles it, for what
/// a breaking link had taken of a request when it broke is sent again.
const GROWS_AFTER_FIRST: u32 = 3;
const GROWS_AFTER_MAX: u32 = 96;
/// Pieces of one file in a session that may bring it no further.
const STRIKES_MAX: u32 = 2;
/// Milliseconds after which files that the server has are asked about again.
const AGAIN_MS: i64 = 86_400_000;

/// What the sending of one session remembers.
#[derive(Debug)]
pub(super) struct Sending {
    /// Whether files are asked about that the server has had before; decided when the session first comes here.
    again: Option<bool>,
    /// Asked about up to this one; `None` within: all of them.
    asked: Option<Option<BlobHash>>,
    /// What the server lacks, in the order to send it: with length and offset.
    wanted: VecDeque<(BlobHash, u64, u64)>,
    /// Sent in a request that failed: nobody knows what of it arrived.
    in_doubt: Vec<(BlobHash, u64)>,
    /// Found whole on this device.
    whole: BTreeSet<BlobHash>,
    strikes: BTreeMap<BlobHash, u32>,
    part_bytes: usize,
    grows_after: u32,
    through: u32,
    failures: u32,
}

impl Default for Sending {
    fn default() -> Self {
        Sending {
            again: None,
            asked: Some(None),
            wanted: VecDeque::new(),
            in_doubt: Vec::new(),
            whole: BTreeSet::new(),
            strikes: BTreeMap::new(),
            part_bytes: PART_BYTES_FIRST,
            grows_after: GROWS_AFTER_FIRST,
            through: 0,
            failures: 0,
        }
    }
}

/// The next request about files, if there is anything to ask or to send.
pub(super) fn request(device: &Device, progress: &mut Progress, ticket: u64) -> Result<Option<(Outgoing, Delivery)>> {
    if progress.sending.failures >= FAILURES_MAX {
        return Ok(None);
    }
    match next(device, progress) {
        Ok(None) => Ok(None),
        Ok(Some((delivery, bytes))) => {
            let body = [delivery.to_line(), bytes].concat();
            let bearer = meta::find(device.store(), Name::Access)?;
            Ok(Some((Outgoing { ticket, path: BLOBS_PATH, bearer, body }, delivery)))
        }
        // A file of bytes that cannot be used now: records have gone, and the session ends well.
        Err(_) => {
            progress.sending.failures = FAILURES_MAX;
            Ok(None)
        }
    }
}

fn next(device: &Device, progress: &mut Progress) -> Result<Option<(Delivery, Vec<u8>)>> {
    let store = device.store();
    let again = match progress.sending.again {
        Some(again) => again,
        None => begin(device, progress)?,
    };
    let sending = &mut progress.sending;
    let writer = device.me()?.writer;
    let lost = attachments::list_lost(store, limits::BLOBS_MAX)?;
    let mut asks = std::mem::take(&mut sending.in_doubt);
    if asks.is_empty()
        && let Some(after) = sending.asked
    {
        asks = attachments::list_due(store, again, after, limits::BLOBS_MAX)?;
        let more = asks.len() == limits::BLOBS_MAX;
        sending.asked = asks.last().filter(|_| more).map(|(hash, _)| Some(*hash));
    }
    if !asks.is_empty() {
        let pieces = asks.into_iter().map(|(hash, bytes)| Piece::ask(hash, bytes)).collect();
        return Ok(Some((Delivery { blobs: pieces, lost, writer }, Vec::new())));
    }
    let (pieces, bytes) = pack(device, sending, &mut progress.report)?;
    // What was found lost just now is told in the same breath.
    let lost = if lost.is_empty() { attachments::list_lost(store, limits::BLOBS_MAX)? } else { lost };
    if pieces.is_empty() && lost.is_empty() {
        return Ok(None);
    }
    Ok(Some((Delivery { blobs: pieces, lost, writer }, bytes)))
}

/// Decides whether files are asked about that the server has had: its backups have moved, it was restored, or a day has gone.
fn begin(device: &Device, progress: &mut Progress) -> Result<bool> {
    let store = device.store();
    device.look_for_files()?;
    let backed_up = meta::number(store, Name::BackedUp)?;
    let (asked_at, asked_of) = (meta::number(store, Name::FilesAskedAt)?, meta::number(store, Name::FilesAskedOf)?);
    let now = device.env().now_ms();
    let is_due = backed_up != asked_of || progress.report.rewound || !(asked_at..=asked_at + AGAIN_MS).contains(&now);
    let again = is_due && attachments::has_kept(store)?;
    progress.sending.again = Some(again);
    if is_due && !again && attachments::count_waiting(store)?.0 > 0 {
        // What goes now was asked about now.
        note_asked(store, now)?;
    }
    Ok(again)
}

fn note_asked(store: &rusqlite::Connection, now_ms: i64) -> Result<()> {
    let backed_up = meta::number(store, Name::BackedUp)?;
    meta::set(store, Name::FilesAskedAt, now_ms)?;
    meta::set(store, Name::FilesAskedOf, backed_up)
}

/// Pieces of what the server lacks, and their bytes, as many as a request carries now.
fn pack(device: &Device, sending: &mut Sending, report: &mut Report) -> Result<(Vec<Piece>, Vec<u8>)> {
    let (mut pieces, mut packed) = (Vec::new(), Vec::new());
    while packed.len() < sending.part_bytes && pieces.len() < limits::BLOBS_MAX {
        let Some((blob, bytes, from)) = sending.wanted.pop_front() else { break };
        let files = device.files()?;
        if !sending.whole.contains(&blob) {
            if !blobs::is_whole(files, blob, bytes)? {
                attachments::set_state(device.store(), blob, State::Lost)?;
                report.files_lost += 1;
                continue;
            }
            sending.whole.insert(blob);
        }
        let room = sending.part_bytes - packed.len();
        // A small file goes whole or not at all: what is cut costs the server a file of its own.
        if !packed.is_empty() && from == 0 && bytes > room as u64 && bytes <= sending.part_bytes as u64 {
            sending.wanted.push_front((blob, bytes, from));
            break;
        }
        let part = blobs::read(files, blob, from, room)?;
        pieces.push(Piece { blob, bytes, from, len: part.len() as u64 });
        packed.extend(part);
    }
    Ok((pieces, packed))
}

/// Takes the server's reply. An error is one that another try may help against.
pub(super) fn answer(device: &mut Device, reply: &Reply, asked: &Delivery, progress: &mut Progress) -> Result<()> {
    if reply.status != 200 {
        return failed(refusal(reply), asked, progress);
    }
    let delivered: Option<Delivered> = serde_json::from_slice(&reply.body).ok();
    let names = |delivered: &Delivered| delivered.blobs.iter().map(|(hash, _)| *hash).collect::<Vec<_>>();
    let expected: Vec<BlobHash> = asked.blobs.iter().map(|piece| piece.blob).collect();
    let Some(delivered) = delivered.filter(|delivered| names(delivered) == expected) else {
        return failed(Error::BadAnswer("it does not say how the files stand"), asked, progress);
    };
    let sending = &mut progress.sending;
    sending.failures = 0;
    sending.through += 1;
    if sending.through.is_multiple_of(sending.grows_after) && asked.blobs.iter().any(|piece| piece.len > 0) {
        sending.part_bytes = (sending.part_bytes * 2).min(limits::BLOB_PART_BYTES);
    }
    take(device, asked, &delivered, progress)
}

fn take(device: &mut Device, asked: &Delivery, delivered: &Delivered, progress: &mut Progress) -> Result<()> {
    let (now, mut freed) = (device.env().now_ms(), Vec::new());
    let step = device.transaction()?;
    for (piece, (blob, standing)) in asked.blobs.iter().zip(&delivered.blobs) {
        match standing {
            Standing::Here => {
                progress.report.files_sent += u64::from(attachments::set_state(&step, *blob, State::Here)?);
            }
            Standing::BackedUp => {
                if attachments::forget(&step, *blob)? {
                    freed.push(*blob);
                }
            }
            Standing::Refused(_) => drop(attachments::set_state(&step, *blob, State::Refused)?),
            Standing::Wanted(from) => {
                attachments::set_state(&step, *blob, State::Waiting)?;
                progress.sending.want(piece, *from);
            }
        }
    }
    for blob in &asked.lost {
        attachments::forget(&step, *blob)?;
        freed.push(*blob);
    }
    let sending = &progress.sending;
    if sending.again == Some(true) && sending.asked.is_none() {
        note_asked(&step, now)?;
    }
    step.commit()?;
    device.free(&freed);
    Ok(())
}

impl Sending {
    fn want(&mut self, piece: &Piece, from: u64) {
        let from = from.min(piece.bytes.saturating_sub(1));
        if piece.len > 0 && from <= piece.from {
            let strikes = self.strikes.entry(piece.blob).or_default();
            *strikes += 1;
            if *strikes >= STRIKES_MAX {
                // Left for the next session: the others may fare better.
                return;
            }
        }
        match piece.len {
            0 => self.wanted.push_back((piece.blob, piece.bytes, from)),
            // One that has begun goes on at once.
            _ => self.wanted.push_front((piece.blob, piece.bytes, from)),
        }
    }
}

/// The request has to be made again with a new token.
pub(super) fn put_off(asked: &Delivery, progress: &mut Progress) -> Result<()> {
    progress.sending.in_doubt = asked.blobs.iter().map(|piece| (piece.blob, piece.bytes)).collect();
    Ok(())
}

/// The request, or its answer, did not get through. Says nothing where the session is better ended well.
pub(super) fn failed(error: Error, asked: &Delivery, progress: &mut Progress) -> Result<()> {
    let sending = &mut progress.sending;
    sending.in_doubt = asked.blobs.iter().map(|piece| (piece.blob, piece.bytes)).collect();
    sending.part_bytes = (sending.part_bytes / 2).max(PART_BYTES_MIN);
    sending.grows_after = (sending.grows_after * 2).min(GROWS_AFTER_MAX);
    sending.through = 0;
    // A busy server, or a full one, has better things to do now than to take photos.
    let may_help = matches!(error, Error::Offline);
    sending.failures = if may_help { sending.failures + 1 } else { FAILURES_MAX };
    if sending.failures >= FAILURES_MAX { Ok(()) } else { Err(error) }
}
