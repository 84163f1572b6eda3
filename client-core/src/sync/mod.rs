//! The sync session, sans-I/O: it says what to send and takes what came back; HTTP and compression are the host's.
//!
//! A session is a loop of exchanges until nothing is left to push or pull; then it fetches forms. All that it has achieved
//! lies in the store: a session may be dropped at any point, and the next one goes on from there.

mod attachments;
mod confirm;
mod decided;
mod directory;
mod heal;
mod landing;
mod packages;
mod pages;
mod request;
mod resume;
mod retelling;
mod rewind;
pub(crate) mod rotate;
mod strays;
mod walk;
mod writers;

pub(crate) use request::all_statements;
use resume::Resuming;
use sync_protocol::blobs::Delivery;
use sync_protocol::carriage::Carriage;
use sync_protocol::exchange::{PackagePart, Received, Refusal};
use sync_protocol::session::{Refresh, Tokens};
use sync_protocol::{AreaId, WriterId};

use crate::device::Device;
use crate::enrolment::set_tokens;
use crate::error::{Error, Result};
use crate::store::meta::{self, Name};
use crate::store::{Durable, durable, forms, outbox};

/// Where rows and changesets are exchanged.
const EXCHANGE_PATH: &str = "/sync/v1/exchange";
/// Where tokens are renewed.
const REFRESH_PATH: &str = "/auth/v1/refresh";
/// Renewals of a token in a row before the person has to enrol again: a server's clock may be wrong, too.
const REFRESHES_MAX: u32 = 3;
/// Answers in a row that may bring nothing although the server says there is more.
const IDLE_ANSWERS_MAX: u32 = 3;

/// A request for the host to send as `POST`, and to answer by its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Goes back with the [`Reply`]: an answer to another request than the last changes nothing.
    pub ticket: u64,
    /// Path on the server.
    pub path: &'static str,
    /// For the header `authorization: Bearer …`.
    pub bearer: Option<String>,
    /// Plain bytes. The host may compress them.
    pub body: Vec<u8>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Of the request that it answers.
    pub ticket: u64,
    /// HTTP status.
    pub status: u16,
    /// Seconds of the header `retry-after`.
    pub retry_after: Option<u32>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send this, and give the reply to [`Session::answer`] (or say [`Session::failed`]).
    Send(Outgoing),
    /// Nothing is left.
    Done(Report),
}

/// What a session has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests answered.
    pub requests: u32,
    /// Own saves that the server has said to have stored.
    pub saves_sent: u64,
    /// Rows that came, whole or in part.
    pub rows_received: u64,
    /// Own records confirmed without their rows having to come back.
    pub confirmed: u64,
    /// Records that left the device's areas.
    pub evicted: u64,
    /// Own saves that met another value: people will see both.
    pub conflicts: u64,
    /// Own saves and changesets that a person has to look at.
    pub attention: u64,
    /// Areas whose rows differ from the server's although they were pulled again.
    pub mismatched: Vec<AreaId>,
    /// Times that the device changed its writer, because its file was restored or copied.
    pub rotations: u32,
    /// The app is too old for new rows; what was saved has been sent.
    pub upgrade: bool,
    /// The server was restored from a backup and did not know where this device stands.
    pub rewound: bool,
    /// Saves of a store that was lost, out of the outbox file: the server has said to have them now.
    pub strays_sent: u64,
    /// Saves of a lost store that the server did not take under their numbers: the office has them to look at.
    pub strays_refused: u64,
    /// Rows set aside for it, because it had lost something of them.
    pub witnesses: u64,
    /// Server time minus device time, milliseconds.
    pub clock_skew_ms: i64,
    /// Forms that came whole.
    pub forms_fetched: u32,
    /// Published forms that have not come yet: the next session goes on from where this one stopped.
    pub forms_missing: u64,
    /// Files of which the server has said that it has them.
    pub files_sent: u64,
    /// Files of saves that the server lacks still.
    pub files_waiting: u64,
    /// Files whose bytes are gone from this device.
    pub files_lost: u64,
    /// Files that the server does not take.
    pub files_refused: u64,
}

/// One sync of one device.
#[derive(Debug)]
pub struct Session {
    ticket: u64,
    outstanding: Option<Outstanding>,
    /// Renewals since an exchange was last let in.
    refreshes: u32,
    refresh_due: bool,
    resuming: Resuming,
    /// The server did not know the writer, and was told of it again.
    vouched: bool,
    progress: Progress,
}

/// What the exchanges of a session tell each other.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) report: Report,
    /// There is more to pull.
    pub(crate) more: bool,
    /// The last answer has left out some verdicts.
    pub(crate) verdicts_due: bool,
    /// At least one exchange was answered.
    pub(crate) met: bool,
    /// The server acknowledged nothing of what it was sent: no use to send it again now.
    pub(crate) push_stalled: bool,
    /// Witness rows in the last request.
    pub(crate) witnesses_sent: Vec<i64>,
    /// Areas whose rows are compared with the server's.
    pub(crate) walks: std::collections::BTreeMap<AreaId, walk::Walk>,
    /// Whether the last request asked for sums or rows of them.
    pub(crate) walking: bool,
    /// The server takes no witness rows: they stay set aside.
    pub(crate) witness_stalled: bool,
    idle_answers: u32,
    bringing: strays::Bringing,
    /// Entries were asked about once more, because the server was restored.
    bringing_again: bool,
    fetching: packages::Fetching,
    sending: attachments::Sending,
}

#[derive(Debug)]
enum Outstanding {
    Entries(Carriage),
    Exchange(Asked),
    Part(PackagePart),
    Files(Delivery),
    Refresh,
    Resume,
}

/// What an exchange asked: its answer is judged by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The device's turn then: if it has changed since, pages are not for where the device stands now.
    pub(crate) turn: i64,
    /// The writer that it spoke for: what its pages leave out is what that one's own saves make.
    pub(crate) writer: WriterId,
    /// Places of the first and last save pushed.
    pub(crate) pushed: Option<(u64, u64)>,
}

impl Session {
    /// Begins a session. Nothing happens until [`Session::next`].
    pub fn start(_device: &mut Device) -> Session {
        let (outstanding, resuming, progress) = Default::default();
        Session { ticket: 0, outstanding, refreshes: 0, refresh_due: false, resuming, vouched: false, progress }
    }

    /// What to send now, from what the store holds now.
    pub fn next(&mut self, device: &mut Device) -> Result<Step> {
        device.me()?;
        self.ticket += 1;
        if self.resuming.is_due() {
            self.outstanding = Some(Outstanding::Resume);
            return Ok(Step::Send(resume::request(device, self.resuming, self.ticket)?));
        }
        if self.refresh_due {
            self.outstanding = Some(Outstanding::Refresh);
            return Ok(Step::Send(refresh_request(device, self.ticket)?));
        }
        // What a lost store had saved goes first: whatever is saved now may stand on it.
        if let Some((outgoing, asked)) = strays::request(device, &mut self.progress, self.ticket)? {
            self.outstanding = Some(Outstanding::Entries(asked));
            return Ok(Step::Send(outgoing));
        }
        let push_due = !self.progress.push_stalled && outbox::has_unsent(device.store())?;
        let witness_due = rewind::is_due(device.store(), &self.progress)?;
        if self.progress.met && !self.progress.more && !push_due && !witness_due && !strays::is_due(&self.progress) {
            if let Some((outgoing, part)) = packages::request(device, &self.progress, self.ticket)? {
                self.outstanding = Some(Outstanding::Part(part));
                return Ok(Step::Send(outgoing));
            }
            if let Some((outgoing, asked)) = attachments::request(device, &mut self.progress, self.ticket)? {
                self.outstanding = Some(Outstanding::Files(asked));
                return Ok(Step::Send(outgoing));
            }
            return Ok(Step::Done(self.finish(device)?));
        }
        let (body, asked) = request::build(device, &mut self.progress)?;
        self.outstanding = Some(Outstanding::Exchange(asked));
        let bearer = meta::find(device.store(), Name::Access)?;
        Ok(Step::Send(Outgoing { ticket: self.ticket, path: EXCHANGE_PATH, bearer, body: body.into_bytes() }))
    }

    /// Takes the server's reply. A late or repeated one changes nothing.
    ///
    /// After an error the session may be continued by [`Session::next`] or dropped; nothing is lost either way.
    pub fn answer(&mut self, device: &mut Device, reply: &Reply) -> Result<()> {
        if reply.ticket != self.ticket {
            return Ok(());
        }
        match self.outstanding.take() {
            None => Ok(()),
            Some(Outstanding::Refresh) => self.refresh_answer(device, reply),
            Some(Outstanding::Resume) => self.resume_answer(device, reply),
            Some(Outstanding::Entries(asked)) => self.entries_answer(device, reply, &asked),
            Some(Outstanding::Exchange(asked)) => self.exchange_answer(device, reply, asked),
            Some(Outstanding::Part(asked)) => self.part_answer(device, reply, asked),
            Some(Outstanding::Files(asked)) => self.files_answer(device, reply, &asked),
        }
    }

    /// The request did not get through, or its answer did not, for this reason.
    ///
    /// The reason comes back where the session cannot do without. A form that does not come is no such reason: rows and
    /// saves have gone, and [`Session::next`] ends the session well.
    pub fn failed(&mut self, reason: Error) -> Result<()> {
        match self.outstanding.take() {
            Some(Outstanding::Part(_)) => packages::failed(reason, &mut self.progress),
            Some(Outstanding::Files(asked)) => attachments::failed(reason, &asked, &mut self.progress),
            _ => Err(reason),
        }
    }

    fn exchange_answer(&mut self, device: &mut Device, reply: &Reply, asked: Asked) -> Result<()> {
        match reply.status {
            200 => {}
            401 if self.refreshes < REFRESHES_MAX => {
                self.refresh_due = true;
                return Ok(());
            }
            403 if !self.vouched && rotate::vouch_again(device, reply)? => {
                self.vouched = true;
                return Ok(());
            }
            // A restored server may have lost the writer, too.
            403 if self.resuming == Resuming::NotYet => {
                self.resuming = Resuming::Time;
                return Ok(());
            }
            _ => return Err(refusal(reply)),
        }
        let received = Received::parse(&reply.body).map_err(|_| Error::BadAnswer("not the answer to an exchange"))?;
        self.progress.report.requests += 1;
        durable(device.store(), Durable::Soon)?;
        let landed = landing::land(device, &received, asked, &mut self.progress);
        durable(device.store(), Durable::Now)?;
        let moved = landed?;
        self.progress.met = true;
        self.refreshes = 0;
        self.progress.idle_answers = if moved { 0 } else { self.progress.idle_answers + 1 };
        if self.progress.more && self.progress.idle_answers > IDLE_ANSWERS_MAX {
            return Err(Error::BadAnswer("it says there is more and brings nothing"));
        }
        Ok(())
    }

    fn entries_answer(&mut self, device: &mut Device, reply: &Reply, asked: &Carriage) -> Result<()> {
        if reply.status == 401 && self.refreshes < REFRESHES_MAX {
            self.refresh_due = true;
            return Ok(());
        }
        strays::answer(device, reply, asked, &mut self.progress)?;
        self.progress.report.requests += 1;
        self.refreshes = 0;
        Ok(())
    }

    fn part_answer(&mut self, device: &mut Device, reply: &Reply, asked: PackagePart) -> Result<()> {
        if reply.status == 401 && self.refreshes < REFRESHES_MAX {
            self.refresh_due = true;
            return Ok(());
        }
        packages::answer(device, reply, asked, &mut self.progress)?;
        self.progress.report.requests += 1;
        self.refreshes = 0;
        Ok(())
    }

    fn files_answer(&mut self, device: &mut Device, reply: &Reply, asked: &Delivery) -> Result<()> {
        if reply.status == 401 && self.refreshes < REFRESHES_MAX {
            self.refresh_due = true;
            return attachments::put_off(asked, &mut self.progress);
        }
        attachments::answer(device, reply, asked, &mut self.progress)?;
        self.progress.report.requests += 1;
        self.refreshes = 0;
        Ok(())
    }

    fn refresh_answer(&mut self, device: &mut Device, reply: &Reply) -> Result<()> {
        match reply.status {
            200 => {}
            400..=403 if self.resuming == Resuming::NotYet => {
                self.resuming = Resuming::Time;
                return Ok(());
            }
            400..=403 => return Err(Error::SignInAgain),
            _ => return Err(refusal(reply)),
        }
        let tokens: Tokens = serde_json::from_slice(&reply.body).map_err(|_| Error::BadAnswer("no tokens"))?;
        // Durable now: the old refresh token, used again after a power cut, would end the session.
        let step = device.transaction()?;
        set_tokens(&step, &tokens)?;
        step.commit()?;
        crate::papers::keep(device);
        self.refresh_due = false;
        self.refreshes += 1;
        Ok(())
    }

    fn resume_answer(&mut self, device: &mut Device, reply: &Reply) -> Result<()> {
        self.resuming = resume::answer(device, reply, self.resuming)?;
        self.refresh_due &= self.resuming.is_due();
        Ok(())
    }

    fn finish(&mut self, device: &mut Device) -> Result<Report> {
        // What was sealed again under a new writer.
        crate::lifeboat::float(device);
        crate::lifeboat::shorten(device, strays::backed_up(&self.progress))?;
        crate::papers::keep(device);
        let store = device.store();
        let refused = outbox::list_refused(store)?.len() + crate::store::verdicts::list_attention(store)?.len();
        self.progress.report.attention = refused as u64;
        forms::drop_unneeded(store)?;
        self.progress.report.forms_missing = forms::count_coming(store)?;
        let (waiting, _, refused) = crate::store::attachments::count_waiting(store)?;
        (self.progress.report.files_waiting, self.progress.report.files_refused) = (waiting, refused);
        meta::set(store, Name::SyncedAt, device.env().now_ms())?;
        Ok(self.progress.report.clone())
    }
}

fn refresh_request(device: &Device, ticket: u64) -> Result<Outgoing> {
    let refresh = meta::find(device.store(), Name::Refresh)?.ok_or(Error::SignInAgain)?;
    let body = serde_json::to_vec(&Refresh { refresh }).expect("a refresh is JSON");
    Ok(Outgoing { ticket, path: REFRESH_PATH, bearer: None, body })
}

/// What a reply that is no success means.
pub(crate) fn refusal(reply: &Reply) -> Error {
    match reply.status {
        401 => Error::SignInAgain,
        426 => Error::AppTooOld,
        429 | 503 => Error::Busy { retry_after: reply.retry_after },
        status => match serde_json::from_slice::<Refusal>(&reply.body) {
            Ok(refusal) => Error::Refused { code: refusal.code, message: refusal.message },
            // Something between here and the server answered: a proxy, a portal that wants a sign-in.
            Err(_) if !(400..500).contains(&status) => Error::Offline,
            Err(_) => Error::BadAnswer("neither an answer nor a refusal"),
        },
    }
}
