//! What a device keeps outside its store: the outbox file, and the token of this installation.
//!
//! The outbox file holds every sealed changeset, encrypted to the server, so that neither a damaged store nor a lost key
//! locks saved work in. It is appended to before anybody says "saved"; what is missing in it is copied at the next opening.
//! The token tells a store that was copied or restored from the one that this installation made.

#[cfg(not(target_family = "wasm"))]
mod beside;

use std::collections::BTreeSet;
use std::io;

#[cfg(not(target_family = "wasm"))]
pub use beside::Beside;
use rusqlite::Connection;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::entry::{Entry, Recipient};
use sync_protocol::exchange::{Push, Request, control_body};
use sync_protocol::version::Window;

use crate::device::Device;
use crate::env::{Env, dice};
use crate::error::{Error, Result};
use crate::papers;
use crate::salvage;
use crate::store::lives::{self, Life, Lives};
use crate::store::meta::{self, Name};
use crate::store::outbox;
use crate::sync::rotate;

/// Changesets that are made into entries at once.
const ENTRIES_AT_ONCE: usize = 64;

/// Bytes of entries that are not needed any more, from which on the outbox file is written anew.
const SHORTEN_BYTES_MIN: usize = 64 << 10;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The token of the installation, 32 hex digits.
    Token,
    /// The outbox file.
    Outbox,
    /// Who the device is, readable with the store's key alone.
    Papers,
}

/// Where a device keeps what must outlive its store. Every method returns when its work is on the disk.
pub trait Lifeboat: Send + Sync {
    /// All that is kept there; `None` where nothing is.
    fn read(&self, what: Kept) -> io::Result<Option<Vec<u8>>>;
    /// Adds to its end.
    fn append(&self, what: Kept, bytes: &[u8]) -> io::Result<()>;
    /// Puts these bytes in the place of all others, at once or not at all.
    fn replace(&self, what: Kept, bytes: &[u8]) -> io::Result<()>;
    /// What tells the place of the token from that of a copy of it; empty where nothing does.
    fn mark(&self) -> String {
        String::new()
    }
}

/// Looks at the token and the outbox file; a store that is not the one that this installation wrote last gets a new writer.
pub(crate) fn board(device: &mut Device) -> Result<()> {
    if device.me().is_err_and(|error| matches!(error, Error::NotEnrolled)) {
        return Ok(());
    }
    let env = device.shared_env();
    let Some(boat) = device.lifeboat() else { return Ok(()) };
    let lives = lives::list(device.store())?;
    // A file that cannot be read is no proof of anything: work goes on.
    let Ok(token) = boat.read(Kept::Token) else { return Ok(()) };
    let entries = salvage::entries(boat.as_ref());
    let recorded: Option<String> = meta::find(device.store(), Name::Token)?;
    let found = token.map(|token| format!("{} {}", String::from_utf8_lossy(&token), boat.mark()));
    let is_other = recorded.is_some() && recorded != found;
    if is_other || knows_more(device.store(), &lives, &entries)? {
        let step = device.transaction()?;
        rotate::mint(&step, env.as_ref())?;
        step.commit()?;
    }
    if recorded.is_none() || is_other {
        set_token(device, env.as_ref())?;
    }
    let strays = salvage::strays(device.store(), &lives, &entries)?;
    device.set_strays(strays);
    let held: BTreeSet<ChangesetHash> = entries.iter().map(|entry| entry.hash).collect();
    device.set_afloat(0);
    fill(device, |hash| held.contains(&hash));
    papers::keep(device);
    Ok(())
}

/// Whether the outbox file holds a later save of the present writer than the store: the store has lost its end.
fn knows_more(store: &Connection, lives: &Lives, entries: &[Entry]) -> Result<bool> {
    let present = lives.present();
    let last = outbox::last(store, &present)?.map_or(0, |(seq, _)| present.number(seq));
    Ok(entries.iter().any(|entry| entry.writer == present.writer && entry.seq > last))
}

/// A new token, first outside and then in the store: a death between the two is suspected once more, and harms nothing.
fn set_token(device: &mut Device, env: &dyn Env) -> Result<()> {
    let Some(boat) = device.lifeboat() else { return Ok(()) };
    let token: String = dice::<16>(env).iter().map(|byte| format!("{byte:02x}")).collect();
    if boat.replace(Kept::Token, token.as_bytes()).is_ok() {
        meta::set(device.store(), Name::Token, format!("{token} {}", boat.mark()))?;
    }
    Ok(())
}

/// Appends what was sealed since. A failure keeps nobody from working: the store holds the save, and the next call, the
/// next save's or the next opening's, appends what this one did not.
pub(crate) fn float(device: &mut Device) {
    fill(device, |_| false);
}

fn fill(device: &mut Device, is_held: impl Fn(ChangesetHash) -> bool) {
    // A failed read of a healthy store is told by whatever the person does next.
    while let Ok(true) = fill_some(device, &is_held) {}
}

fn fill_some(device: &mut Device, is_held: &impl Fn(ChangesetHash) -> bool) -> Result<bool> {
    let Some(recipient) = recipient(device.store())? else {
        return Ok(false);
    };
    let (Some(boat), env) = (device.lifeboat(), device.shared_env()) else { return Ok(false) };
    let after = device.afloat();
    let sealed = outbox::list_after(device.store(), after, ENTRIES_AT_ONCE)?;
    let Some(last) = sealed.last().map(|packed| packed.seq) else { return Ok(false) };
    let lives = lives::list(device.store())?;
    let mut bytes = Vec::new();
    for packed in &sealed {
        // What every backup of the server holds was taken out of the file.
        let is_past = packed.seq <= lives.of(packed.seq)?.backed_up && outbox::is_stored(device.store(), packed.seq)?;
        if !is_past && !is_held(packed.hash) {
            bytes.extend(entry(device.store(), &lives, packed, recipient, env.as_ref())?.to_bytes());
        }
    }
    if !bytes.is_empty() && boat.append(Kept::Outbox, &bytes).is_err() {
        return Ok(false);
    }
    device.set_afloat(last);
    Ok(true)
}

/// Takes out of the outbox file what every backup of the server holds, once that is worth to write it anew; `strays`: what
/// of it the store does not hold.
///
/// The new file is whole on the disk before it takes the place of the old one. What another program appends meanwhile is
/// in its store, and is copied at the next opening.
pub(crate) fn shorten(device: &mut Device, strays: &BTreeSet<ChangesetHash>) -> Result<()> {
    let Some(boat) = device.lifeboat() else { return Ok(()) };
    let lives = lives::list(device.store())?;
    let reach: u64 = lives.iter().map(|life| life.number(life.backed_up)).sum();
    if strays.is_empty() && reach == device.shortened() {
        return Ok(());
    }
    let bytes = boat.read(Kept::Outbox).ok().flatten().unwrap_or_default();
    let (mut rest, mut stray_left, mut gone) = (Vec::new(), Vec::new(), 0);
    for entry in Entry::list(&bytes) {
        let held = lives.find(entry.writer).filter(|life| is_held(device.store(), life, &entry).unwrap_or(true));
        let is_past = match held {
            Some(life) => {
                let place = life.place(entry.seq);
                place <= life.backed_up && outbox::is_stored(device.store(), place)?
            }
            None => strays.contains(&entry.hash),
        };
        match is_past {
            true => gone += entry.sealed.len(),
            false => rest.extend(entry.to_bytes()),
        }
        if !is_past && held.is_none() {
            stray_left.push(entry.name());
        }
    }
    if gone >= SHORTEN_BYTES_MIN && gone >= rest.len() && boat.replace(Kept::Outbox, &rest).is_ok() {
        // Of those that are gone the server is not asked again.
        let adrift = device.adrift()?;
        device.set_strays(stray_left);
        if adrift == 0 {
            meta::set(device.store(), Name::Ashore, device.strays().len() as i64)?;
        }
    }
    device.set_shortened(reach);
    Ok(())
}

/// Whether the store holds an entry's changeset.
pub(crate) fn is_held(store: &Connection, life: &Life, entry: &Entry) -> Result<bool> {
    Ok(outbox::hash_before(store, life.place(entry.seq) + 1)? == entry.hash)
}

/// The key that entries are encrypted to; `None` until the server has told it.
pub(crate) fn recipient(store: &Connection) -> Result<Option<Recipient>> {
    Ok(meta::find::<[u8; 32]>(store, Name::Recipient)?.map(Recipient))
}

/// A changeset as an entry: the body of a request that pushes it and nothing else.
pub(crate) fn entry(
    store: &Connection,
    lives: &Lives,
    packed: &outbox::Packed,
    recipient: Recipient,
    env: &dyn Env,
) -> Result<Entry> {
    let life: Life = lives.of(packed.seq)?;
    let saves = (packed.seq + 1 - packed.first) as usize;
    let push = Push {
        after: outbox::hash_before(store, packed.first)?,
        sealed: vec![(packed.signature, saves)],
        writer: life.writer,
    };
    let control = Request {
        applied: 0,
        budget: Some(0),
        cursors: vec![],
        decided: vec![],
        directory: None,
        heal: vec![],
        last: None,
        lives: vec![],
        minted: crate::sync::all_statements(store, lives)?,
        missing: vec![],
        protocol: Window::OURS,
        push: vec![push],
        scope: None,
        witness: 0,
        writer: life.writer,
    };
    let body = format!("{}{}\n{}\n", control_body(&control), packed.header, packed.payload);
    Ok(recipient.seal(dice(env), (life.writer, life.number(packed.seq), packed.hash), body.as_bytes()))
}
