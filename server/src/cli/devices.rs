//! `device`: what people carry into the field.

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use server::instance::Instance;
use server::people;
use server::store::{devices, users};
use sync_protocol::ids::DeviceId;

use super::moments::{start_of_day, written, written_or_dash};
use super::output::Output;
use super::{Acting, user_named};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Give out a one-time code that makes a device of a person known; good for 15 minutes.
    Code {
        /// What the person signs in with.
        name: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// List devices, the one seen last first.
    List,
    /// Retire a device: its sessions end; what it had signed still arrives through others.
    Retire {
        /// Its id, as listed.
        id: String,
    },
    /// Report a device stolen: what comes of it from now on is quarantined; lists what came since the theft.
    Stolen {
        /// Its id, as listed.
        id: String,
        /// The day of the theft, like 2026-01-31.
        #[arg(long, value_name = "DAY")]
        since: String,
    },
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::Code { name, acting } => {
                let user = user_named(instance, &name)?;
                let (code, expires) = people::give_code(instance, user.id, acting.user(instance)?.id)?;
                let code = code.grouped();
                let json = json!({ "code": code, "expires_at": expires, "user": user.id });
                output.one(&json, format!("{code}  for {}, until {}", user.name, written(expires)))
            }
            Command::List => {
                let (all, people) = instance
                    .store
                    .read(|tx| Ok::<_, server::store::db::Error>((devices::list(tx)?, users::list(tx)?)))?;
                output.list(&all, ["DEVICE", "PERSON", "APP", "LAST SEEN", "RETIRED", "ID"], |device| {
                    let person = people.iter().find(|user| user.id == device.user);
                    [
                        device.name.clone(),
                        person.map_or_else(String::new, |user| user.name.clone()),
                        device.app.clone(),
                        written(device.last_seen),
                        written_or_dash(device.retired_at),
                        device.id.to_string(),
                    ]
                })
            }
            Command::Stolen { id, since } => {
                let id: DeviceId = id.parse().with_context(|| format!("{id} is no device id"))?;
                let came = people::report_stolen(instance, id, start_of_day(&since)?, None)?;
                output.list(&came, ["RECEIVED", "MADE", "SAVES", "WRITER"], |came| {
                    [
                        written(came.received),
                        written(came.made),
                        format!("{}–{}", came.first, came.last),
                        came.writer.to_string(),
                    ]
                })
            }
            Command::Retire { id } => {
                let id: DeviceId = id.parse().with_context(|| format!("{id} is no device id"))?;
                people::retire_device(instance, id, None)?;
                output.one(&json!({ "retired": id }), "The device is retired.")
            }
        }
    }
}
