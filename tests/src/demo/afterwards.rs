//! When everything has been said: one more sync of everybody, which must have nothing to do.

use anyhow::Result;
use tilik::http::Counters;

use crate::demo::Narrator;
use crate::demo::enumerator::Enumerator;
use crate::demo::preparation::sync_all;
use crate::demo::program::Serving;
use crate::demo::words::bytes;

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
