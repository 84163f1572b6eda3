//! One file a command: reads the store, prints, and says how it ended.

mod areas;
mod conflicts;
mod drafts;
mod enrol;
mod households;
mod show;
mod status;
mod sync;
mod verify;

use crate::arguments::{Arguments, Command, Draft};
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::Paper;

/// Does what was asked.
pub(crate) fn run(arguments: Arguments, paper: &Paper) -> Result<Exit, Failure> {
    let folder = Folder::find(&arguments.common)?;
    match arguments.command {
        Command::Enrol(enrol) => enrol::run(&folder, paper, &enrol),
        Command::Sync => sync::run(&folder, paper),
        Command::Areas => areas::run(&folder, paper),
        Command::List(list) => households::list(&folder, paper, &list.filters),
        Command::Search(search) => households::search(&folder, paper, &search),
        Command::Show(show) => show::run(&folder, paper, &show.household),
        Command::Verify(verify) => verify::verify(&folder, paper, &verify),
        Command::Add(add) => verify::add(&folder, paper, &add),
        Command::Draft(Draft::List) => drafts::list(&folder, paper),
        Command::Draft(Draft::Show(one)) => drafts::show(&folder, paper, one.draft),
        Command::Draft(Draft::Resume(resume)) => verify::resume(&folder, paper, &resume),
        Command::Draft(Draft::Discard(discard)) => drafts::discard(&folder, paper, &discard),
        Command::Conflicts => conflicts::run(&folder, paper),
        Command::Status => status::run(&folder, paper),
    }
}
