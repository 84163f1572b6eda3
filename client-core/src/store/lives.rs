//! The writers that this device has had: a life each. The present one's values stand in `meta`, earlier ones' here.
//!
//! On the device an own save is known by its *place*: its number, and for a later life that life times [`SPAN`] above it.
//! So places sort as the saves were sealed, a device that never changed its writer has its numbers for places, and whatever
//! a table says of a place holds for every life.

use rusqlite::{Connection, Row, named_params};
use sync_protocol::{Dot, Signer, WriterId};

use super::ids::Key;
use super::meta::{self, Name};
use crate::error::{Error, Result};

/// Places of one life: more saves than a device will ever seal.
pub(crate) const SPAN: u64 = 1 << 40;

/// One writer of this device, with how far its saves have come. All numbers but `life` are places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) life: u64,
    pub(crate) writer: WriterId,
    /// Highest save whose verdict is stored.
    pub(crate) applied: u64,
    /// Number of the last decision that is stored.
    pub(crate) decided: u64,
    pub(crate) backed_up: u64,
    /// The server may not know the writer.
    pub(crate) vouch: bool,
}

impl Life {
    /// The place of a save by its number; numbers beyond all bounds meet nothing.
    pub(crate) fn place(&self, number: u64) -> u64 {
        self.life * SPAN + number.min(SPAN - 1)
    }

    /// The number of a save by its place, 0 for one of an earlier life.
    pub(crate) fn number(&self, place: u64) -> u64 {
        place.saturating_sub(self.life * SPAN)
    }

    /// Whether a save is of this life.
    pub(crate) fn holds(&self, place: u64) -> bool {
        place / SPAN == self.life
    }
}

/// Every life, the earliest first and the present one last.
#[derive(Debug, Clone)]
pub(crate) struct Lives(Vec<Life>);

impl Lives {
    /// The present one.
    pub(crate) fn present(&self) -> Life {
        *self.0.last().expect("a device has a writer from its enrolment on")
    }

    /// The life of a writer.
    pub(crate) fn find(&self, writer: WriterId) -> Option<Life> {
        self.0.iter().find(|life| life.writer == writer).copied()
    }

    /// The life that a place is of.
    pub(crate) fn of(&self, place: u64) -> Result<Life> {
        self.0.iter().find(|life| life.holds(place)).copied().ok_or(Error::FileDamaged)
    }

    /// The name of a save by its place.
    pub(crate) fn dot(&self, place: u64) -> Result<Dot> {
        let life = self.of(place)?;
        Ok(Dot { writer: life.writer, save: life.number(place) })
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Life> {
        self.0.iter()
    }
}

/// Every life of an enrolled device.
pub(crate) fn list(store: &Connection) -> Result<Lives> {
    let mut query =
        store.prepare_cached("SELECT life, writer, applied, decided, backed_up, vouch FROM lives ORDER BY life")?;
    let mut lives = query.query_map([], read)?.collect::<rusqlite::Result<Vec<Life>>>()?;
    let writer: [u8; 16] = meta::find(store, Name::Writer)?.ok_or(Error::NotEnrolled)?;
    lives.push(Life {
        life: meta::number(store, Name::Life)? as u64,
        writer: WriterId::of(writer),
        applied: meta::number(store, Name::Applied)? as u64,
        decided: meta::number(store, Name::Decided)? as u64,
        backed_up: meta::number(store, Name::BackedUp)? as u64,
        vouch: meta::number(store, Name::Vouch)? == 1,
    });
    Ok(Lives(lives))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Life> {
    let number = |at: usize| row.get::<_, i64>(at).map(|number| number as u64);
    Ok(Life {
        life: number(0)?,
        writer: WriterId::of(row.get(1)?),
        applied: number(2)?,
        decided: number(3)?,
        backed_up: number(4)?,
        vouch: row.get(5)?,
    })
}

/// The key of a life.
pub(crate) fn signer(store: &Connection, life: &Life) -> Result<Signer> {
    let found: Option<[u8; 32]> = match life.life == meta::number(store, Name::Life)? as u64 {
        true => meta::find(store, Name::Secret)?,
        false => {
            let mut query = store.prepare_cached("SELECT secret FROM lives WHERE life = $life")?;
            Some(query.query_row(named_params! {"$life": life.life as i64}, |row| row.get(0))?)
        }
    };
    Ok(Signer::from_secret(&found.ok_or(Error::FileDamaged)?))
}

/// Writer and secret of every life, the present one last.
pub(crate) fn list_secrets(store: &Connection) -> Result<Vec<([u8; 16], [u8; 32])>> {
    let mut query = store.prepare_cached("SELECT writer, secret FROM lives ORDER BY life")?;
    let mut lives = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let present = meta::find(store, Name::Writer)?.zip(meta::find(store, Name::Secret)?);
    lives.push(present.ok_or(Error::FileDamaged)?);
    Ok(lives)
}

/// Closes the present life and begins the next one with this writer and key.
pub(crate) fn begin(store: &Connection, writer: WriterId, secret: &[u8; 32]) -> Result<()> {
    let present = list(store)?.present();
    let old: [u8; 32] = meta::find(store, Name::Secret)?.ok_or(Error::FileDamaged)?;
    store
        .prepare_cached(
            "INSERT INTO lives (life, writer, secret, applied, decided, backed_up, vouch)
             VALUES ($life, $writer, $secret, $applied, $decided, $backed_up, $vouch)",
        )?
        .execute(named_params! {
            "$life": present.life as i64,
            "$writer": present.writer.key(),
            "$secret": old.as_slice(),
            "$applied": present.applied as i64,
            "$decided": present.decided as i64,
            "$backed_up": present.backed_up as i64,
            "$vouch": present.vouch,
        })?;
    let life = Life { life: present.life + 1, ..present };
    meta::set(store, Name::Life, life.life as i64)?;
    meta::set(store, Name::Writer, writer.key())?;
    meta::set(store, Name::Secret, secret.as_slice())?;
    meta::set(store, Name::Applied, life.place(0) as i64)?;
    meta::set(store, Name::BackedUp, life.place(0) as i64)?;
    meta::clear(store, Name::Decided)?;
    meta::set(store, Name::Vouch, 1)
}

/// Stores how far a life's saves have come.
pub(crate) fn put(store: &Connection, life: &Life) -> Result<()> {
    if life.life == meta::number(store, Name::Life)? as u64 {
        for (name, now) in [
            (Name::Applied, life.applied),
            (Name::BackedUp, life.backed_up),
            (Name::Decided, life.decided),
            (Name::Vouch, u64::from(life.vouch)),
        ] {
            if meta::number(store, name)? as u64 != now {
                meta::set(store, name, now as i64)?;
            }
        }
        return Ok(());
    }
    store
        .prepare_cached(
            "UPDATE lives SET applied = $applied, decided = $decided, backed_up = $backed_up, vouch = $vouch
             WHERE life = $life",
        )?
        .execute(named_params! {
            "$life": life.life as i64,
            "$applied": life.applied as i64,
            "$decided": life.decided as i64,
            "$backed_up": life.backed_up as i64,
            "$vouch": life.vouch,
        })?;
    Ok(())
}

/// The server does not know one of the writers any more: each is vouched for again.
pub(crate) fn vouch_for_all(store: &Connection) -> Result<()> {
    store.prepare_cached("UPDATE lives SET vouch = 1")?.execute([])?;
    meta::set(store, Name::Vouch, 1)
}
