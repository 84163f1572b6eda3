//! Passwords come from a prompt, from standard input or from a file; never from the command line, where others see them.

use std::io::{BufRead, IsTerminal, stdin};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

/// Where a password comes from.
#[derive(Args)]
pub(super) struct PasswordSource {
    /// A file whose first line is the password; `-` or absent: the first line of standard input, asked for at a terminal.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// Whether one was named.
    pub(super) fn is_named(&self) -> bool {
        self.password_file.is_some()
    }

    /// The password.
    pub(super) fn read(&self, of: &str) -> Result<String> {
        match &self.password_file {
            Some(path) if path.as_os_str() != "-" => {
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
                first_line(&text)
            }
            _ if stdin().is_terminal() => {
                let once = hidden(&format!("Password of {of}: "))?;
                if once != hidden("Once more: ")? {
                    bail!("the two differ; nothing was changed");
                }
                Ok(once)
            }
            _ => {
                let mut line = String::new();
                stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
                first_line(&line)
            }
        }
    }
}

fn first_line(text: &str) -> Result<String> {
    text.lines().next().filter(|line| !line.is_empty()).map(str::to_owned).context("the password is empty")
}

/// A line typed at the terminal, not shown where the terminal can be told so.
fn hidden(prompt: &str) -> Result<String> {
    eprint!("{prompt}");
    let echo = |word: &str| Command::new("stty").arg(word).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
    let is_hidden = echo("-echo").is_ok_and(|status| status.success());
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    if is_hidden {
        let _ = echo("echo");
        eprintln!();
    }
    read.context("the terminal cannot be read")?;
    first_line(&line)
}
