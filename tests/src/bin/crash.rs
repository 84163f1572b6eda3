//! Kills real servers and real devices at random moments and looks whether anything is lost: `crash --kills 300`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to the person who started it")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tests::crash::{Drive, Options, Outcome, drive, play};

#[derive(Parser)]
#[command(name = "crash", bin_name = "cargo xtask crash", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Subcommand)]
enum Role {
    /// A device under load, for this program itself to kill
    #[command(hide = true)]
    Drive(Drive),
}

#[derive(Args)]
struct Wanted {
    /// Processes to kill
    #[arg(long, value_name = "N", default_value_t = 300)]
    kills: u64,
    /// Decides who is killed and when, as far as the machine lets it
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// End after the check: status 0 only if all of it holds. Without it the folder is kept
    #[arg(long)]
    exit: bool,
    /// Write what came of it into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The program `tilik-server`
    #[arg(long, value_name = "FILE", env = "TILIK_SERVER_BIN", hide_env_values = true)]
    server: Option<PathBuf>,
    /// The program `tilik`
    #[arg(long, value_name = "FILE", env = "TILIK_BIN", hide_env_values = true)]
    tilik: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.role {
        Some(Role::Drive(wanted)) => drive(wanted).map(|()| true),
        None => kill(&arguments.wanted),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn kill(wanted: &Wanted) -> Result<bool> {
    let folder = tempfile::Builder::new().prefix("tilik-crash-").tempdir()?;
    let options = Options {
        folder: folder.path().to_owned(),
        kills: wanted.kills,
        seed: wanted.seed,
        server: wanted.server.clone().context("where is tilik-server? start this by `cargo xtask crash`")?,
        tilik: wanted.tilik.clone().context("where is tilik? start this by `cargo xtask crash`")?,
        driver: std::env::current_exe()?,
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} kills, {elapsed} gone, {eta} left")?;
    let bar = ProgressBar::new(wanted.kills).with_style(style);
    let played = play(&options, &mut |kills| bar.set_position(kills));
    bar.finish_and_clear();
    if !wanted.exit || played.is_err() {
        println!("everybody's files: {}", folder.keep().display());
    }
    let outcome = played?;
    tell(&outcome);
    if let Some(file) = &wanted.json {
        std::fs::write(file, serde_json::to_string_pretty(&outcome)? + "\n")?;
    }
    Ok(outcome.holds())
}

fn tell(outcome: &Outcome) {
    let Outcome { acknowledged, found, lost, doubled, kills, server_kills, cuts, mismatched, unsound } = outcome;
    println!("{kills} processes killed, {server_kills} of them servers; {cuts} connections cut");
    println!(
        "{acknowledged} saves confirmed to their authors: {found} found on the server, {lost} lost, {doubled} doubled"
    );
    println!("{mismatched} areas with different digests, {unsound} files that are not sound");
    println!("{}", if outcome.holds() { "every promise held" } else { "FAILED" });
}
