//! Bytes first: verify each changeset over its exact bytes, then store it durably. Only then is it looked into.

use std::collections::BTreeMap;

use sync_protocol::changeset::{ChangesetHash, ERASED, Links, SignatureBytes};
use sync_protocol::exchange::{Incoming, Lines, Push, VerdictRange};
use sync_protocol::{Code, Dot, Header, Save, Verdict, WriterId};

use super::judge::touched;
use super::{Hub, Refused};
use crate::store::changesets::{self, Changeset, Place};
use crate::store::held::{self, HeldId};
use crate::store::kept_aside::{self, KeptAside};
use crate::store::writers::{self, Writer};
use crate::store::{Tx, db};

/// What became of a request's changesets.
#[derive(Debug, Default)]
pub(super) struct Deposited {
    /// Stored for the first time.
    pub(super) stored: usize,
    /// Not stored under their number: place among the writer's changesets of the request, and why.
    pub(super) refused: BTreeMap<WriterId, Vec<(usize, Code)>>,
}

/// Changesets from which on it is worth to verify on several processors.
const PARALLEL_MIN: usize = 64;

/// A changeset as it arrived, with its place in its writer's chain.
struct Arrived<'a> {
    /// Its place among the writer's changesets of the request.
    at: usize,
    writer: WriterId,
    lines: Lines<'a>,
    saves: &'a [&'a str],
    signature: SignatureBytes,
    /// Hash of the one before it, and its own links.
    links: Result<(ChangesetHash, Links), Code>,
}

/// A changeset that was looked at.
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
    let deposited = hub.store.write_before_flush(move |tx| {
        let mut deposited = Deposited::default();
        let mut checked = checked.into_iter().peekable();
        while let Some(first) = checked.next() {
            let mut run = vec![first];
            while let Some(next) = checked.next_if(|next| continues(&run, next)) {
                run.push(next);
            }
            let mut known = if is_free(tx, &run)? { Some(Standing::New) } else { None };
            let prefix = prefix_of(tx, &run)?;
            for Checked { at, writer, result } in run {
                match store(tx, result, known, prefix, now)? {
                    Ok(is_new) => deposited.stored += usize::from(is_new),
                    // What follows on a fork is the fork's: alone it would wait for ever for what is never stored.
                    Err(Code::Fork) => {
                        known = Some(Standing::Fork);
                        deposited.refused.entry(writer).or_default().push((at, Code::Fork));
                    }
                    Err(code) => deposited.refused.entry(writer).or_default().push((at, code)),
                }
            }
        }
        Ok::<_, db::Error>(deposited)
    })?;
    Ok(deposited)
}

/// The chain runs in order; what is left to check of each changeset does not depend on the others.
fn check_all(incoming: &Incoming<'_>, known: &BTreeMap<WriterId, Writer>, now_ms: i64) -> Vec<Checked> {
    let arrived = link_all(incoming);
    let carrier = incoming.control.writer;
    let check = |part: &[Arrived<'_>]| -> Vec<Checked> {
        part.iter().map(|arrived| check(arrived, known.get(&arrived.writer), carrier, now_ms)).collect()
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if processors == 1 || arrived.len() < PARALLEL_MIN {
        return check(&arrived);
    }
    std::thread::scope(|scope| {
        let parts = arrived.chunks(arrived.len().div_ceil(processors));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| check(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("checking does not panic")).collect()
    })
}

fn link_all<'a>(incoming: &'a Incoming<'a>) -> Vec<Arrived<'a>> {
    let mut after = BTreeMap::new();
    let mut places: BTreeMap<WriterId, usize> = BTreeMap::new();
    let link = |(push, signature, lines): (&Push, &SignatureBytes, Lines<'a>)| {
        let place = places.entry(push.writer).or_default();
        let at = *place;
        *place += 1;
        let after = after.entry(push.writer).or_insert(push.after);
        let saves = incoming.saves(lines);
        let links = Links::over(*after, lines.header, saves).map(|links| {
            let previous = std::mem::replace(after, links.hash);
            (previous, links)
        });
        Arrived { at, writer: push.writer, lines, saves, signature: *signature, links }
    };
    incoming.changesets().map(link).collect()
}

fn check(arrived: &Arrived<'_>, writer: Option<&Writer>, carrier: WriterId, now_ms: i64) -> Checked {
    let result = verified(arrived, writer, now_ms)
        .map(|mut changeset| {
            changeset.carrier = (arrived.writer != carrier).then_some(carrier);
            Box::new(changeset)
        })
        .map_err(|code| aside(arrived.writer, arrived.lines, arrived.saves, &arrived.signature, code));
    Checked { at: arrived.at, writer: arrived.writer, result }
}

/// The signature is checked over exact bytes before anything of them is parsed.
fn verified(arrived: &Arrived<'_>, writer: Option<&Writer>, now_ms: i64) -> Result<Changeset, Code> {
    let writer = writer.ok_or(Code::UnknownWriter)?;
    let (header_line, saves) = (arrived.lines.header, arrived.saves);
    let bytes = header_line.len() + saves.iter().map(|save| save.len() + 1).sum::<usize>();
    let (previous, links) = arrived.links.as_ref().map_err(|code| *code)?;
    // The chain holds over an erased save too: a carrier who erased it would take the number from the save itself.
    if saves.iter().any(|save| save.starts_with(ERASED)) {
        return Err(Code::Malformed);
    }
    links.verify(&writer.key, &arrived.signature)?;
    if bytes > sync_protocol::limits::CHANGESET_BYTES_MAX {
        return Err(Code::TooLarge);
    }
    let header = Header::parse(header_line, writer.id, saves.len())?;
    Ok(Changeset {
        writer: writer.id,
        first: header.first(saves.len()),
        seq: header.seq,
        hash: links.hash,
        after: *previous,
        signature: arrived.signature,
        header: header_line.to_owned(),
        payload: saves.join("\n"),
        tags: links.tags.clone(),
        author: header.author,
        clock: header.clock.effective(now_ms),
        received: now_ms,
        carrier: None,
    })
}

/// Whether a changeset goes on where the run ends.
fn continues(run: &[Checked], next: &Checked) -> bool {
    match (run.last().map(|last| &last.result), &next.result) {
        (Some(Ok(last)), Ok(next)) => {
            last.writer == next.writer && last.seq + 1 == next.first && last.hash == next.after
        }
        _ => false,
    }
}

/// Whether a run that holds together may take its numbers: nothing stands there, and it goes on from what stands before.
fn is_free(tx: &Tx<'_>, run: &[Checked]) -> Result<bool, db::Error> {
    let (Some(Ok(first)), Some(Ok(last))) =
        (run.first().map(|c| c.result.as_ref()), run.last().map(|c| c.result.as_ref()))
    else {
        return Ok(false);
    };
    let near = changesets::around(tx, first.writer, first.first, last.seq)?;
    Ok(standing(first.first, last.seq, (first.after, last.hash), &near) == Standing::New)
}

/// How far the run's writer is judged: what is stored below that fills a gap that was sealed.
fn prefix_of(tx: &Tx<'_>, run: &[Checked]) -> Result<u64, db::Error> {
    let Some(Checked { writer, result: Ok(_), .. }) = run.first() else { return Ok(0) };
    Ok(writers::find(tx, *writer)?.map_or(0, |writer| writer.applied))
}

/// What comes for numbers that were sealed has them, and is for a person to look at: what stood behind it was judged without.
fn hold_late(tx: &Tx<'_>, changeset: &Changeset, now_ms: i64) -> Result<(), db::Error> {
    let verdict = Verdict::Quarantined(Code::Fork);
    for ((save, line), tag) in (changeset.first..).zip(changeset.payload.split('\n')).zip(&changeset.tags) {
        let records = Save::parse(line).map_or_else(|_| Vec::new(), |save| touched(&save));
        let id = HeldId::of(Dot { writer: changeset.writer, save });
        held::add(tx, &id, Some(*tag), verdict, &records, now_ms)?;
    }
    let all = VerdictRange { first: changeset.first, last: changeset.seq, verdict };
    changesets::set_verdicts(tx, changeset.writer, changeset.seq, &[all])
}

fn aside(writer: WriterId, lines: Lines<'_>, saves: &[&str], signature: &SignatureBytes, code: Code) -> KeptAside {
    KeptAside::of(writer, code, &signature.0, std::iter::once(lines.header).chain(saves.iter().copied()))
}

/// Stores one changeset; `Ok(false)` if it was there before, a code if it does not verify or its number is another's.
/// `known`: how it stands, where its run has told that already.
fn store(
    tx: &Tx<'_>,
    result: Result<Box<Changeset>, KeptAside>,
    known: Option<Standing>,
    prefix: u64,
    now_ms: i64,
) -> Result<Result<bool, Code>, db::Error> {
    let changeset = match result {
        Ok(changeset) => changeset,
        Err(aside) => {
            kept_aside::keep(tx, &aside, now_ms)?;
            return Ok(Err(aside.code));
        }
    };
    let standing = match known {
        Some(standing) => standing,
        None => {
            let near = changesets::around(tx, changeset.writer, changeset.first, changeset.seq)?;
            let hashes = (changeset.after, changeset.hash);
            standing(changeset.first, changeset.seq, hashes, &near)
        }
    };
    match standing {
        Standing::New => {
            changesets::add(tx, &changeset)?;
            if changeset.seq <= prefix {
                hold_late(tx, &changeset, now_ms)?;
            }
            Ok(Ok(true))
        }
        Standing::Repeat => Ok(Ok(false)),
        Standing::Fork => {
            let lines = [changeset.header.as_str(), &changeset.payload];
            let kept = KeptAside::of(changeset.writer, Code::Fork, &changeset.signature.0, lines);
            kept_aside::keep(tx, &kept.forked(changeset.seq, changeset.after), now_ms)?;
            Ok(Err(Code::Fork))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Repeat,
    Fork,
}

/// How the saves `first..=seq` stand to the changesets that share their numbers or border on them: `after` is the hash
/// before them, `hash` the one that they end with.
fn standing(first: u64, seq: u64, (after, hash): (ChangesetHash, ChangesetHash), near: &[Place]) -> Standing {
    if near.iter().any(|p| p.first == first && p.seq == seq && p.hash == hash) {
        return Standing::Repeat;
    }
    let chained = |p: &Place| {
        let before = p.seq + 1 == first && p.hash == after;
        let behind = p.first == seq + 1 && p.after == hash;
        before || behind
    };
    let begins = first > 1 || after == ChangesetHash::NONE;
    if begins && near.iter().all(chained) { Standing::New } else { Standing::Fork }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            assert_eq!(
                standing(c.first, c.seq, (c.after, c.hash), &near),
                expected,
                "{}..={} hash {:?}",
                c.first,
                c.seq,
                c.hash
            );
        }
        let [none, five] = [ChangesetHash::NONE, ChangesetHash([5; 32])];
        assert_eq!(standing(1, 1, (five, none), &[]), Standing::Fork);
        assert_eq!(standing(5, 5, (five, none), &[]), Standing::New);
    }
}
