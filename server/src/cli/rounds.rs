//! `round`: rounds of data collection.

use anyhow::Result;
use clap::Subcommand;
use server::instance::Instance;
use server::people;
use server::store::rounds;

use super::area_coded;
use super::output::Output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Open a round.
    Add {
        /// Its name.
        name: String,
        /// First day, like 2026-01-31.
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day; open where absent.
        #[arg(long, value_name = "DAY")]
        to: Option<String>,
        /// Code of the area where it takes place, with all below.
        #[arg(long, value_name = "CODE")]
        area: String,
    },
    /// List rounds, the newest first.
    List,
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        match self {
            Command::Add { name, from, to, area } => {
                let area = area_coded(instance, &area)?;
                let round = people::open_round(instance, &name, &from, to.as_deref(), area.id, None)?;
                output.one(&round, format!("Round {} is open.", round.name))
            }
            Command::List => {
                let all = instance.store.read(rounds::list)?;
                output.list(&all, ["NAME", "FROM", "TO", "ID"], |round| {
                    let to = round.last_day.clone().unwrap_or_else(|| "-".to_owned());
                    [round.name.clone(), round.first_day.clone(), to, round.id.to_string()]
                })
            }
        }
    }
}
