//! What the build needs from the machine beyond Rust itself, and how it gets there.
//!
//! Root on a Debian-like system: packages are installed, saying what for.
//! Anybody else is told the exact command, and nothing is touched.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::deny;
use crate::oracle;
use crate::shell;
use crate::wasm;
use crate::workspace::Workspace;

/// Something that must be on the machine.
pub(crate) struct Need {
    /// The Debian packages that bring it; asked only if it is missing.
    pub(crate) packages: fn() -> Vec<&'static str>,
    /// Why, in words that follow "needed to".
    pub(crate) purpose: &'static str,
    /// Whether it is already there.
    pub(crate) is_met: fn() -> bool,
}

const NATIVE_BUILD: &[Need] = &[
    Need { packages: || vec!["gcc", "libc6-dev"], purpose: "link Rust and compile SQLite", is_met: c_compiler_works },
    Need { packages: || vec!["make"], purpose: "build OpenSSL for the encrypted store", is_met: make_works },
    Need { packages: || vec!["perl"], purpose: "configure OpenSSL for the encrypted store", is_met: perl_is_complete },
];

/// Everything that `cargo xtask test` needs.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    ensure(NATIVE_BUILD.iter().chain(wasm::NEEDS))?;
    ensure_component(workspace, "fmt", "rustfmt")?;
    ensure_component(workspace, "clippy", "clippy")?;
    wasm::compiler(workspace)?;
    deny::tool(workspace)?;
    oracle::install(workspace)
}

/// What compiling the workspace for this machine needs.
pub(crate) fn ensure_native_build() -> Result<()> {
    ensure(NATIVE_BUILD)
}

/// Installs the packages of every unmet need in one go.
pub(crate) fn ensure<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Result<()> {
    let unmet: Vec<&Need> = needs.into_iter().filter(|need| !(need.is_met)()).collect();
    if unmet.is_empty() {
        return Ok(());
    }
    let mut packages = Vec::new();
    for need in &unmet {
        let bringing = (need.packages)();
        println!("missing: {}, needed to {}", bringing.join(" and "), need.purpose);
        packages.extend(bringing);
    }
    install_packages(&packages)?;
    match unmet.iter().find(|need| !(need.is_met)()) {
        Some(need) => bail!("{} installed, but still not fit to {}", (need.packages)().join(" and "), need.purpose),
        None => Ok(()),
    }
}

/// Installs Debian packages, or stops with the command that would.
fn install_packages(packages: &[&str]) -> Result<()> {
    if !has_apt() {
        bail!("please install with this system's package manager: {}", packages.join(" "));
    }
    if !is_root() {
        bail!("please run: sudo apt-get install {}", packages.join(" "));
    }
    update_package_lists()?;
    println!("installing {}", packages.join(" "));
    shell::run(apt_get().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}

/// Refreshes apt's lists, once in the life of this process.
pub(crate) fn update_package_lists() -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        shell::run(apt_get().args(["update", "-qq"]))?;
        UPDATED.get_or_init(|| ());
    }
    Ok(())
}

pub(crate) fn has_apt() -> bool {
    shell::succeeds(Command::new("apt-get").arg("--version"))
}

/// Whether apt could install the package; the lists may be missing on a fresh machine, so they are refreshed first.
pub(crate) fn apt_knows(package: &str) -> bool {
    if has_apt() && is_root() && update_package_lists().is_err() {
        return false;
    }
    let Ok(policy) = Command::new("apt-cache").args(["policy", package]).output() else { return false };
    let policy = String::from_utf8_lossy(&policy.stdout);
    policy.contains("Candidate:") && !policy.contains("Candidate: (none)")
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

fn ensure_component(workspace: &Workspace, subcommand: &str, component: &str) -> Result<()> {
    if shell::succeeds(workspace.cargo(subcommand).arg("--version")) {
        return Ok(());
    }
    println!("missing: {component}, needed to check the style of the code");
    shell::run(Command::new("rustup").args(["component", "add", component]))
        .with_context(|| format!("please install {component} for this Rust toolchain"))
}

/// The path of a tool from the crate registry: an installed one, else built once into the target folder.
pub(crate) fn registry_tool(workspace: &Workspace, tool: &str, version: &str) -> Result<PathBuf> {
    if shell::succeeds(Command::new(tool).arg("--version")) {
        return Ok(PathBuf::from(tool));
    }
    let tools = workspace.target().join("tools");
    let path = tools.join("bin").join(tool).with_extension(std::env::consts::EXE_EXTENSION);
    if !path.is_file() {
        println!("missing: {tool}; building it from the crate registry into {}", tools.display());
        shell::run(&mut install_command(workspace, tool, version, &tools))?;
    }
    Ok(path)
}

/// An unoptimised build: these tools run for seconds, but compile for minutes.
fn install_command(workspace: &Workspace, tool: &str, version: &str, tools: &Path) -> Command {
    let mut command = workspace.cargo("install");
    command.args(["--locked", "--debug", "--version", version, "--root"]).arg(tools);
    command.args([OsString::from("--target-dir"), tools.join("build").into_os_string()]).arg(tool);
    command
}

fn c_compiler_works() -> bool {
    let Ok(mut compiler) = Command::new("cc")
        .args(["-x", "c", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    else {
        return false;
    };
    let written = compiler.stdin.take().is_some_and(|mut source| source.write_all(b"#include <stdlib.h>\n").is_ok());
    compiler.wait().is_ok_and(|status| status.success()) && written
}

fn make_works() -> bool {
    shell::succeeds(Command::new("make").arg("--version"))
}

/// Debian's `perl-base` is a perl, but lacks modules that OpenSSL's configuration uses.
fn perl_is_complete() -> bool {
    shell::succeeds(Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-e1"]))
}
