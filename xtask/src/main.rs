//! `cargo xtask`: builds what cargo alone cannot, runs the checks of a change, and starts the programs of `tests`.
//!
//! Nothing of the product lives here.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool talks to the person who started it")]

mod deny;
mod dist;
mod gate;
mod oracle;
mod programs;
mod setup;
mod shell;
mod tidy;
mod wasm;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::programs::Program;
use crate::workspace::Workspace;

/// Tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Show the whole product at work; `--exit` ends after its own check
    #[command(disable_help_flag = true)]
    Demo(PassedOn),
    /// Run the simulator, e.g. `--seeds 100`; SIM_SEED=n replays one world
    #[command(disable_help_flag = true)]
    Sim(PassedOn),
    /// Kill real servers and devices at random moments, e.g. `--kills 300 --exit`
    #[command(disable_help_flag = true)]
    Crash(PassedOn),
    /// Measure a release build, e.g. `--json FILE`, `--records FILE`
    #[command(disable_help_flag = true)]
    Bench(PassedOn),
    /// Measure how photos travel: many small ones, and a large one over a link that breaks
    #[command(disable_help_flag = true)]
    Photos(PassedOn),
    /// Fill in forms with ODK's own engine and with ours, and compare
    Oracle(oracle::Arguments),
    /// Pack an archive that installs the server without internet and without Rust
    Dist(dist::Arguments),
    /// Run everything that must hold before a change lands
    Test,
    /// Check the style that a machine can judge
    Tidy,
    /// Check that client-core compiles for a browser; `--size` weighs the form engine there
    Wasm {
        #[arg(long)]
        size: bool,
    },
    /// Install what this machine lacks
    Setup,
}

/// Arguments that the program gets word for word.
#[derive(clap::Args)]
struct PassedOn {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match task {
        Task::Demo(passed) => become_program(&workspace, Program::DEMO, &passed),
        Task::Sim(passed) => become_program(&workspace, Program::SIM, &passed),
        Task::Crash(passed) => become_program(&workspace, Program::CRASH, &passed),
        Task::Bench(passed) => become_program(&workspace, Program::BENCH, &passed),
        Task::Photos(passed) => become_program(&workspace, Program::PHOTOS, &passed),
        Task::Oracle(arguments) => oracle::run(&workspace, &arguments).map(|()| ExitCode::SUCCESS),
        Task::Dist(arguments) => dist::run(&workspace, &arguments).map(|()| ExitCode::SUCCESS),
        Task::Test => gate::run(&workspace),
        Task::Tidy => tidy::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Wasm { size: true } => wasm::size::weigh(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Wasm { size: false } => wasm::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Setup => setup::run(&workspace).map(|()| ExitCode::SUCCESS),
    }
}

fn become_program(workspace: &Workspace, program: Program, passed: &PassedOn) -> anyhow::Result<ExitCode> {
    setup::ensure_native_build()?;
    shell::become_command(program.command(workspace, &passed.arguments)?)
}
