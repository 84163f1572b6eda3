//! The program `tilik-server`: its commands, and the server while it runs.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::demo::folder::Folder;

/// The program and the data folder that it works on.
pub(super) struct Program {
    file: PathBuf,
    data: PathBuf,
    log: PathBuf,
}

impl Program {
    pub(super) fn new(file: &Path, folder: &Folder) -> Program {
        Program { file: file.to_owned(), data: folder.server(), log: folder.server_log() }
    }

    /// Runs a command to its end; `typed` is what a person would type, secrets among it.
    pub(super) fn run(&self, arguments: &[&str], typed: &str) -> Result<String> {
        let words = arguments.join(" ");
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.file.display()))?;
        let mut stdin = child.stdin.take().context("the command's input is a pipe")?;
        // A command that asks for nothing may be gone already.
        let _ = stdin.write_all(typed.as_bytes());
        drop(stdin);
        let output = child.wait_with_output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        ensure!(
            output.status.success(),
            "`tilik-server {words}` ended with {}:\n{}{}",
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        );
        Ok(text(&output.stdout))
    }

    /// Starts the server on a free port and waits until it says that it listens.
    pub(super) fn serve(&self) -> Result<Serving> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0", "--ready-json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.file.display()))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("the server's output is a pipe")?;
        let mut serving = Serving { child, url: String::new(), log: self.log.clone(), _stdin: stdin, is_down: false };
        let mut lines = BufReader::new(stdout);
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            bail!("the server did not start; its log ends with:\n{}", serving.end_of_log()?);
        }
        serving.url = url_of(&line).with_context(|| format!("the server's first line has no address: {line}"))?;
        // Whatever else it says is taken, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(serving)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.file);
        command.arg("--data").arg(&self.data).args(arguments);
        command
    }
}

/// A running server; stopped when dropped.
pub(super) struct Serving {
    child: Child,
    url: String,
    log: PathBuf,
    _stdin: Option<ChildStdin>,
    is_down: bool,
}

/// A server that was asked to end and did.
pub(super) struct Stopped {
    pub(super) url: String,
}

impl Serving {
    /// Where it listens, `http://127.0.0.1:port`.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks the server to end and waits until it has answered whoever was being answered.
    pub(super) fn stop(mut self) -> Result<Stopped> {
        let status = self.end()?;
        ensure!(status.success(), "the server ended with {status}:\n{}", self.end_of_log()?);
        Ok(Stopped { url: std::mem::take(&mut self.url) })
    }

    fn end(&mut self) -> Result<ExitStatus> {
        self.is_down = true;
        ask_to_end(&mut self.child)?;
        Ok(self.child.wait()?)
    }

    fn end_of_log(&self) -> Result<String> {
        let mut text = String::new();
        File::open(&self.log)?.read_to_string(&mut text)?;
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(10)..].join("\n"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if !self.is_down {
            // On the way out of a failure there is nobody left to tell.
            let _ = self.end();
        }
    }
}

/// The signal that asks a server to end in good order. The standard library sends only the one that kills.
#[cfg(unix)]
fn ask_to_end(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_none() {
        let id = child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) && child.try_wait()?.is_none() {
            child.kill()?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) -> Result<()> {
    Ok(child.kill()?)
}

/// The address in the line that says that the server is ready.
fn url_of(line: &str) -> Option<String> {
    let ready: serde_json::Value = serde_json::from_str(line).ok()?;
    ready["url"].as_str().map(|url| url.trim_end_matches('/').to_owned())
}
