//! Where a carrier keeps what it was given until the server has it, and the receipts until their devices do: a folder beside
//! its store. The file of parcels is a bundle like any other; `tilik-server bundle read` takes it, too.
//!
//! Two programs may be at it at once, one that listens and one that syncs: each change is made under a lock on the disk.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sync_protocol::BlobHash;
use sync_protocol::blobs::Standing;
use sync_protocol::parcel::{Label, Parcel, Sieve};
use sync_protocol::receipt::Receipt;

/// Bytes of all parcels that a carrier takes: some forty thousand photos.
pub(super) const PARCELS_BYTES_MAX: u64 = 8 << 30;
/// Bytes of receipts that are kept; the oldest go first.
const RECEIPTS_BYTES_MAX: u64 = 32 << 20;
/// Bytes that are read at once.
const BYTES_AT_ONCE: usize = 256 << 10;

/// The folder.
#[derive(Debug, Clone)]
pub struct Chest(PathBuf);

impl Chest {
    /// Opens the folder, or makes it.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Chest> {
        let folder = folder.into();
        if !folder.is_dir() {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&folder)?;
        }
        Ok(Chest(folder))
    }

    /// The file of parcels.
    pub fn parcels_file(&self) -> PathBuf {
        self.0.join("parcels")
    }

    fn receipts_file(&self) -> PathBuf {
        self.0.join("receipts")
    }

    /// Whoever holds this is alone; given back when dropped.
    fn alone(&self) -> io::Result<File> {
        let lock = File::create(self.0.join("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// Bytes of parcels that lie here.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(self.parcels_file()).map_or(0, |metadata| metadata.len())
    }

    /// Every parcel that lies here whole, in the order it came.
    pub fn each_parcel<E: From<io::Error>>(&self, mut take: impl FnMut(Parcel) -> Result<(), E>) -> Result<(), E> {
        let mut file = match File::open(self.parcels_file()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let (mut sieve, mut bytes) = (Sieve::default(), vec![0; BYTES_AT_ONCE]);
        loop {
            match file.read(&mut bytes)? {
                0 => sieve.end(),
                read => sieve.feed(&bytes[..read]),
            }
            while let Some(parcel) = sieve.next_parcel() {
                take(parcel)?;
            }
            if sieve.is_at_end() {
                return Ok(());
            }
        }
    }

    /// The labels of all of them.
    pub fn labels(&self) -> io::Result<BTreeSet<Label>> {
        let mut labels = BTreeSet::new();
        self.each_parcel(|parcel| {
            labels.insert(parcel.label);
            Ok::<_, io::Error>(())
        })?;
        Ok(labels)
    }

    /// Puts a parcel in; on the disk after [`Chest::flush`]. One that is torn by a death hides none that comes behind it.
    pub(super) fn put(&self, parcel: &[u8]) -> io::Result<()> {
        let _alone = self.alone()?;
        let mut file = OpenOptions::new().create(true).append(true).open(self.parcels_file())?;
        file.write_all(parcel)
    }

    /// What was put in is on the disk when this returns.
    pub(super) fn flush(&self) -> io::Result<()> {
        let _alone = self.alone()?;
        OpenOptions::new().create(true).append(true).open(self.parcels_file())?.sync_all()?;
        self.sync_folder()
    }

    /// Keeps a receipt, and then lets go of what it says has arrived: a death between the two brings some of it twice.
    pub(super) fn settle(&self, receipts: &[Receipt]) -> io::Result<()> {
        let _alone = self.alone()?;
        self.keep(receipts)?;
        let (changesets, files) = arrived(receipts);
        let is_done = |label: &Label| match label {
            Label::Changeset { .. } => changesets.contains(label),
            Label::Piece { blob, .. } => files.contains(blob),
        };
        let draft = self.0.join("parcels.new");
        let mut rest = File::create(&draft)?;
        self.each_parcel(|parcel| if is_done(&parcel.label) { Ok(()) } else { rest.write_all(&parcel.to_bytes()) })?;
        rest.sync_all()?;
        std::fs::rename(&draft, self.parcels_file())?;
        self.sync_folder()
    }

    fn keep(&self, receipts: &[Receipt]) -> io::Result<()> {
        let path = self.receipts_file();
        let mut lines = Vec::new();
        for receipt in receipts {
            // A line of its own, whatever a death has left of the last one.
            lines.push(b'\n');
            serde_json::to_writer(&mut lines, receipt)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(&lines)?;
        file.sync_all()?;
        if file.metadata()?.len() <= RECEIPTS_BYTES_MAX {
            return Ok(());
        }
        let all = std::fs::read(&path)?;
        let draft = self.0.join("receipts.new");
        let mut later = File::create(&draft)?;
        later.write_all(&all[all.len() / 2..])?;
        later.sync_all()?;
        std::fs::rename(draft, path)
    }

    /// Receipts that say of any of these that it arrived.
    pub(super) fn receipts_for(&self, labels: &[Label]) -> io::Result<Vec<Vec<u8>>> {
        let text = match std::fs::read(self.receipts_file()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let mut found = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            let Ok(receipt) = serde_json::from_slice::<Receipt>(line) else { continue };
            let (changesets, files) = arrived(std::slice::from_ref(&receipt));
            let names = |label: &Label| match label {
                Label::Changeset { .. } => changesets.contains(label),
                Label::Piece { blob, .. } => files.contains(blob),
            };
            if labels.iter().any(names) {
                found.push(line.to_vec());
            }
        }
        Ok(found)
    }

    fn sync_folder(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(Path::new(&self.0))?.sync_all() } else { Ok(()) }
    }
}

/// What receipts say has arrived, or is not wanted.
fn arrived(receipts: &[Receipt]) -> (BTreeSet<Label>, BTreeSet<BlobHash>) {
    let changesets = receipts.iter().flat_map(|receipt| &receipt.changesets);
    let changesets = changesets.map(|(writer, seq, hash)| Label::Changeset { writer: *writer, seq: *seq, hash: *hash });
    let files = receipts.iter().flat_map(|receipt| &receipt.files);
    let files = files.filter(|(_, standing)| !matches!(standing, Standing::Wanted(_))).map(|(blob, _)| *blob);
    (changesets.collect(), files.collect())
}
