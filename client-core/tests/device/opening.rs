//! Opening: the right key, a wrong key, a damaged file, a schema from the future.

use client_core::{Device, Error, Place, StoreKey};

use crate::hand::{Hands, NOON, RT_1, device_id, enrol_reply, enrolled, key, new_household, open, writer};

#[test]
fn what_was_saved_is_there_after_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("device.db"));
    let hands = Hands::at(NOON);
    let mut device = enrolled(&place, &hands);
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let before = (writer(&device), device_id(&device));
    drop(device);
    let device = open(&place, &hands);
    assert_eq!((writer(&device), device_id(&device)), before);
    assert_eq!(device.list(&Default::default()).expect("lists").lines[0].name, "Siti");
    assert_eq!(device.status().expect("reads").unsent, 1);
}

#[test]
fn a_wrong_key_opens_nothing_and_harms_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device.db");
    let place = Place::File(path.clone());
    let hands = Hands::at(NOON);
    drop(enrolled(&place, &hands));
    let bytes = std::fs::read(&path).expect("a file");
    let wrong = Device::open(place.clone(), &StoreKey::new([8; 32]), Box::new(hands.clone()));
    assert!(matches!(wrong, Err(Error::WrongKey)));
    assert_eq!(std::fs::read(&path).expect("a file"), bytes);
    assert!(open(&place, &hands).identity().expect("reads").is_some());
}

#[test]
fn the_file_gives_away_nothing_without_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device.db");
    let mut device = enrolled(&Place::File(path.clone()), &Hands::at(NOON));
    device.save(new_household(RT_1, 1, "Sitirahmawati")).expect("saved");
    drop(device);
    let bytes = std::fs::read(&path).expect("a file");
    for secret in [&b"Sitirahmawati"[..], b"SQLite format", b"households"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn a_damaged_file_is_named_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device.db");
    let hands = Hands::at(NOON);
    let place = Place::File(path.clone());
    let mut device = enrolled(&place, &hands);
    for i in 0..200 {
        device.save(new_household(RT_1, i, "Siti")).expect("saved");
    }
    drop(device);
    let mut bytes = std::fs::read(&path).expect("a file");
    let from = 4096;
    bytes[from..].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&path, &bytes).expect("written");
    let opened = Device::open(place, &key(), Box::new(hands)).and_then(|device| device.list(&Default::default()));
    assert!(matches!(opened, Err(Error::FileDamaged)), "{opened:?}");
    assert_eq!(std::fs::read(&path).expect("a file").len(), bytes.len());
}

#[test]
fn a_file_set_aside_is_kept_and_makes_room_for_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device.db");
    let hands = Hands::at(NOON);
    let place = Place::File(path.clone());
    drop(enrolled(&place, &hands));
    let bytes = std::fs::read(&path).expect("a file");
    let aside = client_core::set_aside(&path, NOON).expect("moved");
    assert_eq!(std::fs::read(&aside).expect("a file"), bytes);
    assert!(open(&place, &hands).identity().expect("reads").is_none());
    assert!(client_core::set_aside(&path, NOON).is_err());
    assert_eq!(std::fs::read(&aside).expect("a file"), bytes);
}

#[test]
fn an_enrolment_whose_answer_was_lost_asks_for_the_same_writer() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("device.db"));
    let hands = Hands::at(NOON);
    let mut device = open(&place, &hands);
    let first = device.enrol_request("CODE", "phone", "test").expect("a request");
    assert!(device.save(new_household(RT_1, 1, "Siti")).is_err());
    drop(device);
    let mut device = open(&place, &hands);
    let again = device.enrol_request("CODE", "phone", "test").expect("a request");
    assert_eq!(first.body, again.body);
    device.enrol_answer(&enrol_reply(&again)).expect("enrolled");
    device.enrol_answer(&enrol_reply(&again)).expect("a second answer changes nothing");
    assert_eq!(device.identity().expect("reads").expect("enrolled").user_name, "Rina");
}

#[test]
fn a_certificate_by_another_root_or_for_another_key_is_refused() {
    let mut device = open(&Place::Memory, &Hands::at(NOON));
    let mut other = open(&Place::Memory, &Hands::at(NOON + 1));
    let request = device.enrol_request("CODE", "phone", "test").expect("a request");
    let reply = enrol_reply(&other.enrol_request("CODE", "phone", "test").expect("a request"));
    assert!(matches!(device.enrol_answer(&reply), Err(Error::BadAnswer(_))));
    assert!(device.identity().expect("reads").is_none());
    device.enrol_answer(&enrol_reply(&request)).expect("enrolled");
}
