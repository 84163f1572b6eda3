//! What the demo claims of itself, each claim checked against the devices and the server's rows.

use std::collections::HashMap;

use anyhow::Result;
use client_core::SaveState;
use sync_protocol::{AreaId, Digest, RowHash};
use tilik::http::Counters;

use crate::demo::afterwards::{Afterwards, Misfit};
use crate::demo::cast::{FIRST, SECOND};
use crate::demo::enumerator::Enumerator;
use crate::demo::fieldwork::Notes;
use crate::demo::headline::Meeting;
use crate::demo::office::Progress;
use crate::demo::register::Register;
use crate::demo::words::{count, seconds};
use crate::demo::{Narrator, Options};

/// Bytes of an idle sync, both ways together.
const IDLE_BYTES_MAX: u64 = 900;

/// One sentence, and whether it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// In words, with its numbers.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
}

/// Checks everything that was promised.
pub(super) fn check(
    team: &[Enumerator],
    register: &Register,
    notes: &Notes,
    meeting: &Meeting,
    progress: &HashMap<AreaId, Progress>,
    after: &Afterwards,
    options: &Options,
) -> Result<Vec<Claim>> {
    Ok(vec![
        every_save_has_its_verdict(team, notes, meeting)?,
        nothing_is_set_aside(team)?,
        bases_equal_the_server(team, register)?,
        digests_agree(team, register)?,
        households_equal_the_server(team, register)?,
        list_and_additions_are_there(register, notes, options),
        visits_are_counted(register, notes, meeting),
        the_office_counts_the_same(register, progress),
        interviews_fit_their_form(&after.misfits, notes, meeting),
        both_saw_both(meeting),
        decisions_stand(team, meeting)?,
        no_conflict_is_left(team, register)?,
        quiet_is_small(&after.quiet),
    ])
}

/// Shows the list of claims.
pub(super) fn show(claims: &[Claim], took_ms: i64, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.chapter("The demo checks itself")?;
    for claim in claims {
        narrator.mark(claim.holds, &claim.text)?;
    }
    let failed = claims.iter().filter(|claim| !claim.holds).count();
    narrator.line("")?;
    match failed {
        0 => narrator.say(&format!("All {} checks hold; the whole took {}.", claims.len(), seconds(took_ms)))?,
        _ => narrator.say(&format!(
            "{failed} of {} checks FAILED; the whole took {}.",
            claims.len(),
            seconds(took_ms)
        ))?,
    }
    Ok(())
}

fn every_save_has_its_verdict(team: &[Enumerator], notes: &Notes, meeting: &Meeting) -> Result<Claim> {
    let (mut saves, mut merged) = (0, 0);
    for enumerator in team {
        let sealed = enumerator.status()?.saves;
        for save in 1..=sealed {
            let state = enumerator.device.save_state(save)?;
            merged += usize::from(matches!(state, SaveState::Judged(verdict) if verdict.is_applied()));
        }
        saves += sealed as usize;
    }
    Ok(Claim {
        text: format!("Every save is acknowledged and merged: {} of {}.", count(merged), count(saves)),
        holds: saves == merged && saves == notes.saves + meeting.visits,
    })
}

fn nothing_is_set_aside(team: &[Enumerator]) -> Result<Claim> {
    let (mut unsent, mut attention, mut drafts) = (0, 0, 0);
    for enumerator in team {
        let status = enumerator.status()?;
        unsent += status.unsent;
        attention += status.attention.len();
        drafts += status.drafts;
    }
    Ok(Claim {
        text: format!(
            "Nothing waits, nothing is quarantined: {unsent} unsent, {attention} set aside, {drafts} drafts left."
        ),
        holds: unsent == 0 && attention == 0 && drafts == 0,
    })
}

fn bases_equal_the_server(team: &[Enumerator], register: &Register) -> Result<Claim> {
    let (mut rows, mut different, mut pages) = (0, 0, 0);
    for enumerator in team {
        for area in enumerator.granted()? {
            let base = enumerator.device.base_texts(area.node.id)?;
            let Some(held) = register.areas.get(&area.node.id) else {
                different += 1 + base.len();
                continue;
            };
            pages += 1;
            rows += base.len();
            different += held.rows.len().abs_diff(base.len());
            different += base.iter().filter(|(id, text)| held.rows.get(id) != Some(&RowHash::of(text))).count();
        }
    }
    Ok(Claim {
        text: format!(
            "What the devices hold is the server's, row by row: {} rows in {} areas compared, {different} differ.",
            count(rows),
            count(pages)
        ),
        holds: different == 0 && rows > 0,
    })
}

fn digests_agree(team: &[Enumerator], register: &Register) -> Result<Claim> {
    let (mut areas, mut different) = (0, 0);
    for enumerator in team {
        different += enumerator.last.mismatched.len();
        for area in enumerator.granted()? {
            let mut digest = Digest::default();
            for (_, text) in enumerator.device.base_texts(area.node.id)? {
                digest.add(RowHash::of(&text));
            }
            areas += 1;
            different += usize::from(register.areas.get(&area.node.id).is_none_or(|held| held.digest != digest));
        }
    }
    Ok(Claim {
        text: format!("All digests are equal: {} areas on {} devices, {different} differ.", count(areas), team.len()),
        holds: different == 0 && areas > 0,
    })
}

fn households_equal_the_server(team: &[Enumerator], register: &Register) -> Result<Claim> {
    let (mut on_devices, mut on_server) = (0, 0);
    let mut differ = 0;
    for enumerator in team {
        let held = enumerator.status()?.households as usize;
        let granted = enumerator.granted()?;
        let known: usize =
            granted.iter().filter_map(|area| register.areas.get(&area.node.id)).map(|area| area.households).sum();
        on_devices += held;
        on_server += known;
        differ += usize::from(held != known);
    }
    Ok(Claim {
        text: format!(
            "Each device lists the households of its areas and no other: {} on devices, {} on the server.",
            count(on_devices),
            count(on_server)
        ),
        holds: differ == 0,
    })
}

fn list_and_additions_are_there(register: &Register, notes: &Notes, options: &Options) -> Claim {
    let households: usize = register.areas.values().map(|area| area.households).sum();
    Claim {
        text: format!(
            "The register has every household of the list and every one added: {} + {} = {}.",
            count(options.households),
            count(notes.added),
            count(households)
        ),
        holds: households == options.households + notes.added,
    }
}

fn visits_are_counted(register: &Register, notes: &Notes, meeting: &Meeting) -> Claim {
    let mut noted = notes.outcomes();
    *noted.entry("complete").or_default() += meeting.visits;
    noted.retain(|_, visits| *visits > 0);
    let held = register.outcomes();
    Claim {
        text: format!(
            "Every visit is on the server with its outcome: {} noted at doors, {} found.",
            count(noted.values().sum::<usize>()),
            count(held.values().sum::<usize>())
        ),
        holds: noted == held,
    }
}

fn the_office_counts_the_same(register: &Register, progress: &HashMap<AreaId, Progress>) -> Claim {
    let mut different = 0;
    for (area, held) in &register.areas {
        let told = progress.get(area).map_or((0, 0), |told| (told.visited, told.households));
        different += usize::from(told != (held.visited.len(), held.households));
    }
    let visited: usize = progress.values().map(|told| told.visited).sum();
    Claim {
        text: format!(
            "The office's progress counts the same rows: {} households visited, {different} areas differ.",
            count(visited)
        ),
        holds: different == 0,
    }
}

fn interviews_fit_their_form(misfits: &[Misfit], notes: &Notes, meeting: &Meeting) -> Claim {
    let merged = meeting.household.to_string();
    let of_merged = |misfit: &&Misfit| misfit.household == merged && misfit.visits.len() == 2;
    let elsewhere = misfits.len() - misfits.iter().filter(of_merged).count();
    Claim {
        text: format!(
            "The server asked all {} interviews again and found nothing wrong with them; of the family of two visits it tells {} \
             that nobody recorded so, {elsewhere} of any other.",
            count(notes.saves + meeting.visits),
            count(misfits.len() - elsewhere)
        ),
        holds: elsewhere == 0 && !misfits.is_empty(),
    }
}

fn both_saw_both(meeting: &Meeting) -> Claim {
    let [first, second] = &meeting.seen;
    let two_each = first.values().all(|values| values.len() == 2);
    Claim {
        text: format!("Where two met, both devices showed both values: {} registers.", first.len()),
        holds: first == second && two_each && first.len() >= 3,
    }
}

fn decisions_stand(team: &[Enumerator], meeting: &Meeting) -> Result<Claim> {
    let mut standing = 0;
    for at in [FIRST, SECOND] {
        for ((record, register), decided) in &meeting.settled {
            let row = team[at].device.load(*record)?.row;
            let values: Vec<_> = row
                .registers
                .get(register)
                .map(|register| register.siblings.as_slice())
                .unwrap_or_default()
                .iter()
                .collect();
            standing += usize::from(matches!(values.as_slice(), [only] if only.value == *decided));
        }
    }
    Ok(Claim {
        text: format!(
            "The officer's {} decisions are what both devices show, and the only value they hold.",
            meeting.settled.len()
        ),
        holds: standing == 2 * meeting.settled.len() && meeting.settled.len() == meeting.seen[0].len(),
    })
}

fn no_conflict_is_left(team: &[Enumerator], register: &Register) -> Result<Claim> {
    let mut on_devices = 0;
    for enumerator in team {
        on_devices += enumerator.status()?.conflicts;
    }
    Ok(Claim {
        text: format!("No conflict is left: {} on the server, {on_devices} on devices.", register.conflicts),
        holds: register.conflicts == 0 && on_devices == 0,
    })
}

fn quiet_is_small(quiet: &[Counters]) -> Claim {
    let most = quiet.iter().map(|moved| moved.bytes_up + moved.bytes_down).max().unwrap_or(0);
    let requests = quiet.iter().map(|moved| moved.requests).max().unwrap_or(0);
    Claim {
        text: format!(
            "A sync with nothing to say is {requests} request of {most} bytes at most (bound: {IDLE_BYTES_MAX})."
        ),
        holds: requests == 1 && most <= IDLE_BYTES_MAX,
    }
}
