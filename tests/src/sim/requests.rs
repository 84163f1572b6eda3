//! What a request becomes on its way: smaller pages, an older app, another device's changesets beside its own.

use client_core::{Outgoing, Session, Step};
use sync_protocol::changeset::Links;
use sync_protocol::exchange::{Incoming, Push, Request, control_body};
use sync_protocol::version::Window;

use super::Broken;
use super::fault::Fault;
use super::network::EXCHANGE_PATH;
use super::world::World;

/// Versions that an old app speaks.
const OLD: Window = Window(0, 0);

impl World<'_> {
    /// Makes of a request what this device, this app and this day's network make of it; tells whether it carries another's.
    pub(super) fn rework(&mut self, at: usize, outgoing: &mut Outgoing) -> Result<bool, Broken> {
        // Now and then as if there were more to send than one request may hold.
        let budget = match self.dice.chance(60) && !self.calm_network {
            true => Some(0),
            false => self.hands[at].budget,
        };
        let carried = match !self.calm_network && self.hands.len() > 1 && self.dice.chance(60) {
            true => self.push_of_another(at)?,
            false => None,
        };
        let (mut control, lines) = taken_apart(outgoing)?;
        let mut lines = lines.to_owned();
        // Changesets stand before witness rows.
        let carried = carried.filter(|_| control.witness == 0);
        if self.hands[at].is_old {
            self.note_fault(Fault::OldProtocol, at);
            control.protocol = OLD;
        }
        let carries = carried.is_some();
        if let Some((theirs, their_lines)) = carried {
            self.note_fault(Fault::Carried, at);
            control.push.push(theirs);
            lines.push_str(&their_lines);
        }
        let budget = budget.filter(|budget| *budget > 0 || !control.push.is_empty());
        control.budget = control.budget.or(budget);
        outgoing.body = (control_body(&control) + &lines).into_bytes();
        Ok(carries)
    }

    /// What some other device would push now, with its lines; now and then without the first of it, which comes later.
    fn push_of_another(&mut self, at: usize) -> Result<Option<(Push, String)>, Broken> {
        let other = (at + 1 + self.dice.index(self.hands.len() - 1)) % self.hands.len();
        let device = &mut self.hands[other].device;
        let outgoing = match Session::start(device).next(device) {
            Ok(Step::Send(outgoing)) if outgoing.path == EXCHANGE_PATH => outgoing,
            _ => return Ok(None),
        };
        let (mut control, lines) = taken_apart(&outgoing)?;
        if control.push.len() != 1 || control.witness > 0 {
            return Ok(None);
        }
        let Some(push) = control.push.pop() else { return Ok(None) };
        if push.sealed.len() < 2 || self.dice.chance(500) {
            return Ok(Some((push, lines.to_owned())));
        }
        self.tally.faults.note(Fault::Gap);
        without_first(push, lines).map(Some)
    }
}

/// Leaves the first changeset out.
fn without_first(mut push: Push, lines: &str) -> Result<(Push, String), Broken> {
    let (_, saves) = push.sealed.remove(0);
    let mut rest = lines.splitn(saves + 2, '\n');
    let header = rest.next().unwrap_or_default();
    let first: Vec<&str> = rest.by_ref().take(saves).collect();
    push.after = Links::over(push.after, header, &first).map_err(Broken::failed)?.hash;
    Ok((push, rest.next().unwrap_or_default().to_owned()))
}

/// Line 1 of a request, and the lines of its changesets.
fn taken_apart(outgoing: &Outgoing) -> Result<(Request, &str), Broken> {
    let control = Incoming::parse(&outgoing.body).map_err(Broken::failed)?.control;
    let text = std::str::from_utf8(&outgoing.body).map_err(Broken::failed)?;
    Ok((control, text.split_once('\n').map_or("", |(_, lines)| lines)))
}
