//! `cargo xtask photos`: measures how files travel, and prints it beside the bars.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use tests::photos::{CUT_RATIO_MAX, Figures, MANY_REQUESTS_MAX, MANY_S_MAX, cut, many};

/// Sends many small files, and a large one over a link that breaks, over real HTTP on loopback with fsync on.
#[derive(Parser)]
struct Options {
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Small files.
    #[arg(long, default_value_t = 1_000)]
    files: usize,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let figures = Figures { many: many(options.files, 4_000)?, cut: cut(5_000_000, 300_000)? };
    let Figures { many, cut } = &figures;
    println!(
        "{} files of {} bytes: {:.2} s (at most {MANY_S_MAX}), {} requests (at most {MANY_REQUESTS_MAX}), {} bytes sent",
        many.files, many.bytes_each, many.wall_s, many.requests, many.bytes_up
    );
    println!(
        "{} bytes over a link cut every {}: {} cuts, {} bytes passed, {:.3} times its size (at most {CUT_RATIO_MAX}); \
         {} written",
        cut.bytes, cut.cut_every, cut.cuts, cut.bytes_passed, cut.ratio, cut.bytes_written
    );
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    let fine = many.wall_s <= MANY_S_MAX && many.requests <= MANY_REQUESTS_MAX && cut.ratio <= CUT_RATIO_MAX;
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
