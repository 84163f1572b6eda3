//! `grant`: who may work where.

use std::collections::HashMap;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use server::instance::Instance;
use server::people;
use server::store::{areas, grants, users};

use super::moments::{start_of_day, written, written_or_dash};
use super::output::Output;
use super::{Acting, area_coded, user_named};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Let a person work in an area and all below it.
    Add {
        /// What the person signs in with.
        name: String,
        /// Codes of areas.
        #[arg(required = true, value_name = "CODE")]
        areas: Vec<String>,
        /// First day, like 2026-01-31; now where absent.
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// The day on which it ends; open where absent.
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// List grants that are open, or all of one person.
    List {
        /// What the person signs in with.
        #[arg(long, value_name = "NAME")]
        of: Option<String>,
    },
    /// End a grant now. What was authored before still counts.
    Revoke {
        /// Its id, as listed.
        id: String,
    },
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::Add { name, areas, from, until, acting } => {
                let user = user_named(instance, &name)?;
                let by = acting.user(instance)?.id;
                let (from, until) = (from.as_deref().map(start_of_day), until.as_deref().map(start_of_day));
                let (from, until) = (from.transpose()?, until.transpose()?);
                let found = areas.iter().map(|code| area_coded(instance, code)).collect::<Result<Vec<_>>>()?;
                let mut given = Vec::new();
                for area in found {
                    given.push(people::grant(instance, user.id, area.id, from, until, by)?);
                }
                output.one(&given, format!("{} may work in {}.", user.name, areas.join(", ")))
            }
            Command::List { of } => {
                let of = of.map(|name| user_named(instance, &name)).transpose()?;
                let now = instance.now();
                let (all, people, tree) = instance.store.read(|tx| {
                    let all = match &of {
                        Some(user) => grants::list_of(tx, user.id)?,
                        None => grants::list_open(tx, now)?,
                    };
                    Ok::<_, server::store::db::Error>((all, users::list(tx)?, areas::list(tx)?))
                })?;
                let people: HashMap<_, _> = people.into_iter().map(|user| (user.id, user.name)).collect();
                let tree: HashMap<_, _> = tree.into_iter().map(|area| (area.id, area)).collect();
                output.list(&all, ["PERSON", "CODE", "AREA", "FROM", "UNTIL", "ID"], |grant| {
                    let area = tree.get(&grant.area);
                    [
                        people.get(&grant.user).cloned().unwrap_or_default(),
                        area.map(|area| area.code.clone()).unwrap_or_default(),
                        area.map(|area| area.name.clone()).unwrap_or_default(),
                        written(grant.starts),
                        written_or_dash(grant.ends),
                        grant.id.clone(),
                    ]
                })
            }
            Command::Revoke { id } => {
                people::revoke(instance, &id, None)?;
                output.one(&json!({ "revoked": id }), "The grant has ended.")
            }
        }
    }
}
