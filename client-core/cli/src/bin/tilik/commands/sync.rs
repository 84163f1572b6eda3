//! `tilik sync`: sends what was saved, fetches what is new, and says what came of it.

use client_core::Report;
use serde_json::{Value, json};
use tilik::Counters;
use tilik::carry::Brought;

use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Ink, Paper, Shown};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    let link = folder.link()?;
    let report = link.run(&mut device)?;
    let exit = exit_of(&report);
    let carried = super::carry::bring(folder, &link, &device);
    let (brought, failure) = match carried {
        Ok(brought) => (brought.unwrap_or_default(), None),
        Err(failure) => (Brought::default(), Some(failure)),
    };
    // Its own work is done, whatever became of the others'.
    paper.print(&Synced { report, brought, moved: link.counters() })?;
    failure.map_or(Ok(exit), Err)
}

fn exit_of(report: &Report) -> Exit {
    if report.upgrade {
        Exit::TooOld
    } else if report.attention + report.strays_refused > 0 || report.rewound || !report.mismatched.is_empty() {
        Exit::Attention
    } else {
        Exit::Done
    }
}

struct Synced {
    report: Report,
    brought: Brought,
    moved: Counters,
}

impl Shown for Synced {
    fn json(&self) -> Value {
        let report = &self.report;
        json!({
            "saves_sent": report.saves_sent,
            "rows_received": report.rows_received,
            "confirmed": report.confirmed,
            "evicted": report.evicted,
            "conflicts": report.conflicts,
            "attention": report.attention,
            "mismatched": report.mismatched,
            "upgrade": report.upgrade,
            "rewound": report.rewound,
            "clock_skew_ms": report.clock_skew_ms,
            "forms_fetched": report.forms_fetched,
            "forms_missing": report.forms_missing,
            "files_sent": report.files_sent,
            "files_waiting": report.files_waiting,
            "files_lost": report.files_lost,
            "files_refused": report.files_refused,
            "carried": self.brought.parcels,
            "carried_left": self.brought.left,
            "strays_sent": report.strays_sent,
            "strays_refused": report.strays_refused,
            "requests": self.moved.requests,
            "bytes_up": self.moved.bytes_up,
            "bytes_down": self.moved.bytes_down,
        })
    }

    fn text(&self, paper: &Paper) -> String {
        let report = &self.report;
        let moved = report.saves_sent + report.rows_received + report.confirmed + report.evicted > 0;
        let first = if moved {
            paper.say(Word::SyncDone, &[("sent", &report.saves_sent), ("received", &report.rows_received)])
        } else {
            paper.say(Word::SyncNothing, &[])
        };
        let mut lines = vec![paper.ink(&first, Ink::Green)];
        let mut remark = |n: u64, word, ink| {
            if n > 0 {
                lines.push(paper.ink(&paper.say(word, &[("n", &n)]), ink));
            }
        };
        remark(report.strays_sent, Word::SyncStrays, Ink::Green);
        remark(report.strays_refused, Word::SyncStraysRefused, Ink::Red);
        remark(report.evicted, Word::SyncEvicted, Ink::Yellow);
        remark(u64::from(report.forms_fetched), Word::SyncForms, Ink::Green);
        remark(report.forms_missing, Word::SyncFormsMissing, Ink::Yellow);
        remark(report.files_sent, Word::SyncFiles, Ink::Green);
        remark(report.files_waiting, Word::SyncFilesWaiting, Ink::Yellow);
        remark(report.files_lost, Word::SyncFilesLost, Ink::Red);
        remark(report.files_refused, Word::SyncFilesRefused, Ink::Red);
        remark(report.conflicts, Word::SyncConflicts, Ink::Yellow);
        remark(report.attention, Word::SyncAttention, Ink::Red);
        remark(report.mismatched.len() as u64, Word::SyncMismatched, Ink::Red);
        remark(u64::from(report.upgrade), Word::SyncUpgrade, Ink::Red);
        remark(u64::from(report.rewound), Word::SyncRewound, Ink::Red);
        if self.brought.parcels > 0 {
            let (n, left) = (&self.brought.parcels, &self.brought.left);
            lines.push(paper.say(Word::SyncCarried, &[("n", n), ("left", left)]));
        }
        let (up, down, requests) = (self.moved.bytes_up, self.moved.bytes_down, self.moved.requests);
        lines.push(paper.say(Word::SyncBytes, &[("up", &up), ("down", &down), ("requests", &requests)]));
        lines.join("\n")
    }
}
