//! The archive itself: files in, one file out, and the other way round, each entry held against its hash.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use super::{Entry, LAYOUT, MANIFEST, Manifest, Problem, failed};

/// Compression of what is mostly JSON; higher levels take far longer for little.
const LEVEL: i32 = 6;
/// Bytes of a manifest.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// Bytes that are read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// Length and hash of a file.
pub(super) fn entry(name: &str, path: &Path) -> Result<Entry, Problem> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(failed(path))?;
    let bytes = io::copy(&mut file, &mut hasher).map_err(failed(path))?;
    Ok(Entry { name: name.to_owned(), bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Writes an archive that only its owner can read; durable once this returns.
pub(super) fn pack(to: &Path, manifest: &Manifest, from: impl Fn(&Entry) -> std::path::PathBuf) -> Result<(), Problem> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(to).map_err(failed(to))?;
    let stream = zstd::Encoder::new(BufWriter::new(file), LEVEL).map_err(failed(to))?;
    let mut archive = tar::Builder::new(stream);
    let text = serde_json::to_vec_pretty(manifest).expect("a manifest is JSON");
    archive.append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice()).map_err(failed(to))?;
    for entry in &manifest.files {
        let path = from(entry);
        let file = File::open(&path).map_err(failed(&path))?;
        // Exactly what the manifest says, also where the file has grown since.
        let bytes = BufReader::with_capacity(BUFFER_BYTES, file).take(entry.bytes);
        archive.append_data(&mut header(entry.bytes), &entry.name, bytes).map_err(failed(to))?;
    }
    let stream = archive.into_inner().map_err(failed(to))?;
    let mut file = stream.finish().map_err(failed(to))?;
    file.flush().map_err(failed(to))?;
    file.get_ref().sync_all().map_err(failed(to))
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}

/// Reads an archive from front to back and hands every entry to `take`; fails unless each is what the manifest says.
pub(super) fn unpack(
    from: &Path,
    mut take: impl FnMut(&Entry) -> Result<Box<dyn Write>, Problem>,
) -> Result<Manifest, Problem> {
    let wrong = |why| Problem::NotABackup { path: from.to_owned(), why };
    let file = File::open(from).map_err(failed(from))?;
    let stream = zstd::Decoder::new(file).map_err(|_| wrong("it is not compressed with zstd"))?;
    let mut archive = tar::Archive::new(stream);
    let mut entries = archive.entries().map_err(|_| wrong("it is no archive"))?;
    let mut first = entries.next().and_then(Result::ok).ok_or_else(|| wrong("it is no archive"))?;
    let manifest = manifest(&mut first).ok_or_else(|| wrong("its manifest cannot be read"))?;
    if manifest.layout > LAYOUT {
        return Err(wrong("a newer version of this program made it"));
    }
    let damaged = |entry: &Entry| Problem::Damaged { path: from.to_owned(), entry: entry.name.clone() };
    for expected in &manifest.files {
        let mut found = entries.next().and_then(Result::ok).ok_or_else(|| damaged(expected))?;
        let is_named = found.path().is_ok_and(|path| path.to_str() == Some(&expected.name));
        let is_plain = Path::new(&expected.name).components().count() == 1 && !expected.name.starts_with('.');
        if !is_named || !is_plain || found.size() != expected.bytes {
            return Err(damaged(expected));
        }
        let mut to = Hashing { to: take(expected)?, hasher: blake3::Hasher::new() };
        copy(&mut found, &mut to).map_err(|trouble| match trouble {
            Trouble::Reading => damaged(expected),
            Trouble::Writing(reason) => Problem::File { path: expected.name.clone().into(), reason },
        })?;
        if to.hasher.finalize().to_hex().as_str() != expected.blake3 {
            return Err(damaged(expected));
        }
    }
    Ok(manifest)
}

fn manifest(entry: &mut impl Read) -> Option<Manifest> {
    let mut text = Vec::new();
    entry.take(MANIFEST_BYTES_MAX).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

enum Trouble {
    Reading,
    Writing(io::Error),
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<(), Trouble> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let many = from.read(&mut buffer).map_err(|_| Trouble::Reading)?;
        if many == 0 {
            return to.flush().map_err(Trouble::Writing);
        }
        to.write_all(&buffer[..many]).map_err(Trouble::Writing)?;
    }
}

struct Hashing {
    to: Box<dyn Write>,
    hasher: blake3::Hasher,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let many = self.to.write(bytes)?;
        self.hasher.update(&bytes[..many]);
        Ok(many)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
