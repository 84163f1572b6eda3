//! Answers that are files: a path is typed, and the file comes into the visit, photos made as small as they are kept.

use std::io::Read;
use std::path::{Path, PathBuf};

use client_core::{Attached, Device, Error, Scaling, Visit, Wanted};
use questionnaire::interview::Question;
use sync_protocol::limits;

use crate::words::Word;

/// Bytes of a file that is read: a photo may be larger before it is made small.
const FILE_BYTES_MAX: u64 = 2 * limits::BLOB_BYTES_MAX as u64;

/// Whether the answer to a question is a file.
pub(super) fn is_asked(question: &Question) -> bool {
    matches!(question.kind, "image" | "audio" | "video" | "file")
}

/// Why a file does not come into the visit.
pub(super) enum NoFile {
    /// In words; the person may try another.
    Say(Word),
    /// The store failed.
    Store(Error),
}

/// Takes the file that a line names into the visit.
pub(super) fn attach(
    device: &mut Device,
    visit: &Visit,
    question: &Question,
    line: &str,
    scaling: Scaling,
) -> Result<Attached, NoFile> {
    let bytes = read(&path_of(line)).ok_or(NoFile::Say(Word::NoSuchFile))?;
    let attached = match device.attach(visit, bytes, &Wanted::of(question), scaling) {
        Ok(attached) => attached,
        Err(Error::BadInput { .. }) => return Err(NoFile::Say(Word::FileUnusable)),
        Err(error) => return Err(NoFile::Store(error)),
    };
    if question.kind == "image" && !attached.named.media.starts_with("image/") {
        return Err(NoFile::Say(Word::NotAnImage));
    }
    Ok(attached)
}

/// A path as it is typed, or as a window drops it into a terminal.
fn path_of(line: &str) -> PathBuf {
    let quotes = |quote| line.strip_prefix(quote).and_then(|line| line.strip_suffix(quote));
    let line = quotes('\'').or_else(|| quotes('"')).unwrap_or(line);
    match (line.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(line),
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok().filter(|file| file.metadata().is_ok_and(|found| found.is_file()))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= FILE_BYTES_MAX).then_some(bytes)
}

/// The size of a file as people say it, with width and height of a picture.
pub(super) fn spoken(attached: &Attached) -> String {
    let kb = attached.named.bytes.div_ceil(1_000);
    match attached.size {
        Some((width, height)) => format!("{kb} kB, {width} × {height}"),
        None => format!("{kb} kB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_stand_in_quotes() {
        for line in ["/tmp/rumah depan.jpg", "'/tmp/rumah depan.jpg'", "\"/tmp/rumah depan.jpg\""] {
            assert_eq!(path_of(line), Path::new("/tmp/rumah depan.jpg"));
        }
        assert_eq!(path_of("'a.jpg"), Path::new("'a.jpg"));
    }
}
