//! What is printed on: language, form, colours and the width of the terminal.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};
use serde_json::Value;

use crate::arguments::Common;
use crate::exit::Failure;
use crate::moments::Zone;
use crate::words::Word;

/// Bahasa Indonesia first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Language {
    /// Bahasa Indonesia
    #[default]
    Id,
    /// English
    En,
}

impl Language {
    /// The language of a `LANG` such as `en_GB.UTF-8`; anything that is not English is answered in Indonesian.
    pub(crate) fn of_locale(locale: &str) -> Language {
        if locale == "en" || locale.starts_with("en_") || locale.starts_with("en.") {
            Language::En
        } else {
            Language::Id
        }
    }
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
}

/// Colours that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Needs a person.
    Red,
    /// Not finished.
    Yellow,
    /// In order.
    Green,
    /// A heading.
    Bold,
}

/// Columns below which a terminal breaks lines better than a table does; some report none at all.
const WIDTH_MIN: u16 = 60;

/// Where and how a command prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paper {
    pub(crate) language: Language,
    pub(crate) form: Form,
    pub(crate) zone: Zone,
    colours: bool,
    is_terminal: bool,
}

/// Something that a command prints.
pub(crate) trait Shown {
    /// For programs: stable names.
    fn json(&self) -> Value;
    /// For people.
    fn text(&self, paper: &Paper) -> String;
}

impl Paper {
    /// As the arguments, the environment and standard output ask.
    pub(crate) fn for_terminal(common: &Common) -> Paper {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| set(name));
        let is_terminal = std::io::stdout().is_terminal();
        Paper {
            language: common.lang.unwrap_or_else(|| locale.map(|l| Language::of_locale(&l)).unwrap_or_default()),
            form: if common.json { Form::Json } else { Form::Text },
            zone: Zone::of_hours(tilik::env::zone_hours()),
            colours: set("NO_COLOR").is_none() && set("TERM").as_deref() != Some("dumb"),
            is_terminal,
        }
    }

    /// Prints one thing.
    pub(crate) fn print(&self, shown: &impl Shown) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match self.form {
            Form::Json => writeln!(out, "{}", shown.json()),
            Form::Text => writeln!(out, "{}", shown.text(self).trim_end()),
        }
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
    }

    /// The same paper in another language.
    pub(crate) fn in_language(&self, language: Language) -> Paper {
        Paper { language, ..*self }
    }

    /// A sentence in the paper's language.
    pub(crate) fn say(&self, word: Word, parts: &[(&str, &dyn std::fmt::Display)]) -> String {
        word.filled(self.language, parts)
    }

    /// A word without parts.
    pub(crate) fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    /// Text in colour, if standard output shows colours.
    pub(crate) fn ink(&self, text: &str, ink: Ink) -> String {
        self.painted(text, ink, self.is_terminal)
    }

    /// Text in colour, if the terminal it goes to shows colours.
    pub(crate) fn painted(&self, text: &str, ink: Ink, is_terminal: bool) -> String {
        if !self.colours || !is_terminal {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Red => 31,
            Ink::Yellow => 33,
            Ink::Green => 32,
            Ink::Bold => 1,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// An empty table with these headings.
    pub(crate) fn table(&self, headings: &[Word]) -> Table {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
        // A file has no width: nothing is broken into lines that somebody has to put together again.
        if !self.is_terminal {
            table.force_no_tty();
        } else if table.width().is_some_and(|width| width >= WIDTH_MIN) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        table.set_header(headings.iter().map(|word| Cell::new(self.word(*word))));
        table
    }

    /// A table's cell in colour, if the terminal shows colours.
    pub(crate) fn cell(&self, text: impl ToString, ink: Option<Ink>) -> Cell {
        let cell = Cell::new(text);
        match ink.filter(|_| self.colours) {
            Some(Ink::Red) => cell.fg(Color::Red),
            Some(Ink::Yellow) => cell.fg(Color::Yellow),
            Some(Ink::Green) => cell.fg(Color::Green),
            Some(Ink::Bold) => cell.add_attribute(Attribute::Bold),
            None => cell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_english_locale_is_answered_in_english() {
        for (locale, expected) in [
            ("en_GB.UTF-8", Language::En),
            ("en", Language::En),
            ("en.UTF-8", Language::En),
            ("id_ID.UTF-8", Language::Id),
            ("C.UTF-8", Language::Id),
            ("eng", Language::Id),
            ("", Language::Id),
        ] {
            assert_eq!(Language::of_locale(locale), expected, "{locale}");
        }
    }
}
