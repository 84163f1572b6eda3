//! Carrying for a team, over real sockets: given once, cut anywhere, repeated, killed; receipts come back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

use client_core::Device;
use serde_json::Value;
use sync_protocol::entry::Identity;
use sync_protocol::parcel::Label;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, Context, RecordId, RecordWrite, Save};
use tilik::Link;
use tilik::carry::{CarryError, Chest, Given, Listener, Taken, bring, give};

use crate::office::Office;
use crate::store::device;
use crate::terminal::Terminal;
use crate::visits::REFUSED;

const LOOPBACK: &str = "127.0.0.1:0";

/// A carrier that listens, for as long as the test runs.
struct Carrier {
    place: tempfile::TempDir,
    address: SocketAddr,
    code: String,
    told: mpsc::Receiver<Result<Taken, CarryError>>,
}

impl Carrier {
    fn start() -> Carrier {
        let place = tempfile::tempdir().unwrap();
        let chest = Chest::open(place.path().join("carried")).unwrap();
        let recipient = Identity::of_root(&[1; 32]).recipient();
        let listener = Listener::bind(LOOPBACK.parse().unwrap(), recipient, chest).unwrap();
        let (address, code) = (listener.address().unwrap(), listener.code().to_owned());
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || listener.run(move |taken| drop(tell.send(taken))));
        Carrier { place, address, code, told }
    }

    fn chest(&self) -> Chest {
        Chest::open(self.place.path().join("carried")).unwrap()
    }

    /// The labels that lie there, each as often as it does.
    fn labels(&self) -> Vec<Label> {
        let mut labels = Vec::new();
        self.chest()
            .each_parcel(|parcel| {
                labels.push(parcel.label);
                Ok::<_, std::io::Error>(())
            })
            .unwrap();
        labels.sort_unstable();
        labels
    }

    fn give(&self, device: &mut Device) -> Given {
        let given = give(device, &self.address.to_string(), &self.code).unwrap();
        self.told.recv().unwrap().unwrap();
        given
    }
}

fn save(device: &mut Device, id: u128) {
    let registers = [(reserved::AREA.to_owned(), sync_protocol::Value::text(&AreaId::from_u128(0xe2).to_string()))];
    let (collection, id) = (Collection::Household, RecordId::from_u128(id));
    let write = RecordWrite { collection, id, context: Context::new(), registers: registers.into() };
    device.save(Save { records: vec![write] }).unwrap();
}

/// A device with some saves.
fn busy(saves: u128) -> Device {
    let mut device = device();
    (1..=saves).for_each(|id| save(&mut device, id));
    device
}

fn expected(device: &Device) -> Vec<Label> {
    let mut labels = device.bundle().unwrap().unwrap();
    labels.sort_unstable();
    labels
}

/// A network that passes on so many bytes in one direction and then breaks: `up` from the device, else to it.
fn cutting(to: SocketAddr, bytes: usize, up: bool) -> SocketAddr {
    let listener = TcpListener::bind(LOOPBACK).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let device = listener.accept().unwrap().0;
        let carrier = TcpStream::connect(to).unwrap();
        let pass = |mut from: TcpStream, mut to: TcpStream, most: Option<usize>| {
            let mut buffer = [0; 1];
            let mut passed = 0;
            while most.is_none_or(|most| passed < most) && from.read(&mut buffer).is_ok_and(|read| read > 0) {
                if to.write_all(&buffer).is_err() {
                    break;
                }
                passed += 1;
            }
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        };
        let (device_too, carrier_too) = (device.try_clone().unwrap(), carrier.try_clone().unwrap());
        let back = std::thread::spawn(move || pass(carrier_too, device_too, (!up).then_some(bytes)));
        pass(device, carrier, up.then_some(bytes));
        back.join().unwrap();
    });
    address
}

#[test]
fn what_a_team_gives_lies_at_the_carrier_once_and_is_acknowledged_by_nobody_yet() {
    let carrier = Carrier::start();
    let mut devices = [busy(3), busy(2)];
    let mut all: Vec<Label> = devices.iter().flat_map(expected).collect();
    all.sort_unstable();
    for _ in 0..2 {
        for (device, due) in devices.iter_mut().zip([3, 2]) {
            let given = carrier.give(device);
            assert_eq!((given.due, given.carried, given.received), (due, due, Default::default()));
            assert_eq!(device.status().unwrap().unsent, due);
        }
        assert_eq!(carrier.labels(), all);
    }
    save(&mut devices[0], 9);
    carrier.give(&mut devices[0]);
    assert_eq!(carrier.labels().len(), 6);
}

#[test]
fn cut_here_and_there_nothing_is_lost_and_nothing_doubled() {
    let mut device = busy(2);
    let labels = expected(&device);
    let mut whole = 0;
    // Up to beyond all that either side says: the greeting, the offer, both parcels; the proof, what is wanted, what is kept.
    for (up, step, end) in [(true, 173, 3_500), (false, 9, 160)] {
        for bytes in (0..end).step_by(step) {
            let carrier = Carrier::start();
            let network = cutting(carrier.address, bytes, up);
            whole += u64::from(give(&mut device, &network.to_string(), &carrier.code).is_ok());
            // Ended by the carrier before anybody looks.
            let _ = carrier.told.recv().unwrap();
            assert!(carrier.labels().iter().all(|label| labels.contains(label)));
            assert_eq!(carrier.give(&mut device).carried, 2, "cut at {bytes}");
            assert_eq!(carrier.labels(), labels, "cut at {bytes}");
            assert_eq!(device.status().unwrap().unsent, 2);
        }
    }
    assert!(whole > 0, "the cuts reach the end");
}

#[test]
fn without_the_code_or_for_another_server_nothing_is_given_or_taken() {
    let carrier = Carrier::start();
    let mut device = busy(1);
    for code in ["0000-0000", "", "0000-000U"] {
        let refused = give(&mut device, &carrier.address.to_string(), code);
        assert!(matches!(refused, Err(CarryError::WrongCode)), "{refused:?}");
    }
    let chest = Chest::open(carrier.place.path().join("other")).unwrap();
    let elsewhere = Identity::of_root(&[2; 32]).recipient();
    let listener = Listener::bind(LOOPBACK.parse().unwrap(), elsewhere, chest).unwrap();
    let (address, code) = (listener.address().unwrap(), listener.code().to_owned());
    std::thread::spawn(move || listener.run(|_| ()));
    assert!(matches!(give(&mut device, &address.to_string(), &code), Err(CarryError::WrongCode)));
    // Somebody who speaks another language, or far too much.
    for talk in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), b"h\xff\xff\xff\xff", b"h\0\0\0\x01x"] {
        let mut stream = TcpStream::connect(carrier.address).unwrap();
        stream.write_all(talk).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(carrier.labels(), []);
}

#[test]
fn a_code_is_not_guessed_for_ever() {
    let carrier = Carrier::start();
    let mut device = busy(1);
    let refused = (0..70)
        .filter(|_| matches!(give(&mut device, &carrier.address.to_string(), "0000-0000"), Err(CarryError::WrongCode)));
    assert_eq!(refused.count(), 64);
    assert!(give(&mut device, &carrier.address.to_string(), &carrier.code).is_err());
}

#[test]
fn the_carrier_brings_it_to_the_server_and_takes_the_receipts_back() {
    let (office, carrier) = (Office::without_forms(), Carrier::start());
    let mut devices = [busy(3), busy(2)];
    devices.iter_mut().for_each(|device| assert!(carrier.give(device).due > 0));
    let all = carrier.labels();
    let link = Link::new(&office.server.address).unwrap();
    let brought = bring(&link, &device(), &carrier.chest()).unwrap();
    assert_eq!((brought.parcels, brought.left, carrier.labels()), (5, 0, vec![]));
    assert_eq!(office.brought(), all);
    for (device, saves) in devices.iter_mut().zip([3, 2]) {
        save(device, 77);
        let given = carrier.give(device);
        assert_eq!((given.received.saves, given.due, given.carried), (saves, 1, 1));
        assert_eq!((device.status().unwrap().unsent, carrier.give(device).received.saves), (1, 0));
    }
}

#[test]
fn an_answer_that_is_lost_or_forged_leaves_everything_at_the_carrier() {
    let carrier = Carrier::start();
    carrier.give(&mut busy(2));
    let all = carrier.labels();
    let network = crate::http::Server::start(|_| None);
    let link = Link::new(&network.address).unwrap();
    assert!(bring(&link, &device(), &carrier.chest()).is_err());
    let forged = br#"{"at":1,"changesets":[],"signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","stored":[]}"#;
    let portal = crate::http::Server::start(|_| Some(crate::http::Answered::ok(forged.to_vec())));
    assert!(bring(&Link::new(&portal.address).unwrap(), &device(), &carrier.chest()).is_err());
    assert_eq!(carrier.labels(), all);
}

#[test]
fn what_a_death_tore_in_the_chest_hides_nothing_and_is_given_again() {
    let carrier = Carrier::start();
    let mut device = busy(3);
    carrier.give(&mut device);
    let path = carrier.chest().parcels_file();
    let whole = std::fs::read(&path).unwrap();
    let labels = carrier.labels();
    for cut in (0..whole.len()).step_by(97) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        assert_eq!((carrier.give(&mut device).carried, carrier.labels()), (3, labels.clone()), "cut at {cut}");
    }
}

/// A carrier's program, and what it says first.
fn listening(terminal: &Terminal) -> (std::process::Child, Value) {
    let mut child = terminal.start(&["carry", "listen", "--json"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

#[test]
fn a_team_without_a_network_works_through_one_that_has_it_though_programs_are_killed() {
    let office = Office::open();
    let [carrier, member] = [Terminal::synced(&office), Terminal::synced(&office)];
    member.run_with(&["visit", "000000a1", "--answers", "-"], REFUSED).ok();
    let give = |said: &Value| {
        let code = said["code"].as_str().unwrap();
        let arguments = ["carry", "give", said["listen"].as_str().unwrap(), "--code-file", "-", "--json"];
        member.run_with(&arguments, code)
    };
    let (mut child, said) = listening(&carrier);
    assert!(said["listen"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(give(&said).ok().json()["carried"], 1);
    // Killed right after it said that it has it.
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(give(&said).code, 3, "nobody is there");
    assert_eq!(carrier.run(&["sync", "--json"]).ok().json()["carried"], 1);
    assert_eq!(office.brought().len(), 1);
    let (mut child, said) = listening(&carrier);
    let given = give(&said).ok().json();
    assert_eq!((given["saves"].as_u64(), given["due"].as_u64()), (Some(1), Some(0)));
    assert_eq!(member.run(&["status", "--json"]).json()["unsent"], 0);
    child.kill().unwrap();
    child.wait().unwrap();
}
