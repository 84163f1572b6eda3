//! What commands print: a table for people, JSON for programs, errors on the other channel.

use std::io::{ErrorKind, IsTerminal, Write, stdout};

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Prints a text and a line end. A reader that went away, like `head`, has seen enough.
pub(super) fn say(text: &str) -> Result<()> {
    match writeln!(stdout(), "{text}").and_then(|()| stdout().flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// How results are printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    /// A list: its items as JSON, or a table of these cells.
    pub(super) fn list<T: Serialize, const N: usize>(
        self,
        items: &[T],
        header: [&str; N],
        cells: impl Fn(&T) -> [String; N],
    ) -> Result<()> {
        if self.json {
            return say(&serde_json::to_string_pretty(items)?);
        }
        let mut table = Table::new();
        table.load_style(if stdout().is_terminal() { presets::UTF8_HORIZONTAL_ONLY } else { presets::NOTHING });
        if stdout().is_terminal() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        table.set_header(header);
        for item in items {
            table.add_row(cells(item));
        }
        say(&table.to_string())
    }

    /// One result: as JSON, or in one sentence.
    pub(super) fn one<T: Serialize>(self, item: &T, sentence: impl AsRef<str>) -> Result<()> {
        if self.json { say(&serde_json::to_string_pretty(item)?) } else { say(sentence.as_ref()) }
    }

    /// Why a command failed, with its causes, in one line.
    pub(super) fn failed(self, error: &anyhow::Error) {
        if self.json {
            eprintln!("{}", serde_json::json!({ "error": format!("{error:#}") }));
        } else {
            eprintln!("tilik-server: {error:#}");
        }
    }
}
