//! When everything has been said: the server asks the forms once more, and one more sync of everybody has nothing to do.

use anyhow::{Context, Result};
use serde::Deserialize;
use tilik::http::Counters;

use crate::demo::Narrator;
use crate::demo::enumerator::Enumerator;
use crate::demo::preparation::sync_all;
use crate::demo::program::{Program, Serving};
use crate::demo::words::bytes;

/// What was seen when all was done.
pub(super) struct Afterwards {
    pub(super) misfits: Vec<Misfit>,
    pub(super) quiet: Vec<Counters>,
}

/// What of a household does not fit the form that it was asked with.
#[derive(Debug, Deserialize)]
pub(super) struct Misfit {
    pub(super) household: String,
    path: String,
    message: String,
    /// The visits that its values come from.
    pub(super) visits: Vec<String>,
}

/// What the server finds when it holds visits, and households of several visits, against their forms.
pub(super) fn checked_again(program: &Program, narrator: &mut Narrator<'_>) -> Result<Vec<Misfit>> {
    narrator.chapter("Asked again by the server")?;
    narrator.say(
        "The server has the engine that asked the questions, and checks every arriving visit with the very form it was made \
         with; nothing is refused, what does not fit is told. It also checks households whose values come from several \
         visits: merged field by field, they may be what nobody recorded.",
    )?;
    let listed = program.run(&["--json", "form", "findings"], "")?;
    let misfits: Vec<Misfit> = serde_json::from_str(&listed).context("the list of findings is JSON")?;
    let rows: Vec<[String; 3]> = misfits
        .iter()
        .map(|misfit| [misfit.path.clone(), misfit.message.clone(), misfit.visits.len().to_string()])
        .collect();
    narrator.table(["question", "what does not fit", "visits"], &rows)?;
    Ok(misfits)
}

/// What an idle sync of each device moved.
pub(super) fn quiet_sync(
    team: &mut [Enumerator],
    serving: &Serving,
    narrator: &mut Narrator<'_>,
) -> Result<Vec<Counters>> {
    narrator.chapter("Nothing left to say")?;
    // The first round brings everybody the last decisions, the second finds nothing.
    sync_all(team, serving.url(), narrator)?;
    let before: Vec<Counters> = team.iter().map(|enumerator| enumerator.moved).collect();
    sync_all(team, serving.url(), narrator)?;
    let quiet: Vec<Counters> =
        team.iter().zip(before).map(|(enumerator, before)| enumerator.moved.since(before)).collect();
    let most = quiet.iter().map(|moved| moved.bytes_up + moved.bytes_down).max().unwrap_or(0);
    narrator.say(&format!(
        "Once everybody has heard of everything, a sync is one request: at most {} both ways together, headers included, for \
         an enumerator's RTs as for a supervisor's kecamatan.",
        bytes(most)
    ))?;
    Ok(quiet)
}
