//! `tilik carry`: a device listens for its team over a local network, and the others give it what they saved.

use client_core::Device;
use serde_json::{Value, json};
use tilik::Link;
use tilik::carry::{self, Brought, CarryError, Chest, Given, Listener, Taken};

use super::bundle::Told;
use crate::arguments::{CarryCommand, Give, Listen};
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Paper, Shown};
use crate::prompts;
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, command: &CarryCommand) -> Result<Exit, Failure> {
    match command {
        CarryCommand::Listen(listen) => self::listen(folder, paper, listen),
        CarryCommand::Give(give) => self::give(folder, paper, give),
    }
}

/// Brings what was given to this device to the server, where there is any; `None` where there is none.
pub(super) fn bring(folder: &Folder, link: &Link, device: &Device) -> Result<Option<Brought>, Failure> {
    let path = folder.chest();
    if !path.is_dir() {
        return Ok(None);
    }
    let chest = Chest::open(path).map_err(Failure::Input)?;
    if chest.bytes() == 0 { Ok(None) } else { Ok(Some(carry::bring(link, device, &chest)?)) }
}

fn listen(folder: &Folder, paper: &Paper, listen: &Listen) -> Result<Exit, Failure> {
    let recipient = folder.device()?.recipient()?.ok_or(Failure::Usage(Word::BundleNoKey))?;
    let chest = Chest::open(folder.chest()).map_err(Failure::Input)?;
    let listener = Listener::bind(listen.address, recipient, chest)?;
    let address = listener.address().map_err(Failure::Input)?.to_string();
    paper.print(&Listening { address, code: listener.code().to_owned() })?;
    let told = *paper;
    listener.run(move |taken| {
        // Whoever reads this has seen enough of it; the carrier goes on.
        let _ = told.print(&Came(taken));
    })?;
    Ok(Exit::Done)
}

fn give(folder: &Folder, paper: &Paper, give: &Give) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    if device.recipient()?.is_none() {
        return Err(Failure::Usage(Word::BundleNoKey));
    }
    let code = match &give.code_file {
        Some(path) => Some(prompts::text_of(path)?),
        None if prompts::is_somebody_there() => prompts::ask(paper.word(Word::AskCarryCode))?,
        None => None,
    };
    let code = code.filter(|code| !code.trim().is_empty()).ok_or(Failure::Usage(Word::NoCode))?;
    let given = carry::give(&mut device, &give.carrier, &code)?;
    if paper.form == crate::paper::Form::Text && given.received != Default::default() {
        paper.print(&Told(given.received))?;
    }
    paper.print(&GivenShown(given))?;
    Ok(if given.carried < given.due { Exit::Attention } else { Exit::Done })
}

struct Listening {
    address: String,
    code: String,
}

impl Shown for Listening {
    fn json(&self) -> Value {
        json!({ "listen": self.address, "code": self.code })
    }

    fn text(&self, paper: &Paper) -> String {
        paper.say(Word::CarryListening, &[("address", &self.address), ("code", &self.code)])
    }
}

struct Came(Result<Taken, CarryError>);

impl Shown for Came {
    fn json(&self) -> Value {
        match &self.0 {
            Ok(taken) => json!({ "parcels": taken.parcels, "receipts": taken.receipts }),
            Err(error) => json!({ "failed": error.to_string() }),
        }
    }

    fn text(&self, paper: &Paper) -> String {
        match &self.0 {
            Ok(taken) => paper.say(Word::CarryTaken, &[("n", &taken.parcels), ("receipts", &taken.receipts)]),
            Err(CarryError::WrongCode) => paper.say(Word::CarryWrongCode, &[]),
            Err(_) => paper.say(Word::CarryBroke, &[]),
        }
    }
}

struct GivenShown(Given);

impl Shown for GivenShown {
    fn json(&self) -> Value {
        let Given { due, carried, received } = self.0;
        json!({ "due": due, "carried": carried, "saves": received.saves, "files": received.files })
    }

    fn text(&self, paper: &Paper) -> String {
        paper.say(Word::CarryGiven, &[("n", &self.0.carried), ("due", &self.0.due)])
    }
}
