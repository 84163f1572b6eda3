//! `tilik bundle`: saves in a file that anyone can carry and only the server can read.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use sync_protocol::entry::{Entry, Receipt};

use crate::arguments::BundleCommand;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Paper, Shown};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, command: &BundleCommand) -> Result<Exit, Failure> {
    match command {
        BundleCommand::Write { file } => write(folder, paper, file),
        BundleCommand::Receipt { file } => receipt(folder, paper, file),
    }
}

fn write(folder: &Folder, paper: &Paper, file: &Path) -> Result<Exit, Failure> {
    let bytes = folder.device()?.bundle()?.ok_or(Failure::Usage(Word::BundleNoKey))?;
    // A bundle that is there may be on its way: it is not written over.
    let written = std::fs::File::create_new(file).and_then(|mut new| {
        new.write_all(&bytes)?;
        new.sync_all()
    });
    written.map_err(Failure::Output)?;
    paper.print(&Told { word: Word::BundleWritten, n: Entry::list(&bytes).len() as u64 })?;
    Ok(Exit::Done)
}

fn receipt(folder: &Folder, paper: &Paper, file: &Path) -> Result<Exit, Failure> {
    let bytes = std::fs::read(file).map_err(Failure::Output)?;
    let receipt: Receipt = serde_json::from_slice(&bytes).map_err(|_| Failure::Usage(Word::BundleNoReceipt))?;
    let n = folder.device()?.take_receipt(&receipt)?;
    paper.print(&Told { word: Word::BundleReceived, n })?;
    Ok(Exit::Done)
}

struct Told {
    word: Word,
    n: u64,
}

impl Shown for Told {
    fn json(&self) -> Value {
        json!({ "saves": self.n })
    }

    fn text(&self, paper: &Paper) -> String {
        paper.say(self.word, &[("n", &self.n.to_string())])
    }
}
