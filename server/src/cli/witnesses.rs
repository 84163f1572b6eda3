//! `witness`: the one decision after a restore, on what phones still hold of the time after the backup.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use server::instance::Instance;
use server::store::audit::{self, Deed};
use server::store::witnesses::{self, State};
use server::store::{Tx, db, devices, users, writers};
use server::sync::{Hub, witness};
use sync_protocol::{RecordId, Row, WriterId};

use super::Acting;
use super::output::{Output, say};

/// Rows that are read at once.
const ROWS_READ: u32 = 1_000;

/// Decide on what phones still hold of the time after the backup.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List whose lost saves phones still hold, of how many records, and who sent them.
    List,
    /// Save again what this server lacks of them; rows that come later follow.
    Apply(Decision),
    /// Keep them unused, those too that come later.
    Drop(Decision),
}

/// Who decides.
#[derive(Args)]
pub(super) struct Decision {
    #[command(flatten)]
    acting: Acting,
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::List => list(instance, output),
            Command::Apply(decision) => apply(instance, &decision, output),
            Command::Drop(decision) => drop_waiting(instance, &decision, output),
        }
    }
}

/// Saves of one writer that rows name and this server lacks.
#[derive(Serialize)]
struct Lost {
    writer: WriterId,
    /// The person and device, or the office.
    whose: String,
    saves: BTreeSet<u64>,
    records: BTreeSet<RecordId>,
    senders: BTreeSet<String>,
}

fn list(instance: &Instance, output: Output) -> Result<()> {
    let (lost, waiting) =
        instance.store.read(|tx| Ok::<_, db::Error>((lost(tx)?, witnesses::count(tx, State::Waiting)?)))?;
    output.list(&lost, ["WHOSE", "LOST SAVES", "RECORDS", "SENT BY"], |lost| {
        [
            lost.whose.clone(),
            lost.saves.len().to_string(),
            lost.records.len().to_string(),
            lost.senders.iter().cloned().collect::<Vec<_>>().join(", "),
        ]
    })?;
    if output.json {
        return Ok(());
    }
    say(&format!("{waiting} rows wait for a decision: `witness apply` or `witness drop`."))
}

fn lost(tx: &Tx<'_>) -> db::Result<Vec<Lost>> {
    let mut found: BTreeMap<WriterId, Lost> = BTreeMap::new();
    for page in 0.. {
        let rows = witnesses::list(tx, State::Waiting, page * u64::from(ROWS_READ), ROWS_READ)?;
        if rows.is_empty() {
            break;
        }
        for witness in rows {
            let Ok(row) = Row::parse(&witness.text) else { continue };
            let sender = whose(tx, witness.sender)?;
            for dot in row.stamps.keys() {
                let applied = writers::find(tx, dot.writer)?.map_or(0, |writer| writer.applied);
                if dot.save <= applied {
                    continue;
                }
                let whose = whose(tx, dot.writer)?;
                let lost = found.entry(dot.writer).or_insert_with(|| Lost {
                    writer: dot.writer,
                    whose,
                    saves: BTreeSet::new(),
                    records: BTreeSet::new(),
                    senders: BTreeSet::new(),
                });
                lost.saves.insert(dot.save);
                lost.records.insert(row.id);
                lost.senders.insert(sender.clone());
            }
        }
    }
    Ok(found.into_values().collect())
}

/// The person and device of a writer, in words.
fn whose(tx: &Tx<'_>, writer: WriterId) -> db::Result<String> {
    let Some(writer) = writers::find(tx, writer)? else {
        return Ok("somebody who came after the backup".to_owned());
    };
    let Some(user) = writer.user else { return Ok("the office".to_owned()) };
    let name = users::find(tx, user)?.map_or_else(|| user.to_string(), |user| user.name);
    let device = devices::find_of_writer(tx, writer.id)?.map_or_else(String::new, |(_, name)| format!(" ({name})"));
    Ok(format!("{name}{device}"))
}

fn apply(instance: &Instance, decision: &Decision, output: Output) -> Result<()> {
    let by = decision.acting.user(instance)?;
    let hub = Hub::start(instance.store.clone(), instance.ambient.clone())?;
    let told = witness::apply(&hub)?;
    note(instance, by.id, "witness.apply", &format!("{} records, {} saves", told.records, told.saves))?;
    if output.json {
        return say(&serde_json::to_string(&told)?);
    }
    say(&format!(
        "{} records looked at, parts of {} lost saves saved again, {} of them kept aside for a person to look at. Rows that \
         come later follow.",
        told.records, told.saves, told.quarantined
    ))
}

fn drop_waiting(instance: &Instance, decision: &Decision, output: Output) -> Result<()> {
    let by = decision.acting.user(instance)?;
    let hub = Hub::start(instance.store.clone(), instance.ambient.clone())?;
    let dropped = witness::drop_waiting(&hub)?;
    note(instance, by.id, "witness.drop", &format!("{dropped} rows"))?;
    if output.json {
        return say(&serde_json::json!({ "dropped": dropped }).to_string());
    }
    say(&format!("{dropped} rows are kept and not used; `witness apply` can still be decided."))
}

fn note(instance: &Instance, by: sync_protocol::UserId, action: &'static str, what: &str) -> Result<()> {
    let deed = Deed::new(instance, Some(by), action, "", what);
    Ok(instance.store.write(move |tx| audit::add(tx, &deed))?)
}
