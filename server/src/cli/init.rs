//! `init`: a data folder with keys, database, settings and the first admin.

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use server::ambient::Machine;
use server::config::{FILE, Given};
use server::instance::Instance;
use server::people::{self, NewUser, Role};

use super::Place;
use super::output::Output;
use super::passwords::PasswordSource;

/// Make a data folder: keys, database, settings and the first admin.
///
/// Refuses a folder that is one already. Keep root.key and token.key with your backups: without root.key every device
/// has to enrol anew.
#[derive(Args)]
pub(super) struct Init {
    /// Name of the project, shown on devices.
    #[arg(long, default_value = "Tilik", env = "TILIK_PROJECT")]
    project: String,
    /// Name that the first admin signs in with.
    #[arg(long, default_value = "admin", value_name = "NAME")]
    admin: String,
    /// Name of the first admin that others read.
    #[arg(long, default_value = "Admin", value_name = "NAME")]
    display_name: String,
    #[command(flatten)]
    password: PasswordSource,
}

impl Init {
    pub(super) fn run(self, place: &Place, output: Output) -> Result<()> {
        let given = Given { project: Some(self.project), ..Given::default() };
        let config = server::config::Config::from_given(given)?;
        if place.data.join(server::instance::DATABASE_FILE).exists() {
            // Said before a password is asked for.
            return Err(server::instance::CannotOpen::Taken(place.data.display().to_string()).into());
        }
        let password = self.password.read(&self.admin)?;
        server::secrets::passwords::check(&password)?;
        let instance = Instance::make(&place.data, &config.project, Machine::shared())?;
        let settings = format!("project = {}\n", toml::Value::String(config.project.clone()));
        std::fs::write(place.data.join(FILE), settings).context("the settings cannot be written")?;
        let admin =
            NewUser { name: self.admin, display_name: self.display_name, role: Role::Admin, password: Some(password) };
        let admin = people::add_user(&instance, admin, None)?;
        let folder = place.data.display().to_string();
        output.one(
            &json!({ "data": folder, "project": config.project, "admin": admin }),
            format!("{folder} is ready. Start it: tilik-server --data {folder} serve"),
        )
    }
}
