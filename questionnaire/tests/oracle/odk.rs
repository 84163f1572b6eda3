//! ODK's own engine, run in Node beside ours and told the same steps.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use questionnaire::expr::Moment;
use serde::{Deserialize, Serialize};

/// Something done to an interview; paths are those of the XForm, rows counted from 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Step {
    /// A new interview.
    Begin,
    /// An answer as an ODK submission writes it; empty takes it away.
    Set { path: String, value: String },
    /// One more row at the end.
    Add { path: String },
    /// One row less.
    Remove { path: String },
}

/// How a node stands; of groups and rows only `relevant` is told.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Standing {
    pub(crate) relevant: bool,
    pub(crate) required: Option<bool>,
    pub(crate) readonly: Option<bool>,
    pub(crate) value: Option<String>,
    /// `constraint` or `required`.
    pub(crate) violation: Option<String>,
    /// What is offered.
    pub(crate) choices: Option<Vec<String>>,
}

/// All nodes by their path, with `[n]` behind a repeat's name.
pub(crate) type Nodes = BTreeMap<String, Standing>;

/// The process, ready for steps.
pub(crate) struct Odk {
    child: Child,
    steps: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Reply {
    nodes: Option<Nodes>,
    error: Option<String>,
}

/// The folder of the Node program.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/oracle")
}

/// Whether `cargo xtask oracle` (or setup) has installed what it needs.
pub(crate) fn is_installed() -> bool {
    folder().join("node_modules/@getodk/xforms-engine").is_dir()
}

impl Odk {
    /// Loads a form; the error says why the engine cannot take it.
    pub(crate) fn load(xform: &Path, tables: &Path, now: Moment) -> Result<Self, String> {
        let mut child = Command::new("node")
            .arg(folder().join("oracle.mjs"))
            .args([xform, tables])
            .env("ORACLE_NOW", now.unix_ms.to_string())
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("node does not start: {error}"))?;
        let steps = child.stdin.take().expect("standard input is piped");
        let answers = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut odk = Odk { child, steps, answers };
        odk.reply().map(|_| odk)
    }

    /// Does a step and tells how everything stands after it.
    pub(crate) fn take(&mut self, step: &Step) -> Result<Nodes, String> {
        let line = serde_json::to_string(step).expect("a step is plain JSON");
        writeln!(self.steps, "{line}").map_err(|error| error.to_string())?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Nodes, String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        let reply: Reply = serde_json::from_str(&line).map_err(|error| format!("{error} in {line:?}"))?;
        match reply.error {
            Some(error) => Err(error),
            None => Ok(reply.nodes.unwrap_or_default()),
        }
    }
}

impl Drop for Odk {
    fn drop(&mut self) {
        // A process that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
