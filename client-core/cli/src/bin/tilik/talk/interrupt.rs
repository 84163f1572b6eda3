//! Ctrl-C in the middle of an interview: nothing is lost, and the person is told how to go on.

use std::io::Write;

use client_core::DraftId;

use crate::paper::Paper;
use crate::words::Word;

/// As shells report a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// From now on an interrupted program says where the answers are. They are on the disk already: ending at any moment is safe.
pub(super) fn tell_how_to_go_on(paper: &Paper, draft: DraftId) {
    let sentence = paper.say(Word::DraftKept, &[("draft", &draft.0)]);
    // Where no handler can be had, the sentence that the interview began with said the same.
    let _ = ctrlc::set_handler(move || {
        let _ = writeln!(std::io::stderr(), "\n{sentence}");
        std::process::exit(INTERRUPTED);
    });
}
