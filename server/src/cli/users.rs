//! `user`: people with an account.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::users;

use super::moments::{written, written_or_dash};
use super::output::Output;
use super::passwords::PasswordSource;
use super::user_named;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a person. Supervisors, officers and admins need a password.
    Add {
        /// What they type to sign in: a-z, 0-9, points, hyphens, underscores.
        name: String,
        /// What others read; the name where absent.
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// enumerator, supervisor, officer or admin.
        #[arg(long, default_value = "enumerator", value_parser = role)]
        role: Role,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List everybody.
    List,
    /// Disable a person: their sessions end at once, what they did stays.
    Disable {
        /// What they sign in with.
        name: String,
    },
    /// Set a person's password: what the old one opened ends.
    Password {
        /// What they sign in with.
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
}

fn role(word: &str) -> Result<Role, String> {
    word.parse().map_err(|e: people::NotARole| e.to_string())
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::Add { name, display_name, role, password } => {
                let needs_one = role > Role::Enumerator || password.is_named();
                let password = if needs_one { Some(password.read(&name)?) } else { None };
                let display_name = display_name.unwrap_or_else(|| name.clone());
                let user = people::add_user(instance, NewUser { name, display_name, role, password }, None)?;
                output.one(&user, format!("{} is known now, as {}.", user.name, user.role))
            }
            Command::List => {
                let all = instance.store.read(users::list)?;
                output.list(&all, ["NAME", "READS AS", "ROLE", "SINCE", "DISABLED", "ID"], |user| {
                    [
                        user.name.clone(),
                        user.display_name.clone(),
                        user.role.to_string(),
                        written(user.created_at),
                        written_or_dash(user.disabled_at),
                        user.id.to_string(),
                    ]
                })
            }
            Command::Disable { name } => {
                let user = user_named(instance, &name)?;
                people::disable_user(instance, user.id, None)?;
                output.one(&json!({ "disabled": user.id }), format!("{} is disabled.", user.name))
            }
            Command::Password { name, password } => {
                let user = user_named(instance, &name)?;
                people::set_password(instance, user.id, &password.read(&name)?, None)?;
                output.one(&json!({ "changed": user.id }), format!("{} has a new password.", user.name))
            }
        }
    }
}
