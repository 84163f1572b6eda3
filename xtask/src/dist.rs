//! `cargo xtask dist`: one archive that installs the server on a machine without internet and without Rust.
//!
//! The same commit gives the same bytes: paths of this machine stay out of the programs, and the archive's times are the
//! commit's.

mod bill;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

const PROGRAMS: [&str; 2] = ["tilik-server", "tilik"];
/// What goes along as it is, from `xtask/dist`.
const FILES: &str = "xtask/dist";
const DOCS: [&str; 4] = ["docs/operations.md", "docs/data-model.md", "README.md", "LICENSE"];

/// Where to, and of what.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder for the archive [default: `dist` in cargo's target folder]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Take the programs from this folder instead of building them
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
}

/// Builds, gathers, checks and packs.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let programs = match &arguments.programs {
        Some(folder) => folder.clone(),
        None => build(workspace)?,
    };
    let out = arguments.out.clone().unwrap_or_else(|| workspace.target().join("dist"));
    let name = format!("tilik-{}-{}", version(workspace)?, host()?);
    let folder = out.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("an older try is in the way")?;
    }
    gather(workspace, &programs, &folder)?;
    check_units(&folder)?;
    list_sums(&folder)?;
    let archive = pack(workspace, &out, &name)?;
    println!("{} ({:.1} MB)", archive.display(), fs::metadata(&archive)?.len() as f64 / 1e6);
    Ok(())
}

/// A release build whose bytes do not say where it was made.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    setup::ensure_native_build()?;
    let target = workspace.target().join("dist-build");
    let cargo_home =
        std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let places =
        [(workspace.root().to_path_buf(), "/tilik"), (cargo_home.context("there is no home folder")?, "/cargo")];
    let remap = |flag: &str, between: &str| {
        let each = places.iter().map(|(from, to)| format!("{flag}{}={to}", from.display()));
        each.collect::<Vec<String>>().join(between)
    };
    let mut cargo = workspace.cargo("build");
    cargo.args(["--locked", "--release", "--package", "server", "--package", "tilik"]);
    for program in PROGRAMS {
        cargo.args(["--bin", program]);
    }
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remap("--remap-path-prefix=", "\u{1f}"));
    cargo.env("CFLAGS", remap("-ffile-prefix-map=", " "));
    shell::run(&mut cargo)?;
    Ok(target.join("release"))
}

fn version(workspace: &Workspace) -> Result<String> {
    let metadata = workspace.metadata()?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let server = packages.iter().find(|package| package["name"] == "server").context("there is a server")?;
    Ok(server["version"].as_str().context("a package has a version")?.to_owned())
}

/// The machine that it runs on, as rustc names it.
fn host() -> Result<String> {
    let said = said(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    Ok(host.to_owned())
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("could not start `{}`", shell::line(command)))?;
    ensure!(output.status.success(), "`{}` ended with {}", shell::line(command), output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn gather(workspace: &Workspace, programs: &Path, folder: &Path) -> Result<()> {
    copy_tree(&workspace.root().join(FILES), folder)?;
    for program in PROGRAMS {
        copy(&programs.join(program), &folder.join("bin").join(program))?;
    }
    for doc in DOCS {
        let from = workspace.root().join(doc);
        copy(&from, &folder.join("doc").join(from.file_name().context("a document has a name")?))?;
    }
    fs::write(folder.join("bill-of-materials.cdx.json"), bill::write(workspace)?)?;
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &place)?;
        } else {
            copy(&entry.path(), &place)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

/// systemd says what it thinks of the units, where it is there to be asked.
fn check_units(folder: &Path) -> Result<()> {
    if !shell::succeeds(Command::new("systemd-analyze").arg("--version")) {
        println!("skipped: systemd-analyze is not here; the units are not verified");
        return Ok(());
    }
    // The programs are not where the units will find them: a copy names them where they are.
    let copies = folder.with_extension("units");
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]);
    fs::create_dir_all(&copies)?;
    for entry in fs::read_dir(folder.join("systemd"))? {
        let unit = entry?.path();
        let text = fs::read_to_string(&unit)?.replace("/usr/local/bin", &folder.join("bin").display().to_string());
        let copy = copies.join(unit.file_name().context("a unit has a name")?);
        fs::write(&copy, text)?;
        verify.arg(copy);
    }
    let verified = shell::run(&mut verify);
    fs::remove_dir_all(copies)?;
    verified
}

/// The hash of every file, so that the installer notices damage.
fn list_sums(folder: &Path) -> Result<()> {
    let sums =
        said(Command::new("sh").current_dir(folder).args([
            "-c",
            "find . -type f ! -name SHA256SUMS -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum",
        ]))?;
    Ok(fs::write(folder.join("SHA256SUMS"), sums)?)
}

fn pack(workspace: &Workspace, out: &Path, name: &str) -> Result<PathBuf> {
    let time = said(Command::new("git").current_dir(workspace.root()).args(["log", "-1", "--format=%ct"]))?;
    let archive = out.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.arg("--create").arg("--use-compress-program=gzip -n -9").arg("--file").arg(&archive);
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rwX,go+rX,go-w"]);
    tar.arg(format!("--mtime=@{}", time.trim())).arg("--directory").arg(out).arg(name);
    shell::run(&mut tar)?;
    let sum = said(Command::new("sha256sum").current_dir(out).arg(format!("{name}.tar.gz")))?;
    fs::write(out.join(format!("{name}.tar.gz.sha256")), sum)?;
    Ok(archive)
}
