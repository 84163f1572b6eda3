//! Devices whose store is damaged, cut or gone: it is set aside, and everything that was ever confirmed as saved reaches the
//! server, out of the outbox file, while the device goes on as the same one.

use std::path::Path;

use client_core::{Beside, Device, Error, Kept, Lifeboat, Place, StoreKey};
use server::gaps;
use sync_protocol::entry::Entry;
use tests::seed::Seed;
use tilik::Machine;

use super::lives::{World, edit, make, open_with_boat, world};

/// Households that were confirmed as saved.
const SAVES: u128 = 40;

/// A device with saves of which half are sent, and the files of it closed.
fn used(world: &World) {
    let mut device = world.enrol(open_with_boat(&world.file("phone")));
    for id in 1..=SAVES {
        make(&mut device, id, "Siti");
        if id == SAVES / 2 {
            world.sync(&mut device);
        }
    }
}

fn open_checked(file: &Path) -> Device {
    let (place, key) = (Place::File(file.to_owned()), StoreKey::new([7; 32]));
    Device::open_checked(place, &key, Box::new(Machine), Box::new(Beside::new(file))).unwrap()
}

/// Opens as a host does, where what was not noticed at once is looked for.
fn open_and_look(file: &Path) -> Device {
    let device = open_with_boat(file);
    if device.salvaged().is_some() {
        return device;
    }
    drop(device);
    open_checked(file)
}

/// After this was done to the store: everything is on the server, digests are equal, and work goes on.
fn survives(why: &str, done: impl FnOnce(&Path)) -> Option<client_core::Salvaged> {
    let world = world();
    used(&world);
    let file = world.file("phone");
    done(&file);
    let mut device = open_and_look(&file);
    let salvaged = device.salvaged().cloned();
    if let Some(salvaged) = &salvaged {
        assert!(salvaged.enrolled && salvaged.saves == SAVES as u64, "{why}: {salvaged:?}");
        assert!(salvaged.aside.as_ref().is_none_or(|aside| aside.exists()), "{why}");
    }
    make(&mut device, SAVES + 1, "Budi");
    world.sync(&mut device);
    edit(&mut device, 1, "phone", "1");
    world.sync(&mut device);
    for id in 1..=SAVES {
        assert_eq!(world.value(id, "head_name").as_deref(), Some("Siti"), "{why}: {id}");
    }
    assert_eq!(
        (world.value(SAVES + 1, "head_name").as_deref(), world.value(1, "phone").as_deref()),
        (Some("Budi"), Some("1"))
    );
    assert_eq!(device.base_texts(super::lives::AREA).unwrap().len() as u128, SAVES + 1, "{why}");
    assert_eq!(device.adrift().unwrap(), 0, "{why}");
    world.assert_same(&device);
    drop(device);
    // Once: the next opening finds everything in order, and has nothing to bring.
    let mut device = open_with_boat(&file);
    assert!(device.salvaged().is_none(), "{why}");
    assert_eq!(world.sync(&mut device).strays_sent, 0, "{why}");
    salvaged
}

#[test]
fn a_store_damaged_anywhere_loses_no_save() {
    let mut seed = Seed::new(7);
    for round in 0..12 {
        let mut told = 0;
        let salvaged = survives(&format!("round {round}"), |file| {
            let mut bytes = std::fs::read(file).unwrap();
            let pages = bytes.len() / 4096;
            // The first page, the last one, and any.
            let page = match round {
                0 => 0,
                1 => pages - 1,
                _ => seed.below(pages as u64) as usize,
            };
            told = page;
            let at = page * 4096 + seed.below(4096) as usize;
            let end = (at + 64).min(bytes.len());
            bytes[at..end].iter_mut().for_each(|byte| *byte ^= 0x5a);
            std::fs::write(file, bytes).unwrap();
        });
        assert!(round > 0 || salvaged.is_some_and(|salvaged| salvaged.aside.is_some()), "page {told}");
    }
}

#[test]
fn a_store_that_is_cut_empty_zeroed_or_gone_loses_no_save() {
    let damaged = |why: &str, done: fn(&Path)| survives(why, done).unwrap_or_else(|| panic!("{why}: not noticed"));
    damaged("empty", |file| std::fs::write(file, b"").unwrap());
    damaged("foreign", |file| std::fs::write(file, b"damaged").unwrap());
    damaged("gone", |file| std::fs::remove_file(file).unwrap());
    damaged("zeroed", |file| {
        let length = std::fs::metadata(file).unwrap().len() as usize;
        std::fs::write(file, vec![0; length]).unwrap();
    });
    for part in [3, 5, 9] {
        survives("cut", |file| {
            let length = std::fs::metadata(file).unwrap().len();
            std::fs::File::options().write(true).open(file).unwrap().set_len(length * part / 10).unwrap();
        });
    }
}

#[test]
fn a_death_at_any_step_of_salvage_is_made_up_for() {
    // Set aside and no more; the new store made and nobody's; and the whole, three times.
    survives("set aside", |file| drop(client_core::set_aside(file, 1).unwrap()));
    survives("nobody's", |file| {
        client_core::set_aside(file, 1).unwrap();
        let (place, key) = (Place::File(file.to_owned()), StoreKey::new([7; 32]));
        drop(Device::open(place, &key, Box::new(Machine)).unwrap());
    });
    survives("again and again", |file| {
        for _ in 0..3 {
            std::fs::write(file, b"damaged").unwrap();
            drop(open_with_boat(file));
        }
        std::fs::write(file, b"damaged").unwrap();
    });
}

#[test]
fn without_papers_a_new_code_is_asked_for_and_the_saves_go_with_the_new_session() {
    let world = world();
    used(&world);
    let file = world.file("phone");
    std::fs::remove_file(Beside::new(&file).path(Kept::Papers)).unwrap();
    // Key or file: nobody can tell, and nothing is touched.
    let (place, key) = (Place::File(file.clone()), StoreKey::new([7; 32]));
    std::fs::write(&file, b"damaged, and too long for an empty store").unwrap();
    let opened = Device::open_with(place, &key, Box::new(Machine), Box::new(Beside::new(&file)));
    assert!(matches!(opened, Err(Error::WrongKey)), "{opened:?}");
    client_core::set_aside(&file, 1).unwrap();
    let device = open_with_boat(&file);
    assert!(device.identity().unwrap().is_none());
    let mut device = world.enrol(device);
    let report = world.sync(&mut device);
    assert_eq!(report.strays_sent as u128, SAVES / 2);
    world.assert_same(&device);
    assert_eq!(device.base_texts(super::lives::AREA).unwrap().len() as u128, SAVES);
}

#[test]
fn an_end_that_a_store_has_lost_goes_to_the_server_out_of_the_outbox_file() {
    let world = world();
    let file = world.file("phone");
    let mut device = world.enrol(open_with_boat(&file));
    make(&mut device, 1, "Siti");
    world.sync(&mut device);
    drop(device);
    let older = std::fs::read(&file).unwrap();
    let mut device = open_with_boat(&file);
    make(&mut device, 2, "Budi");
    edit(&mut device, 1, "phone", "1");
    drop(device);
    std::fs::write(&file, older).unwrap();
    let mut device = open_with_boat(&file);
    assert_eq!((device.salvaged(), device.adrift().unwrap()), (None, 2));
    assert_eq!(world.sync(&mut device).strays_sent, 2);
    assert_eq!((world.value(2, "head_name").as_deref(), world.value(1, "phone").as_deref()), (Some("Budi"), Some("1")));
    world.assert_same(&device);
}

#[test]
fn what_neither_file_holds_is_told_as_missing_and_what_stands_behind_it_is_merged() {
    let world = world();
    let file = world.file("phone");
    let mut device = world.enrol(open_with_boat(&file));
    for id in 1..=6 {
        make(&mut device, id, "Siti");
    }
    drop(device);
    let boat = Beside::new(&file);
    let entries = Entry::list(&boat.read(Kept::Outbox).unwrap().unwrap());
    // The outbox file has lost the second, fourth and fifth save, the store all of them.
    let kept = entries.iter().filter(|entry| ![2, 4, 5].contains(&entry.seq));
    boat.replace(Kept::Outbox, &kept.flat_map(Entry::to_bytes).collect::<Vec<u8>>()).unwrap();
    std::fs::write(&file, b"damaged").unwrap();
    let mut device = open_with_boat(&file);
    world.sync(&mut device);
    let there: Vec<bool> = (1..=6).map(|id| world.value(id, "head_name").is_some()).collect();
    assert_eq!(there, [true, false, true, false, false, true]);
    let listed = world.hub.store.read(gaps::list).unwrap();
    let sealed: Vec<_> = listed[0].sealed.iter().map(|gap| (gap.first, gap.last)).collect();
    assert_eq!((listed.len(), sealed), (1, vec![(2, 2), (4, 5)]));
    world.assert_same(&device);
}
