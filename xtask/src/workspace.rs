//! Where this workspace lies on disk, and cargo as seen from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The checkout that the task works on.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that `CARGO_TARGET_DIR` and cargo's configuration are respected.
    pub(crate) fn find() -> Result<Self> {
        let member = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = member.parent().context("xtask lies in a folder of the workspace")?.to_path_buf();
        let mut workspace = Self { target: root.join("target"), root };
        let metadata = workspace.metadata()?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names the target folder")?;
        workspace.target = PathBuf::from(target);
        Ok(workspace)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder; whatever a task unpacks or builds goes below it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The cargo that started this task, in the root of the workspace.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand).current_dir(&self.root);
        command
    }

    /// `cargo metadata` of the members alone.
    pub(crate) fn metadata(&self) -> Result<serde_json::Value> {
        let output = self
            .cargo("metadata")
            .args(["--format-version", "1", "--no-deps"])
            .output()
            .context("cargo could not be started")?;
        anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
