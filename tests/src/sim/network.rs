//! The network of a simulated world: requests and answers get lost, come late, twice, in another order, or cut short.

use client_core::{Error, Outgoing, Reply, Session, Step};
use sync_protocol::exchange::{PackagePart, Received};

use super::fault::Fault;
use super::hand::tokens;
use super::world::World;
use super::{Broken, Held, rules};

/// Requests after which a session with nothing going wrong must have come to its end.
const REQUESTS_MAX: u32 = 200;

/// What the network does to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    RequestLost,
    AnswerLost,
    /// The device gives up waiting; the answer comes when it has begun another session.
    AnswerLate,
    /// The device gives up waiting; the request reaches the server later, after newer ones.
    RequestLate,
    RequestTwice,
    RequestCut,
    AnswerCut,
    /// The access token has run out.
    Expired,
    /// The server asks for patience.
    Busy,
    /// The server dies before it answers.
    ServerDies,
}

const FATES: &[(Fate, u32)] = &[
    (Fate::Arrives, 62),
    (Fate::RequestLost, 4),
    (Fate::AnswerLost, 7),
    (Fate::AnswerLate, 5),
    (Fate::RequestLate, 5),
    (Fate::RequestTwice, 5),
    (Fate::RequestCut, 3),
    (Fate::AnswerCut, 3),
    (Fate::Expired, 2),
    (Fate::Busy, 1),
    (Fate::ServerDies, 3),
];

impl Fate {
    fn fault(self) -> Option<Fault> {
        Some(match self {
            // Those that kill are counted where they do.
            Fate::Arrives | Fate::ServerDies => return None,
            Fate::RequestLost => Fault::RequestLost,
            Fate::AnswerLost => Fault::AnswerLost,
            Fate::AnswerLate | Fate::RequestLate => Fault::Reorder,
            Fate::RequestTwice => Fault::Duplicate,
            Fate::RequestCut => Fault::RequestCut,
            Fate::AnswerCut => Fault::AnswerCut,
            Fate::Expired => Fault::TokenExpired,
            Fate::Busy => Fault::ServerBusy,
        })
    }
}

/// A message that the network kept back, with the session that still waits for it.
pub(super) struct Late {
    hand: usize,
    /// The device's process that the session lives in.
    life: u32,
    session: Session,
    message: Message,
}

enum Message {
    Request(Outgoing, u64),
    Answer(Reply),
}

impl World<'_> {
    /// One exchange of a device's session; begins the session if there is none.
    pub(super) fn sync_step(&mut self, at: usize) -> Held {
        if self.hands[at].session.is_none() {
            self.hands[at].budget = match self.dice.chance(300) {
                true => Some(self.dice.between(200, 4_000) as usize),
                false => None,
            };
        }
        let fate = match self.calm_network {
            true => Fate::Arrives,
            false => self.dice.weighted(FATES),
        };
        let Some((session, outgoing, number)) = self.next_request(at)? else { return Ok(()) };
        self.say(|| format!("hand {at}: {} meets {fate:?}", outgoing.path));
        if let (Some(fault), EXCHANGE_PATH) = (fate.fault(), outgoing.path) {
            self.tally.faults.note(fault);
        }
        self.meet(at, session, (outgoing, number), fate)
    }

    /// The next request of a session with its number; none when it has come to its end.
    fn next_request(&mut self, at: usize) -> Result<Option<(Session, Outgoing, u64)>, Broken> {
        let hand = &mut self.hands[at];
        let mut session = hand.session.take().unwrap_or_else(|| Session::start(&mut hand.device));
        let step = match session.next(&mut hand.device) {
            Err(Error::DeviceFull) if hand.is_full => return Ok(None),
            step => step.map_err(Broken::failed)?,
        };
        match step {
            Step::Send(mut outgoing) => {
                hand.built += 1;
                let mut number = hand.built;
                if outgoing.path == EXCHANGE_PATH && self.rework(at, &mut outgoing)? {
                    number = UNNUMBERED;
                }
                Ok(Some((session, outgoing, number)))
            }
            Step::Done(report) => {
                self.say(|| format!("hand {at}: done, {report:?}"));
                rules::SAME.holds(report.mismatched.is_empty(), || format!("hand {at} reports digests that differ"))?;
                let old = self.hands[at].is_old;
                rules::ENDS.holds(old || !report.upgrade, || format!("hand {at} is told that its app is too old"))?;
                rules::SAME.holds(!report.rewound || self.is_rewound, || {
                    format!("hand {at} is told that the server was rewound")
                })?;
                self.tally.syncs += 1;
                Ok(None)
            }
        }
    }

    fn meet(&mut self, at: usize, mut session: Session, (outgoing, number): (Outgoing, u64), fate: Fate) -> Held {
        if outgoing.path == REFRESH_PATH {
            self.hands[at].just_signed_in = true;
            let body = serde_json::to_vec(&tokens()).map_err(Broken::failed)?;
            return self.deliver(at, session, &reply(&outgoing, 200, body));
        }
        if outgoing.path == FORM_PATH {
            return self.meet_over_form(at, session, &outgoing, fate);
        }
        match fate {
            // No server gives out a token and refuses it.
            Fate::Expired if !self.hands[at].just_signed_in => {
                self.deliver(at, session, &reply(&outgoing, 401, vec![]))
            }
            Fate::Arrives | Fate::Expired => {
                let reply = self.serve(at, &outgoing, number)?;
                self.deliver(at, session, &reply)
            }
            Fate::RequestTwice => {
                let first = self.serve(at, &outgoing, number)?;
                let second = self.serve(at, &outgoing, number)?;
                let reply = if self.dice.chance(500) { first } else { second };
                self.deliver(at, session, &reply)
            }
            Fate::RequestLost => {
                self.give_up_or_go_on(at, session);
                Ok(())
            }
            Fate::AnswerLost => {
                self.serve(at, &outgoing, number)?;
                self.give_up_or_go_on(at, session);
                Ok(())
            }
            Fate::AnswerLate => {
                let message = Message::Answer(self.serve(at, &outgoing, number)?);
                self.late.push(Late { hand: at, life: self.hands[at].life, session, message });
                Ok(())
            }
            Fate::RequestLate => {
                let message = Message::Request(outgoing, number);
                self.late.push(Late { hand: at, life: self.hands[at].life, session, message });
                Ok(())
            }
            Fate::RequestCut => self.cut_request(at, &outgoing),
            Fate::AnswerCut => {
                let mut reply = self.serve(at, &outgoing, number)?;
                reply.body.truncate(self.dice.index(reply.body.len().max(1)));
                self.cut_answer(at, session, &reply)
            }
            Fate::Busy => {
                let answered = session.answer(&mut self.hands[at].device, &reply(&outgoing, 503, vec![]));
                rules::REPEAT.holds(answered.is_err(), || "a busy server was taken for an answer".to_owned())
            }
            Fate::ServerDies => {
                self.give_up_or_go_on(at, session);
                self.serve_and_die(at, &outgoing)
            }
        }
    }

    /// A part of a form comes whole, cut, or not at all; a device that waits for one misses nothing else.
    fn meet_over_form(&mut self, at: usize, mut session: Session, outgoing: &Outgoing, fate: Fate) -> Held {
        let asked: PackagePart = serde_json::from_slice(&outgoing.body).map_err(Broken::failed)?;
        let most = self.dice.between(1, PART_BYTES_MAX) as u64;
        let part = self.centre()?.part_of_form(self.hands[at].user, asked, most)?;
        let (status, body) = part.map_or((404, vec![]), |bytes| (200, bytes));
        let reply = match fate {
            Fate::Arrives | Fate::RequestTwice => reply(outgoing, status, body),
            Fate::AnswerCut => reply(outgoing, status, body[..self.dice.index(body.len() + 1)].to_vec()),
            Fate::Expired if !self.hands[at].just_signed_in => reply(outgoing, 401, vec![]),
            Fate::Busy => reply(outgoing, 503, vec![]),
            _ => {
                self.give_up_or_go_on(at, session);
                return Ok(());
            }
        };
        let answered = session.answer(&mut self.hands[at].device, &reply);
        answered.map_err(|e| Broken { rule: rules::ENDS.0, what: format!("hand {at} stops over a form: {e}") })?;
        self.hands[at].session = Some(session);
        Ok(())
    }

    fn give_up_or_go_on(&mut self, at: usize, mut session: Session) {
        // Only a form can be done without; whatever else it was is asked for again.
        drop(session.failed(Error::Offline));
        if self.dice.chance(500) {
            self.hands[at].session = Some(session);
        }
    }

    /// A message that was kept back arrives after all.
    pub(super) fn deliver_late(&mut self) -> Held {
        if self.late.is_empty() {
            return Ok(());
        }
        let at = self.dice.index(self.late.len());
        let Late { hand, life, session, message } = self.late.swap_remove(at);
        let reply = match message {
            Message::Answer(reply) => {
                self.say(|| format!("hand {hand}: a late answer arrives"));
                reply
            }
            Message::Request(outgoing, number) => {
                self.say(|| format!("hand {hand}: a late request arrives"));
                self.serve(hand, &outgoing, number)?
            }
        };
        // The process that waited may be dead; the session that waited need not be the device's newest.
        if self.hands[hand].life != life {
            return Ok(());
        }
        let newest = self.hands[hand].session.take();
        self.take_answer(hand, session, &reply)?;
        if newest.is_some() {
            self.hands[hand].session = newest;
        }
        Ok(())
    }

    /// An answer comes while nothing else has come to the device since it asked. One that completes a pull leaves the device
    /// with the server's rows, and no second pull mends what the first one spoiled.
    fn deliver(&mut self, at: usize, session: Session, reply: &Reply) -> Held {
        self.take_answer(at, session, reply)?;
        match Received::parse(&reply.body) {
            Ok(received) if received.control.mark.is_some() && self.hands[at].session.is_some() => {
                self.areas()?.into_iter().try_for_each(|area| self.check_area(at, area))
            }
            _ => Ok(()),
        }
    }

    fn take_answer(&mut self, at: usize, mut session: Session, reply: &Reply) -> Held {
        let doomed = self.doom(at, 40)?;
        let is_full = self.hands[at].is_full;
        let before = if doomed.is_some() || is_full { self.picture_of_all(at)? } else { vec![] };
        let log = if self.hands[at].unflushed.is_none() { self.hands[at].position()? } else { None };
        let answered = session.answer(&mut self.hands[at].device, reply);
        match answered {
            Ok(()) => {}
            // The server failed, and said so: the session ends, and another one begins where this one began.
            Err(_) if reply.status == 500 => return Ok(()),
            Err(Error::DeviceFull) if is_full => {
                self.note_fault(Fault::DeviceFull, at);
                let same = before == self.picture_of_all(at)?;
                return rules::REPEAT.holds(same, || format!("hand {at} took in half an answer, its disk is full"));
            }
            Err(e) => return Err(Broken { rule: rules::ENDS.0, what: format!("hand {at} refuses an answer: {e}") }),
        }
        self.hands[at].unflushed = self.hands[at].unflushed.or(log);
        if let Some(since) = doomed {
            return self.die_answering(at, since, &before);
        }
        self.hands[at].session = Some(session);
        self.check_screen(at)
    }

    fn cut_answer(&mut self, at: usize, mut session: Session, reply: &Reply) -> Held {
        let (records, areas) = (self.records.clone(), self.areas()?);
        let before = self.hands[at].picture(&records, &areas)?;
        let answered = session.answer(&mut self.hands[at].device, reply);
        rules::REPEAT.holds(answered.is_err(), || "an answer cut short was taken".to_owned())?;
        let same = before == self.hands[at].picture(&records, &areas)?;
        rules::REPEAT.holds(same, || "an answer cut short changed the device".to_owned())
    }

    /// Whole sessions of one device with nothing going wrong; tells whether one exchange was enough and brought nothing.
    pub(super) fn sync_to_the_end(&mut self, at: usize) -> Result<bool, Broken> {
        self.calm_network = true;
        let before = (self.tally.syncs, self.tally.exchanges, self.picture_of_all(at)?);
        for _ in 0..REQUESTS_MAX {
            self.sync_step(at)?;
            if self.tally.syncs > before.0 {
                return Ok(self.tally.exchanges == before.1 + 1 && before.2 == self.picture_of_all(at)?);
            }
        }
        Err(Broken { rule: rules::ENDS.0, what: format!("hand {at} asks again and again") })
    }

    pub(super) fn picture_of_all(&self, at: usize) -> Result<Vec<String>, Broken> {
        self.hands[at].picture(&self.records, &self.areas()?)
    }
}

pub(super) const REFRESH_PATH: &str = "/auth/v1/refresh";
pub(super) const EXCHANGE_PATH: &str = "/sync/v1/exchange";
pub(super) const FORM_PATH: &str = "/sync/v1/form";
/// Of a request that holds more than the device's own: no newer one holds all of it.
pub(super) const UNNUMBERED: u64 = u64::MAX;
/// A part of a form at most: a package comes in several.
const PART_BYTES_MAX: i64 = 4_000;

pub(super) fn reply(to: &Outgoing, status: u16, body: Vec<u8>) -> Reply {
    Reply { ticket: to.ticket, status, retry_after: None, body }
}
