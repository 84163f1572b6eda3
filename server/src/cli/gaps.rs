//! `gap`: what is missing of a device while something waits behind it.

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use server::gaps;
use server::instance::Instance;
use server::sync::Hub;
use sync_protocol::WriterId;

use super::Acting;
use super::moments::written_or_dash;
use super::output::Output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List devices of which something waits for what is missing before it, or of which saves are gone.
    List,
    /// Seal a gap of a device that is gone: what waits behind it is judged. What comes later for it is quarantined.
    Seal {
        /// The writer, as listed.
        writer: String,
        /// Last save of the first gap, as listed.
        last: u64,
        /// Why, for the audit.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::List => {
                let all = instance.store.read(gaps::list)?;
                output.list(&all, ["PERSON", "DEVICE", "LAST SEEN", "MISSING", "WAITING", "SEALED", "WRITER"], |gap| {
                    [
                        gap.person.clone(),
                        gap.device_name.clone(),
                        written_or_dash(gap.last_seen),
                        ranges(&gap.missing),
                        ranges(&gap.waiting),
                        ranges(&gap.sealed.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>()),
                        gap.writer.to_string(),
                    ]
                })
            }
            Command::Seal { writer, last, reason, acting } => {
                let id: WriterId = writer.parse().with_context(|| format!("{writer} is no writer's id"))?;
                let by = acting.user(instance)?.id;
                let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
                let (first, last) = gaps::seal(instance, &hub, id, last, by, &reason)?;
                output.one(
                    &json!({ "writer": id, "first": first, "last": last }),
                    format!("{first}–{last} are sealed; what waited behind them is judged."),
                )
            }
        }
    }
}

fn ranges(ranges: &[(u64, u64)]) -> String {
    let each =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") });
    each.collect::<Vec<_>>().join(", ")
}
