//! The command line. Nothing secret is taken from it: other programs can read it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::outcomes::Outcome;
use crate::paper::Language;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  offline: the server cannot be reached; what was saved is safe
  4  enrol (again): the office gives a code
  5  done, and something needs a person's attention
  6  the program is too old

Files: one folder holds one person's store (tilik.db, encrypted), its key (tilik.key) and the server's address (server).
Environment: TILIK_DATA, TILIK_ZONE (7, 8 or 9: WIB, WITA, WIT), LANG, NO_COLOR.";

/// Verify households, with or without a network.
#[derive(Debug, Parser)]
#[command(name = "tilik", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Folder of one person's store [default: tilik in the user's data folder]
    #[arg(long, env = "TILIK_DATA", hide_env_values = true, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Language of the screen [default: from LANG, else id]
    #[arg(long, value_enum, global = true)]
    pub(crate) lang: Option<Language>,
    /// Print one JSON document instead of tables; errors go to stderr as JSON too
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make this device known to its server with a one-time code from the office
    Enrol(Enrol),
    /// Send what was saved and fetch what is new
    Sync,
    /// List the areas of this device
    Areas,
    /// List households, a page at a time
    List(List),
    /// Find households by the beginnings of words: name, address, NIK or card number
    Search(Search),
    /// Show one household: verified values beside imported ones, who wrote them, when, and conflicts
    Show(Show),
    /// Verify a household: write down what was found, close the visit, save
    Verify(Verify),
    /// Add a household that is missing from the list
    Add(Add),
    /// Work that is not saved yet
    #[command(subcommand)]
    Draft(Draft),
    /// List different values that stand beside each other
    Conflicts,
    /// How this device stands: drafts, unsent saves, what needs attention, the clock
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The server's address, https://…
    pub(crate) server: String,
    /// File that holds the code, - for standard input; without it the code is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
    /// What the office will call this device [default: this machine's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only in this area and below: its code, or its name where there is one such name
    #[arg(long, value_name = "CODE")]
    pub(crate) area: Option<String>,
    /// Only with this status
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// Only with this outcome of the last visit
    #[arg(long, value_enum)]
    pub(crate) outcome: Option<Outcome>,
    /// Only those already visited
    #[arg(long, conflicts_with = "todo")]
    pub(crate) done: bool,
    /// Only those still to visit
    #[arg(long)]
    pub(crate) todo: bool,
    /// Only those with a conflict
    #[arg(long)]
    pub(crate) conflict: bool,
    /// Only those with something that the server has not confirmed
    #[arg(long)]
    pub(crate) unsent: bool,
    /// Page, from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page: u32,
    /// Lines of a page
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) filters: Filters,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Each must begin a word of one and the same record
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) filters: Filters,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its id, or the end of it as the list shows it
    pub(crate) household: String,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Its id, or the end of it as the list shows it
    pub(crate) household: String,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The area that it lives in: code, or name where there is one such name
    #[arg(long, value_name = "CODE")]
    pub(crate) area: String,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// What was found at the door. Without any of it, a terminal asks.
#[derive(Debug, Args)]
pub(crate) struct Findings {
    /// NAME=TEXT or NAME:=JSON of the household; RECORD:NAME=… of a family, member or visit that `show` lists
    #[arg(value_name = "REGISTER=VALUE")]
    pub(crate) registers: Vec<String>,
    /// File with one assignment a line, - for standard input: keeps what was answered out of the list of processes
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// A member who is not listed yet: "name=…; nik=…; relation=…". May be repeated
    #[arg(long = "member", value_name = "REGISTERS")]
    pub(crate) members: Vec<String>,
    /// How the visit ended
    #[arg(long, value_enum)]
    pub(crate) outcome: Option<Outcome>,
    /// A remark; needed unless the outcome is "complete"
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Keep all this as a draft and do not save yet
    #[arg(long = "draft")]
    pub(crate) keep_draft: bool,
    /// Write registers that hold several values, and so decide between them
    #[arg(long)]
    pub(crate) settle: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Draft {
    /// List drafts
    List,
    /// Show a draft: what was typed, over what was shown, and what has come since
    Show(OneDraft),
    /// Go on with a draft, and save it
    Resume(Resume),
    /// Throw a draft away
    Discard(Discard),
}

#[derive(Debug, Args)]
pub(crate) struct OneDraft {
    /// Its number
    pub(crate) draft: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// Its number
    pub(crate) draft: i64,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

#[derive(Debug, Args)]
pub(crate) struct Discard {
    /// Its number
    pub(crate) draft: i64,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
