//! The demo: the main job end to end in a terminal. `cargo xtask demo` builds and starts it.

#![allow(clippy::print_stderr, reason = "a program talks to the person who started it")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use tests::demo::{self, Narrator, Options};
use tests::households::HOUSEHOLDS;

/// Shows the main job end to end: verify offline, sync, merge, settle.
#[derive(Parser)]
#[command(name = "demo", bin_name = "cargo xtask demo")]
struct Arguments {
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
    server: PathBuf,
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
    let data = arguments.data.unwrap_or_else(|| checkout().join("demo-data"));
    let options = Options { data, seed: arguments.seed, households: arguments.households, server: arguments.server };
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

/// The folder of the workspace.
fn checkout() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
