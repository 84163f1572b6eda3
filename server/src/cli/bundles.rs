//! `bundle`: files that devices, or whoever found them, bring to the office.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use server::instance::Instance;
use server::sync::Hub;
use server::sync::intake::{Carried, Intake};
use sync_protocol::receipt::Receipt;

use super::output::{Output, say};

/// Bytes of a file that are read at once.
const BYTES_AT_ONCE: usize = 256 << 10;

/// Take in the outbox files and bundles of devices.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Take in every changeset and file of a bundle or of a device's outbox file, as if the device had sent it.
    Read(Read),
}

/// Also while the server runs. Repeating it changes nothing.
#[derive(Args)]
pub(super) struct Read {
    /// The file: `tilik bundle write` makes one; `tilik.db.outbox` of a damaged device is one.
    file: PathBuf,
    /// Where to write the receipt that `tilik bundle receipt` takes.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        let Command::Read(read) = self;
        let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
        let (carried, receipt) = take_in(&read.file, Intake::start(&hub, instance))?;
        if let Some(to) = &read.receipt {
            std::fs::write(to, serde_json::to_vec(&receipt)?).with_context(|| format!("{}", to.display()))?;
        }
        let Carried { entries, stored, refused, foreign, pieces, pieces_refused, files } = carried;
        if output.json {
            let told = json!({
                "entries": entries, "stored": stored, "refused": refused, "foreign": foreign,
                "pieces": pieces, "pieces_refused": pieces_refused, "files": files,
            });
            return say(&told.to_string());
        }
        say(&format!(
            "{entries} changesets found, {stored} new, {refused} refused; {pieces} pieces of files found, \
             {pieces_refused} refused, {files} files are here whole; {foreign} parcels are for another server. \
             What was here already stays as it is."
        ))
    }
}

fn take_in(path: &Path, mut intake: Intake<'_>) -> Result<(Carried, Receipt)> {
    let cannot = || format!("{} cannot be read", path.display());
    let mut file = File::open(path).with_context(cannot)?;
    let mut bytes = vec![0; BYTES_AT_ONCE];
    loop {
        match file.read(&mut bytes).with_context(cannot)? {
            0 => return Ok(intake.finish()?),
            read => intake.feed(&bytes[..read])?,
        }
    }
}
