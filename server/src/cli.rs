//! The command line of `tilik-server`. Commands work on the data folder itself, also while the server runs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this module talks to the person at the terminal")]

mod areas;
mod backups;
mod bundles;
mod devices;
mod doctor;
mod exports;
mod findings;
mod form_checks;
mod form_previews;
mod forms;
mod gaps;
mod grants;
mod imports;
mod init;
mod logs;
mod moments;
mod output;
mod passwords;
mod photo_exports;
mod photos;
mod quarantine;
mod rounds;
mod serve;
mod users;
mod witnesses;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use server::ambient::Machine;
use server::attachments::{Attachments, Shelf};
use server::config::{Config, FILE, Given, Nonsense};
use server::instance::Instance;
use server::people::Role;
use server::store::users::User;

use output::Output;

/// Takes in what field devices saved, merges it, and serves the office.
///
/// Settings come from flags, then from environment variables, then from tilik-server.toml in the data folder,
/// then from defaults.
///
/// Exit status: 0 done; 1 refused or failed; 2 wrong command line or setting; 3 a file to import was refused.
#[derive(Parser)]
#[command(name = "tilik-server", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    /// Print JSON for programs instead of tables for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Where the server's data lies.
#[derive(Args)]
struct Place {
    /// The data folder: database, keys, settings.
    #[arg(long, global = true, env = "TILIK_DATA", default_value = "tilik-data", value_name = "FOLDER")]
    data: PathBuf,
    /// The settings file, if it is not tilik-server.toml in the data folder.
    #[arg(long, global = true, env = "TILIK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder where attached files lie, if not in the data folder.
    #[arg(long, global = true, env = "TILIK_ATTACHMENTS", value_name = "FOLDER")]
    attachments: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Make a data folder: keys, database, settings and the first admin.
    Init(init::Init),
    /// Serve devices and the office over HTTP.
    Serve(serve::Serve),
    /// Add, list, disable people; set passwords.
    #[command(subcommand)]
    User(users::Command),
    /// List and retire devices; give out enrolment codes.
    #[command(subcommand)]
    Device(devices::Command),
    /// List the administrative tree.
    #[command(subcommand)]
    Area(areas::Command),
    /// Give, list and revoke grants: who may work where.
    #[command(subcommand)]
    Grant(grants::Command),
    /// Open and list rounds of data collection.
    #[command(subcommand)]
    Round(rounds::Command),
    /// Check questionnaires; add, preview, publish and retire their versions.
    #[command(subcommand)]
    Form(forms::Command),
    /// Import areas, outlines and prelists from files.
    #[command(subcommand)]
    Import(imports::Command),
    /// List photos and other files that have not come; forget those that nobody names.
    #[command(subcommand)]
    Photos(photos::Command),
    /// Export households, persons, visits, answers or photos.
    Export(exports::Export),
    /// List what is missing of devices; seal what will never come.
    #[command(subcommand)]
    Gap(gaps::Command),
    /// Look at saves that were not merged; release or reject them.
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Make a backup of the data folder, also while the server runs.
    Backup(backups::Backup),
    /// Make a data folder of a backup.
    Restore(backups::Restore),
    /// Take in the outbox files and bundles of devices.
    #[command(subcommand)]
    Bundle(bundles::Command),
    /// Hold everything stored against its hashes, sums, chains and signatures.
    Doctor(doctor::Doctor),
    /// After a restore: decide on what phones still hold of the time after the backup.
    #[command(subcommand)]
    Witness(witnesses::Command),
    /// Go back to the copy of the database that was kept before the last upgrade. Stop the server first.
    Downgrade(backups::Downgrade),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    match dispatch(cli, output) {
        Ok(code) => code,
        Err(error) => {
            output.failed(&error);
            ExitCode::from(if error.is::<Nonsense>() { 2 } else { 1 })
        }
    }
}

fn dispatch(cli: Cli, output: Output) -> Result<ExitCode> {
    let place = cli.place;
    match cli.command {
        Command::Init(command) => command.run(&place, output)?,
        Command::Serve(command) => command.run(&place)?,
        Command::Backup(command) => command.run(&place.data, &place.open()?, output)?,
        Command::Restore(command) => command.run(&place, output)?,
        Command::Bundle(command) => command.run(&place.open()?, output)?,
        Command::Doctor(command) => return command.run(&place.open()?, output),
        Command::Witness(command) => command.run(&place.open()?, output)?,
        Command::Downgrade(command) => command.run(&place, output)?,
        Command::User(command) => command.run(&place.open()?, output)?,
        Command::Device(command) => command.run(&place.open()?, output)?,
        Command::Area(command) => command.run(&place.open()?, output)?,
        Command::Grant(command) => command.run(&place.open()?, output)?,
        Command::Gap(command) => command.run(&place.open()?, output)?,
        Command::Quarantine(command) => command.run(&place.open()?, output)?,
        Command::Round(command) => command.run(&place.open()?, output)?,
        Command::Form(command) => return command.run(&place, output),
        Command::Import(command) => return command.run(&place.open()?, output),
        Command::Photos(command) => command.run(&place.open()?, output)?,
        Command::Export(command) => command.run(&place.open()?, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Place {
    /// Settings: `stronger` first, then the file.
    fn settings(&self, stronger: Given) -> Result<Config> {
        let path = self.config.clone().unwrap_or_else(|| self.data.join(FILE));
        let file = Given::read(&path)?;
        if file.is_none() && self.config.is_some() {
            bail!("{}: there is no such settings file", path.display());
        }
        let stronger = Given { attachments: self.attachments.clone(), ..stronger };
        Ok(Config::from_given(stronger.over(file.unwrap_or_default()))?)
    }

    /// The data folder's instance.
    fn open(&self) -> Result<Instance> {
        let config = self.settings(Given::default())?;
        open(&self.data, &config)
    }
}

fn open(data: &Path, config: &Config) -> Result<Instance> {
    let instance = Instance::open(data, &config.project, Machine::shared())?;
    let mut attachments = match &config.attachments {
        Some(place) => Attachments::on(Shelf::folder(place.into()), data),
        None => Attachments::within(data),
    };
    attachments.quota_bytes = config.attachments_quota_mb as u64 * 1_000_000;
    attachments.unnamed_days = u32::try_from(config.attachments_unnamed_days).unwrap_or(u32::MAX);
    Ok(Instance { attachments, ..instance })
}

/// On whose behalf a command works.
#[derive(Args)]
struct Acting {
    /// The officer or admin in whose name this is done; the first admin where absent.
    #[arg(long = "as", value_name = "NAME")]
    acting_as: Option<String>,
}

impl Acting {
    fn user(&self, instance: &Instance) -> Result<User> {
        let Some(name) = &self.acting_as else {
            let all = instance.store.read(server::store::users::list)?;
            let admins = all.into_iter().filter(|user| user.role == Role::Admin && user.disabled_at.is_none());
            return admins.min_by_key(|user| user.created_at).context("there is no admin; add one with `user add`");
        };
        let user = user_named(instance, name)?;
        if user.role < Role::Officer || user.disabled_at.is_some() {
            bail!("{name} is no officer or admin");
        }
        Ok(user)
    }
}

fn user_named(instance: &Instance, name: &str) -> Result<User> {
    let name = name.to_lowercase();
    let user = instance.store.read(|tx| server::store::users::find_by_name(tx, &name))?;
    user.with_context(|| format!("there is nobody named {name}; `user list` shows everybody"))
}

fn area_coded(instance: &Instance, code: &str) -> Result<server::store::areas::Area> {
    let area = instance.store.read(|tx| server::store::areas::find_by_code(tx, code))?;
    area.with_context(|| format!("there is no area {code}; `area list` shows them"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_password_is_never_taken_from_the_command_line() {
        fn longs(command: &clap::Command, found: &mut Vec<String>) {
            found.extend(command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned));
            command.get_subcommands().for_each(|below| longs(below, found));
        }
        let mut found = Vec::new();
        longs(&Cli::command(), &mut found);
        assert!(found.iter().any(|name| name == "password-file"));
        assert!(!found.iter().any(|name| name == "password" || name.contains("secret")));
    }
}
