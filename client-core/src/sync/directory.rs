//! The directory: which areas the device holds, and which forms are published there. Areas it has lost are hidden at once.

use std::collections::HashSet;

use sync_protocol::AreaId;
use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::exchange::Directory;

use super::Progress;
use super::landing::Landing;
use super::pages;
use crate::error::Result;
use crate::store::lives;
use crate::store::meta::{self, Name};
use crate::store::{areas, cursors, forms, households, records};

/// Takes a new directory.
pub(crate) fn take(landing: &mut Landing<'_>, news: &Directory, progress: &mut Progress) -> Result<()> {
    let store = landing.store;
    let before: HashSet<AreaId> =
        areas::list(store)?.into_iter().filter(|(area, _)| area.granted).map(|(area, _)| area.id).collect();
    areas::replace(store, &news.areas, &news.people)?;
    forms::publish(store, &news.forms)?;
    match &news.round {
        Some(round) => meta::set(store, Name::Round, serde_json::to_string(round).expect("a round is JSON"))?,
        None => meta::clear(store, Name::Round)?,
    }
    meta::set(store, Name::Directory, &news.stamp)?;
    for area in areas::list_lost(store)?.into_iter().filter(|_| !is_broken(Rule::ScopeLost)) {
        progress.report.evicted += lose(landing, area)?;
    }
    households::unhide_granted(store)?;
    // What this device wrote itself went with a lost area, and the server need not send it: it is asked for the area whole.
    if lives::list(store)?.iter().any(|life| life.applied > life.place(0)) {
        for area in news.areas.iter().filter(|area| area.granted && !before.contains(&area.id)) {
            let standing = landing.standing(area.id)?;
            if standing.cursor.seq == 0 {
                standing.moved = true;
                standing.whole = true;
            }
        }
    }
    Ok(())
}

fn lose(landing: &mut Landing<'_>, area: AreaId) -> Result<u64> {
    households::hide(landing.store, area)?;
    let mut evicted = 0;
    for held in records::list_in_area(landing.store, area)? {
        evicted += u64::from(pages::evict(landing, held)?);
    }
    landing.standings.remove(&area);
    cursors::drop(landing.store, area)?;
    Ok(evicted)
}
