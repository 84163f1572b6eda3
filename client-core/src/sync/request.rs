//! Builds a request: what is unsent, and where the device stands.

use rusqlite::Connection;
use sync_protocol::exchange::{Push, Request, ScopeStamp, control_body};
use sync_protocol::version::Window;
use sync_protocol::{Digest, WriterId, limits};

use super::{Asked, Progress, rewind};
use crate::device::Device;
use crate::error::Result;
use crate::store::meta::{self, Name};
use crate::store::{cursors, outbox};

/// The body of the next request, and what its answer will be judged by.
pub(crate) fn build(device: &Device, progress: &mut Progress) -> Result<(String, Asked)> {
    let store = device.store();
    let me = device.me()?;
    let (unsent, more_unsent) = match progress.push_stalled {
        true => (Vec::new(), false),
        false => outbox::next_unsent(store, limits::PUSH_BYTES, limits::CHANGESETS_MAX)?,
    };
    let mut push = Vec::new();
    if let Some(first) = unsent.first() {
        let sealed = unsent.iter().map(|packed| (packed.signature, (packed.seq + 1 - packed.first) as usize)).collect();
        push.push(Push { after: outbox::hash_before(store, first.first)?, sealed, writer: me.writer });
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
    let control = Request {
        applied: meta::number(store, Name::Applied)? as u64,
        // Push before pull: a save never waits for rows.
        budget: more_unsent.then_some(0),
        cursors: differing.map(|(area, standing)| (*area, standing.cursor)).collect(),
        decided: decided(store, me.writer)?,
        directory: meta::find(store, Name::Directory)?,
        heal: Vec::new(),
        last: outbox::last(store)?,
        lives: Vec::new(),
        minted: Vec::new(),
        missing: Vec::new(),
        protocol: Window::OURS,
        push,
        scope,
        witness: witnesses.len(),
        writer: me.writer,
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
    Ok((body, Asked { turn: meta::number(store, Name::Turn)?, pushed }))
}

/// The last decision that the device holds, where there was any.
fn decided(store: &Connection, writer: WriterId) -> Result<Vec<(WriterId, u64)>> {
    let number = meta::number(store, Name::Decided)?;
    Ok(if number > 0 { vec![(writer, number as u64)] } else { Vec::new() })
}
