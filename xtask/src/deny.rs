//! What dependencies may bring along: bans, licences, sources, and known advisories (rules: deny.toml).

use std::path::PathBuf;

use anyhow::Result;

use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// Advisories are judged only where their database can be reached; the rest needs no network.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tool = tool(workspace)?;
    let deny = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&tool);
        command.current_dir(workspace.root()).args(["--workspace", "--locked"]).args(arguments);
        command
    };
    shell::run(&mut deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    if shell::succeeds(&mut deny(&["fetch", "db"])) {
        return shell::run(&mut deny(&["check", "--hide-inclusion-graph", "--disable-fetch", "advisories"]));
    }
    println!("advisories: not checked, their database cannot be reached from here");
    Ok(())
}

/// The path of cargo-deny, which is built on the first call where it is missing.
pub(crate) fn tool(workspace: &Workspace) -> Result<PathBuf> {
    setup::registry_tool(workspace, "cargo-deny", VERSION)
}
