//! Lands an answer: verdicts, rows, cursors and directory in one transaction, all of it or nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;
use sync_protocol::exchange::{Answer, Pull, Received, ScopeStamp};
use sync_protocol::{AreaId, Dot};

use super::{Asked, Progress, confirm, decided, directory, heal, pages, rewind, rotate, strays, walk, writers};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::rows::OwnSaves;
use crate::store::cursors::{self, Standing};
use crate::store::lives::{self, Life, Lives, SPAN};
use crate::store::meta::{self, Name};
use crate::store::{overlay, verdicts};

/// What the steps of one landing share.
pub(crate) struct Landing<'a> {
    pub(crate) store: &'a Connection,
    pub(crate) lives: Lives,
    /// The life that the request spoke for.
    pub(crate) asker: Life,
    pub(crate) now_ms: i64,
    /// Of each life the highest save that this answer's rows may hold and whose verdict is known.
    pub(crate) applied: BTreeMap<u64, u64>,
    /// Judged and not merged: the server's rows do not hold them, whatever a context says.
    pub(crate) not_applied: BTreeSet<u64>,
    /// Of those, the ones that were merged under another name.
    pub(crate) renamed: BTreeMap<u64, Dot>,
    pub(crate) own: OwnSaves<'a>,
    /// Whether own saves lie over anything at all.
    pub(crate) covered: bool,
    /// Where the device stands in the areas touched, written back at the end.
    pub(crate) standings: HashMap<AreaId, Standing>,
    /// Areas that must be pulled again whole.
    pub(crate) broken: BTreeSet<AreaId>,
}

impl Landing<'_> {
    /// The standing in an area, to be changed.
    pub(crate) fn standing(&mut self, area: AreaId) -> Result<&mut Standing> {
        if !self.standings.contains_key(&area) {
            self.standings.insert(area, cursors::standing(self.store, area)?);
        }
        Ok(self.standings.get_mut(&area).expect("was just made sure of"))
    }

    /// Whether nothing more will become of this own save: the server's rows hold it, under whatever name.
    pub(crate) fn is_decided(&self, save: u64) -> bool {
        self.is_merged(save) || self.renamed.contains_key(&save)
    }

    /// Whether the server's rows hold this own save.
    pub(crate) fn is_merged(&self, save: u64) -> bool {
        let applied = self.applied.get(&(save / SPAN)).copied().unwrap_or(0);
        save <= applied && !self.not_applied.contains(&save)
    }
}

/// Lands an answer; tells whether anything moved.
pub(crate) fn land(
    device: &mut Device,
    received: &Received<'_>,
    asked: Asked,
    progress: &mut Progress,
) -> Result<bool> {
    let now_ms = device.env().now_ms();
    let env = device.shared_env();
    let answer = &received.control;
    let step = device.transaction()?;
    note_time(&step, answer.time, now_ms, progress)?;
    let common = rotate::take(&step, env.as_ref(), answer, progress)?;
    let mut moved = writers::take(&step, answer, asked, &common, progress)? | !common.is_empty();
    moved |= rewind::take_witnessed(&step, answer, progress)?;
    let current = meta::number(&step, Name::Turn)? == asked.turn;
    let lives = lives::list(&step)?;
    for state in answer.writers.iter().filter(|state| current && !common.contains_key(&state.writer)) {
        if let Some(life) = lives.find(state.writer) {
            rewind::forget_verdicts(&step, life, life.place(state.applied))?;
        }
    }
    progress.more = answer.more || answer.cursors_wanted || progress.verdicts_due;
    strays::take(answer, progress);
    progress.report.upgrade |= answer.pull == Pull::Upgrade;
    progress.report.rewound |= answer.pull == Pull::Rewound;
    if let (Pull::Rewound, Some(prefixes), true) = (answer.pull, &answer.restored, current) {
        rewind::begin(&step, prefixes, progress)?;
        moved = true;
    } else if answer.pull != Pull::Open {
        progress.more = false;
    } else if common.contains_key(&asked.writer) {
        // The pages leave out what the server takes for this device's own: it asks again under its new name.
        progress.more = true;
    } else if !current {
        // Another session has moved the cursors since: ask again from where they stand now.
        progress.more = true;
    } else {
        let lives = lives::list(&step)?;
        let mut landing = Landing {
            store: &step,
            asker: lives.find(asked.writer).ok_or(Error::FileDamaged)?,
            applied: applied(&lives, answer),
            lives,
            now_ms,
            not_applied: verdicts::list_not_applied(&step)?,
            renamed: verdicts::list_renamed(&step)?,
            own: OwnSaves::new(&step)?,
            covered: !overlay::is_empty(&step)?,
            standings: HashMap::new(),
            broken: BTreeSet::new(),
        };
        moved |= pull(&mut landing, received, progress)?;
        decided::uncover(&mut landing)?;
    }
    // Whatever is asked already was asked from where the device stood before: neither its pages nor what it does not yet
    // know of verdicts count any more.
    if moved && meta::number(&step, Name::Turn)? == asked.turn {
        meta::set(&step, Name::Turn, asked.turn + 1)?;
    }
    step.commit()?;
    Ok(moved)
}

/// Another session may have brought verdicts that are newer than this answer: its rows do not hold those saves.
fn applied(lives: &Lives, answer: &Answer) -> BTreeMap<u64, u64> {
    let applied = |life: &Life| {
        let state = answer.writers.iter().find(|state| state.writer == life.writer);
        state.map_or(life.applied, |state| life.applied.min(life.place(state.applied)))
    };
    lives.iter().map(|life| (life.life, applied(life))).collect()
}

fn pull(landing: &mut Landing<'_>, received: &Received<'_>, progress: &mut Progress) -> Result<bool> {
    let (store, answer) = (landing.store, &received.control);
    if answer.cursors_wanted {
        meta::clear(store, Name::Mark)?;
        meta::clear(store, Name::Scope)?;
    }
    let mut moved = answer.cursors_wanted || answer.directory.is_some();
    if let Some(news) = &answer.directory {
        directory::take(landing, news, progress)?;
    }
    let arrived = pages::take(landing, received, progress)?;
    moved |= !arrived.is_empty();
    progress.report.confirmed += confirm::own_saves(landing, &arrived, answer.mark.is_some())?;
    if answer.mark.is_some() {
        progress.report.evicted += confirm::drop_nowhere(landing)?;
    }
    heal::drop_undelivered(landing, &arrived, answer.mark.is_some(), progress)?;
    let (walked, hopeless) = walk::take(landing, received, progress)?;
    moved |= walked;
    for (area, standing) in std::mem::take(&mut landing.standings) {
        cursors::put(store, area, &standing)?;
    }
    let mut broken = std::mem::take(&mut landing.broken);
    broken.extend(hopeless);
    if let Some(mark) = answer.mark {
        set_mark(store, mark, moved)?;
    }
    // Nothing is new and nothing is missing: a sum that an earlier session, or a deep check, left to be compared.
    let is_idle = !progress.met && !progress.more && !moved && answer.areas.is_empty();
    if answer.mark.is_some() || is_idle {
        // Only now every record has come where it stands: one that moved may have been looked for in its old area.
        for (area, due) in cursors::take_different(store)? {
            if !broken.contains(&area) {
                walk::begin(landing, area, due, progress)?;
            }
        }
    }
    for area in broken {
        progress.walks.remove(&area);
        heal::pull_whole(landing, area, progress)?;
    }
    progress.more |= !progress.walks.is_empty();
    Ok(moved)
}

/// From now on the mark and one stamp stand for all cursors.
fn set_mark(store: &Connection, mark: u64, moved: bool) -> Result<()> {
    if !moved && meta::find::<i64>(store, Name::Mark)? == Some(mark as i64) {
        return Ok(());
    }
    let standings = cursors::list(store)?;
    let stamp = ScopeStamp::over(standings.iter().map(|(area, s)| (*area, s.cursor.seq, s.cursor.salt)));
    cursors::settle_all(store)?;
    meta::set(store, Name::Mark, mark as i64)?;
    meta::set(store, Name::Scope, stamp.0.0.to_be_bytes())
}

fn note_time(store: &Connection, server_ms: i64, now_ms: i64, progress: &mut Progress) -> Result<()> {
    let skew = server_ms.saturating_sub(now_ms);
    progress.report.clock_skew_ms = skew;
    meta::set(store, Name::Skew, skew)?;
    meta::set(store, Name::SkewAt, now_ms)
}
