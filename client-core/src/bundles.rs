//! Bundles: what the server lacks, in parcels that anyone can carry and only the server can read, and the receipts for them.

use sync_protocol::blobs::Standing;
use sync_protocol::changeset::WriterKey;
use sync_protocol::entry::Recipient;
use sync_protocol::limits::BLOB_PART_BYTES;
use sync_protocol::parcel::{Carried, Label};
use sync_protocol::receipt::Receipt;

use crate::device::Device;
use crate::env::dice;
use crate::error::{Error, Result};
use crate::lifeboat;
use crate::store::attachments::{self, State};
use crate::store::meta::{self, Name};
use crate::store::{blobs, lives, outbox};
use crate::sync::{Outgoing, Reply, refusal};

/// Where bundles go.
const BUNDLE_PATH: &str = "/sync/v1/bundle";
/// Files whose names are read from the store at once.
const FILES_AT_ONCE: usize = 512;

/// What a receipt was news of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Saves that the server has.
    pub saves: u64,
    /// Files that the server has.
    pub files: u64,
}

impl Device {
    /// What a bundle would hold now: every changeset that the server has neither stored nor refused, then the pieces of
    /// every file of a save that it lacks, in order. `None` where the server has not told its key yet.
    ///
    /// Each label is made into its parcel by [`Device::parcel`]; any part of them makes a bundle.
    pub fn bundle(&self) -> Result<Option<Vec<Label>>> {
        if lifeboat::recipient(self.store())?.is_none() {
            return Ok(None);
        }
        let lives = lives::list(self.store())?;
        let mut labels = Vec::new();
        for packed in outbox::list_unsent(self.store())? {
            let life = lives.of(packed.seq)?;
            labels.push(Label::Changeset { writer: life.writer, seq: life.number(packed.seq), hash: packed.hash });
        }
        // What a lost store had sealed is carried as it lies in the outbox file.
        let strays = if self.adrift()? > 0 { self.strays() } else { &[] };
        labels.extend(strays.iter().map(|&(writer, seq, hash)| Label::Changeset { writer, seq, hash }));
        let (writer, mut after) = (self.me()?.writer, None);
        loop {
            let due = attachments::list_due(self.store(), false, after, FILES_AT_ONCE)?;
            for (blob, bytes) in &due {
                let starts = (0..*bytes).step_by(BLOB_PART_BYTES);
                labels.extend(starts.map(|from| Label::Piece { writer, blob: *blob, bytes: *bytes, from }));
            }
            after = due.last().map(|(blob, _)| *blob);
            if due.len() < FILES_AT_ONCE {
                return Ok(Some(labels));
            }
        }
    }

    /// The parcel with this label, as it stands in a file; `None` where its bytes are not here any more, or damaged.
    pub fn parcel(&self, label: &Label) -> Result<Option<Vec<u8>>> {
        let Some(recipient) = lifeboat::recipient(self.store())? else { return Ok(None) };
        let lives = lives::list(self.store())?;
        match *label {
            Label::Changeset { writer, seq, hash } => {
                let Some(life) = lives.find(writer) else { return Ok(self.stray(&(writer, seq, hash))) };
                let found = outbox::list_after(self.store(), life.place(seq).saturating_sub(1), 1)?;
                match found.first() {
                    Some(packed) if packed.seq == life.place(seq) && packed.hash == hash => {
                        let entry = lifeboat::entry(self.store(), &lives, packed, recipient, self.env())?;
                        Ok(Some(entry.to_bytes()))
                    }
                    _ => Ok(self.stray(&(writer, seq, hash))),
                }
            }
            Label::Piece { blob, bytes, from, .. } => {
                let files = self.files()?;
                // Once a file: a piece of one that was damaged since is found wrong at the server.
                if from == 0 && !blobs::is_whole(files, blob, bytes)? {
                    return Ok(None);
                }
                let part = blobs::read(files, blob, from, BLOB_PART_BYTES)?;
                let minted = crate::sync::all_statements(self.store(), &lives)?;
                let body = Carried::body(label, &self.me()?.signer, minted, &part);
                Ok(Some(recipient.seal_parcel(dice(self.env()), *label, &body).to_bytes()))
            }
        }
    }

    /// The key of the server that parcels are encrypted to; `None` until it was told.
    pub fn recipient(&self) -> Result<Option<Recipient>> {
        lifeboat::recipient(self.store())
    }

    /// What to send to bring a part of a bundle, whoever's it is: whole parcels, at most
    /// [`sync_protocol::limits::BUNDLE_PART_BYTES`].
    pub fn bundle_request(&self, part: Vec<u8>) -> Result<Outgoing> {
        let bearer = meta::find(self.store(), Name::Access)?;
        Ok(Outgoing { ticket: 0, path: BUNDLE_PATH, bearer, body: part })
    }

    /// The receipt that the server answered with.
    pub fn bundle_answer(&self, reply: &Reply) -> Result<Receipt> {
        if reply.status != 200 {
            return Err(refusal(reply));
        }
        let receipt: Receipt = serde_json::from_slice(&reply.body).map_err(|_| Error::BadAnswer("no receipt"))?;
        self.check_receipt(&receipt)?;
        Ok(receipt)
    }

    fn check_receipt(&self, receipt: &Receipt) -> Result<()> {
        let root = meta::find::<[u8; 32]>(self.store(), Name::Root)?.and_then(|root| WriterKey::from_bytes(&root));
        match receipt.is_from(&root.ok_or(Error::NotEnrolled)?) {
            true => Ok(()),
            false => Err(Error::BadAnswer("a receipt that is not from the server of this device")),
        }
    }

    /// Takes the server's receipt for a bundle. One that this device's server did not give changes nothing.
    ///
    /// A save is acknowledged where its changeset is the very one that the receipt names. No file is forgotten for a receipt:
    /// it may be an old one.
    pub fn take_receipt(&mut self, receipt: &Receipt) -> Result<Received> {
        self.check_receipt(receipt)?;
        let synced_at = meta::number(self.store(), Name::SyncedAt)?;
        // A sync has told since what the server has, and may have told that it was restored and lacks some again.
        if synced_at > 0 && receipt.at < synced_at.saturating_add(meta::number(self.store(), Name::Skew)?) {
            return Ok(Received::default());
        }
        let step = self.transaction()?;
        let lives = lives::list(&step)?;
        let mut received = Received::default();
        for (writer, seq, hash) in &receipt.changesets {
            if let Some(life) = lives.find(*writer) {
                received.saves += outbox::mark_one_stored(&step, life.place(*seq), *hash)?;
            }
        }
        for (blob, standing) in &receipt.files {
            let state = match standing {
                Standing::Here | Standing::BackedUp => State::Here,
                Standing::Refused(_) => State::Refused,
                Standing::Wanted(_) => continue,
            };
            let is_news = attachments::settle(&step, *blob, state)?;
            received.files += u64::from(is_news && state == State::Here);
        }
        step.commit()?;
        Ok(received)
    }
}
