//! Attachments on a device: the bytes of photos and other files, on the disk before anything names them.
//!
//! They lie in a file beside the store. A draft thrown away frees its own; a save keeps what it names until every backup of
//! the server holds it.

use rusqlite::Connection;
use sync_protocol::{Attachment, BlobHash, limits};

use crate::device::Device;
use crate::error::{Error, Result, bad_input};
use crate::photos::{Prepared, Scaling, Wanted, ending_of, prepare};
use crate::store::{Place, attachments, blobs};
use crate::visits::Visit;

/// Milliseconds after which bytes that nobody came to name are dropped: a process was killed between the two.
const UNNAMED_MS: i64 = 86_400_000;
/// Letters of the question's name in a file's name.
const QUESTION_LETTERS_MAX: usize = 60;
/// Digits of the hash in a file's name: two photos of one question differ in it.
const NAME_DIGITS: usize = 12;

/// A file that was taken into a visit: answer its question with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What the answers call it, its length and media type.
    pub named: Attachment,
    /// Width and height, where it is a picture that was looked at.
    pub size: Option<(u32, u32)>,
}

impl Device {
    /// Takes a file into a visit: scaled, freed of what the camera wrote beside it, and on the disk when this returns.
    ///
    /// The question is answered by [`Attached::named`]'s name; one that is never answered goes with the draft.
    pub fn attach(&mut self, visit: &Visit, file: Vec<u8>, wanted: &Wanted, scaling: Scaling) -> Result<Attached> {
        let Prepared { bytes, media, size } = prepare(file, wanted, scaling)?;
        if bytes.is_empty() || bytes.len() > limits::BLOB_BYTES_MAX {
            return Err(bad_input("a file is empty, or larger than one may be"));
        }
        let blob = BlobHash::of(&bytes);
        let question: String = wanted.question.chars().take(QUESTION_LETTERS_MAX).collect();
        let name = format!("{question}-{}.{}", &blob.to_string()[..NAME_DIGITS], ending_of(media));
        let named = Attachment { blob, bytes: bytes.len() as u64, name, media: media.to_owned() };
        if !named.is_bounded() {
            return Err(bad_input("the name of the question is too long"));
        }
        let (now, draft) = (self.env().now_ms(), visit.draft());
        blobs::put(self.files()?, blob, &bytes, now)?;
        let step = self.transaction()?;
        attachments::put_in_draft(&step, draft, &named)?;
        step.commit()?;
        Ok(Attached { named, size })
    }

    /// The bytes of a file, while they lie here.
    pub fn attachment(&self, blob: BlobHash) -> Result<Option<Vec<u8>>> {
        let files = self.files()?;
        let Some(bytes) = blobs::find(files, blob)? else { return Ok(None) };
        blobs::read(files, blob, 0, usize::try_from(bytes).unwrap_or(usize::MAX)).map(Some)
    }

    /// The file of bytes, opened when it is first needed.
    pub(crate) fn files(&self) -> Result<&Connection> {
        if let Some(files) = self.open_files() {
            return Ok(files);
        }
        let place = blobs::place(self.place());
        let files = match blobs::open(&place, self.key()) {
            Err(Error::WrongKey | Error::FileDamaged) => self.anew(&place)?,
            opened => opened?,
        };
        reconcile(self.store(), &files, self.env().now_ms())?;
        Ok(self.set_files(files))
    }

    /// Opens the file of bytes where there is one, and finds files of saves that the store does not know of: it was made anew.
    pub(crate) fn look_for_files(&self) -> Result<()> {
        match blobs::place(self.place()) {
            Place::File(path) if path.exists() => self.files().map(|_| ()),
            _ => Ok(()),
        }
    }

    /// A damaged file is kept aside. What it held is missing from now on, and told to the server file by file.
    fn anew(&self, place: &Place) -> Result<Connection> {
        #[cfg(not(target_family = "wasm"))]
        if let Place::File(path) = place {
            crate::set_aside(path, self.env().now_ms()).map_err(|_| Error::FileDamaged)?;
            return blobs::open(place, self.key());
        }
        let _ = place;
        Err(Error::FileDamaged)
    }

    /// Forgets bytes that nothing names any more. What fails here is done when the file is opened again.
    pub(crate) fn free(&self, hashes: &[BlobHash]) {
        if !hashes.is_empty() {
            let _ = self.files().and_then(|files| blobs::remove(files, hashes));
        }
    }

    /// Notes in the file of bytes what a save names now. What fails here is done when the file is opened again.
    pub(crate) fn note_saved(&self, hashes: &[BlobHash]) {
        if !hashes.is_empty() {
            let _ = self.files().and_then(|files| blobs::set_saved(files, hashes));
        }
    }
}

/// Brings the two files into agreement after a kill between them, or after one of them was lost.
fn reconcile(store: &Connection, files: &Connection, now_ms: i64) -> Result<()> {
    let known = attachments::all(store)?;
    let (mut saved, mut unnamed) = (Vec::new(), Vec::new());
    for held in blobs::list(files)? {
        match known.get(&held.hash) {
            Some(true) if !held.saved => saved.push(held.hash),
            Some(_) => {}
            None if held.saved => attachments::adopt(store, held.hash, held.bytes)?,
            // Another program at the same store may be about to name it.
            None if now_ms.saturating_sub(held.put_ms) > UNNAMED_MS => unnamed.push(held.hash),
            None => {}
        }
    }
    blobs::set_saved(files, &saved)?;
    blobs::remove(files, &unnamed)
}
