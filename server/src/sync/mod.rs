//! The sync path: one exchange is deposit, judgement and pull, in that order.
//!
//! 1. `deposit`: verify, then store the bytes. From here on they are acknowledged.
//! 2. `judge`: each writer's contiguous prefix is merged, every save gets its verdict.
//! 3. `pull`: from one snapshot, what the device's areas hold that the device does not.
//!
//! Knows nothing of HTTP: a body in, a body out.

mod batch;
pub mod carried;
mod deposit;
mod directories;
mod heal;
pub mod intake;
mod judge;
mod ladder;
mod minted;
mod missing;
pub mod office;
mod place;
mod pull;
pub mod quarantine;
mod reissue;
#[cfg(test)]
mod tests;
mod waits;
pub mod witness;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sync_protocol::exchange::{Answer, BadBody, Incoming, Request, Salt, WriterState, control_body};
use sync_protocol::version::Window;
use sync_protocol::{Code, UserId, WriterId, exchange};

use crate::ambient::Ambient;
use crate::metrics::Verdicts;
use crate::store::{self, Store, Tx, changesets, gaps, held, writers};

pub use office::Own;

/// Verdict ranges of one writer that one answer tells.
const VERDICT_CHANGESETS_MAX: u32 = 20_000;
/// Bytes that stay free on the disk, so that what is stored can be judged, and the log written back.
const ROOM_BYTES_MIN: u64 = 64 << 20;
/// Decisions of one writer that one answer tells.
const DECISIONS_MAX: u32 = 1_000;
/// Hashes of one writer that a device gets to find its last common save.
const ROTATE_HASHES_MAX: u32 = 1_000;

/// What the sync path stands on.
pub struct Hub {
    /// The database.
    pub store: Arc<Store>,
    /// Time and randomness.
    pub ambient: Arc<dyn Ambient>,
    /// The server's own writer.
    pub own: Own,
    /// What was decided of devices' saves since the start.
    pub verdicts: Verdicts,
    /// Bytes that must be free on the disk for anything new to be taken in.
    pub room_bytes_min: AtomicU64,
    /// Whether judging has listed households to be checked against forms since [`Hub::take_checks_due`].
    checks_due: AtomicBool,
    directories: directories::Directories,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("store", &self.store).field("own", &self.own).finish_non_exhaustive()
    }
}

impl Hub {
    /// Stands on an open store; mints the server's writer of this process.
    ///
    /// Bytes that a crash left stored but unjudged are judged now.
    pub fn start(store: impl Into<Arc<Store>>, ambient: Arc<dyn Ambient>) -> store::db::Result<Hub> {
        let store = store.into();
        let own = Own::mint(&store, ambient.as_ref())?;
        let hub = Hub {
            store,
            ambient,
            own,
            verdicts: Verdicts::default(),
            room_bytes_min: AtomicU64::new(ROOM_BYTES_MIN),
            checks_due: Default::default(),
            directories: Default::default(),
        };
        quarantine::read_older(&hub)?;
        let waiting = hub.store.read(changesets::writers_waiting)?;
        for writer in waiting {
            // It was in hand when the process before this one ended, perhaps because of it.
            if let Err(error) = ladder::climb(&hub, writer).and_then(|()| judge::judge(&hub, vec![writer])) {
                // Its bytes are stored; one writer's trouble keeps nobody else from working.
                tracing::error!(%writer, error = &error as &dyn std::error::Error, "judging was put off");
            }
        }
        Ok(hub)
    }

    /// Wall clock, milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.ambient.now_ms()
    }

    /// Whether households were listed to be checked against forms since this was last asked.
    pub fn take_checks_due(&self) -> bool {
        // Almost always false, and then nobody else's cache is disturbed.
        self.checks_due.load(Ordering::Acquire) && self.checks_due.swap(false, Ordering::AcqRel)
    }

    /// Whether the disk has too little room left to take anything new in: judging and reading go on with what there is.
    fn is_short_of_room(&self) -> bool {
        self.store.free_bytes().is_some_and(|free| free < self.room_bytes_min.load(Ordering::Relaxed))
    }

    fn salt(&self) -> Salt {
        Salt(u64::from_be_bytes(self.ambient.random()))
    }
}

/// Who stands behind a request: known by an access token, checked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
}

/// Why an exchange was not answered. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The body is not a request.
    #[error("the request cannot be read: {0}")]
    Body(#[from] BadBody),
    /// The request speaks for a writer that is not the caller's.
    #[error("the writer of the request is not enrolled for this person")]
    WrongWriter,
    /// The disk is nearly full.
    #[error("there is no room for what the request pushes")]
    NoRoom,
    /// The server failed.
    #[error(transparent)]
    Store(#[from] store::db::Error),
}

/// What an exchange did, for logs and metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Changesets stored for the first time.
    pub stored: usize,
    /// Changesets refused.
    pub refused: usize,
    /// Lines of rows sent.
    pub rows: usize,
    /// Writers of whom something was stored and not judged yet: for [`judge_owed`], at the host's leisure.
    pub owed: Vec<WriterId>,
}

/// Judges what exchanges have left stored. If it is never called, the next exchange of the device does it.
pub fn judge_owed(hub: &Hub, writers: Vec<WriterId>) -> store::db::Result<()> {
    judge::judge(hub, writers)
}

/// Answers one exchange.
pub fn exchange(hub: &Hub, caller: Caller, body: &[u8]) -> Result<(Vec<u8>, Tally), Refused> {
    let incoming = Incoming::parse(body)?;
    let request = &incoming.control;
    let not_minted = minted::enrol(hub, request)?;
    let (known, has_arrived) =
        hub.store.read(|tx| Ok::<_, store::db::Error>((senders(tx, request)?, held::has_arrived(tx)?)))?;
    if known.get(&request.writer).is_none_or(|writer| writer.user != Some(caller.user)) {
        return Err(Refused::WrongWriter);
    }
    if !request.push.is_empty() && hub.is_short_of_room() {
        return Err(Refused::NoRoom);
    }
    let deposited = deposit::deposit(hub, &incoming, &known)?;
    let witnessed = witness::take(hub, &incoming)?;
    // A device that has more to send asks for no rows yet: while it prepares them, the host has this judged.
    let owed = request.budget == Some(0);
    if !owed && (!request.push.is_empty() || claims_more(request, &known)) {
        judge::judge(hub, request.writers().collect())?;
    }
    missing::seal(hub, caller, request)?;
    if witnessed > 0 {
        witness::follow_decision(hub)?;
    }
    if has_arrived {
        // The office made a record that saves had to wait for.
        if let Err(error) = quarantine::follow_arrivals(hub) {
            // They wait as before; nobody who only asks is kept from an answer by a full disk, say.
            tracing::error!(error = &error as &dyn std::error::Error, "held saves whose records came were put off");
        }
    }
    let now = hub.now_ms();
    let (mut answer, lines) = hub.store.read(|tx| answer(hub, tx, caller, request, &deposited, now))?;
    // Nothing is told that a power cut could take back.
    hub.store.flush()?;
    answer.minted = not_minted;
    answer.witnessed = witnessed;
    let tally = Tally {
        stored: deposited.stored,
        refused: deposited.refused.values().map(Vec::len).sum(),
        rows: answer.areas.iter().map(|page| page.rows).sum(),
        owed: if owed { request.writers().collect() } else { Vec::new() },
    };
    let mut body = control_body(&answer).into_bytes();
    body.extend_from_slice(lines.as_bytes());
    Ok((body, tally))
}

/// The device has sealed more than has a verdict: stored bytes may have been left unjudged by a crash.
fn claims_more(request: &Request, known: &BTreeMap<WriterId, writers::Writer>) -> bool {
    let applied = known.get(&request.writer).map_or(0, |writer| writer.applied);
    request.last.is_some_and(|(seq, _)| seq > applied)
}

/// The writers that a request names, as far as they are enrolled here.
fn senders(tx: &Tx<'_>, request: &Request) -> store::db::Result<BTreeMap<WriterId, writers::Writer>> {
    let mut known = BTreeMap::new();
    for id in request.writers() {
        if let Some(writer) = writers::find(tx, id)? {
            known.insert(id, writer);
        }
    }
    Ok(known)
}

fn answer(
    hub: &Hub,
    tx: &Tx<'_>,
    caller: Caller,
    request: &Request,
    deposited: &deposit::Deposited,
    now_ms: i64,
) -> Result<(Answer, String), store::db::Error> {
    let mut states = vec![state(tx, request, request.writer, Some((request.applied, request.last)), deposited)?];
    for life in request.lives.iter().filter(|life| life.writer != request.writer) {
        // Verdicts are for a save's author; a carrier gets a receipt.
        let of_caller = writers::find(tx, life.writer)?.is_some_and(|writer| writer.user == Some(caller.user));
        let own = of_caller.then_some((life.applied, life.last));
        states.push(state(tx, request, life.writer, own, deposited)?);
    }
    for push in &request.push {
        if states.iter().all(|state| state.writer != push.writer) {
            states.push(state(tx, request, push.writer, None, deposited)?);
        }
    }
    let mut answer = Answer {
        areas: vec![],
        cursors_wanted: false,
        directory: None,
        heal: vec![],
        mark: None,
        minted: vec![],
        more: false,
        pull: exchange::Pull::Open,
        restored: None,
        time: now_ms,
        witnessed: 0,
        writers: states,
    };
    let told = answer.writers[0].decided;
    answer.more = told > 0 && told < held::last_decision(tx, request.writer)?;
    if request.protocol.common(Window::OURS).is_none() {
        answer.pull = exchange::Pull::Upgrade;
        return Ok((answer, String::new()));
    }
    if request.budget == Some(0) {
        answer.more = true;
        return Ok((answer, String::new()));
    }
    answer.directory = hub.directories.find_news(tx, caller.user, request.directory.as_ref(), now_ms)?;
    let own = answer.writers[0].applied;
    let mut lines = pull::pull(tx, caller, request, own, now_ms, &mut answer)?;
    let healing = heal::heal(tx, caller, request, now_ms, &mut answer, lines.len())?;
    lines.push_str(&healing);
    Ok((answer, lines))
}

/// Number and hash of a writer's last changeset, as its device tells them.
type Last = Option<(u64, sync_protocol::changeset::ChangesetHash)>;

/// How a writer stands after this request. `own`: for its own device, which has stored the verdicts up to there.
fn state(
    tx: &Tx<'_>,
    request: &Request,
    id: WriterId,
    own: Option<(u64, Last)>,
    deposited: &deposit::Deposited,
) -> store::db::Result<WriterState> {
    let refused = deposited.refused.get(&id).cloned().unwrap_or_default();
    let Some(writer) = writers::find(tx, id)? else {
        return Ok(WriterState {
            applied: 0,
            backed_up: 0,
            decided: 0,
            decisions: vec![],
            push_from: None,
            refused,
            rotate: vec![],
            verdicts: vec![],
            waiting: vec![],
            writer: id,
        });
    };
    let last = own.and_then(|(_, last)| last);
    // What was sealed as lost and did not come is not acknowledged to whoever may still have it.
    let prefix = gaps::find_open(tx, id)?.map_or(writer.applied, |open| writer.applied.min(open - 1));
    let from = own.map_or(prefix, |(applied, _)| applied.min(prefix));
    let verdicts = changesets::verdicts_between(tx, id, from, prefix, VERDICT_CHANGESETS_MAX)?;
    let waiting = changesets::waiting_ranges(tx, id, prefix)?;
    // What is stored without a gap needs not to be sent again, judged or not.
    let stored = waiting.first().filter(|range| range.0 == prefix + 1).map_or(prefix, |range| range.1);
    let applied = verdicts.last().map_or(prefix, |range| range.last);
    // What was refused as a fork proves it, even where both histories are of one length or the device's is longer.
    let is_fork = own.is_some() && (refused.iter().any(|(_, code)| *code == Code::Fork) || forked(tx, &writer, last)?);
    let rotate = match is_fork {
        true => changesets::hashes(tx, id, last.map_or(0, |(seq, _)| seq), ROTATE_HASHES_MAX)?,
        false => vec![],
    };
    // Of another life of the writer its device knows nothing, and of saves without a verdict nothing was decided.
    let is_same = rotate.is_empty() || is_held(tx, id, last)?;
    let is_told = own.is_some() && is_same && applied == writer.applied;
    let (decisions, decided) = if is_told { decisions(tx, id, request)? } else { (vec![], 0) };
    Ok(WriterState {
        // Never beyond the verdicts told here: a device that takes one takes the other.
        applied,
        backed_up: writer.backed_up,
        decided,
        decisions,
        push_from: last.filter(|(seq, _)| *seq > stored).map(|_| stored + 1),
        refused,
        rotate,
        verdicts,
        waiting,
        writer: id,
    })
}

/// What was decided of a writer's saves since its device last heard, and the number up to which this tells it.
fn decisions(tx: &Tx<'_>, writer: WriterId, request: &Request) -> store::db::Result<(Vec<exchange::Decision>, u64)> {
    let last = held::last_decision(tx, writer)?;
    let heard = request.decided.iter().find(|decided| decided.0 == writer).map_or(0, |decided| decided.1);
    // A number that this server never came to is of before a restore: it tells everything.
    let after = if heard > last { 0 } else { heard };
    if after == last {
        return Ok((vec![], 0));
    }
    held::list_decisions(tx, writer, after, DECISIONS_MAX)
}

/// Whether all that the device holds of a writer is here: it has lost its end, and no other life of the writer is its.
fn is_held(tx: &Tx<'_>, writer: WriterId, last: Last) -> store::db::Result<bool> {
    let Some((seq, hash)) = last else { return Ok(false) };
    Ok(changesets::ending_at(tx, writer, seq)?.is_some_and(|place| place.hash == hash))
}

/// Whether the device's history and the server's are two lives of one writer. A server that knows less says nothing.
fn forked(tx: &Tx<'_>, writer: &writers::Writer, last: Last) -> store::db::Result<bool> {
    let (seq, hash) = last.unwrap_or((0, sync_protocol::changeset::ChangesetHash::NONE));
    if seq < writer.applied {
        return Ok(true);
    }
    Ok(changesets::ending_at(tx, writer.id, seq)?.is_some_and(|place| place.hash != hash))
}

/// The code of a refusal, for the outside.
impl Refused {
    /// Stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::Body(BadBody::TooMuch { .. }) => Code::TooLarge.word(),
            Refused::Body(_) => Code::Malformed.word(),
            Refused::WrongWriter => "wrong_writer",
            Refused::NoRoom => "no_room",
            Refused::Store(_) => "server_failed",
        }
    }
}
