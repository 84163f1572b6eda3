//! `area`: the administrative tree.

use anyhow::Result;
use clap::Subcommand;
use server::instance::Instance;
use server::store::areas::{self, Area};

use super::area_coded;
use super::output::Output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the tree, by code.
    List {
        /// Only what lies directly below this code.
        #[arg(long, value_name = "CODE")]
        below: Option<String>,
        /// Only this level: province, regency, district, village, rw or rt.
        #[arg(long)]
        level: Option<String>,
    },
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        let Command::List { below, level } = self;
        let below = below.map(|code| area_coded(instance, &code)).transpose()?;
        let mut all: Vec<Area> = match below {
            Some(area) => instance.store.read(|tx| areas::list_below(tx, Some(area.id)))?,
            None => instance.store.read(areas::list)?,
        };
        all.retain(|area| level.as_ref().is_none_or(|level| area.level.word() == level));
        output.list(&all, ["CODE", "LEVEL", "NAME", "ENDED", "ID"], |area| {
            let ended = area.valid_to.clone().unwrap_or_else(|| "-".to_owned());
            [area.code.clone(), area.level.word().to_owned(), area.name.clone(), ended, area.id.to_string()]
        })
    }
}
