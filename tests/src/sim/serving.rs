//! The server's side of an exchange, and what it must not do to a repeat, to a request cut short, or to a stranger.

use client_core::{Outgoing, Reply};
use server::sync::{Caller, Refused, exchange, judge_owed};
use sync_protocol::Row;
use sync_protocol::exchange::{PageLine, Received};

use super::fault::Fault;
use super::network::{UNNUMBERED, reply};
use super::world::World;
use super::{Broken, Held, rules};

impl World<'_> {
    /// The server works on a request, whoever still waits for it.
    pub(super) fn serve(&mut self, at: usize, outgoing: &Outgoing, number: u64) -> Result<Reply, Broken> {
        let user = self.hands[at].user;
        // The server has seen this request, or a newer one of the same device that held all of it.
        let before = match number <= self.hands[at].served {
            true => {
                // What waits to be judged would be judged with it.
                judge_owed(&self.centre()?.hub, vec![self.hands[at].writer]).map_err(Broken::failed)?;
                Some(self.centre()?.fingerprint()?)
            }
            false => None,
        };
        let (body, told) = match exchange(&self.centre()?.hub, Caller { user }, &outgoing.body) {
            Ok(answered) => answered,
            Err(Refused::Store(_)) if self.centre()?.is_full => {
                self.note_fault(Fault::ServerFull, at);
                return Ok(reply(outgoing, 500, vec![]));
            }
            Err(Refused::WrongWriter) => {
                let refusal = br#"{"code":"wrong_writer","message":"not enrolled"}"#.to_vec();
                return Ok(reply(outgoing, 403, refusal));
            }
            Err(error) => return Err(Broken::failed(error)),
        };
        if let Some(before) = before {
            let same = before == self.centre()?.fingerprint()?;
            rules::REPEAT.holds(same, || format!("a repeat of hand {at} changed the server"))?;
        }
        // The host judges at its leisure what was only stored, or dies before it does.
        let mut settled = told.owed.is_empty();
        if !settled && self.dice.chance(500) {
            settled = judge_owed(&self.centre()?.hub, told.owed).is_ok();
            rules::ENDS.holds(settled || self.centre()?.is_full, || "what is owed cannot be judged".to_owned())?;
        }
        self.hands[at].just_signed_in = false;
        if settled && number != UNNUMBERED {
            self.hands[at].served = self.hands[at].served.max(number);
        }
        self.tally.exchanges += 1;
        self.check_answer(at, &body)?;
        self.note_all_verdicts()?;
        Ok(reply(outgoing, 200, body))
    }

    /// The server's process dies at some moment of its work on a request.
    pub(super) fn serve_and_die(&mut self, at: usize, outgoing: &Outgoing) -> Held {
        self.note_fault(Fault::ServerKilledAtCommit, at);
        let user = self.hands[at].user;
        let centre = self.centre()?;
        let since = centre.position()?;
        match exchange(&centre.hub, Caller { user }, &outgoing.body) {
            Ok((_, told)) => drop(judge_owed(&centre.hub, told.owed)),
            Err(Refused::Store(_)) if centre.is_full => {}
            Err(error) => return Err(Broken::failed(error)),
        }
        self.kill_server(Some(since))
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

    pub(super) fn cut_request(&mut self, at: usize, outgoing: &Outgoing) -> Held {
        let before = self.centre()?.fingerprint()?;
        let cut = &outgoing.body[..self.dice.index(outgoing.body.len())];
        let user = self.hands[at].user;
        let refused = matches!(exchange(&self.centre()?.hub, Caller { user }, cut), Err(Refused::Body(_)));
        rules::REPEAT.holds(refused, || "a request cut short was answered".to_owned())?;
        let same = before == self.centre()?.fingerprint()?;
        rules::REPEAT.holds(same, || "a request cut short changed the server".to_owned())
    }
}
