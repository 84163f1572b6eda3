//! `doctor`: what is wrong with the data folder, in words.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use server::doctor;
use server::instance::Instance;

use super::output::{Output, say};

/// Hold everything stored against its hashes, sums, chains and signatures; also while the server runs.
///
/// Sums that do not fit their rows are worked out anew. Exit status 1 if anything else is wrong.
#[derive(Args)]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<ExitCode> {
        let found = doctor::examine(&instance.store)?;
        if output.json {
            say(&serde_json::to_string_pretty(&found)?)?;
        } else {
            found.problems.iter().chain(&found.repaired).try_for_each(|line| say(line))?;
            say(&format!(
                "{} rows, {} areas and {} changesets looked at: {} wrong, {} put right.",
                found.rows,
                found.areas,
                found.changesets,
                found.problems.len(),
                found.repaired.len()
            ))?;
        }
        Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
