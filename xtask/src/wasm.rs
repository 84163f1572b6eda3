//! The check that `client-core` compiles for a browser.
//!
//! Two things are needed beyond the native build: Rust's standard library for WebAssembly, from rustup or else from
//! Debian's packages, and a clang that knows WebAssembly, for SQLite.

mod debian;
pub(crate) mod size;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::setup::{self, Need};
use crate::shell;
use crate::workspace::Workspace;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// cc-rs looks here for the C compiler of the target.
const CLANG_VARIABLE: &str = "CC_wasm32_unknown_unknown";
/// Tried in this order, both as commands and as Debian packages.
const CLANGS: &[&str] = &["clang", "clang-22", "clang-19", "clang-16"];
const CLANG_PACKAGES: &[&str] = &["clang-22", "clang-19", "clang-16", "clang"];

/// What the check needs from the machine beyond the native build.
pub(crate) const NEEDS: &[Need] = &[Need {
    packages: || vec![clang_package()],
    purpose: "compile SQLite for the browser",
    is_met: || clang().is_some(),
}];

/// Which compiler has a standard library for the browser.
pub(crate) enum Compiler {
    /// The one that runs this task.
    Own,
    /// Another one, at this path.
    Debian(PathBuf),
}

/// Checks in a target folder of its own, so that the native build is never disturbed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::ensure_native_build()?;
    setup::ensure(NEEDS)?;
    let mut check = workspace.cargo("check");
    check.args(["--locked", "--package", "client-core", "--target", TARGET]);
    check.arg("--target-dir").arg(workspace.target().join("web"));
    // Nothing of this is ever run: SQLite's C compiles in a fraction of the time.
    check.args(["--config", "profile.dev.package.\"*\".opt-level=0"]);
    check.env(CLANG_VARIABLE, clang().context("the machine has a clang by now")?);
    if let Compiler::Debian(rustc) = compiler(workspace)? {
        check.env("RUSTC", rustc);
    }
    shell::run(&mut check)
}

/// Finds or fetches a standard library for the browser.
pub(crate) fn compiler(workspace: &Workspace) -> Result<Compiler> {
    if has_standard_library(Path::new("rustc")) {
        return Ok(Compiler::Own);
    }
    let unpacked = workspace.target().join("web-toolchain");
    if let Some(rustc) = debian::finished(&unpacked) {
        return Ok(Compiler::Debian(rustc));
    }
    println!("missing: Rust's standard library for {TARGET}, needed to check the browser's build");
    let mut add = Command::new("rustup");
    add.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1").env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    match shell::run(&mut add) {
        Ok(()) => Ok(Compiler::Own),
        Err(reason) => {
            println!("{reason:#}; taking it from Debian's packages");
            debian::make(&unpacked).map(Compiler::Debian)
        }
    }
}

/// Whether the compiler can build for the browser as it stands.
fn has_standard_library(rustc: &Path) -> bool {
    let Ok(printed) = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output() else {
        return false;
    };
    let folder = PathBuf::from(String::from_utf8_lossy(&printed.stdout).trim());
    let Ok(files) = folder.read_dir() else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}

/// The person's choice, or the first that is fit.
fn clang() -> Option<String> {
    let chosen = std::env::var(CLANG_VARIABLE).ok();
    chosen.or_else(|| CLANGS.iter().find(|clang| compiles_for_the_browser(clang)).map(ToString::to_string))
}

/// The newest that apt offers.
fn clang_package() -> &'static str {
    CLANG_PACKAGES.iter().copied().find(|package| setup::apt_knows(package)).unwrap_or("clang")
}

fn compiles_for_the_browser(clang: &str) -> bool {
    let Ok(mut compiler) = Command::new(clang)
        .args([&format!("--target={TARGET}"), "-x", "c", "-c", "-o", "/dev/null", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    else {
        return false;
    };
    let written = compiler.stdin.take().is_some_and(|mut source| source.write_all(b"#include <stddef.h>\n").is_ok());
    compiler.wait().is_ok_and(|status| status.success()) && written
}
