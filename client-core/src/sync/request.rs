//! Builds a request: what is unsent, and where the device stands.

use rusqlite::Connection;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::{self, Push, Request, ScopeStamp, control_body};
use sync_protocol::session::Minted;
use sync_protocol::version::Window;
use sync_protocol::{Digest, limits};

use super::{Asked, Progress, rewind, strays, walk};
use crate::device::Device;
use crate::error::Result;
use crate::store::lives::{self, Life, Lives};
use crate::store::meta::{self, Name};
use crate::store::{cursors, outbox, verdicts};

/// The body of the next request, and what its answer will be judged by.
pub(crate) fn build(device: &Device, progress: &mut Progress) -> Result<(String, Asked)> {
    let store = device.store();
    let lives = lives::list(store)?;
    let present = lives.present();
    let (unsent, more_unsent) = match progress.push_stalled {
        true => (Vec::new(), false),
        false => outbox::next_unsent(store, limits::PUSH_BYTES, limits::CHANGESETS_MAX)?,
    };
    let mut push = Vec::new();
    if let Some(first) = unsent.first() {
        let sealed = unsent.iter().map(|packed| (packed.signature, (packed.seq + 1 - packed.first) as usize)).collect();
        // A run is of one life: earlier ones go first, so that what was saved first is judged first.
        push.push(Push {
            after: outbox::hash_before(store, first.first)?,
            sealed,
            writer: lives.of(first.first)?.writer,
        });
    }
    let mark = meta::find::<i64>(store, Name::Mark)?.zip(meta::find::<[u8; 16]>(store, Name::Scope)?);
    let scope = mark.map(|(mark, stamp)| (ScopeStamp(Digest(u128::from_be_bytes(stamp))), mark as u64));
    let standings = cursors::list(store)?;
    let differing = standings.iter().filter(|(_, standing)| match scope {
        Some(_) => standing.moved,
        // A cursor at the very beginning is listed only where the area is wanted whole, own rows included.
        None => standing.cursor.seq > 0 || standing.whole,
    });
    // Own saves first: with them the server knows better what it lacks.
    let witnesses = if more_unsent { Vec::new() } else { rewind::next_witnesses(store)? };
    let told = told(store, &lives, progress)?;
    let mut earlier = told
        .iter()
        .filter(|life| life.life != present.life)
        .map(|life| state(store, life))
        .collect::<Result<Vec<_>>>()?;
    for (writer, last, missing) in strays::told(progress) {
        // Another writer's than this device's own, with its outbox file: it cannot say what is missing of it.
        if let Some(life) = lives.find(writer).filter(|life| life.life != present.life) {
            earlier.retain(|told| told.writer != writer);
            earlier.push(exchange::Life { applied: life.number(life.applied), last: Some(last), missing, writer });
        }
    }
    let control = Request {
        applied: present.number(present.applied),
        // Push before pull: a save never waits for rows.
        budget: more_unsent.then_some(0),
        cursors: differing.map(|(area, standing)| (*area, standing.cursor)).collect(),
        decided: told.iter().filter(|life| life.decided > 0).map(|life| (life.writer, life.decided)).collect(),
        directory: meta::find(store, Name::Directory)?,
        heal: if more_unsent { Vec::new() } else { walk::asks(progress) },
        last: last(store, &present)?,
        lives: earlier,
        minted: statements(store, &lives)?,
        missing: Vec::new(),
        protocol: Window::OURS,
        push,
        scope,
        witness: witnesses.len(),
        writer: present.writer,
    };
    let mut body = control_body(&control);
    body.reserve(unsent.iter().map(|packed| packed.header.len() + packed.payload.len() + 2).sum());
    for packed in &unsent {
        for line in [&packed.header, &packed.payload] {
            body.push_str(line);
            body.push('\n');
        }
    }
    for (_, text) in &witnesses {
        body.push_str(text);
        body.push('\n');
    }
    progress.witnesses_sent = witnesses.into_iter().map(|(witness, _)| witness).collect();
    let pushed = unsent.first().zip(unsent.last()).map(|(first, last)| (first.first, last.seq));
    Ok((body, Asked { turn: meta::number(store, Name::Turn)?, writer: present.writer, pushed }))
}

/// The present life, and earlier ones of which something is open or may be decided yet; all of them where the server was restored.
fn told(store: &Connection, lives: &Lives, progress: &Progress) -> Result<Vec<Life>> {
    let mut told = Vec::new();
    for life in lives.iter() {
        let end = outbox::last(store, life)?.map_or(0, |(seq, _)| seq);
        let is_open = end > life.applied || progress.report.rewound || verdicts::any_open(store, life.place(1), end)?;
        if life.life == lives.present().life || is_open || outbox::is_unsent(store, life.place(1), end)? {
            told.push(*life);
        }
    }
    Ok(told)
}

fn last(store: &Connection, life: &Life) -> Result<Option<(u64, ChangesetHash)>> {
    Ok(outbox::last(store, life)?.map(|(seq, hash)| (life.number(seq), hash)))
}

fn state(store: &Connection, life: &Life) -> Result<exchange::Life> {
    Ok(exchange::Life {
        applied: life.number(life.applied),
        last: last(store, life)?,
        missing: Vec::new(),
        writer: life.writer,
    })
}

/// Statements for the writers that the server may not know, each by its neighbours: whichever of them it knows, from that
/// one on it learns the others, later ones upwards and earlier ones downwards.
pub(crate) fn statements(store: &Connection, lives: &Lives) -> Result<Vec<Minted>> {
    statements_for(store, lives, |life| life.vouch)
}

/// Statements for every writer: for what may reach a server that was restored, or that no request has met since.
pub(crate) fn all_statements(store: &Connection, lives: &Lives) -> Result<Vec<Minted>> {
    statements_for(store, lives, |_| true)
}

fn statements_for(store: &Connection, lives: &Lives, is_due: impl Fn(&Life) -> bool) -> Result<Vec<Minted>> {
    let lives: Vec<Life> = lives.iter().copied().collect();
    let by = |life: &Life, previous: &Life| {
        let key = lives::signer(store, life)?.key();
        Ok(Minted::sign(previous.writer, &lives::signer(store, previous)?, life.writer, key))
    };
    let upwards = lives.windows(2).filter(|pair| is_due(&pair[1])).map(|pair| by(&pair[1], &pair[0]));
    let downwards = lives.windows(2).rev().filter(|pair| is_due(&pair[0])).map(|pair| by(&pair[0], &pair[1]));
    upwards.chain(downwards).collect()
}
