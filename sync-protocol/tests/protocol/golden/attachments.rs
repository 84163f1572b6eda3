//! Attachments: how a record names one, and the messages that carry its bytes.

use sync_protocol::blobs::{BlobCode, Delivered, Delivery, Piece, Standing};
use sync_protocol::exchange::control_body;
use sync_protocol::{Attachment, BlobHash, Value};

use super::Golden;
use super::example::ANI;

const PHOTO: &[u8] = b"a photo, as it were";
const FILM: &[u8] = b"a film of which a part has come already";

pub(super) fn list() -> Vec<Golden> {
    let photo = Attachment {
        blob: BlobHash::of(PHOTO),
        bytes: PHOTO.len() as u64,
        name: "photo_front-1f0e3dad9990.jpg".to_owned(),
        media: "image/jpeg".to_owned(),
    };
    let blob = BlobHash::of;
    let piece = |of: &[u8], from: usize, len: usize| Piece {
        blob: blob(of),
        bytes: of.len() as u64,
        from: from as u64,
        len: len as u64,
    };
    let ask = Delivery {
        blobs: vec![piece(PHOTO, 0, 0), piece(FILM, 0, 0)],
        lost: vec![blob(b"what the device has lost")],
        writer: ANI,
    };
    let bring = Delivery {
        blobs: vec![piece(PHOTO, 0, PHOTO.len()), piece(FILM, 7, FILM.len() - 7)],
        lost: vec![],
        writer: ANI,
    };
    let brought = [bring.to_line().as_slice(), PHOTO, &FILM[7..]].concat();
    let stand = Delivered {
        blobs: vec![
            (blob(PHOTO), Standing::Here),
            (blob(FILM), Standing::Wanted(7)),
            (blob(b"an old one"), Standing::BackedUp),
            (blob(b"one too many"), Standing::Refused(BlobCode::Quota)),
            (blob(b""), Standing::Refused(BlobCode::TooLarge)),
        ],
    };
    vec![
        ("attachment.jsonl", format!("{}\n", photo.value().as_str()), read_attachment),
        ("blobs-ask.jsonl", control_body(&ask), read_delivery),
        ("blobs-bring.bin", String::from_utf8(brought).expect("the example is text"), read_delivery),
        ("blobs-stand.jsonl", control_body(&stand), read_delivered),
    ]
}

fn read_attachment(text: &str) -> String {
    let value = Value::new(text.trim_end()).unwrap();
    format!("{}\n", Attachment::of(&value).unwrap().value().as_str())
}

fn read_delivery(text: &str) -> String {
    let (delivery, came) = Delivery::parse(text.as_bytes()).unwrap();
    for (piece, bytes) in delivery.blobs.iter().zip(&came) {
        assert_eq!(piece.len, bytes.len() as u64);
        assert!(piece.len < piece.bytes || BlobHash::of(bytes) == piece.blob);
    }
    String::from_utf8([delivery.to_line(), came.concat()].concat()).unwrap()
}

fn read_delivered(text: &str) -> String {
    control_body(&serde_json::from_str::<Delivered>(text).unwrap())
}
