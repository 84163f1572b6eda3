//! `quarantine`: saves that were judged and not merged.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use server::instance::Instance;
use server::quarantine::{self, HeldSave};
use server::store::held::HeldId;
use server::sync::Hub;
use server::sync::quarantine::{Dependants, Outcome};

use super::Acting;
use super::moments::{written, written_or_dash};
use super::output::{Output, say};

/// Held saves that are listed at most.
const LISTED_MAX: u32 = 1_000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List held saves that nothing is decided of, the oldest first, with the reason.
    List,
    /// Show one: what it wrote, and what waits for it.
    Show {
        /// As listed.
        save: String,
    },
    /// Release: they are merged, may meet other values and overwrite nothing. What waited for them goes on.
    Release {
        /// As listed.
        #[arg(required = true)]
        saves: Vec<String>,
        /// Why, for the audit.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Reject: they are kept, and never merged.
    Reject {
        /// As listed.
        #[arg(required = true)]
        saves: Vec<String>,
        /// Why, for the audit.
        #[arg(long)]
        reason: String,
        /// What becomes of the saves that wait for them; has to be said where there are any.
        #[arg(long, value_enum)]
        dependants: Option<Fate>,
        #[command(flatten)]
        acting: Acting,
    },
}

/// What becomes of saves that wait for a rejected one.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Fate {
    /// They are rejected with it.
    Reject,
    /// They go on without it.
    Release,
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::List => {
                let held = instance.store.read(|tx| quarantine::list(tx, None, LISTED_MAX))?;
                list(&held, output)
            }
            Command::Show { save } => show(instance, &parsed(&save)?, output),
            Command::Release { saves, reason, acting } => {
                let (ids, by) = (parse_all(&saves)?, acting.user(instance)?.id);
                let outcomes = quarantine::release(instance, &hub(instance)?, ids, by, &reason)?;
                tell(&outcomes, output)
            }
            Command::Reject { saves, reason, dependants, acting } => {
                let (ids, by) = (parse_all(&saves)?, acting.user(instance)?.id);
                let fate = dependants.map(|fate| match fate {
                    Fate::Reject => Dependants::Reject,
                    Fate::Release => Dependants::Release,
                });
                let rejected = quarantine::reject(instance, &hub(instance)?, ids.clone(), fate, by, &reason);
                match rejected {
                    Err(error) if error.code() == "dependants" => {
                        ids.iter().try_for_each(|id| show(instance, id, output))?;
                        bail!("{error} Give --dependants reject or --dependants release.")
                    }
                    rejected => tell(&rejected?, output),
                }
            }
        }
    }
}

fn hub(instance: &Instance) -> Result<Hub> {
    Ok(Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?)
}

fn parsed(id: &str) -> Result<HeldId> {
    id.parse().map_err(|()| anyhow!("{id} is no held save; `quarantine list` shows them"))
}

fn parse_all(ids: &[String]) -> Result<Vec<HeldId>> {
    ids.iter().map(|id| parsed(id)).collect()
}

fn list(held: &[HeldSave], output: Output) -> Result<()> {
    output.list(held, ["SINCE", "VERDICT", "WHY", "PERSON", "DEVICE", "MADE", "RECORDS", "SAVE"], |held| {
        [
            written(held.since),
            held.verdict.to_owned(),
            held.code.map_or_else(|| held.sentence.to_owned(), |code| code.word().to_owned()),
            held.author_name.clone(),
            held.device_name.clone(),
            written_or_dash(held.made),
            held.records.len().to_string(),
            held.save.to_string(),
        ]
    })
}

fn show(instance: &Instance, id: &HeldId, output: Output) -> Result<()> {
    let shown = instance.store.read(|tx| quarantine::show(tx, id))?;
    if output.json {
        return output.one(&shown, "");
    }
    list(std::slice::from_ref(&shown.held), output)?;
    say(shown.held.sentence)?;
    say(&serde_json::to_string_pretty(&shown.content)?)?;
    if shown.dependants.is_empty() {
        return say("Nothing waits for it.");
    }
    say("These wait for it:")?;
    list(&shown.dependants, output)
}

fn tell(outcomes: &[Outcome], output: Output) -> Result<()> {
    if output.json {
        return output.one(&outcomes, "");
    }
    for outcome in outcomes {
        let what = match outcome {
            Outcome::Released { conflict: true, .. } => "released; it met another value".to_owned(),
            Outcome::Released { followed: true, .. } => "went on".to_owned(),
            Outcome::Released { .. } => "released".to_owned(),
            Outcome::Rejected { followed: true, .. } => "rejected with it".to_owned(),
            Outcome::Rejected { .. } => "rejected".to_owned(),
            Outcome::Refused { code, .. } => format!("stays: {}", code.sentence()),
            Outcome::Waits { on, .. } => {
                let on: Vec<String> = on.iter().map(ToString::to_string).collect();
                format!("stays: it waits for {}; decide on that", on.join(", "))
            }
            Outcome::Decided { .. } => "was decided before".to_owned(),
        };
        say(&format!("{}  {what}", outcome.save()))?;
    }
    Ok(())
}
