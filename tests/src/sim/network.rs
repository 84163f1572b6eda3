//! The network of a simulated world: requests and answers get lost, come late, twice, in another order, or cut short.

use client_core::{Error, Outgoing, Reply, Session, Step};
use server::sync::{Caller, Refused, exchange, judge_owed};
use sync_protocol::Row;
use sync_protocol::exchange::{PackagePart, PageLine, Received, Request, control_body};

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
        let Some((session, outgoing)) = self.next_request(at)? else { return Ok(()) };
        self.say(|| format!("hand {at}: {} meets {fate:?}", outgoing.path));
        self.meet(at, session, outgoing, fate)
    }

    /// The next request of a session; none when it has come to its end.
    fn next_request(&mut self, at: usize) -> Result<Option<(Session, Outgoing)>, Broken> {
        let hand = &mut self.hands[at];
        let mut session = hand.session.take().unwrap_or_else(|| Session::start(&mut hand.device));
        match session.next(&mut hand.device).map_err(Broken::failed)? {
            Step::Send(mut outgoing) => {
                hand.built += 1;
                if outgoing.path == EXCHANGE_PATH {
                    // Now and then as if there were more to send than one request may hold.
                    let budget = if self.dice.chance(60) && !self.calm_network { Some(0) } else { hand.budget };
                    ask_for_less(&mut outgoing, budget)?;
                }
                Ok(Some((session, outgoing)))
            }
            Step::Done(report) => {
                self.say(|| format!("hand {at}: done, {report:?}"));
                rules::SAME.holds(report.mismatched.is_empty(), || format!("hand {at} reports digests that differ"))?;
                rules::SAME.holds(!report.rewound, || format!("hand {at} is told that the server was rewound"))?;
                self.tally.syncs += 1;
                Ok(None)
            }
        }
    }

    fn meet(&mut self, at: usize, mut session: Session, outgoing: Outgoing, fate: Fate) -> Held {
        if outgoing.path == REFRESH_PATH {
            self.hands[at].just_signed_in = true;
            let body = serde_json::to_vec(&tokens()).map_err(Broken::failed)?;
            return self.deliver(at, session, &reply(&outgoing, 200, body));
        }
        if outgoing.path == FORM_PATH {
            return self.meet_over_form(at, session, &outgoing, fate);
        }
        let number = self.hands[at].built;
        match fate {
            // No server gives out a token and refuses it.
            Fate::Expired if !self.hands[at].just_signed_in => {
                self.deliver(at, session, &reply(&outgoing, 401, vec![]))
            }
            Fate::Arrives | Fate::Expired => {
                let body = self.serve(at, &outgoing, number)?;
                self.deliver(at, session, &reply(&outgoing, 200, body))
            }
            Fate::RequestTwice => {
                let first = self.serve(at, &outgoing, number)?;
                let second = self.serve(at, &outgoing, number)?;
                let body = if self.dice.chance(500) { first } else { second };
                self.deliver(at, session, &reply(&outgoing, 200, body))
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
                let body = self.serve(at, &outgoing, number)?;
                let message = Message::Answer(reply(&outgoing, 200, body));
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
                let mut body = self.serve(at, &outgoing, number)?;
                body.truncate(self.dice.index(body.len()));
                self.cut_answer(at, session, &reply(&outgoing, 200, body))
            }
            Fate::Busy => {
                let answered = session.answer(&mut self.hands[at].device, &reply(&outgoing, 503, vec![]));
                rules::REPEAT.holds(answered.is_err(), || "a busy server was taken for an answer".to_owned())
            }
            Fate::ServerDies => {
                self.centre()?.doom()?;
                self.serve(at, &outgoing, number)?;
                self.centre()?.undoom();
                self.give_up_or_go_on(at, session);
                self.kill_server()
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
                let body = self.serve(hand, &outgoing, number)?;
                reply(&outgoing, 200, body)
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

    /// The server works on a request, whoever still waits for it.
    fn serve(&mut self, at: usize, outgoing: &Outgoing, number: u64) -> Result<Vec<u8>, Broken> {
        let user = self.hands[at].user;
        // The server has seen this request, or a newer one of the same device that held all of it.
        let repeats = number <= self.hands[at].served;
        let centre = self.centre()?;
        let before = match repeats {
            true => {
                // What waits to be judged would be judged with it.
                judge_owed(&centre.hub, vec![self.hands[at].writer]).map_err(Broken::failed)?;
                Some(centre.fingerprint()?)
            }
            false => None,
        };
        let (body, told) = exchange(&centre.hub, Caller { user }, &outgoing.body).map_err(Broken::failed)?;
        if let Some(before) = before {
            rules::REPEAT
                .holds(before == centre.fingerprint()?, || format!("a repeat of hand {at} changed the server"))?;
        }
        // The host judges at its leisure what was only stored, or dies before it does.
        let mut settled = told.owed.is_empty();
        if !settled && self.dice.chance(500) {
            judge_owed(&self.centre()?.hub, told.owed).map_err(Broken::failed)?;
            settled = true;
        }
        self.hands[at].just_signed_in = false;
        if settled {
            self.hands[at].served = self.hands[at].served.max(number);
        }
        self.tally.exchanges += 1;
        self.check_answer(at, &body)?;
        self.note_verdicts(self.hands[at].writer)?;
        Ok(body)
    }

    /// Rows go only where they may, and stand where the page says.
    fn check_answer(&self, at: usize, body: &[u8]) -> Held {
        let centre = self.centre()?;
        let received = Received::parse(body).map_err(Broken::failed)?;
        let standing = if received.control.areas.is_empty() { None } else { Some(centre.standing()?) };
        for (page, lines) in received.pages() {
            let may = centre.is_granted(self.hands[at].user, page.area);
            rules::SCOPE.holds(may, || format!("hand {at} was sent area {}", page.area))?;
            for line in lines {
                let PageLine::Row(text) = PageLine::parse(line).map_err(Broken::failed)? else { continue };
                let id = Row::parse_any(text).map_err(Broken::failed)?.0.id;
                let stands = standing.as_ref().and_then(|standing| standing.get(&id));
                let here = stands.is_some_and(|standing| standing.area == page.area);
                rules::SCOPE.holds(here, || format!("hand {at} was sent {id} with an area where it does not stand"))?;
            }
        }
        Ok(())
    }

    /// An answer comes while nothing else has come to the device since it asked. One that completes a pull leaves the device
    /// with the server's rows, and no second pull mends what the first one spoiled.
    fn deliver(&mut self, at: usize, session: Session, reply: &Reply) -> Held {
        self.take_answer(at, session, reply)?;
        match Received::parse(&reply.body) {
            Ok(received) if received.control.mark.is_some() => {
                self.areas()?.into_iter().try_for_each(|area| self.check_area(at, area))
            }
            _ => Ok(()),
        }
    }

    fn take_answer(&mut self, at: usize, mut session: Session, reply: &Reply) -> Held {
        let answered = session.answer(&mut self.hands[at].device, reply);
        answered.map_err(|e| Broken { rule: rules::ENDS.0, what: format!("hand {at} refuses an answer: {e}") })?;
        self.hands[at].session = Some(session);
        self.check_screen(at)
    }

    fn cut_request(&mut self, at: usize, outgoing: &Outgoing) -> Held {
        let before = self.centre()?.fingerprint()?;
        let cut = &outgoing.body[..self.dice.index(outgoing.body.len())];
        let user = self.hands[at].user;
        let refused = matches!(exchange(&self.centre()?.hub, Caller { user }, cut), Err(Refused::Body(_)));
        rules::REPEAT.holds(refused, || "a request cut short was answered".to_owned())?;
        let same = before == self.centre()?.fingerprint()?;
        rules::REPEAT.holds(same, || "a request cut short changed the server".to_owned())
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

    fn picture_of_all(&self, at: usize) -> Result<Vec<String>, Broken> {
        self.hands[at].picture(&self.records, &self.areas()?)
    }
}

const REFRESH_PATH: &str = "/auth/v1/refresh";
const EXCHANGE_PATH: &str = "/sync/v1/exchange";
const FORM_PATH: &str = "/sync/v1/form";
/// A part of a form at most: a package comes in several.
const PART_BYTES_MAX: i64 = 4_000;

fn reply(to: &Outgoing, status: u16, body: Vec<u8>) -> Reply {
    Reply { ticket: to.ticket, status, retry_after: None, body }
}

/// Lets the device ask for small pages, or for none where it pushes.
fn ask_for_less(outgoing: &mut Outgoing, budget: Option<usize>) -> Held {
    let line = outgoing.body.iter().position(|b| *b == b'\n').map_or(outgoing.body.len(), |at| at + 1);
    let mut control: Request = serde_json::from_slice(&outgoing.body[..line]).map_err(Broken::failed)?;
    let budget = budget.filter(|budget| *budget > 0 || !control.push.is_empty());
    if let (Some(budget), None) = (budget, control.budget) {
        control.budget = Some(budget);
        let rest = outgoing.body.split_off(line);
        outgoing.body = control_body(&control).into_bytes();
        outgoing.body.extend(rest);
    }
    Ok(())
}
