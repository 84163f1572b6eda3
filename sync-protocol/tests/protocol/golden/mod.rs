//! Golden files: each message of version 1 as bytes that must read back for ever.
//!
//! A file holds what the examples make from fixed keys and ids. Reading it and writing it again gives its bytes;
//! signatures, tags, hashes and digests in it are computed anew. `TILIK_GOLDEN=write` writes files that are absent, and
//! never one that is there: what was once published does not change.

mod attachments;
mod changesets;
mod entries;
mod example;
mod messages;
mod rows;

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Reads a file's text and writes it again; panics where it does not hold.
type Reader = fn(&str) -> String;

/// A file's name, what is in it, and how it is read.
type Golden = (&'static str, String, Reader);

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn all() -> Vec<Golden> {
    [changesets::list(), rows::list(), messages::list(), attachments::list(), entries::list()].concat()
}

fn files() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn every_file_reads_back_as_its_bytes() {
    let goldens = all();
    for (name, text) in files() {
        let (_, _, read) =
            goldens.iter().find(|golden| golden.0 == name).unwrap_or_else(|| panic!("no reader: {name}"));
        assert_eq!(read(&text), text, "{name}");
    }
}

#[test]
fn what_is_written_today_is_what_was_published() {
    let is_writing = std::env::var_os("TILIK_GOLDEN").is_some_and(|word| word == "write");
    for (name, text, _) in all() {
        let path = folder().join(name);
        if is_writing && !path.exists() {
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{name} is absent; run this test with TILIK_GOLDEN=write"));
        assert_eq!(text, published, "{name}");
    }
}
