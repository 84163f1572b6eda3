//! The second file of a device: the bytes of attachments, encrypted with the same key, so that photos neither swell the
//! store nor are lost with it.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::BlobHash;

use super::{Place, StoreKey};
use crate::error::{Error, Result};

const MIGRATIONS: &[&str] = &[include_str!("blobs/0001_first.sql")];
/// Bytes of one piece.
const PIECE_BYTES: usize = 64 << 10;

/// Where the bytes of a store's attachments lie.
pub(crate) fn place(store: &Place) -> Place {
    match store {
        Place::File(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push("-files");
            Place::File(name.into())
        }
        Place::Memory => Place::Memory,
    }
}

/// Opens the file, or makes it.
pub(crate) fn open(place: &Place, key: &StoreKey) -> Result<Connection> {
    let mut files = match place {
        Place::File(path) => Connection::open(path)?,
        Place::Memory => Connection::open_in_memory()?,
    };
    if matches!(place, Place::File(_)) {
        super::unlock(&files, key)?;
    }
    // What was uploaded gives its room back to the phone. It has to be said before there is anything in the file.
    files.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    super::settle(&files)?;
    // Pieces are read once and in order: no use to keep many of them.
    files.pragma_update(None, "cache_size", -2_048)?;
    super::migrate_by(&mut files, MIGRATIONS)?;
    Ok(files)
}

/// A file that lies here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) hash: BlobHash,
    pub(crate) bytes: u64,
    pub(crate) put_ms: i64,
    pub(crate) saved: bool,
}

/// Writes a file down; on the disk once this returns. One that lies here already is younger again.
pub(crate) fn put(files: &Connection, hash: BlobHash, bytes: &[u8], now_ms: i64) -> Result<()> {
    let step = files.unchecked_transaction()?;
    let known = step
        .prepare_cached("UPDATE blobs SET put_at = $now WHERE hash = $hash")?
        .execute(named_params! {"$hash": hash.0, "$now": now_ms})?;
    if known == 0 {
        step.prepare_cached("INSERT INTO blobs (hash, bytes, put_at) VALUES ($hash, $bytes, $now)")?
            .execute(named_params! {"$hash": hash.0, "$bytes": bytes.len() as i64, "$now": now_ms})?;
        let mut piece =
            step.prepare_cached("INSERT INTO pieces (hash, start, bytes) VALUES ($hash, $start, $bytes)")?;
        for (number, part) in bytes.chunks(PIECE_BYTES).enumerate() {
            let start = (number * PIECE_BYTES) as i64;
            piece.execute(named_params! {"$hash": hash.0, "$start": start, "$bytes": part})?;
        }
    }
    Ok(step.commit()?)
}

/// At most `most` bytes of a file from an offset on; fewer at its end, or where it is damaged.
pub(crate) fn read(files: &Connection, hash: BlobHash, from: u64, most: usize) -> Result<Vec<u8>> {
    let piece = PIECE_BYTES as u64;
    let mut query =
        files.prepare_cached("SELECT start, bytes FROM pieces WHERE hash = $hash AND start >= $from ORDER BY start")?;
    let mut rows = query.query(named_params! {"$hash": hash.0, "$from": (from / piece * piece) as i64})?;
    let mut bytes = Vec::with_capacity(most.min(1 << 20));
    while bytes.len() < most {
        let Some(row) = rows.next()? else { break };
        let start = row.get::<_, i64>(0)? as u64;
        let part = row.get_ref(1)?.as_blob().map_err(|_| Error::FileDamaged)?;
        let skip = (from + bytes.len() as u64).checked_sub(start).and_then(|skip| usize::try_from(skip).ok());
        let Some(rest) = skip.and_then(|skip| part.get(skip..)) else { break };
        bytes.extend_from_slice(&rest[..rest.len().min(most - bytes.len())]);
    }
    Ok(bytes)
}

/// Whether all bytes of a file lie here and are what they were.
pub(crate) fn is_whole(files: &Connection, hash: BlobHash, bytes: u64) -> Result<bool> {
    let mut hasher = blake3::Hasher::new();
    let mut query = files.prepare_cached("SELECT bytes FROM pieces WHERE hash = $hash ORDER BY start")?;
    let mut rows = query.query(named_params! {"$hash": hash.0})?;
    while let Some(row) = rows.next()? {
        hasher.update(row.get_ref(0)?.as_blob().map_err(|_| Error::FileDamaged)?);
    }
    Ok(hasher.count() == bytes && *hasher.finalize().as_bytes() == hash.0)
}

/// The length of a file that lies here.
pub(crate) fn find(files: &Connection, hash: BlobHash) -> Result<Option<u64>> {
    let mut query = files.prepare_cached("SELECT bytes FROM blobs WHERE hash = $hash")?;
    let found = query.query_row(named_params! {"$hash": hash.0}, |row| row.get::<_, i64>(0)).optional()?;
    Ok(found.map(|bytes| bytes as u64))
}

/// A sealed save names these.
pub(crate) fn set_saved(files: &Connection, hashes: &[BlobHash]) -> Result<()> {
    let step = files.unchecked_transaction()?;
    for hash in hashes {
        step.prepare_cached("UPDATE blobs SET saved = 1 WHERE hash = $hash AND saved = 0")?
            .execute(named_params! {"$hash": hash.0})?;
    }
    Ok(step.commit()?)
}

/// Forgets files, and gives their room back.
pub(crate) fn remove(files: &Connection, hashes: &[BlobHash]) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    let step = files.unchecked_transaction()?;
    for hash in hashes {
        step.prepare_cached("DELETE FROM blobs WHERE hash = $hash")?.execute(named_params! {"$hash": hash.0})?;
    }
    step.commit()?;
    // One row for each page that was freed.
    let mut vacuum = files.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Everything that lies here.
pub(crate) fn list(files: &Connection) -> Result<Vec<Held>> {
    let mut query = files.prepare_cached("SELECT hash, bytes, put_at, saved FROM blobs ORDER BY hash")?;
    let rows = query.query_map([], |row| {
        Ok(Held {
            hash: BlobHash(row.get(0)?),
            bytes: row.get::<_, i64>(1)? as u64,
            put_ms: row.get(2)?,
            saved: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_of_a_file_reads_back() {
        let files = open(&Place::Memory, &StoreKey::new([1; 32])).expect("opens");
        let photo: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let hash = BlobHash::of(&photo);
        put(&files, hash, &photo, 1).expect("put");
        put(&files, hash, &photo, 2).expect("put again");
        for (from, most) in [(0, 10), (65_535, 2), (65_536, 65_536), (131_071, 100_000), (199_999, 9), (200_000, 9)] {
            let expected = &photo[from..photo.len().min(from + most)];
            assert_eq!(read(&files, hash, from as u64, most).expect("reads"), expected, "{from}");
        }
        assert!(is_whole(&files, hash, 200_000).expect("reads") && !is_whole(&files, hash, 200_001).expect("reads"));
        let held = list(&files).expect("lists");
        assert_eq!(held, [Held { hash, bytes: 200_000, put_ms: 2, saved: false }]);
        files.execute("UPDATE pieces SET bytes = zeroblob(65536) WHERE start = 65536", []).expect("damaged");
        assert!(!is_whole(&files, hash, 200_000).expect("reads"));
        remove(&files, &[hash]).expect("removed");
        assert_eq!((find(&files, hash).expect("reads"), read(&files, hash, 0, 9).expect("reads").len()), (None, 0));
        let pieces: i64 = files.query_row("SELECT count(*) FROM pieces", [], |row| row.get(0)).expect("counts");
        assert_eq!(pieces, 0);
    }
}
