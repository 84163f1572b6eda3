//! A compiler for the browser out of Debian's packages, for machines whose rustup cannot download one.
//!
//! The packages are unpacked into a folder, never installed, so nothing else on the machine notices.
//! They bring a compiler and the sources of the standard library, which is built once into the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{TARGET, has_standard_library};
use crate::setup;
use crate::shell;

/// The compiler and the sources; what the compiler depends on is asked of apt.
const COMPILER_PACKAGE: &str = "rustc-web";
const SOURCE_PACKAGE: &str = "rust-web-src";
const DEPENDENCY_PREFIXES: &[&str] = &["libstd-rust-web", "libllvm"];

/// The path of the compiler, if an earlier call made it to the end.
pub(crate) fn finished(folder: &Path) -> Option<PathBuf> {
    Some(compiler(folder)).filter(|rustc| rustc.is_file() && has_standard_library(rustc))
}

/// Makes a compiler that has a standard library for the browser.
pub(crate) fn make(folder: &Path) -> Result<PathBuf> {
    if !setup::has_apt() {
        bail!("neither rustup nor Debian's packages can bring Rust's standard library for {TARGET} to this machine");
    }
    if folder.exists() {
        fs::remove_dir_all(folder).context("half a toolchain could not be removed")?;
    }
    let rustc = compiler(folder);
    unpack(folder)?;
    write_wrapper(folder, &rustc)?;
    build_standard_library(folder, &rustc)?;
    finished(folder).with_context(|| format!("the standard library for {TARGET} was built, but not found"))
}

fn compiler(folder: &Path) -> PathBuf {
    folder.join("bin/rustc")
}

fn unpack(folder: &Path) -> Result<()> {
    let downloads = folder.join("packages");
    fs::create_dir_all(&downloads)?;
    if setup::is_root() {
        setup::update_package_lists()?;
    }
    let mut packages = dependencies()?;
    packages.extend([COMPILER_PACKAGE.to_owned(), SOURCE_PACKAGE.to_owned()]);
    println!("unpacking {} into {}", packages.join(" "), folder.display());
    // apt warns that its own user may not write here; it then downloads as the caller, which is what is wanted.
    shell::run(Command::new("apt-get").args(["download", "-qq"]).args(&packages).current_dir(&downloads))?;
    for package in fs::read_dir(&downloads)? {
        shell::run(Command::new("dpkg-deb").arg("--extract").arg(package?.path()).arg(folder))?;
    }
    fs::remove_dir_all(downloads)?;
    Ok(())
}

/// The packages that must lie beside the compiler, with the versions in their names that belong to it.
fn dependencies() -> Result<Vec<String>> {
    let hard = ["--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces"];
    let shown =
        Command::new("apt-cache").arg("depends").args(hard).args(["--no-enhances", COMPILER_PACKAGE]).output()?;
    // Each package stands once at the start of a line; what it depends on is indented below it.
    let names: Vec<String> = String::from_utf8_lossy(&shown.stdout)
        .lines()
        .map(str::to_owned)
        .filter(|name| DEPENDENCY_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    if names.is_empty() {
        bail!("apt offers no package {COMPILER_PACKAGE}; please run: rustup target add {TARGET}");
    }
    Ok(names)
}

/// The compiler finds its libraries beside itself, not in the system.
fn write_wrapper(folder: &Path, rustc: &Path) -> Result<()> {
    let libraries = fs::read_dir(folder.join("usr/lib"))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().ends_with("-linux-gnu"))
        .context("the packages hold a folder of libraries for this machine")?;
    let script = format!(
        "#!/bin/sh\nexport LD_LIBRARY_PATH='{}'\nexec '{}' \"$@\"\n",
        libraries.display(),
        folder.join("usr/bin/rustc").display()
    );
    fs::create_dir_all(folder.join("bin"))?;
    fs::write(rustc, script)?;
    shell::run(Command::new("chmod").arg("+x").arg(rustc))
}

/// Cargo builds the standard library for an empty crate; its parts then go where the compiler looks for them.
fn build_standard_library(folder: &Path, rustc: &Path) -> Result<()> {
    println!("building Rust's standard library for {TARGET}, once");
    let empty = folder.join("empty");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(empty.join("src/lib.rs"), "//! Empty: only the standard library below it is wanted.\n#![no_std]\n")?;
    fs::write(
        empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    let built = empty.join("target");
    shell::run(
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort", "--target-dir"])
            .arg(&built)
            .current_dir(&empty)
            .env("RUSTC", rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;
    let home = folder.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&home)?;
    for part in fs::read_dir(built.join(TARGET).join("release/deps"))? {
        let part = part?.path();
        let name = part.file_name().context("a file in a folder has a name")?;
        if part.extension().is_some_and(|extension| extension == "rlib")
            && !name.to_string_lossy().starts_with("libempty")
        {
            fs::copy(&part, home.join(name))?;
        }
    }
    fs::remove_dir_all(empty)?;
    fs::remove_dir_all(folder.join("usr/src")).context("the sources have served their purpose")
}
