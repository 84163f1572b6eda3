//! Files of records: who may bring them, who gets them, and what the office sees of those that are missing.

use std::collections::BTreeMap;

use serde_json::json;
use sync_protocol::blobs::{Delivery, Piece};
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Attachment, BlobHash, Collection, RecordId, RecordWrite, Save, UserId, Value, WriterId};

use super::*;
use crate::people as acting;
use crate::sync::office;

const PHOTO: &[u8] = b"a photo";

/// A household with a photo of its front.
fn photographed(app: &TestApp, by: UserId, area: AreaId, photo: &[u8]) -> RecordId {
    let household = RecordId::from_u128(u128::from_be_bytes(*BlobHash::of(photo).0.first_chunk().expect("32 bytes")));
    let named = Attachment {
        blob: BlobHash::of(photo),
        bytes: photo.len() as u64,
        name: "photo_front-1.jpg".to_owned(),
        media: "image/jpeg".to_owned(),
    };
    let registers = BTreeMap::from([
        (reserved::AREA.to_owned(), Value::text(&area.to_string())),
        ("photo_front".to_owned(), named.value()),
    ]);
    let write = RecordWrite { collection: Collection::Household, id: household, context: BTreeMap::new(), registers };
    office::write(&app.app.hub, by, vec![Save { records: vec![write] }]).expect("writes");
    app.scratch.pass(1);
    household
}

/// An enumerator with a device.
fn enumerator<'a>(app: &'a TestApp, name: &str) -> (UserId, WriterId, Actor<'a>) {
    let user = app.scratch.user(name, Role::Enumerator);
    let (ask, enrolled) = app.scratch.enrol(user.id);
    (user.id, ask.writer, app.holding(&enrolled.tokens.access))
}

fn bring(actor: &Actor<'_>, writer: WriterId, photo: &[u8]) -> Answer {
    let (blob, bytes) = (BlobHash::of(photo), photo.len() as u64);
    let delivery = Delivery { blobs: vec![Piece { blob, bytes, from: 0, len: bytes }], lost: vec![], writer };
    actor.post_file("/sync/v1/blobs", [delivery.to_line().as_slice(), photo].concat())
}

#[test]
fn a_file_is_given_only_to_whoever_may_see_a_record_that_names_it() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let [one, other] = ["15.71.01", "15.71.02"].map(|code| app.scratch.area(code, AreaLevel::District, None));
    let (siti, writer, device) = enumerator(&app, "siti");
    let (rina, supervisor) = app.signed_in("rina", Role::Supervisor);
    acting::grant(&app.scratch.instance, siti, one, None, None, ani.id).expect("known");
    acting::grant(&app.scratch.instance, rina.id, other, None, None, ani.id).expect("known");
    let household = photographed(&app, ani.id, one, PHOTO);
    let path = format!("/api/v1/records/{household}/attachment?register=photo_front");
    assert_eq!(officer.get(&path).refusal(), (404, "blob_pending".to_owned()));
    assert_eq!(bring(&device, writer, PHOTO).json()["blobs"][0][1], "here");
    for actor in [&officer, &device] {
        let got = actor.get(&path);
        assert_eq!((got.status.as_u16(), got.body.as_slice()), (200, PHOTO));
        assert_eq!(
            (&got.headers["content-type"], &got.headers["x-content-type-options"]),
            (&"image/jpeg".parse().expect("a header"), &"nosniff".parse().expect("a header"))
        );
    }
    assert_eq!(supervisor.get(&path).refusal(), (404, "not_found".to_owned()), "another area");
    assert_eq!(app.anonymous().get(&path).refusal().0, 401);
    let asked = |query: &str| officer.get(&format!("/api/v1/records/{household}/attachment?{query}")).refusal();
    assert_eq!(asked("register=address"), (404, "not_found".to_owned()));
    let foreign = BlobHash::of(b"another");
    assert_eq!(asked(&format!("register=photo_front&blob={foreign}")), (404, "not_found".to_owned()));
    // The same file named by a record that she may see: she gets it by that one.
    let moved = photographed(&app, ani.id, other, b"a photo elsewhere");
    bring(&device, writer, b"a photo elsewhere");
    let path = format!("/api/v1/records/{moved}/attachment?register=photo_front");
    assert_eq!((supervisor.get(&path).status.as_u16(), device.get(&path).status.as_u16()), (200, 404));
}

#[test]
fn missing_files_are_listed_by_record_and_device_until_they_come() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let (rina, supervisor) = app.signed_in("rina", Role::Supervisor);
    let [one, other] = ["15.71.01", "15.71.02"].map(|code| app.scratch.area(code, AreaLevel::District, None));
    acting::grant(&app.scratch.instance, rina.id, other, None, None, ani.id).expect("known");
    let (_, writer, device) = enumerator(&app, "siti");
    let household = photographed(&app, ani.id, one, PHOTO);
    photographed(&app, ani.id, other, b"another");
    let list = |actor: &Actor<'_>, query: &str| actor.get(&format!("/api/v1/attachments/missing?{query}")).json();
    let count = |actor: &Actor<'_>| list(actor, "")["items"].as_array().map(Vec::len);
    assert_eq!((count(&officer), count(&supervisor)), (Some(2), Some(1)));
    let first = list(&officer, "limit=1");
    let after = first["next"].as_str().expect("there is more");
    assert_eq!(list(&officer, &format!("limit=1&after={after}"))["items"].as_array().map(Vec::len), Some(1));
    let detail = officer.get(&format!("/api/v1/households/{household}")).json();
    let missing = &detail["missing"][0];
    assert_eq!((&missing["state"], &missing["register"]), (&json!("blob_pending"), &json!("photo_front")), "{detail}");
    assert_eq!((&missing["author_name"], &missing["bytes"]), (&json!("ANI"), &json!(7)));
    // Somebody else's file is not lost because she says so.
    let lost = Delivery { blobs: vec![], lost: vec![BlobHash::of(PHOTO)], writer };
    assert_eq!(device.post_file("/sync/v1/blobs", lost.to_line()).status, 200);
    assert_eq!(list(&officer, &format!("area={one}"))["items"][0]["state"], "blob_pending");
    bring(&device, writer, PHOTO);
    assert_eq!(count(&officer), Some(1));
    let detail = officer.get(&format!("/api/v1/households/{household}")).json();
    assert_eq!(detail["missing"], json!([]));
}

#[test]
fn a_file_may_come_before_the_record_that_names_it() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let area = app.scratch.area("15.71.01", AreaLevel::District, None);
    let (_, writer, device) = enumerator(&app, "siti");
    assert_eq!(bring(&device, writer, PHOTO).json()["blobs"][0][1], "here");
    let household = photographed(&app, ani.id, area, PHOTO);
    assert_eq!(officer.get(&format!("/api/v1/records/{household}/attachment?register=photo_front")).status, 200);
    assert_eq!(bring(&device, WriterId::from_u128(1), PHOTO).refusal(), (403, "wrong_writer".to_owned()));
    assert_eq!(device.post_file("/sync/v1/blobs", "{}\n").refusal(), (400, "bad_body".to_owned()));
    let too_much = vec![b'x'; 1 << 20];
    assert_eq!(device.post_file("/sync/v1/blobs", too_much).refusal(), (413, "too_large".to_owned()));
}
