//! `cargo xtask bench`: measures a push, a pull, edits and idle syncs over real HTTP, and prints them beside their bars.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde::{Deserialize, Serialize};
use sync_protocol::AreaId;
use tests::bench::figures::{self, Floor, Run, STEPS, Step};
use tests::bench::{floor, ground, lines, proc, steps};

/// Measures what a sync costs, over real HTTP on loopback with fsync on; medians of several runs.
#[derive(Parser)]
struct Options {
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Take the households from this file: a JSON object a line, `id` its id, every other key a register.
    #[arg(long)]
    records: Option<PathBuf>,
    /// How many runs to take the medians of.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// (internal) Run this one step against the ground in `--ground`.
    #[arg(long, hide = true, requires = "ground")]
    step: Option<String>,
    #[arg(long, hide = true)]
    ground: Option<PathBuf>,
}

/// What a step's process tells its parent.
#[derive(Serialize, Deserialize)]
struct Told {
    step: Step,
    peak_rss: u64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if let (Some(step), Some(ground)) = (&options.step, &options.ground) {
        let lines = lines::read(options.records.as_deref())?;
        let step = steps::run(step, &steps::ground(ground)?, &lines)?;
        let told = Told { step, peak_rss: proc::peak_rss(std::process::id())? };
        println!("{}", serde_json::to_string(&told)?);
        return Ok(());
    }
    ensure!(options.runs > 0, "--runs: at least one");
    let program = PathBuf::from(std::env::var_os("TILIK_SERVER_BIN").context("run it as `cargo xtask bench`")?);
    let lines = lines::read(options.records.as_deref())?;
    ensure!(lines.len() >= lines::EDITS, "at least {} records are needed", lines::EDITS);
    let mut runs = Vec::new();
    for n in 1..=options.runs {
        eprintln!("run {n} of {}", options.runs);
        runs.push(run(&options, &program, &lines)?);
    }
    let medians = figures::medians(&runs);
    println!("{} records, medians of {} runs\n\n{}", lines.len(), runs.len(), figures::table(&medians));
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&medians)? + "\n")?;
    }
    Ok(())
}

fn run(options: &Options, program: &Path, lines: &[lines::Line]) -> Result<Run> {
    let folder = tempfile::tempdir()?;
    let (ground, server) = ground::lay(folder.path(), program)?;
    let ground_file = folder.path().join("ground.json");
    std::fs::write(&ground_file, serde_json::to_string(&ground)?)?;
    let mut run = Run {
        floor: Floor { insert_s: floor::insert_s(folder.path(), lines)?, zstd3_bytes: lines::zstd3_bytes(lines)? },
        metadata_ratio: lines::metadata_ratio(lines, AreaId::from_u128(1)),
        ..Run::default()
    };
    for name in STEPS {
        eprint!("  {name:<14}");
        let told = step(options, &ground_file, name).with_context(|| format!("step {name}"))?;
        eprintln!("{:>8.3} s", told.step.wall_s);
        run.client_peak_rss_bytes = run.client_peak_rss_bytes.max(told.peak_rss);
        run.steps.insert(name.to_owned(), told.step);
    }
    run.server_peak_rss_bytes = proc::peak_rss(ground.server_pid)?;
    drop(server);
    Ok(run)
}

fn step(options: &Options, ground: &Path, name: &str) -> Result<Told> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--step", name, "--ground"]).arg(ground).stderr(std::process::Stdio::inherit());
    if let Some(records) = &options.records {
        command.arg("--records").arg(records);
    }
    let output = command.output()?;
    ensure!(output.status.success(), "its process failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}
