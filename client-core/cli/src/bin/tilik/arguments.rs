//! The command line. Nothing secret is taken from it: other programs can read it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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

Files: one folder holds one person's store (tilik.db, encrypted), its key (tilik.key), all that was ever saved, readable by
the server alone (tilik.db.outbox), a token that tells a copied folder (tilik.db.token), who the device is, encrypted
(tilik.db.papers), and the server's address (server). A damaged store is renamed (tilik.db.damaged-…), never deleted.
Environment: TILIK_DATA, TILIK_ZONE (7, 8 or 9: WIB, WITA, WIT), LANG, NO_COLOR.";

/// Visit households, with or without a network.
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
    /// Visit a household: hold an interview, and save what was found
    Visit(Visit),
    /// Visits under way: list them, or throw one away
    Drafts(Drafts),
    /// List different values that stand beside each other
    Conflicts,
    /// Carry saves to the office in a file, where there is no network
    Bundle(Bundle),
    /// Carry saves to the office for a team, over a local network
    Carry(Carry),
    /// Saves that need attention: what happened, what is safe, what to do now
    Attention(Seen),
    /// Say what is wrong with this device's files, and put right what is safe
    Doctor,
    /// How this device stands: drafts, unsent saves, what needs attention, the clock
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct Seen {
    /// You have seen that this save was rejected: what it wrote leaves the screen
    #[arg(long, value_name = "SAVE")]
    pub(crate) seen: Option<u64>,
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
pub(crate) struct Bundle {
    #[command(subcommand)]
    pub(crate) command: BundleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Write all that is unsent, photos too, into new files that only the server can read
    Write {
        /// The new file; what does not fit goes into FILE.2, FILE.3 and so on
        file: PathBuf,
        /// MiB of one file; a memory card may take no more than 4,000
        #[arg(long, value_name = "MIB", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        max_mb: u32,
    },
    /// Take the server's receipt for a bundle
    Receipt {
        /// The receipt
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Carry {
    #[command(subcommand)]
    pub(crate) command: CarryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CarryCommand {
    /// Listen for the team until ended: what it gives is brought by the next sync, and can be read by the server alone
    Listen(Listen),
    /// Give what is unsent to the device that carries, and take the receipts that it has
    Give(Give),
}

#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Where to listen: this machine's address in the local network, with a port, 0 for any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(crate) address: std::net::SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct Give {
    /// Where the carrier listens, as it says itself
    #[arg(value_name = "ADDRESS:PORT")]
    pub(crate) carrier: String,
    /// File that holds the carrier's code, - for standard input; without it the code is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
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
    #[arg(long, value_name = "CODE")]
    pub(crate) outcome: Option<String>,
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

/// Every answer is kept at once. Ended in between, by whatever, a visit goes on where it stopped.
#[derive(Debug, Args)]
pub(crate) struct Visit {
    /// The household's id, or the end of it as the list shows it; a visit to it that is under way goes on
    #[arg(required_unless_present_any = ["new", "draft"], conflicts_with_all = ["new", "draft"])]
    pub(crate) household: Option<String>,
    /// A household that is missing from the list, in the area of --area
    #[arg(long, requires = "area", conflicts_with = "draft")]
    pub(crate) new: bool,
    /// The area that the new household lives in: code, or name where there is one such name
    #[arg(long, value_name = "CODE", requires = "new")]
    pub(crate) area: Option<String>,
    /// Go on with the visit of this number, see `tilik drafts`
    #[arg(long, value_name = "NUMBER")]
    pub(crate) draft: Option<i64>,
    /// The questionnaire: its name, name@version or title [default: the only one there is; a terminal asks]
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<String>,
    /// The family to visit, by its id or the end of it [default: the household's first; a terminal asks]
    #[arg(long, value_name = "ID", requires = "household")]
    pub(crate) family: Option<String>,
    /// Take the answers from this file, - for standard input, and save: a JSON object of answers by the names of the
    /// questions, with a list for each repeat and {"value", "reason"} where an unusual answer needs a reason
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// With --answers: confirm the prelist values of questions that the file does not answer
    #[arg(long, requires = "answers")]
    pub(crate) confirm: bool,
    /// Pixels of the longer side of photos, where the questionnaire does not say; 0 keeps them as large as they are
    #[arg(long, value_name = "PIXELS", env = "TILIK_PHOTO_PIXELS", default_value_t = 1_600)]
    pub(crate) photo_pixels: u32,
    /// Quality of photos that are made smaller, 1 to 100
    #[arg(long, value_name = "NUMBER", env = "TILIK_PHOTO_QUALITY", default_value_t = 75, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) photo_quality: u8,
}

#[derive(Debug, Args)]
pub(crate) struct Drafts {
    #[command(subcommand)]
    pub(crate) command: Option<DraftCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DraftCommand {
    /// Throw a draft away
    Discard(OneDraft),
    /// Save a draft from before there were questionnaires, as it stands
    Save(OneDraft),
}

#[derive(Debug, Args)]
pub(crate) struct OneDraft {
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
