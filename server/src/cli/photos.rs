//! `photos`: which photos and other files of records have not come, and which nobody names.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use server::attachments;
use server::backup;
use server::instance::Instance;
use server::store::blobs::{self, Missing};
use server::store::households::Within;
use server::store::{devices, users};

use super::area_coded;
use super::moments::written;
use super::output::Output;

/// Missing files that are listed at most.
const LISTED_MAX: u32 = 10_000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List files that records name and that have not come, with the device that holds them.
    Missing(MissingFiles),
    /// Say how many files there are.
    Status,
    /// Put the files of a backup back in their place, where `restore` was interrupted.
    Restore(FromBackup),
    /// Forget files that no stored save names and that came long ago; the running server does so every day.
    Forget,
}

/// Where from.
#[derive(Args)]
pub(super) struct FromBackup {
    /// The backup that the data folder was restored from.
    file: std::path::PathBuf,
}

/// Which of them.
#[derive(Args)]
pub(super) struct MissingFiles {
    /// Only this area and all below it.
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::Missing(which) => missing(instance, which, output),
            Command::Status => status(instance, output),
            Command::Restore(from) => {
                let attached = backup::restore_attachments(&from.file, instance)?;
                let sentence = format!(
                    "{} files are in their place; {} are in no backup, and their devices are asked for them.",
                    attached.files, attached.absent
                );
                output.one(&attached, sentence)
            }
            Command::Forget => {
                let forgotten = attachments::forget(instance)?;
                let told = json!({ "files": forgotten.files, "parts": forgotten.parts });
                let sentence = format!(
                    "Forgot {} files that nobody names and {} that stopped coming.",
                    forgotten.files, forgotten.parts
                );
                output.one(&told, sentence)
            }
        }
    }
}

fn status(instance: &Instance, output: Output) -> Result<()> {
    let (files, bytes, missing) = instance.store.read(blobs::count)?;
    let told = json!({ "files": files, "bytes": bytes, "missing": missing });
    output.one(&told, format!("{files} files in {} MB; {missing} are named and missing.", bytes.div_ceil(1_000_000)))
}

fn missing(instance: &Instance, which: MissingFiles, output: Output) -> Result<()> {
    let area = which.area.map(|code| area_coded(instance, &code)).transpose()?.map(|area| area.id);
    let items = instance.store.read(|tx| {
        let listed = blobs::list_missing(tx, Within { granted: None, area }, None, LISTED_MAX)?;
        listed.into_iter().map(|missing| Item::of(tx, missing)).collect::<server::store::db::Result<Vec<_>>>()
    })?;
    output.list(&items, ["SINCE", "WHO", "DEVICE", "STATE", "KB", "VISIT OR RECORD", "FILE"], |item| {
        [
            written(item.at),
            item.author.clone(),
            item.device_name.clone(),
            item.state.to_owned(),
            item.bytes.div_ceil(1_000).to_string(),
            item.record.clone(),
            item.name.clone(),
        ]
    })
}

/// A missing file as it is printed.
#[derive(Serialize)]
struct Item {
    at: i64,
    author: String,
    device: Option<String>,
    device_name: String,
    state: &'static str,
    bytes: u64,
    blob: String,
    household: String,
    area: String,
    record: String,
    register: String,
    name: String,
}

impl Item {
    fn of(tx: &server::store::Tx<'_>, missing: Missing) -> server::store::db::Result<Item> {
        let Missing { named, author, writer: _, device, at, is_lost } = missing;
        let author = author.map(|author| users::find(tx, author)).transpose()?.flatten();
        let known = device.map(|device| devices::find(tx, device)).transpose()?.flatten();
        Ok(Item {
            at,
            author: author.map(|user| user.name).unwrap_or_default(),
            device: device.map(|device| device.to_string()),
            device_name: known.map(|device| device.name).unwrap_or_default(),
            state: if is_lost { "blob_unrecoverable" } else { "blob_pending" },
            bytes: named.bytes,
            blob: named.hash.to_string(),
            household: named.root.to_string(),
            area: named.area.to_string(),
            record: named.record.to_string(),
            register: named.register,
            name: named.name,
        })
    }
}
