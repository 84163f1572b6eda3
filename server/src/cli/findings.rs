//! `form findings`: what of visits and merged households does not fit their form.

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use server::checks::Checker;
use server::instance::Instance;
use server::store::findings::{self, Kind, Listed};
use server::store::households::Within;

use super::area_coded;
use super::moments::written;
use super::output::Output;

/// Findings that are listed at most.
const LISTED_MAX: u32 = 1_000;

/// List what of visits and merged households does not fit their form, the oldest first; checks first what still waits.
#[derive(Args)]
pub(super) struct Findings {
    /// Only this area and all below it.
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
}

impl Findings {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        let area = self.area.map(|code| area_coded(instance, &code)).transpose()?.map(|area| area.id);
        Checker::default().work_off(&instance.store, || instance.now())?;
        let within = Within { granted: None, area };
        let listed = instance.store.read(|tx| findings::list(tx, within, None, LISTED_MAX))?;
        let items: Vec<Item> = listed.into_iter().map(Item::of).collect();
        output.list(&items, ["SINCE", "HOUSEHOLD", "KIND", "QUESTION", "RULE", "WHAT", "VISITS"], |item| {
            [
                written(item.since),
                item.household.clone(),
                item.kind.word().to_owned(),
                item.path.clone(),
                item.rule.clone(),
                item.message.clone(),
                item.visits.join(" "),
            ]
        })
    }
}

/// A finding as it is printed.
#[derive(Serialize)]
struct Item {
    since: i64,
    household: String,
    area: String,
    record: String,
    kind: Kind,
    path: String,
    rule: String,
    message: String,
    visits: Vec<String>,
}

impl Item {
    fn of(listed: Listed) -> Item {
        let Listed { finding, area } = listed;
        let [_, message] = finding.message;
        let visits = finding.sources.iter().filter_map(|source| source.visit).map(|visit| visit.to_string());
        Item {
            since: finding.since,
            household: finding.root.to_string(),
            area: area.to_string(),
            record: finding.record.to_string(),
            kind: finding.kind,
            visits: visits.collect(),
            path: finding.path,
            rule: finding.rule,
            message,
        }
    }
}
