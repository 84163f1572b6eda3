//! `tilik bundle`: saves and their files in files that anyone can carry and only the server can read.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use client_core::{Device, Received};
use serde_json::{Value, json};
use sync_protocol::parcel::Label;
use sync_protocol::receipt::Receipt;

use crate::arguments::BundleCommand;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Paper, Shown};
use crate::words::Word;

pub(crate) fn run(folder: &Folder, paper: &Paper, command: &BundleCommand) -> Result<Exit, Failure> {
    match command {
        BundleCommand::Write { file, max_mb } => write(folder, paper, file, u64::from(*max_mb) << 20),
        BundleCommand::Receipt { file } => receipt(folder, paper, file),
    }
}

fn write(folder: &Folder, paper: &Paper, file: &Path, bytes_max: u64) -> Result<Exit, Failure> {
    let device = folder.device()?;
    let labels = device.bundle()?.ok_or(Failure::Usage(Word::BundleNoKey))?;
    let mut bundles = Bundles::start(file, bytes_max)?;
    let mut written = Written::default();
    for label in &labels {
        if let Some(parcel) = device.parcel(label)? {
            bundles.add(&parcel)?;
            written.count(label);
        }
    }
    written.bundles = bundles.finish()?;
    paper.print(&written)?;
    Ok(Exit::Done)
}

/// Files that are written one after the other, none larger than asked for.
struct Bundles {
    first: PathBuf,
    bytes_max: u64,
    number: u64,
    file: File,
    bytes: u64,
}

impl Bundles {
    fn start(first: &Path, bytes_max: u64) -> Result<Bundles, Failure> {
        let file = create(first)?;
        Ok(Bundles { first: first.to_owned(), bytes_max, number: 1, file, bytes: 0 })
    }

    fn add(&mut self, parcel: &[u8]) -> Result<(), Failure> {
        if self.bytes > 0 && self.bytes + parcel.len() as u64 > self.bytes_max {
            self.file.sync_all().map_err(Failure::Output)?;
            self.number += 1;
            let mut name = self.first.clone().into_os_string();
            name.push(format!(".{}", self.number));
            self.file = create(Path::new(&name))?;
            self.bytes = 0;
        }
        self.bytes += parcel.len() as u64;
        self.file.write_all(parcel).map_err(Failure::Output)
    }

    fn finish(self) -> Result<u64, Failure> {
        self.file.sync_all().map_err(Failure::Output)?;
        Ok(self.number)
    }
}

/// A bundle that is there may be on its way: it is not written over.
fn create(path: &Path) -> Result<File, Failure> {
    File::create_new(path).map_err(Failure::Output)
}

fn receipt(folder: &Folder, paper: &Paper, file: &Path) -> Result<Exit, Failure> {
    let bytes = std::fs::read(file).map_err(Failure::Output)?;
    let receipt: Receipt = serde_json::from_slice(&bytes).map_err(|_| Failure::Usage(Word::BundleNoReceipt))?;
    let mut device: Device = folder.device()?;
    let received = device.take_receipt(&receipt)?;
    paper.print(&Told(received))?;
    Ok(Exit::Done)
}

#[derive(Default)]
struct Written {
    changesets: u64,
    files: u64,
    bundles: u64,
}

impl Written {
    fn count(&mut self, label: &Label) {
        match label {
            Label::Changeset { .. } => self.changesets += 1,
            Label::Piece { from, .. } => self.files += u64::from(*from == 0),
        }
    }
}

impl Shown for Written {
    fn json(&self) -> Value {
        json!({ "saves": self.changesets, "files": self.files, "bundles": self.bundles })
    }

    fn text(&self, paper: &Paper) -> String {
        let (n, files, bundles) = (&self.changesets, &self.files, &self.bundles);
        paper.say(Word::BundleWritten, &[("n", n), ("files", files), ("bundles", bundles)])
    }
}

/// What a receipt was news of.
pub(super) struct Told(pub(super) Received);

impl Shown for Told {
    fn json(&self) -> Value {
        json!({ "saves": self.0.saves, "files": self.0.files })
    }

    fn text(&self, paper: &Paper) -> String {
        paper.say(Word::BundleReceived, &[("n", &self.0.saves), ("files", &self.0.files)])
    }
}
