//! Every reader of foreign bytes, and what must hold whatever the bytes are. Shared with the fuzz targets in
//! `sync-protocol/fuzz`; here they run over the corpus and over damaged golden files.

use sync_protocol::blobs::Delivery;
use sync_protocol::changeset::{ChangesetHash, Links};
use sync_protocol::entry::Identity;
use sync_protocol::exchange::{Incoming, PageLine, Received, control_body};
use sync_protocol::parcel::{Carried, Label, Parcel, Sieve};
use sync_protocol::receipt::Receipt;
use sync_protocol::{Header, Row, Save, Signer};

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

/// A bundle: the same parcels are found however the bytes come, each is as it stood, and none opens that was not sealed
/// whole. What could be inside a parcel, and a receipt, are read from the same bytes.
pub(crate) fn bundle(bytes: &[u8]) {
    let whole = Parcel::list(bytes);
    let (mut sieve, mut found) = (Sieve::default(), Vec::new());
    for part in bytes.chunks(1 + bytes.len() / 3) {
        sieve.feed(part);
        found.extend(std::iter::from_fn(|| sieve.next_parcel()));
    }
    sieve.end();
    found.extend(std::iter::from_fn(|| sieve.next_parcel()));
    assert_eq!(found, whole, "parcels do not depend on how their bytes come");
    let identity = Identity::of_root(&[1; 32]);
    for parcel in &whole {
        let text = parcel.to_bytes();
        assert!(bytes.windows(text.len()).any(|window| window == text), "a parcel is as it stood");
        assert_eq!(Label::from_bytes(&parcel.label.to_bytes()), Some(parcel.label));
        if let Some(body) = identity.open_parcel(parcel) {
            inside(&body, &parcel.label);
        }
    }
    if let Some(label) = Label::from_bytes(&bytes[..bytes.len().min(64)]) {
        inside(bytes, &label);
    }
    if let Ok(receipt) = serde_json::from_slice::<Receipt>(bytes) {
        receipt.is_from(&Signer::from_secret(&[1; 32]).key());
    }
}

fn inside(body: &[u8], label: &Label) {
    request(body);
    if let Some(carried) = Carried::parse(body) {
        carried.is_from(&Signer::from_secret(&[1; 32]).key(), label);
    }
}

/// A request about files: no more bytes than came are given out, and no more than were announced.
pub(crate) fn delivery(bytes: &[u8]) {
    let Ok((delivery, came)) = Delivery::parse(bytes) else { return };
    assert_eq!(delivery.blobs.len(), came.len());
    for (piece, part) in delivery.blobs.iter().zip(&came) {
        assert!(part.len() as u64 <= piece.len);
    }
    let line = delivery.to_line();
    let (again, _) = Delivery::parse(&line).expect("a printed line is one");
    assert_eq!(again, delivery);
}
