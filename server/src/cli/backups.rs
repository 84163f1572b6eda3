//! `backup` and `restore`: one file that holds everything, and a data folder made of it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use server::ambient::Machine;
use server::instance::Instance;
use server::{backup, upgrades};

use super::output::Output;
use super::{Place, moments};

/// Make a backup, also while the server runs: database, keys and settings in one file, read back before it counts.
///
/// Whoever has the file can read every household and speak as the server: keep it as safe as the server, and elsewhere.
/// Devices keep what they sent until the oldest kept backup holds it.
#[derive(Args)]
pub(super) struct Backup {
    /// The new file, or a folder in which it is named by its moment.
    #[arg(long, value_name = "FILE OR FOLDER")]
    to: PathBuf,
    /// Backups that are kept; older ones are deleted.
    #[arg(long, default_value_t = 14, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
}

impl Backup {
    pub(super) fn run(self, data: &Path, instance: &Instance, output: Output) -> Result<()> {
        let file = match self.to.is_dir() {
            true => self.to.join(format!("tilik-{}.tilik-backup", name_of_moment(instance.now()))),
            false => self.to,
        };
        let made = backup::make(instance, data, &file, usize::from(self.keep))?;
        if output.json {
            let deleted: Vec<String> = made.deleted.iter().map(|file| file.display().to_string()).collect();
            let told = json!({ "file": file, "bytes": made.bytes, "manifest": made.manifest, "deleted": deleted });
            return super::output::say(&told.to_string());
        }
        for older in &made.deleted {
            super::output::say(&format!("Deleted the older backup {}.", older.display()))?;
        }
        super::output::say(&format!(
            "{}: {} records and {} changesets in {} kB, read back and found whole; {} attached files beside it.",
            file.display(),
            made.manifest.records,
            made.manifest.changesets,
            made.bytes.div_ceil(1_000),
            made.manifest.attachments.files
        ))
    }
}

/// Make a data folder of a backup. Refuses a folder that has a database.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
}

impl Restore {
    pub(super) fn run(self, place: &Place, output: Output) -> Result<()> {
        if !self.file.is_file() {
            bail!("{}: there is no such file", self.file.display());
        }
        let restored = backup::restore(&self.file, &place.data, &Machine::shared())?;
        let attached = backup::restore_attachments(&self.file, &place.open()?)?;
        if output.json {
            let told = json!({ "manifest": restored.manifest, "sessions_ended": restored.sessions_ended, "attachments": attached });
            return super::output::say(&told.to_string());
        }
        super::output::say(&format!(
            "{} stands as it was at {}: {} records, {} changesets and {} attached files. The office signs in anew; devices send again what \
             came after the backup.",
            place.data.display(),
            moments::written(restored.manifest.made),
            restored.manifest.records,
            restored.manifest.changesets,
            attached.files
        ))
    }
}

/// Go back to the copy that was kept before the last upgrade. Stop the server first.
///
/// The newer database is kept beside it. Devices send again what came since; decisions of the office have to be made again.
#[derive(Args)]
pub(super) struct Downgrade {}

impl Downgrade {
    pub(super) fn run(self, place: &Place, output: Output) -> Result<()> {
        let back = upgrades::go_back(&place.data, &Machine)?;
        output.one(
            &json!({ "schema": back.schema, "newer": back.newer }),
            format!(
                "{} stands as it was before the upgrade, with schema {}: start the older program. The newer database is {}.",
                place.data.display(),
                back.schema,
                back.newer.display()
            ),
        )
    }
}

/// Digits only, so that names sort by time and suit every file system.
fn name_of_moment(ms: i64) -> String {
    moments::written(ms).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
