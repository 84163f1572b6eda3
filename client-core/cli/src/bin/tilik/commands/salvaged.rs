//! What a person is told when the store was damaged and a new one was made: what happened, what is safe, what to do now.

use std::io::Write;

use client_core::Salvaged;
use serde_json::{Value, json};

use crate::paper::{Form, Ink, Paper};
use crate::words::Word;

/// Says it beside what the command prints.
pub(super) fn tell(paper: &Paper, salvaged: &Salvaged) {
    let said = match paper.form {
        Form::Json => json!({ "salvaged": json_of(salvaged) }).to_string(),
        Form::Text => paper.ink(&text(paper, salvaged), Ink::Red),
    };
    // There is nowhere left to say that this failed.
    let _ = writeln!(std::io::stderr().lock(), "{said}");
}

/// For programs.
pub(super) fn json_of(salvaged: &Salvaged) -> Value {
    let aside = salvaged.aside.as_ref().map(|path| path.display().to_string());
    json!({ "aside": aside, "saves": salvaged.saves, "enrolled": salvaged.enrolled })
}

/// For people.
pub(super) fn text(paper: &Paper, salvaged: &Salvaged) -> String {
    let happened = match &salvaged.aside {
        Some(path) => paper.say(Word::SalvagedAside, &[("path", &path.display())]),
        None => paper.say(Word::SalvagedGone, &[]),
    };
    let safe = paper.say(Word::SalvagedSafe, &[("n", &salvaged.saves)]);
    let now = paper.word(if salvaged.enrolled { Word::SalvagedSync } else { Word::SalvagedEnrol });
    [happened.as_str(), &safe, now].join("\n")
}
