//! `cargo xtask test`: everything that must hold before a change lands, one step after the other, each timed.
//!
//! A step that fails does not stop the ones after it, so that one run shows all that is wrong.

use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::deny;
use crate::programs::Program;
use crate::setup;
use crate::shell;
use crate::tidy;
use crate::wasm;
use crate::workspace::Workspace;

const SIMULATED_WORLDS: &str = "2000";

struct Step {
    name: &'static str,
    purpose: &'static str,
    perform: fn(&Workspace) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", purpose: "the code is formatted", perform: fmt },
    Step { name: "tidy", purpose: "the style that a machine can judge", perform: tidy::run },
    Step { name: "clippy", purpose: "no warnings anywhere", perform: clippy },
    Step { name: "tests", purpose: "unit, integration and documentation tests", perform: tests },
    Step { name: "deny", purpose: "what dependencies may bring along", perform: deny::run },
    Step { name: "wasm", purpose: "client-core compiles for a browser", perform: wasm::run },
    Step { name: "size", purpose: "the form engine stays light in a browser", perform: wasm::size::weigh },
    Step { name: "sim", purpose: "2,000 simulated worlds", perform: sim },
    Step { name: "demo", purpose: "the whole product at work, checking itself", perform: demo },
];

struct Outcome {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// Runs all steps and prints a summary; succeeds only if every step did.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    println!("==> setup: what the machine must have");
    setup::run(workspace)?;
    let outcomes: Vec<Outcome> = STEPS.iter().map(|step| perform(step, workspace)).collect();
    summarise(&outcomes);
    let failed = outcomes.iter().any(|outcome| outcome.failure.is_some());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[allow(clippy::disallowed_methods, reason = "the duration of a step is for the person watching")]
fn perform(step: &Step, workspace: &Workspace) -> Outcome {
    println!("\n==> {}: {}", step.name, step.purpose);
    let started = Instant::now();
    let failure = (step.perform)(workspace).err().map(|error| format!("{error:#}"));
    let outcome = Outcome { name: step.name, took: started.elapsed(), failure };
    println!("{}", describe(&outcome));
    outcome
}

fn summarise(outcomes: &[Outcome]) {
    println!("\n==> summary");
    for outcome in outcomes {
        println!("{}", describe(outcome));
    }
    let total: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    match failed {
        0 => println!("all {} steps hold ({:.0} s)", outcomes.len(), total.as_secs_f64()),
        _ => println!("{failed} of {} steps failed ({:.0} s)", outcomes.len(), total.as_secs_f64()),
    }
}

fn describe(outcome: &Outcome) -> String {
    let Outcome { name, took, failure } = outcome;
    match failure {
        None => format!("ok      {name:<8} {:>7.1} s", took.as_secs_f64()),
        Some(reason) => format!("FAILED  {name:<8} {:>7.1} s  {reason}", took.as_secs_f64()),
    }
}

fn fmt(workspace: &Workspace) -> Result<()> {
    shell::run(workspace.cargo("fmt").args(["--all", "--", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    shell::run(workspace.cargo("clippy").args(["--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn tests(workspace: &Workspace) -> Result<()> {
    shell::run(workspace.cargo("test").args(["--locked", "--workspace"]))
}

fn sim(workspace: &Workspace) -> Result<()> {
    run_program(workspace, Program::SIM, &["--seeds", SIMULATED_WORLDS])
}

fn demo(workspace: &Workspace) -> Result<()> {
    run_program(workspace, Program::DEMO, &["--exit"])
}

fn run_program(workspace: &Workspace, program: Program, arguments: &[&str]) -> Result<()> {
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let mut command: Command = program.command(workspace, &arguments)?;
    shell::run(&mut command)
}
