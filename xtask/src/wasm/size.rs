//! How heavy the form engine is in a browser, compressed as a server would send it.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Compiler, TARGET, compiler};
use crate::shell;
use crate::workspace::Workspace;

/// Bytes that a phone may have to load for the form engine, after gzip.
const GZIP_BYTES_MAX: usize = 400_000;
/// The smallest host of an interview.
const EXAMPLE: &str = "session";

/// Builds the smallest host of an interview without the spreadsheet readers, and weighs it.
pub(crate) fn weigh(workspace: &Workspace) -> Result<()> {
    let target = workspace.target().join("web");
    let mut build = workspace.cargo("build");
    build.args(["--locked", "--release", "--package", "questionnaire", "--example", EXAMPLE, "--target", TARGET]);
    build.arg("--target-dir").arg(&target);
    for setting in ["opt-level=\"z\"", "lto=\"fat\"", "codegen-units=1", "panic=\"abort\"", "strip=\"symbols\""] {
        build.arg("--config").arg(format!("profile.release.{setting}"));
    }
    // What the crate's tests stand on asks for chance; nothing of it is linked here.
    build.env("RUSTFLAGS", "--cfg getrandom_backend=\"unsupported\"");
    if let Compiler::Debian(rustc) = compiler(workspace)? {
        build.env("RUSTC", rustc);
    }
    shell::run(&mut build)?;
    let file = target.join(TARGET).join("release/examples").join(format!("{EXAMPLE}.wasm"));
    let plain = std::fs::metadata(&file).with_context(|| format!("{} is missing", file.display()))?.len();
    let packed = Command::new("gzip").args(["-9", "-c"]).arg(&file).stderr(Stdio::inherit()).output()?;
    ensure!(packed.status.success(), "gzip failed");
    let packed = packed.stdout.len();
    println!("questionnaire for the browser: {plain} bytes, {packed} after gzip (at most {GZIP_BYTES_MAX})");
    ensure!(packed <= GZIP_BYTES_MAX, "the form engine has grown too heavy");
    Ok(())
}
