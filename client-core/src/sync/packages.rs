//! Form packages: after rows and saves, what is published and not here yet is fetched part by part.
//!
//! Nothing that goes wrong here is the session's failure: what came stays, and the next session goes on from there.

use std::collections::BTreeSet;

use sync_protocol::exchange::{PackageHash, PackagePart};

use super::{Outgoing, Progress, Reply, refusal};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::store::forms::{self, Coming};
use crate::store::meta::{self, Name};
use crate::store::{Durable, durable};

/// Where packages are fetched.
const FORM_PATH: &str = "/sync/v1/form";
/// Requests in a row that may fail on the way before the rest is left for the next session.
const FAILURES_MAX: u32 = 3;

/// What the fetching of one session remembers.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    /// Left for the next session.
    left: BTreeSet<PackageHash>,
    /// Came wrong once, and was asked for anew.
    wrong: BTreeSet<PackageHash>,
    failures: u32,
}

impl Fetching {
    /// Whether the network, or the server, has failed too often.
    fn is_over(&self) -> bool {
        self.failures >= FAILURES_MAX
    }
}

/// The next request for a part, if there is anything to ask for.
pub(super) fn request(device: &Device, progress: &Progress, ticket: u64) -> Result<Option<(Outgoing, PackagePart)>> {
    if progress.fetching.is_over() {
        return Ok(None);
    }
    let Some(coming) = forms::next_coming(device.store(), &progress.fetching.left)? else { return Ok(None) };
    let part = PackagePart { from: coming.held, hash: coming.hash };
    let bearer = meta::find(device.store(), Name::Access)?;
    let body = serde_json::to_vec(&part).expect("a part is JSON");
    Ok(Some((Outgoing { ticket, path: FORM_PATH, bearer, body }, part)))
}

/// Takes the server's reply. An error is one that another try may help against.
pub(super) fn answer(device: &mut Device, reply: &Reply, asked: PackagePart, progress: &mut Progress) -> Result<()> {
    match reply.status {
        200 => {}
        // Not to be had now: the others may be.
        400..=428 => {
            progress.fetching.left.insert(asked.hash);
            return Ok(());
        }
        _ => return failed(refusal(reply), progress),
    }
    progress.fetching.failures = 0;
    durable(device.store(), Durable::Soon)?;
    let taken = take(device, &reply.body, asked, progress);
    durable(device.store(), Durable::Now)?;
    taken
}

/// The request, or its answer, did not get through. Says nothing where the session is better ended well.
pub(super) fn failed(error: Error, progress: &mut Progress) -> Result<()> {
    // A busy server has better things to do now than to hand out forms.
    let may_help = matches!(error, Error::Offline);
    progress.fetching.failures = if may_help { progress.fetching.failures + 1 } else { FAILURES_MAX };
    if progress.fetching.is_over() { Ok(()) } else { Err(error) }
}

fn take(device: &mut Device, bytes: &[u8], asked: PackagePart, progress: &mut Progress) -> Result<()> {
    let step = device.transaction()?;
    // Another session may have brought it, or the list of forms may be another by now.
    let Some(coming) = forms::find_coming(&step, asked.hash)?.filter(|coming| coming.held == asked.from) else {
        return Ok(());
    };
    match piece(coming, bytes) {
        Piece::Next => forms::add_part(&step, coming, bytes)?,
        Piece::Last => {
            forms::add_part(&step, coming, bytes)?;
            if PackageHash::of(&forms::bytes(&step, coming.hash)?) == coming.hash {
                forms::set_whole(&step, coming.hash)?;
                progress.report.forms_fetched += 1;
            } else {
                throw_away(&step, coming.hash, progress)?;
            }
        }
        Piece::Wrong => throw_away(&step, coming.hash, progress)?,
        Piece::Nothing => drop(progress.fetching.left.insert(coming.hash)),
    }
    Ok(step.commit()?)
}

/// What a part is to its package.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Next,
    Last,
    Wrong,
    /// Asking again now would bring nothing either.
    Nothing,
}

fn piece(coming: Coming, bytes: &[u8]) -> Piece {
    match coming.held + bytes.len() as u64 {
        _ if bytes.is_empty() => Piece::Nothing,
        held if held < coming.bytes => Piece::Next,
        held if held == coming.bytes => Piece::Last,
        _ => Piece::Wrong,
    }
}

/// What came is wrong somewhere: it is asked for anew, once in a session.
fn throw_away(store: &rusqlite::Connection, hash: PackageHash, progress: &mut Progress) -> Result<()> {
    if !progress.fetching.wrong.insert(hash) {
        progress.fetching.left.insert(hash);
    }
    forms::drop_parts(store, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_moves_its_package_on_or_is_wrong() {
        let coming = Coming { hash: PackageHash([0; 32]), bytes: 10, held: 4 };
        for (bytes, expected) in [(0, Piece::Nothing), (5, Piece::Next), (6, Piece::Last), (7, Piece::Wrong)] {
            assert_eq!(piece(coming, &vec![0; bytes]), expected, "{bytes}");
        }
    }
}
