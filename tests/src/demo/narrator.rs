//! How the demo speaks: chapters, paragraphs, tables. On a terminal with emphasis, elsewhere plain lines.

use std::io::{self, IsTerminal, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

/// Columns of a paragraph.
const TEXT_COLUMNS: usize = 92;
/// Columns of a table where nobody says how wide the paper is.
const TABLE_COLUMNS: u16 = 110;

/// The voice of the demo.
pub struct Narrator<'a> {
    out: &'a mut dyn Write,
    is_terminal: bool,
    has_colour: bool,
    chapter: usize,
}

impl<'a> Narrator<'a> {
    /// Speaks to standard output; with emphasis only to a person at a terminal.
    pub fn to_stdout(out: &'a mut io::Stdout) -> Narrator<'a> {
        let is_terminal = out.is_terminal();
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let has_colour =
            is_terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Narrator { out, is_terminal, has_colour, chapter: 0 }
    }

    /// Writes plain lines.
    pub fn plain(out: &'a mut dyn Write) -> Narrator<'a> {
        Narrator { out, is_terminal: false, has_colour: false, chapter: 0 }
    }

    /// Whether somebody watches: then long work shows how far it is.
    pub(super) fn is_watched(&self) -> bool {
        self.is_terminal
    }

    /// The heading of a scene.
    pub(crate) fn chapter(&mut self, title: &str) -> io::Result<()> {
        self.chapter += 1;
        let heading = format!("{}. {title}", self.chapter);
        let rule = "─".repeat(heading.chars().count());
        let (bold, end) = if self.has_colour { ("\x1b[1;36m", "\x1b[0m") } else { ("", "") };
        writeln!(self.out, "\n{bold}{heading}\n{rule}{end}")?;
        self.out.flush()
    }

    /// A paragraph.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, TEXT_COLUMNS) {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }

    /// One line of what happened.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        for (at, line) in wrapped(text, TEXT_COLUMNS - 4).into_iter().enumerate() {
            writeln!(self.out, "{} {line}", if at == 0 { "  ·" } else { "   " })?;
        }
        self.out.flush()
    }

    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// A verdict on a claim.
    pub(crate) fn mark(&mut self, holds: bool, text: &str) -> io::Result<()> {
        let (sign, colour) = if holds { ("✓", "\x1b[32m") } else { ("✗", "\x1b[1;31m") };
        let (colour, end) = if self.has_colour { (colour, "\x1b[0m") } else { ("", "") };
        for (at, line) in wrapped(text, TEXT_COLUMNS - 4).into_iter().enumerate() {
            match at {
                0 => writeln!(self.out, "  {colour}{sign}{end} {line}")?,
                _ => writeln!(self.out, "    {line}")?,
            }
        }
        self.out.flush()
    }

    /// A table.
    pub(crate) fn table<const N: usize>(&mut self, header: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if !self.is_terminal {
            table.set_width(TABLE_COLUMNS);
        }
        table.set_header(header);
        for row in rows {
            table.add_row(row.iter().map(String::as_str));
        }
        writeln!(self.out, "{table}")?;
        self.out.flush()
    }
}

/// The text in lines of at most `columns` characters, broken between words.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_between_words_and_a_long_word_keeps_a_line_of_its_own() {
        assert_eq!(wrapped("satu dua tiga", 8), ["satu dua", "tiga"]);
        assert_eq!(wrapped("a kelurahan b", 4), ["a", "kelurahan", "b"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn plain_paper_gets_no_colours() {
        let mut said = Vec::new();
        let mut narrator = Narrator::plain(&mut said);
        narrator.chapter("Title").unwrap();
        narrator.mark(true, "holds").unwrap();
        assert!(!said.contains(&0x1b));
    }
}
