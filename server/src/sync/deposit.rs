//! Bytes first: verify each changeset over its exact bytes, then store it durably. Only then is it looked into.

use std::collections::BTreeMap;

use sync_protocol::changeset::{ERASED, Links};
use sync_protocol::exchange::{Incoming, Lines};
use sync_protocol::{Code, Header, WriterId};

use super::{Hub, Refused};
use crate::store::changesets::{self, Changeset, KeptAside, Place};
use crate::store::writers::Writer;
use crate::store::{Tx, db};

/// What became of a request's changesets.
#[derive(Debug, Default)]
pub(super) struct Deposited {
    /// Stored for the first time.
    pub(super) stored: usize,
    /// Not stored under their number: place among the writer's changesets of the request, and why.
    pub(super) refused: BTreeMap<WriterId, Vec<(usize, Code)>>,
}

/// A changeset that was looked at, with its place among the writer's changesets of the request.
struct Checked {
    at: usize,
    writer: WriterId,
    /// Verified, or the bytes to keep aside.
    result: Result<Box<Changeset>, KeptAside>,
}

/// Verifies outside any lock, then stores everything in one transaction.
pub(super) fn deposit(
    hub: &Hub,
    incoming: &Incoming<'_>,
    known: &BTreeMap<WriterId, Writer>,
) -> Result<Deposited, Refused> {
    if incoming.control.push.is_empty() {
        return Ok(Deposited::default());
    }
    let now = hub.now_ms();
    let checked = check_all(incoming, known, now);
    let deposited = hub.store.write(move |tx| {
        let mut deposited = Deposited::default();
        for Checked { at, writer, result } in checked {
            let outcome = match result {
                Ok(changeset) => store(tx, &changeset, now)?,
                Err(aside) => {
                    changesets::keep_aside(tx, &aside, now)?;
                    Err(aside.code)
                }
            };
            match outcome {
                Ok(is_new) => deposited.stored += usize::from(is_new),
                Err(code) => deposited.refused.entry(writer).or_default().push((at, code)),
            }
        }
        Ok::<_, db::Error>(deposited)
    })?;
    Ok(deposited)
}

fn check_all(incoming: &Incoming<'_>, known: &BTreeMap<WriterId, Writer>, now_ms: i64) -> Vec<Checked> {
    let carrier = incoming.control.writer;
    let mut after = BTreeMap::new();
    let mut places: BTreeMap<WriterId, usize> = BTreeMap::new();
    let mut checked = Vec::new();
    for (push, signature, lines) in incoming.changesets() {
        let place = places.entry(push.writer).or_default();
        let at = *place;
        *place += 1;
        let after = after.entry(push.writer).or_insert(push.after);
        let saves = incoming.saves(lines);
        let result = check(known.get(&push.writer), lines.header, saves, after, signature, now_ms)
            .map(|mut changeset| {
                changeset.carrier = (push.writer != carrier).then_some(carrier);
                Box::new(changeset)
            })
            .map_err(|code| aside(push.writer, lines, saves, signature, code));
        checked.push(Checked { at, writer: push.writer, result });
    }
    checked
}

/// The signature is checked over exact bytes before anything of them is parsed.
fn check(
    writer: Option<&Writer>,
    header_line: &str,
    saves: &[&str],
    after: &mut sync_protocol::changeset::ChangesetHash,
    signature: &sync_protocol::changeset::SignatureBytes,
    now_ms: i64,
) -> Result<Changeset, Code> {
    let writer = writer.ok_or(Code::UnknownWriter)?;
    let bytes = header_line.len() + saves.iter().map(|save| save.len() + 1).sum::<usize>();
    let links = Links::over(*after, header_line, saves)?;
    let previous = std::mem::replace(after, links.hash);
    // The chain holds over an erased save too: a carrier who erased it would take the number from the save itself.
    if saves.iter().any(|save| save.starts_with(ERASED)) {
        return Err(Code::Malformed);
    }
    links.verify(&writer.key, signature)?;
    if bytes > sync_protocol::limits::CHANGESET_BYTES_MAX {
        return Err(Code::TooLarge);
    }
    let header = Header::parse(header_line, writer.id, saves.len())?;
    Ok(Changeset {
        writer: writer.id,
        first: header.first(saves.len()),
        seq: header.seq,
        hash: links.hash,
        after: previous,
        signature: *signature,
        header: header_line.to_owned(),
        payload: saves.join("\n"),
        tags: links.tags,
        author: header.author,
        clock: header.clock.effective(now_ms),
        received: now_ms,
        carrier: None,
    })
}

fn aside(
    writer: WriterId,
    lines: Lines<'_>,
    saves: &[&str],
    signature: &sync_protocol::changeset::SignatureBytes,
    code: Code,
) -> KeptAside {
    let mut bytes = signature.0.to_vec();
    bytes.extend_from_slice(lines.header.as_bytes());
    for save in saves {
        bytes.push(b'\n');
        bytes.extend_from_slice(save.as_bytes());
    }
    KeptAside { hash: *blake3::hash(&bytes).as_bytes(), writer, seq: None, code, bytes }
}

/// Stores one verified changeset; `Ok(false)` if it was there before, a code if its number is another's.
fn store(tx: &Tx<'_>, changeset: &Changeset, now_ms: i64) -> Result<Result<bool, Code>, db::Error> {
    let near = changesets::around(tx, changeset.writer, changeset.first, changeset.seq)?;
    match standing(changeset, &near) {
        Standing::New => {
            changesets::add(tx, changeset)?;
            Ok(Ok(true))
        }
        Standing::Repeat => Ok(Ok(false)),
        Standing::Fork => {
            let mut bytes = changeset.signature.0.to_vec();
            bytes.extend_from_slice(changeset.header.as_bytes());
            bytes.push(b'\n');
            bytes.extend_from_slice(changeset.payload.as_bytes());
            let hash = *blake3::hash(&bytes).as_bytes();
            let (writer, seq) = (changeset.writer, Some(changeset.seq));
            changesets::keep_aside(tx, &KeptAside { hash, writer, seq, code: Code::Fork, bytes }, now_ms)?;
            Ok(Err(Code::Fork))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    New,
    Repeat,
    Fork,
}

/// How a changeset stands to those that share its numbers or border on them.
fn standing(changeset: &Changeset, near: &[Place]) -> Standing {
    let same = |p: &Place| p.first == changeset.first && p.seq == changeset.seq && p.hash == changeset.hash;
    if near.iter().any(same) {
        return Standing::Repeat;
    }
    let chained = |p: &Place| {
        let before = p.seq + 1 == changeset.first && p.hash == changeset.after;
        let behind = p.first == changeset.seq + 1 && p.after == changeset.hash;
        before || behind
    };
    let begins = changeset.first > 1 || changeset.after == sync_protocol::changeset::ChangesetHash::NONE;
    if begins && near.iter().all(chained) { Standing::New } else { Standing::Fork }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_protocol::changeset::{ChangesetHash, SignatureBytes};
    use sync_protocol::{Clock, UserId};

    fn changeset(first: u64, seq: u64, hash: u8, after: u8) -> Changeset {
        Changeset {
            writer: WriterId::from_u128(1),
            first,
            seq,
            hash: ChangesetHash([hash; 32]),
            after: ChangesetHash([after; 32]),
            signature: SignatureBytes([0; 64]),
            header: String::new(),
            payload: String::new(),
            tags: vec![],
            author: UserId::from_u128(1),
            clock: Clock(0),
            received: 0,
            carrier: None,
        }
    }

    #[test]
    fn only_what_continues_the_chain_takes_a_number() {
        let place = |first, seq, hash, after| {
            let c = changeset(first, seq, hash, after);
            Place { first: c.first, seq: c.seq, hash: c.hash, after: c.after }
        };
        let stored = [place(1, 3, 3, 0), place(7, 8, 8, 6)];
        for (c, expected) in [
            (changeset(1, 3, 3, 0), Standing::Repeat),
            (changeset(1, 3, 9, 0), Standing::Fork),
            (changeset(2, 3, 3, 0), Standing::Fork),
            (changeset(4, 6, 6, 3), Standing::New),
            (changeset(4, 6, 6, 9), Standing::Fork),
            (changeset(4, 6, 9, 3), Standing::Fork),
            (changeset(4, 7, 9, 3), Standing::Fork),
        ] {
            let near: Vec<Place> =
                stored.iter().copied().filter(|p| p.seq + 1 >= c.first && p.first <= c.seq + 1).collect();
            assert_eq!(standing(&c, &near), expected, "{}..={} hash {:?}", c.first, c.seq, c.hash);
        }
        assert_eq!(standing(&changeset(1, 1, 1, 5), &[]), Standing::Fork);
        assert_eq!(standing(&changeset(5, 5, 1, 5), &[]), Standing::New);
    }
}
