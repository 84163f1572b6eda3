//! A small office: enrols devices, hands out one RT with three households, and judges saves as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use client_core::Env;
use sync_protocol::blobs::{Delivered, Delivery, Standing};
use sync_protocol::entry::Identity;
use sync_protocol::exchange::{
    Answer, AreaLevel, AreaNode, AreaPage, Cursor, Directory, FormVersion, Incoming, PackageHash, PackagePart, Pull,
    Round, Salt, VerdictRange, WriterState, control_body,
};
use sync_protocol::ids::{DeviceId, Dot, RoundId, Tag};
use sync_protocol::merge::Trusting;
use sync_protocol::parcel::{Label, Parcel};
use sync_protocol::receipt::Receipt;
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{
    AreaId, Clock, Code, Collection, RecordId, Row, Signer, Stamp, UserId, Value, Verdict, Write, WriterId,
};
use tilik::Machine;

use crate::http::{Answered, Asked, Server};

pub(crate) const HOUSEHOLD: RecordId = RecordId::from_u128(0xa1);
pub(crate) const DISPUTED: RecordId = RecordId::from_u128(0xa2);
pub(crate) const PERSON: RecordId = RecordId::from_u128(0xb1);
pub(crate) const CODE: &str = "KODE-1234";
const RT: AreaId = AreaId::from_u128(0xe2);
const ME: UserId = UserId::from_u128(1);
const BUDI: UserId = UserId::from_u128(2);
/// 2026-03-02 08:00 WIB.
const MORNING: i64 = 1_772_413_200_000;

/// What the office does with what it is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Judges,
    Quarantines,
    /// Says 503 once, then judges.
    BusyOnce,
    /// Says that it is busy for an hour.
    Busy,
    /// Knows nobody's token any more.
    Forgets,
}

/// What the office was sent.
#[derive(Default)]
pub(crate) struct Inbox {
    pub(crate) saves: Vec<String>,
    pub(crate) exchanges: usize,
    /// Files that came whole.
    pub(crate) files: Vec<Vec<u8>>,
    /// What carriers brought, in order.
    brought: Vec<Label>,
    applied: u64,
    /// Publishes nothing.
    formless: bool,
}

pub(crate) struct Office {
    pub(crate) server: Server,
    pub(crate) inbox: Arc<Mutex<Inbox>>,
    pub(crate) mood: Arc<Mutex<Mood>>,
}

impl Office {
    pub(crate) fn open() -> Office {
        Office::begin(Inbox::default())
    }

    /// An office that publishes no forms: an exchange is all there is to a sync.
    pub(crate) fn without_forms() -> Office {
        Office::begin(Inbox { formless: true, ..Inbox::default() })
    }

    fn begin(inbox: Inbox) -> Office {
        let (inbox, mood) = (Arc::new(Mutex::new(inbox)), Arc::new(Mutex::new(Mood::Judges)));
        let (kept, felt) = (Arc::clone(&inbox), Arc::clone(&mood));
        let server =
            Server::start(move |asked| Some(answer(&asked, &mut kept.lock().unwrap(), &mut felt.lock().unwrap())));
        Office { server, inbox, mood }
    }

    /// What carriers brought, sorted.
    pub(crate) fn brought(&self) -> Vec<Label> {
        let mut labels = self.inbox.lock().unwrap().brought.clone();
        labels.sort_unstable();
        labels
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn answer(asked: &Asked, inbox: &mut Inbox, mood: &mut Mood) -> Answered {
    let refuse = |status: u16, headers: &[&str], code: &str| Answered {
        status,
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        body: format!(r#"{{"code":"{code}","message":"Not now."}}"#).into_bytes(),
    };
    match (*mood, asked.path.as_str()) {
        (Mood::Busy, _) => return refuse(503, &["retry-after: 3600"], "busy"),
        (Mood::BusyOnce, _) => {
            *mood = Mood::Judges;
            return refuse(503, &["retry-after: 0"], "busy");
        }
        (Mood::Forgets, _) => return refuse(401, &[], "sign_in_again"),
        (_, "/auth/v1/enrol") => {}
        (_, "/sync/v1/exchange") => return Answered::ok(exchange(asked, inbox, *mood)),
        (_, "/sync/v1/form") => return Answered::ok(part(asked)),
        (_, "/sync/v1/bundle") => return Answered::ok(receipt(asked, inbox)),
        (_, "/sync/v1/blobs") => return Answered::ok(files(asked, inbox)),
        _ => return refuse(404, &[], "not_found"),
    }
    let enrol: Enrol = serde_json::from_slice(&asked.body).unwrap();
    if enrol.code != CODE {
        return refuse(403, &[], "bad_code");
    }
    assert!(asked.headers.iter().any(|header| header == "content-type: application/json"));
    assert!(!asked.headers.iter().any(|header| header.starts_with("content-encoding")));
    Answered::ok(serde_json::to_vec(&enrolled(&enrol)).unwrap())
}

pub(crate) fn enrolled(enrol: &Enrol) -> Enrolled {
    let root = Signer::from_secret(&[1; 32]);
    Enrolled {
        certificate: Certificate::issue(&root, enrol.writer, enrol.key.clone(), ME, enrol.device, MORNING),
        root: root.key(),
        project: "Jambi".into(),
        time: Machine.now_ms(),
        tokens: Tokens {
            access: "a".repeat(120),
            refresh: "r".into(),
            recipient: Some(Identity::of_root(&[1; 32]).recipient()),
            seconds: 900,
        },
        user_name: "Siti".into(),
    }
}

fn exchange(asked: &Asked, inbox: &mut Inbox, mood: Mood) -> Vec<u8> {
    let incoming = Incoming::parse(&asked.body).unwrap();
    inbox.exchanges += 1;
    let mut state = WriterState {
        applied: 0,
        backed_up: 0,
        decided: 0,
        decisions: vec![],
        push_from: None,
        refused: vec![],
        rotate: vec![],
        verdicts: vec![],
        waiting: vec![],
        writer: incoming.control.writer,
    };
    let before = inbox.applied;
    for (_, _, lines) in incoming.changesets() {
        inbox.saves.extend(incoming.saves(lines).iter().map(|line| (*line).to_owned()));
        inbox.applied += incoming.saves(lines).len() as u64;
    }
    state.applied = inbox.applied;
    if inbox.applied > before {
        let verdict = match mood {
            Mood::Quarantines => Verdict::Quarantined(Code::NotGranted),
            _ => Verdict::Applied,
        };
        state.verdicts = vec![VerdictRange { first: before + 1, last: inbox.applied, verdict }];
    }
    let first = incoming.control.scope.is_none();
    let rows = if first { rows() } else { vec![] };
    let answer = Answer {
        areas: if first { vec![page(rows.len())] } else { vec![] },
        cursors_wanted: false,
        directory: first.then(|| directory(inbox.formless)),
        heal: vec![],
        mark: Some(1),
        minted: vec![],
        more: false,
        pull: Pull::Open,
        restored: None,
        time: Machine.now_ms(),
        witnessed: 0,
        writers: vec![state],
    };
    let mut body = control_body(&answer);
    for row in rows {
        body.push_str(&row);
        body.push('\n');
    }
    body.into_bytes()
}

/// Takes every parcel that it can read, and says so.
fn receipt(asked: &Asked, inbox: &mut Inbox) -> Vec<u8> {
    let identity = Identity::of_root(&[1; 32]);
    let mut changesets = Vec::new();
    for parcel in Parcel::list(&asked.body) {
        identity.open_parcel(&parcel).expect("is for this server");
        inbox.brought.push(parcel.label);
        if let Label::Changeset { writer, seq, hash } = parcel.label {
            changesets.push((writer, seq, hash));
        }
    }
    let receipt = Receipt::issue(&Signer::from_secret(&[1; 32]), Machine.now_ms(), changesets, vec![], vec![]);
    serde_json::to_vec(&receipt).unwrap()
}

/// A part of the only form there is.
/// Takes files in one piece, as small ones come.
fn files(asked: &Asked, inbox: &mut Inbox) -> Vec<u8> {
    let (delivery, came) = Delivery::parse(&asked.body).unwrap();
    let stand = |(piece, bytes): (&sync_protocol::blobs::Piece, &[u8])| {
        if piece.len == 0 {
            return (piece.blob, Standing::Wanted(0));
        }
        assert_eq!(sync_protocol::BlobHash::of(bytes), piece.blob);
        inbox.files.push(bytes.to_vec());
        (piece.blob, Standing::Here)
    };
    let blobs = delivery.blobs.iter().zip(came).map(stand).collect();
    serde_json::to_vec(&Delivered { blobs }).unwrap()
}

fn part(asked: &Asked) -> Vec<u8> {
    assert!(asked.headers.iter().any(|header| header == "content-type: application/json"));
    let part: PackagePart = serde_json::from_slice(&asked.body).unwrap();
    let package = package();
    assert_eq!(part.hash, PackageHash::of(&package));
    package[part.from as usize..].iter().copied().take(PART_BYTES).collect()
}

const PART_BYTES: usize = 50_000;

/// The questionnaire that comes with the program.
pub(crate) fn package() -> Vec<u8> {
    questionnaire::bundled::Bundled::find("verification").unwrap().package().to_bytes()
}

fn form() -> FormVersion {
    let package = package();
    FormVersion {
        areas: vec![AreaId::from_u128(0xe1)],
        bytes: package.len() as u64,
        form: "household-verification".into(),
        hash: PackageHash::of(&package),
        title: "Verifikasi Rumah Tangga".into(),
        version: "2026.1".into(),
    }
}

fn page(rows: usize) -> AreaPage {
    AreaPage {
        area: RT,
        cursor: Cursor { seq: 3, salt: Salt(9), since: 3 },
        digest: None,
        healed: vec![],
        own: 0,
        rows,
    }
}

fn directory(formless: bool) -> Directory {
    let node = |id: u128, code: &str, level, name: &str, parent: Option<u128>| AreaNode {
        code: code.into(),
        granted: id == RT.as_u128(),
        id: AreaId::from_u128(id),
        level,
        name: name.into(),
        parent: parent.map(AreaId::from_u128),
    };
    Directory {
        areas: vec![
            node(0xe1, "15.71.01.1001", AreaLevel::Village, "Legok", None),
            node(RT.as_u128(), "15.71.01.1001-002", AreaLevel::Rt, "RT 002", Some(0xe1)),
        ],
        forms: if formless { vec![] } else { vec![form()] },
        round: Some(Round {
            from: "2026-03-01".into(),
            id: RoundId::from_u128(0xd1),
            name: "Maret 2026".into(),
            to: None,
        }),
        people: vec![(ME, "Siti".into()), (BUDI, "Budi".into())],
        stamp: "1".into(),
    }
}

/// Two households and a member, as an import and a colleague left them; the second is in conflict.
fn rows() -> Vec<String> {
    let import = |row: &mut Row, save, registers: &[(&str, &str)]| {
        let area = if row.collection == Collection::Household {
            ("_area", RT.to_string())
        } else {
            ("_parent", HOUSEHOLD.to_string())
        };
        let mut all = vec![(area.0, area.1.as_str())];
        all.extend_from_slice(registers);
        write(row, (100, save), BUDI, MORNING - 86_400_000, &all, true);
    };
    let mut first = Row::new(Collection::Household, HOUSEHOLD);
    import(
        &mut first,
        1,
        &[("source/dtks/head_name", "SITI AMINAH"), ("source/dtks/address", "JL MELATI 3"), ("source/dtks/rooms", "3")],
    );
    write(&mut first, (200, 1), BUDI, MORNING, &[("phone", "0741123")], true);
    let mut second = Row::new(Collection::Household, DISPUTED);
    import(&mut second, 2, &[("source/dtks/head_name", "MUHAMMAD")]);
    write(&mut second, (200, 2), BUDI, MORNING, &[("address", "Jl. Kenanga 1")], true);
    write(&mut second, (300, 1), ME, MORNING + 60_000, &[("address", "Jl. Kenanga 2")], false);
    let mut person = Row::new(Collection::Person, PERSON);
    import(&mut person, 3, &[("source/dtks/name", "SITI AMINAH"), ("source/dtks/nik", "1571014101700001")]);
    vec![first.to_text(), second.to_text(), person.to_text()]
}

/// `sees`: whether the author had the row on the screen as it is.
fn write(row: &mut Row, by: (u128, u64), author: UserId, clock: i64, registers: &[(&str, &str)], sees: bool) {
    let registers: BTreeMap<String, Value> =
        registers.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
    let dot = Dot { writer: WriterId::from_u128(by.0), save: by.1 };
    // Two colleagues who started from the import and not from each other.
    let context = row.context.iter().filter(|(writer, _)| sees || **writer == WriterId::from_u128(100));
    let context = context.map(|(writer, seen)| (*writer, *seen)).collect();
    let stamp = Stamp { clock: Clock(clock), author };
    row.merge(&Write { dot, tag: Tag(7), stamp, context: &context, registers: &registers }, &Trusting);
}

/// An id that no other device has.
pub(crate) fn is_device(id: &str) -> bool {
    id.parse::<DeviceId>().is_ok()
}
