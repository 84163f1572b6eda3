//! Settings: a flag wins over the environment, the environment over the file, the file over the default.
//!
//! Nonsense is refused at the start, by a sentence that names the setting.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

/// Name of the settings file within the data folder.
pub const FILE: &str = "tilik-server.toml";

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum Nonsense {
    /// A setting has a value that cannot be meant.
    #[error("setting `{setting}` is `{value}`: {why}")]
    Value {
        /// The setting, as spelled in the file.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What would make sense.
        why: String,
    },
    /// The file is no settings file.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Where and why, in one line.
        why: String,
    },
}

/// Settings as a person gave them, each possibly absent: one source of several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Address and port to listen on.
    pub listen: Option<String>,
    /// Name of the project, shown on devices.
    pub project: Option<String>,
    /// What to log, as `tracing` filters are written.
    pub log: Option<String>,
    /// `text`, `json`, or `auto`: text for a terminal, JSON else.
    pub log_format: Option<String>,
    /// Threads that serve connections.
    pub workers: Option<u64>,
    /// Exchanges that are worked on at once.
    pub exchanges: Option<u64>,
    /// The folder where attached files lie.
    pub attachments: Option<String>,
    /// Megabytes of files that one person may send.
    pub attachments_quota_mb: Option<u64>,
    /// Days that a file waits for a record to name it.
    pub attachments_unnamed_days: Option<u64>,
}

impl Given {
    /// Reads a settings file; `None` if there is none at `path`.
    pub fn read(path: &Path) -> Result<Option<Given>, Nonsense> {
        let nonsense = |why: String| Nonsense::File { path: path.to_owned(), why };
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map(Some).map_err(|e| nonsense(one_line(&e.to_string()))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(nonsense(e.to_string())),
        }
    }

    /// These settings, with `weaker` filling in what is absent.
    #[must_use]
    pub fn over(self, weaker: Given) -> Given {
        Given {
            listen: self.listen.or(weaker.listen),
            project: self.project.or(weaker.project),
            log: self.log.or(weaker.log),
            log_format: self.log_format.or(weaker.log_format),
            workers: self.workers.or(weaker.workers),
            exchanges: self.exchanges.or(weaker.exchanges),
            attachments: self.attachments.or(weaker.attachments),
            attachments_quota_mb: self.attachments_quota_mb.or(weaker.attachments_quota_mb),
            attachments_unnamed_days: self.attachments_unnamed_days.or(weaker.attachments_unnamed_days),
        }
    }
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for a terminal, JSON else.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings that make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Name of the project, shown on devices.
    pub project: String,
    /// What to log.
    pub log: String,
    /// How.
    pub log_format: LogFormat,
    /// Threads that serve connections.
    pub workers: usize,
    /// Exchanges that are worked on at once; each may hold some 10 MB.
    pub exchanges: usize,
    /// Where attached files lie, if not in the data folder.
    pub attachments: Option<String>,
    /// Megabytes of files that one person may send.
    pub attachments_quota_mb: usize,
    /// Days that a file waits for a record to name it.
    pub attachments_unnamed_days: usize,
}

impl Config {
    /// Settings from what was given, defaults for the rest.
    pub fn from_given(given: Given) -> Result<Config, Nonsense> {
        Ok(Config {
            listen: parsed("listen", given.listen, "127.0.0.1:8090", "an address and a port, like 127.0.0.1:8090")?,
            project: project(given.project.unwrap_or_else(|| "Tilik".to_owned()))?,
            log: parsed::<tracing_subscriber::EnvFilter>(
                "log",
                given.log.clone(),
                "info",
                "a level or filters like `info,server=debug`",
            )
            .map(|_| given.log.unwrap_or_else(|| "info".to_owned()))?,
            log_format: match given.log_format.as_deref() {
                None | Some("auto") => LogFormat::Auto,
                Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(other) => return Err(value("log_format", other, "it is auto, text or json")),
            },
            workers: within("workers", given.workers, 2, 1..=64)?,
            exchanges: within("exchanges", given.exchanges, 2, 1..=16)?,
            attachments: given.attachments.map(place).transpose()?,
            attachments_quota_mb: within("attachments_quota_mb", given.attachments_quota_mb, 20_000, 1..=10_000_000)?,
            attachments_unnamed_days: within(
                "attachments_unnamed_days",
                given.attachments_unnamed_days,
                30,
                1..=3_650,
            )?,
        })
    }
}

fn value(setting: &'static str, value: impl Into<String>, why: impl Into<String>) -> Nonsense {
    Nonsense::Value { setting, value: value.into(), why: why.into() }
}

fn parsed<T: FromStr>(
    setting: &'static str,
    given: Option<String>,
    default: &str,
    expected: &str,
) -> Result<T, Nonsense> {
    let text = given.as_deref().unwrap_or(default);
    text.parse().map_err(|_| value(setting, text, format!("it is {expected}")))
}

fn project(name: String) -> Result<String, Nonsense> {
    let fine = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fine { Ok(name) } else { Err(value("project", name, "it is a name of 1 to 64 characters in one line")) }
}

fn place(text: String) -> Result<String, Nonsense> {
    let fine = !text.is_empty() && !text.contains("://");
    if fine { Ok(text) } else { Err(value("attachments", text, "it is a folder; buckets are not spoken to yet")) }
}

fn within(
    setting: &'static str,
    given: Option<u64>,
    default: u64,
    range: RangeInclusive<u64>,
) -> Result<usize, Nonsense> {
    let number = given.unwrap_or(default);
    if range.contains(&number) {
        return Ok(usize::try_from(number).expect("the ranges are small"));
    }
    Err(value(setting, number.to_string(), format!("it is a number from {} to {}", range.start(), range.end())))
}

/// The parser's message without the lines that draw a picture of the file.
fn one_line(message: &str) -> String {
    let lines = message.lines().filter(|line| !line.contains('|') && !line.trim().is_empty());
    lines.collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
        let flag = Given { listen: Some("127.0.0.1:1".to_owned()), ..Given::default() };
        let file: Given = toml::from_str("listen = \"127.0.0.1:2\"\nproject = \"Kota Jambi\"").expect("settings");
        let config = Config::from_given(flag.over(file)).expect("makes sense");
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.project, "Kota Jambi");
        assert_eq!(config.workers, 2);
    }

    #[test]
    fn nonsense_is_refused_by_the_name_of_its_setting() {
        let empty = Given::default;
        for (given, setting) in [
            (Given { listen: Some("here".into()), ..empty() }, "listen"),
            (Given { listen: Some("127.0.0.1".into()), ..empty() }, "listen"),
            (Given { project: Some(String::new()), ..empty() }, "project"),
            (Given { project: Some("a\nb".into()), ..empty() }, "project"),
            (Given { log: Some("server=loud=very".into()), ..empty() }, "log"),
            (Given { log_format: Some("xml".into()), ..empty() }, "log_format"),
            (Given { workers: Some(0), ..empty() }, "workers"),
            (Given { workers: Some(1_000), ..empty() }, "workers"),
            (Given { exchanges: Some(0), ..empty() }, "exchanges"),
            (Given { attachments: Some("ftp://x".into()), ..empty() }, "attachments"),
            (Given { attachments_quota_mb: Some(0), ..empty() }, "attachments_quota_mb"),
            (Given { attachments_unnamed_days: Some(0), ..empty() }, "attachments_unnamed_days"),
        ] {
            let nonsense = Config::from_given(given).expect_err(setting).to_string();
            assert!(nonsense.starts_with(&format!("setting `{setting}` is ")), "{nonsense}");
        }
    }

    #[test]
    fn a_misspelled_setting_in_the_file_is_not_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        assert!(Given::read(&path).expect("no file is fine").is_none());
        std::fs::write(&path, "lisen = \"127.0.0.1:1\"\n").expect("written");
        let why = Given::read(&path).expect_err("misspelled").to_string();
        assert!(why.contains("lisen") && !why.contains('\n'), "{why}");
    }
}
