//! `bundle`: files that devices, or whoever found them, bring to the office.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use server::instance::Instance;
use server::sync::{Hub, carried};

use super::output::{Output, say};

/// Take in the outbox files and bundles of devices.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Take in every changeset of a bundle or of a device's outbox file, as if the device had sent it.
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
        let bytes = std::fs::read(&read.file).with_context(|| format!("{} cannot be read", read.file.display()))?;
        let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
        let (carried, receipt) = carried::deposit_file(&hub, &instance.keys.identity, &bytes)?;
        if let Some(to) = &read.receipt {
            std::fs::write(to, serde_json::to_vec(&receipt)?).with_context(|| format!("{}", to.display()))?;
        }
        let carried::Carried { entries, stored, refused, foreign } = carried;
        if output.json {
            let told = json!({ "entries": entries, "stored": stored, "refused": refused, "foreign": foreign });
            return say(&told.to_string());
        }
        say(&format!(
            "{entries} changesets found, {stored} new, {refused} refused, {foreign} for another server. \
             What was here already stays as it is."
        ))
    }
}
