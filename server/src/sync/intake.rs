//! Bundles and outbox files, whoever carried them: parcels of changesets and of files are taken in as they come.

use std::collections::{BTreeMap, BTreeSet};

use sync_protocol::blobs::{Piece, Standing};
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::parcel::{Carried as CarriedPiece, Label, Parcel, Sieve};
use sync_protocol::receipt::Receipt;
use sync_protocol::{BlobHash, WriterId};

use super::carried::deposit_body;
use super::{Hub, Refused, judge, minted};
use crate::attachments::{self, Bringer};
use crate::error::{Result, bad_request, no_room_for_saves};
use crate::instance::Instance;
use crate::store::db;
use crate::store::{changesets, writers};

/// What became of the parcels of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Changesets found whole.
    pub entries: usize,
    /// Changesets stored for the first time.
    pub stored: usize,
    /// Changesets that were not stored, and bodies that are none.
    pub refused: usize,
    /// Parcels that are encrypted to another server.
    pub foreign: usize,
    /// Pieces of files found whole.
    pub pieces: usize,
    /// Pieces that are not their writer's.
    pub pieces_refused: usize,
    /// Files of these pieces that are here.
    pub files: usize,
}

/// Takes a bundle in as its bytes come, as if the devices had sent it; what is there already stays as it is.
pub struct Intake<'a> {
    hub: &'a Hub,
    instance: &'a Instance,
    sieve: Sieve,
    carried: Carried,
    writers: BTreeSet<WriterId>,
    changesets: BTreeSet<(WriterId, u64, ChangesetHash)>,
    files: BTreeMap<BlobHash, Standing>,
}

impl std::fmt::Debug for Intake<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Intake({:?})", self.carried)
    }
}

impl<'a> Intake<'a> {
    /// Begins.
    pub fn start(hub: &'a Hub, instance: &'a Instance) -> Intake<'a> {
        let (sieve, carried, writers, changesets, files) = Default::default();
        Intake { hub, instance, sieve, carried, writers, changesets, files }
    }

    /// The next bytes. After an error what came before it is kept, and the whole may be brought again.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.sieve.feed(bytes);
        self.take_whole()
    }

    /// No more bytes come: judges what came, and gives the receipt for it.
    pub fn finish(mut self) -> Result<(Carried, Receipt)> {
        self.sieve.end();
        self.take_whole()?;
        judge::judge(self.hub, self.writers.iter().copied().collect())?;
        self.carried.files =
            self.files.values().filter(|standing| matches!(standing, Standing::Here | Standing::BackedUp)).count();
        let receipt = self.receipt()?;
        self.hub.store.flush()?;
        Ok((self.carried, receipt))
    }

    fn take_whole(&mut self) -> Result<()> {
        while let Some(parcel) = self.sieve.next_parcel() {
            self.take(&parcel)?;
        }
        if self.sieve.gave_up() {
            return Err(bad_request("bad_body", "This is no bundle, or a badly damaged one."));
        }
        Ok(())
    }

    fn take(&mut self, parcel: &Parcel) -> Result<()> {
        if self.hub.is_short_of_room() {
            return Err(no_room_for_saves());
        }
        match parcel.label {
            Label::Changeset { writer, seq, hash } => {
                self.carried.entries += 1;
                self.changesets.insert((writer, seq, hash));
            }
            Label::Piece { .. } => self.carried.pieces += 1,
        }
        let Some(body) = self.instance.keys.identity.open_parcel(parcel) else {
            self.carried.foreign += 1;
            return Ok(());
        };
        match parcel.label {
            Label::Changeset { writer, .. } => {
                self.writers.insert(writer);
                self.take_changeset(&body)
            }
            Label::Piece { .. } => self.take_piece(&parcel.label, &body),
        }
    }

    fn take_changeset(&mut self, body: &[u8]) -> Result<()> {
        match deposit_body(self.hub, body) {
            Ok((stored, refused)) => {
                self.carried.stored += stored;
                self.carried.refused += refused;
            }
            Err(Refused::Store(error)) => return Err(Refused::Store(error).into()),
            Err(_) => self.carried.refused += 1,
        }
        Ok(())
    }

    fn take_piece(&mut self, label: &Label, body: &[u8]) -> Result<()> {
        let Label::Piece { writer, blob, bytes, from } = *label else { return Ok(()) };
        let by = match CarriedPiece::parse(body) {
            Some(carried) => self.bringer(writer, label, &carried)?.map(|by| (by, carried.bytes)),
            None => None,
        };
        let Some((by, came)) =
            by.filter(|(_, came)| from.checked_add(came.len() as u64).is_some_and(|end| end <= bytes))
        else {
            self.carried.pieces_refused += 1;
            return Ok(());
        };
        let piece = Piece { blob, bytes, from, len: came.len() as u64 };
        let (standings, trouble) = attachments::bring(self.instance, by, &[(piece, &came)])?;
        self.files.extend(standings);
        trouble.map_or(Ok(()), |problem| Err(problem.into()))
    }

    /// Whose piece it is; `None` where its signature does not say so.
    fn bringer(&self, writer: WriterId, label: &Label, carried: &CarriedPiece) -> Result<Option<Bringer>> {
        minted::enrol_all(self.hub, &carried.minted)?;
        let found = self.hub.store.read(|tx| writers::find(tx, writer))?;
        let signed = found.filter(|writer| carried.is_from(&writer.key, label));
        let Some(user) = signed.and_then(|writer| writer.user) else { return Ok(None) };
        Ok(Some(Bringer { user, device: self.hub.store.read(|tx| writers::device_of(tx, writer))? }))
    }

    fn receipt(&self) -> Result<Receipt> {
        let (durable, stored) = self.hub.store.read(|tx| {
            let mut durable = Vec::new();
            for (writer, seq, hash) in &self.changesets {
                if changesets::ending_at(tx, *writer, *seq)?.is_some_and(|place| place.hash == *hash) {
                    durable.push((*writer, *seq, *hash));
                }
            }
            let mut stored = Vec::new();
            for writer in &self.writers {
                let applied = writers::find(tx, *writer)?.map_or(0, |writer| writer.applied);
                if applied > 0 {
                    stored.push((*writer, 1, applied));
                }
                let waiting = changesets::waiting_ranges(tx, *writer, applied)?;
                stored.extend(waiting.into_iter().map(|(first, last)| (*writer, first, last)));
            }
            Ok::<_, db::Error>((durable, stored))
        })?;
        let files = self.files.iter().map(|(blob, standing)| (*blob, *standing)).collect();
        Ok(Receipt::issue(&self.instance.keys.root, self.instance.now(), durable, files, stored))
    }
}
