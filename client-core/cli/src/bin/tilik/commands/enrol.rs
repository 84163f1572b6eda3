//! `tilik enrol`: a one-time code makes the device known. The code is asked for or read from a file, never an argument.

use serde_json::{Value, json};
use tilik::Link;

use crate::arguments::Enrol;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Ink, Paper, Shown};
use crate::prompts;
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, enrol: &Enrol) -> Result<Exit, Failure> {
    let link = Link::new(&enrol.server)?;
    let known = folder.find_server()?;
    let mut device = folder.make_device()?;
    if let Some(known) = known.filter(|known| known != link.server())
        && device.identity()?.is_some()
    {
        return Err(Failure::OtherServer(known));
    }
    let code = code(paper, enrol)?;
    // Before the code is used up: after a lost answer the same command goes on where it stopped.
    folder.set_server(link.server())?;
    link.enrol(&mut device, &code, &name(enrol))?;
    let identity = device.identity()?.ok_or(client_core::Error::NotEnrolled)?;
    paper.print(&Enrolled {
        person: identity.user_name,
        project: identity.project,
        device: identity.device.to_string(),
    })?;
    Ok(Exit::Done)
}

fn code(paper: &Paper, enrol: &Enrol) -> Result<String, Failure> {
    let code = match &enrol.code_file {
        Some(path) => prompts::text_of(path)?.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned),
        None if prompts::is_somebody_there() => prompts::ask(paper.word(Word::AskCode))?,
        None => None,
    };
    code.filter(|code| !code.is_empty()).ok_or(Failure::Usage(Word::NoCode))
}

/// What was said, or the machine's own name.
fn name(enrol: &Enrol) -> String {
    let own = || std::fs::read_to_string("/etc/hostname").ok().or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = enrol.name.clone().or_else(own).unwrap_or_default();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "tilik".to_owned())
}

struct Enrolled {
    person: String,
    project: String,
    device: String,
}

impl Shown for Enrolled {
    fn json(&self) -> Value {
        json!({"user": self.person, "project": self.project, "device": self.device})
    }

    fn text(&self, paper: &Paper) -> String {
        let said = paper.say(Word::Enrolled, &[("person", &self.person), ("project", &self.project)]);
        paper.ink(&said, Ink::Green)
    }
}
