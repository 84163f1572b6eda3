//! One file a command: reads the store, prints, and says how it ended.

mod areas;
mod attention;
mod bundle;
mod carry;
mod conflicts;
mod doctor;
mod drafts;
mod enrol;
mod households;
mod salvaged;
mod show;
mod status;
mod sync;
mod visit;

use client_core::Error;

use crate::arguments::{Arguments, Command, DraftCommand};
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::Paper;

/// Does what was asked.
pub(crate) fn run(arguments: Arguments, paper: &Paper) -> Result<Exit, Failure> {
    let folder = Folder::find(&arguments.common)?;
    let outcome = one(arguments.command, &folder, paper);
    if let Err(Failure::Device(Error::FileDamaged)) = outcome {
        // Damage that opening did not meet: the store is looked at whole, and set aside.
        folder.open_checked()?;
    }
    let Some(salvaged) = folder.salvaged() else { return outcome };
    salvaged::tell(paper, &salvaged);
    match outcome {
        Ok(Exit::Done) => Ok(Exit::Attention),
        Err(Failure::Device(Error::FileDamaged)) => Ok(Exit::Failed),
        outcome => outcome,
    }
}

fn one(command: Command, folder: &Folder, paper: &Paper) -> Result<Exit, Failure> {
    match command {
        Command::Enrol(enrol) => enrol::run(folder, paper, &enrol),
        Command::Sync => sync::run(folder, paper),
        Command::Areas => areas::run(folder, paper),
        Command::List(list) => households::list(folder, paper, &list.filters),
        Command::Search(search) => households::search(folder, paper, &search),
        Command::Show(show) => show::run(folder, paper, &show.household),
        Command::Visit(visit) => visit::run(folder, paper, &visit),
        Command::Drafts(drafts) => match drafts.command {
            None => drafts::list(folder, paper),
            Some(DraftCommand::Discard(one)) => drafts::discard(folder, paper, &one),
            Some(DraftCommand::Save(one)) => drafts::save(folder, paper, &one),
        },
        Command::Conflicts => conflicts::run(folder, paper),
        Command::Bundle(bundle) => bundle::run(folder, paper, &bundle.command),
        Command::Carry(carry) => carry::run(folder, paper, &carry.command),
        Command::Attention(seen) => attention::run(folder, paper, &seen),
        Command::Doctor => doctor::run(folder, paper),
        Command::Status => status::run(folder, paper),
    }
}
