//! Every reader of foreign bytes, and what must hold whatever the bytes are. Shared with the fuzz targets in
//! `sync-protocol/fuzz`; here they run over the corpus and over damaged golden files.

use sync_protocol::changeset::{ChangesetHash, Links};
use sync_protocol::exchange::{Incoming, PageLine, Received, control_body};
use sync_protocol::{Header, Row, Save};

/// A request: taken apart, chained, and each of its saves read.
pub(crate) fn request(bytes: &[u8]) {
    let Ok(incoming) = Incoming::parse(bytes) else { return };
    let again = control_body(&incoming.control);
    assert!(!again.trim_end_matches('\n').contains('\n'), "line 1 is one line");
    for (push, _, lines) in incoming.changesets() {
        let saves = incoming.saves(lines);
        if let Ok(links) = Links::over(ChangesetHash::NONE, lines.header, saves) {
            assert_eq!(links.tags.len(), saves.len());
        }
        if let Ok(header) = Header::parse(lines.header, push.writer, saves.len()) {
            assert!(header.first(saves.len()) >= 1);
        }
        saves.iter().for_each(|line| save(line));
    }
    incoming.witness.iter().for_each(|line| row(line));
}

/// An answer: its pages, and each of their lines.
pub(crate) fn answer(bytes: &[u8]) {
    let Ok(received) = Received::parse(bytes) else { return };
    for (_, lines) in received.pages() {
        for line in lines {
            if let Ok(PageLine::Row(text)) = PageLine::parse(line) {
                row(text);
            }
        }
    }
}

/// A row: what is read and printed reads back as itself, and a row can be laid over itself.
pub(crate) fn row(text: &str) {
    let Ok((read, is_part)) = Row::parse_any(text) else { return };
    if !is_part {
        let again = Row::parse(&read.to_text()).expect("a printed row is a row");
        assert_eq!(again, read, "a row has one text");
    }
    let mut patched = read.clone();
    patched.patch(read.clone());
    assert_eq!(patched.registers, read.registers);
}

/// A save: what is read prints as it was.
pub(crate) fn save(line: &str) {
    let Ok(read) = Save::parse(line) else { return };
    assert_eq!(read.to_line(), line, "a save has one text");
}
