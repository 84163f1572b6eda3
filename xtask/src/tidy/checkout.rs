//! What the rules look at: the Rust files, the top-level folders and cargo's view of the members.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

pub(super) struct Checkout {
    pub(super) sources: Vec<Source>,
    pub(super) folders: Vec<String>,
    pub(super) packages: Vec<Package>,
}

/// A Rust file: its path from the root, with `/`, and its text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// A member of the workspace.
pub(super) struct Package {
    pub(super) name: String,
    /// The text of its Cargo.toml.
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

pub(super) struct Dependency {
    pub(super) name: String,
    /// Needed by tests alone.
    pub(super) development: bool,
    /// Lies in this workspace.
    pub(super) ours: bool,
}

impl Checkout {
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let ignored = ignored_folders(workspace.root());
        let mut folders = Vec::new();
        let mut sources = Vec::new();
        for name in folder_names(workspace.root())? {
            let folder = workspace.root().join(&name);
            if name == ".git" || ignored.contains(&name) || folder.starts_with(workspace.target()) {
                continue;
            }
            collect_sources(&folder, &name, &mut sources)?;
            folders.push(name);
        }
        let packages = packages(&workspace.metadata()?)?;
        Ok(Self { sources, folders, packages })
    }
}

/// The folders of the root that .gitignore names.
fn ignored_folders(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    text.lines().map(|line| line.trim().trim_matches('/').to_owned()).collect()
}

fn folder_names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn collect_sources(folder: &Path, path: &str, sources: &mut Vec<Source>) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{path}/{name}");
        if entry.file_type()?.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules") {
                collect_sources(&entry.path(), &path, sources)?;
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).with_context(|| format!("{path} is not text"))?;
            sources.push(Source { path, text });
        }
    }
    Ok(())
}

fn packages(metadata: &serde_json::Value) -> Result<Vec<Package>> {
    let listed = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    listed.iter().map(package).collect()
}

fn package(listed: &serde_json::Value) -> Result<Package> {
    let name = listed["name"].as_str().context("a package has a name")?.to_owned();
    let manifest_path = listed["manifest_path"].as_str().context("a package has a manifest")?;
    let manifest = fs::read_to_string(manifest_path).with_context(|| format!("{manifest_path} cannot be read"))?;
    let dependencies = listed["dependencies"].as_array().context("a package lists its dependencies")?;
    let dependencies = dependencies.iter().map(dependency).collect::<Result<_>>()?;
    Ok(Package { name, manifest, dependencies })
}

fn dependency(listed: &serde_json::Value) -> Result<Dependency> {
    Ok(Dependency {
        name: listed["name"].as_str().context("a dependency has a name")?.to_owned(),
        development: listed["kind"] == "dev",
        ours: listed["path"].is_string(),
    })
}
