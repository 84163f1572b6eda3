//! `tilik doctor`: what is wrong with this device's files, in words, and what was put right.

use client_core::{Examined, Salvaged, Status};
use serde_json::{Value, json};
use tilik::leftovers::{self, Leftovers};

use super::salvaged;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Ink, Paper, Shown};
use crate::words::Word;

/// Bytes of free room below which a person is warned: a day of photos.
const ROOM_BYTES_MIN: u64 = 200 << 20;

pub(crate) fn run(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    if folder.salvaged().is_none() {
        folder.device()?;
    }
    let mut device = folder.open_checked()?;
    let examined = device.examine()?;
    let found = Found {
        salvaged: folder.salvaged(),
        enrolled: device.identity()?.is_some(),
        examined,
        status: device.status()?,
        leftovers: leftovers::tidy(folder.path()).map_err(|e| Failure::Key(e.into()))?,
        free_bytes: leftovers::free_bytes(folder.path()),
    };
    let exit = if found.problems().is_empty() { Exit::Done } else { Exit::Attention };
    paper.print(&found)?;
    Ok(exit)
}

struct Found {
    salvaged: Option<Salvaged>,
    enrolled: bool,
    examined: Examined,
    status: Status,
    leftovers: Leftovers,
    /// `None` where the system does not say.
    free_bytes: Option<u64>,
}

/// A number that is worth a word if it is not 0.
type Line = (&'static str, Word, u64);

impl Found {
    /// What needs a person, or the next sync.
    fn problems(&self) -> Vec<Line> {
        let minutes =
            self.status.clock_skew_ms.filter(|_| self.status.clock_is_wrong).map_or(0, |skew| skew.abs() / 60_000);
        let short = self.free_bytes.filter(|free| *free < ROOM_BYTES_MIN).map_or(0, |free| (free >> 20).max(1));
        let all = [
            ("not_enrolled", Word::DoctorNotEnrolled, u64::from(!self.enrolled)),
            ("adrift", Word::DoctorAdrift, self.examined.adrift),
            ("rows_damaged", Word::DoctorRows, self.examined.rows.damaged),
            ("records_unreadable", Word::DoctorUnreadable, self.examined.unreadable),
            ("outbox_torn_bytes", Word::DoctorTorn, self.examined.torn_bytes),
            ("attention", Word::SyncAttention, self.status.attention.len() as u64),
            ("free_mb", Word::DoctorRoom, short),
            ("clock_minutes", Word::DoctorClock, minutes.unsigned_abs()),
        ];
        all.into_iter().filter(|(_, _, n)| *n > 0).collect()
    }
}

impl Shown for Found {
    fn json(&self) -> Value {
        let problems = self.problems();
        json!({
            "salvaged": self.salvaged.as_ref().map(salvaged::json_of),
            "problems": problems.iter().map(|(code, _, n)| json!({"code": code, "n": n})).collect::<Vec<_>>(),
            "rows": self.examined.rows.rows,
            "rows_damaged": self.examined.rows.damaged,
            "indexed": self.examined.indexed,
            "entries": self.examined.entries,
            "adrift": self.examined.adrift,
            "unsent": self.status.unsent,
            "free_bytes": self.free_bytes,
            "leftovers_removed": self.leftovers.removed,
            "aside": self.leftovers.aside,
        })
    }

    fn text(&self, paper: &Paper) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (_, word, n) in self.problems() {
            lines.push(paper.ink(&paper.say(word, &[("n", &n), ("minutes", &n)]), Ink::Red));
        }
        if lines.is_empty() {
            lines.push(paper.ink(paper.word(Word::DoctorSound), Ink::Green));
        }
        let looked: [(&str, &dyn std::fmt::Display); 3] = [
            ("rows", &self.examined.rows.rows),
            ("indexed", &self.examined.indexed),
            ("entries", &self.examined.entries),
        ];
        lines.push(paper.say(Word::DoctorLooked, &looked));
        if self.leftovers.removed > 0 {
            lines.push(paper.say(Word::DoctorLeftovers, &[("n", &self.leftovers.removed)]));
        }
        let word = match self.status.unsent + self.examined.adrift {
            0 => Word::DoctorAsideDone,
            _ => Word::DoctorAside,
        };
        lines.extend(self.leftovers.aside.iter().map(|name| paper.say(word, &[("name", name)])));
        lines.join("\n")
    }
}
