//! `tilik status`: how this device stands, and what a person has to look at.

use client_core::{Identity, Status};
use serde_json::{Value, json};

use crate::commands::attention;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Ink, Paper, Shown};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    let device = folder.device()?;
    let identity = device.identity()?.ok_or(client_core::Error::NotEnrolled)?;
    let status = device.status()?;
    let adrift = device.adrift()?;
    let exit = if status.attention.is_empty() { Exit::Done } else { Exit::Attention };
    let server = folder.find_server()?.unwrap_or_default();
    paper.print(&Standing { identity, server, status, adrift })?;
    Ok(exit)
}

struct Standing {
    identity: Identity,
    server: String,
    status: Status,
    /// Saves of a lost store that have not reached the server.
    adrift: u64,
}

impl Shown for Standing {
    fn json(&self) -> Value {
        let status = &self.status;
        let attention = status.attention.iter().map(|one| {
            json!({
                "first": one.first,
                "last": one.last,
                "verdict": one.word,
                "code": one.code,
                "sentence": one.sentence,
            })
        });
        json!({
            "user": self.identity.user,
            "user_name": self.identity.user_name,
            "project": self.identity.project,
            "device": self.identity.device,
            "writer": self.identity.writer,
            "server": self.server,
            "round": status.round,
            "households": status.households,
            "done": status.done,
            "conflicts": status.conflicts,
            "drafts": status.drafts,
            "saves": status.saves,
            "unsent": status.unsent,
            "adrift": self.adrift,
            "judged": status.judged,
            "backed_up": status.backed_up,
            "met": status.met,
            "files_waiting": status.files_waiting,
            "file_bytes_waiting": status.file_bytes_waiting,
            "files_refused": status.files_refused,
            "attention": attention.collect::<Vec<_>>(),
            "synced_ms": status.synced_ms,
            "clock_skew_ms": status.clock_skew_ms,
            "clock_is_wrong": status.clock_is_wrong,
        })
    }

    fn text(&self, paper: &Paper) -> String {
        let mut lines = vec![self.person(paper)];
        lines.extend(self.round(paper));
        let status = &self.status;
        lines.push(paper.say(Word::StatusHouseholds, &[("n", &status.households), ("done", &status.done)]));
        lines.push(unsent(paper, status));
        let mut count = |n: u64, word| {
            if n > 0 {
                lines.push(paper.ink(&paper.say(word, &[("n", &n)]), Ink::Yellow));
            }
        };
        count(self.adrift, Word::DoctorAdrift);
        count(status.drafts, Word::StatusDrafts);
        count(status.conflicts, Word::StatusConflicts);
        if status.files_waiting > 0 {
            let parts: [(&str, &dyn std::fmt::Display); 2] =
                [("n", &status.files_waiting), ("kb", &status.file_bytes_waiting.div_ceil(1_000))];
            lines.push(paper.ink(&paper.say(Word::StatusFiles, &parts), Ink::Yellow));
        }
        lines.push(synced(paper, status));
        lines.extend(clock(paper, status));
        if !status.attention.is_empty() {
            lines.push(paper.ink(paper.word(Word::StatusAttention), Ink::Red));
            lines.extend(status.attention.iter().map(|one| attention::line(paper, one)));
        }
        lines.join("\n")
    }
}

impl Standing {
    fn person(&self, paper: &Paper) -> String {
        let Identity { user_name, project, .. } = &self.identity;
        let parts: [(&str, &dyn std::fmt::Display); 3] =
            [("person", user_name), ("project", project), ("server", &self.server)];
        paper.ink(&paper.say(Word::StatusPerson, &parts), Ink::Bold)
    }

    fn round(&self, paper: &Paper) -> Option<String> {
        let round = self.status.round.as_ref()?;
        let to = round.to.as_deref().unwrap_or_else(|| paper.word(Word::StatusRoundOpen));
        Some(paper.say(Word::StatusRound, &[("name", &round.name), ("from", &round.from), ("to", &to)]))
    }
}

fn unsent(paper: &Paper, status: &Status) -> String {
    match status.unsent {
        0 => paper.ink(&paper.say(Word::StatusAllSent, &[("n", &status.saves)]), Ink::Green),
        n => paper.ink(&paper.say(Word::StatusUnsent, &[("n", &n)]), Ink::Yellow),
    }
}

fn synced(paper: &Paper, status: &Status) -> String {
    match status.synced_ms {
        Some(ms) => paper.say(Word::StatusSynced, &[("when", &paper.zone.moment(ms)), ("zone", &paper.zone)]),
        None => paper.ink(&paper.say(Word::StatusNeverSynced, &[]), Ink::Yellow),
    }
}

fn clock(paper: &Paper, status: &Status) -> Option<String> {
    let minutes = status.clock_skew_ms.filter(|_| status.clock_is_wrong)?.abs() / 60_000;
    Some(paper.ink(&paper.say(Word::StatusClock, &[("minutes", &minutes)]), Ink::Red))
}
