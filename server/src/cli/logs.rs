//! Logs go to standard error: text for a terminal, JSON for whatever collects them. Colours only on a terminal.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, Result};
use server::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

/// Begins logging as the settings say.
pub(super) fn begin(config: &Config) -> Result<()> {
    let filter: EnvFilter = config.log.parse().context("setting `log` was checked before")?;
    let terminal = stderr().is_terminal();
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let begun = match config.log_format {
        LogFormat::Json => logs.json().try_init(),
        LogFormat::Auto if !terminal => logs.json().try_init(),
        _ => logs.with_ansi(terminal && std::env::var_os("NO_COLOR").is_none()).try_init(),
    };
    begun.map_err(|e| anyhow::anyhow!("{e}"))
}
