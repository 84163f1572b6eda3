//! The demo: the main job end to end in a terminal. `cargo xtask demo` builds and starts it.

#![allow(clippy::print_stderr, reason = "a program talks to the person who started it")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use tests::demo::{self, Narrator, Options};
use tests::disaster::show::play;
use tests::households::HOUSEHOLDS;

/// Shows the main job end to end: verify offline, sync, merge, settle.
#[derive(Parser)]
#[command(name = "demo", bin_name = "cargo xtask demo", subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    scene: Option<Scene>,
    /// Where to put everything; a folder of an earlier demo is made afresh, any other is left alone
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Households on the invented list
    #[arg(long, value_name = "N", default_value_t = HOUSEHOLDS)]
    households: usize,
    /// Decides who lives where and what is found at each door
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// End after the demo's own check: status 0 only if all of it holds
    #[arg(long)]
    exit: bool,
    /// The program `tilik-server`
    #[arg(long, value_name = "FILE", env = "TILIK_SERVER_BIN", hide_env_values = true)]
    server: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Scene {
    /// The server's disk is lost and a backup restored: nothing is missing, counted from the phones' own logs
    Disaster(Disaster),
}

#[derive(clap::Args)]
struct Disaster {
    /// Saves that the phones make, about
    #[arg(long, value_name = "N", default_value_t = 6_000)]
    saves: u64,
    /// Decides who saves what
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Ends by itself in any case; for symmetry with the other demo
    #[arg(long)]
    exit: bool,
    /// Write what was counted to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    match perform(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nThe demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Plays; answers whether every claim holds.
fn perform(arguments: Arguments) -> Result<bool> {
    if let Some(Scene::Disaster(disaster)) = arguments.scene {
        return perform_disaster(&disaster);
    }
    let server = arguments.server.context("--server FILE is needed")?;
    let data = arguments.data.unwrap_or_else(|| checkout().join("demo-data"));
    let options = Options { data, seed: arguments.seed, households: arguments.households, server };
    let mut out = std::io::stdout();
    let mut narrator = Narrator::to_stdout(&mut out);
    let stage = demo::play(&options, &mut narrator)?;
    let holds = stage.claims.iter().all(|claim| claim.holds);
    if !arguments.exit {
        stage.stay_up(&mut narrator)?;
    }
    stage.close()?;
    Ok(holds)
}

fn perform_disaster(disaster: &Disaster) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let mut out = std::io::stdout();
    let counted = play(folder.path(), disaster.saves, disaster.seed, &mut Narrator::to_stdout(&mut out))?;
    if let Some(file) = &disaster.json {
        std::fs::write(file, serde_json::to_vec_pretty(&counted)?)?;
    }
    Ok(counted.holds())
}

/// The folder of the workspace.
fn checkout() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
