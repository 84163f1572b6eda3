//! What the tests hold a device with: a clock and dice that they turn by hand, and a server's answers made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use client_core::{Device, Env, Outgoing, Place, Reply, Report, Session, Step, StoreKey};
use sync_protocol::entry::Identity;
use sync_protocol::exchange::{
    Answer, AreaLevel, AreaNode, AreaPage, Cursor, Directory, Incoming, Pull, Salt, WriterState, control_body,
};
use sync_protocol::ids::{DeviceId, Dot};
use sync_protocol::merge::Trusting;
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{
    AreaId, Clock, Collection, Context, Digest, RecordId, RecordWrite, Row, RowHash, Save, Signer, Stamp, Tag, UserId,
    Value, Write, WriterId,
};

/// The wall clock of most tests.
pub(crate) const NOON: i64 = 1_772_000_000_000;
/// The area that most households live in.
pub(crate) const RT_1: AreaId = AreaId::from_u128(0x11);
/// Another.
pub(crate) const RT_2: AreaId = AreaId::from_u128(0x12);
/// The kelurahan above both.
pub(crate) const VILLAGE: AreaId = AreaId::from_u128(0x10);
/// The person who holds the device.
pub(crate) const USER: UserId = UserId::from_u128(0x5);
/// Somebody in the office, whose saves come with rows.
pub(crate) const OFFICE: WriterId = WriterId::from_u128(0xffff);

/// Time and dice, shared with the device that holds a copy.
#[derive(Clone, Default)]
pub(crate) struct Hands {
    now: Arc<AtomicI64>,
    throws: Arc<AtomicU64>,
}

impl Hands {
    pub(crate) fn at(now_ms: i64) -> Hands {
        let hands = Hands::default();
        hands.set(now_ms);
        hands
    }

    pub(crate) fn set(&self, now_ms: i64) {
        self.now.store(now_ms, Ordering::Relaxed);
    }
}

impl Env for Hands {
    fn utc_offset_minutes(&self) -> i32 {
        420
    }

    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    fn random(&self, to: &mut [u8]) {
        for byte in to {
            // A multiplicative walk over 64 bits: never the same bytes twice.
            let throw = self.throws.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            *byte = (throw.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
        }
    }
}

pub(crate) fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

pub(crate) fn open(place: &Place, hands: &Hands) -> Device {
    Device::open(place.clone(), &key(), Box::new(hands.clone())).expect("opens")
}

/// A new device in memory, enrolled.
pub(crate) fn device() -> Device {
    enrolled(&Place::Memory, &Hands::at(NOON))
}

pub(crate) fn enrolled(place: &Place, hands: &Hands) -> Device {
    let mut device = open(place, hands);
    let request = device.enrol_request("ABCD-1234", "phone 1", "test").expect("a request");
    let reply = enrol_reply(&request);
    device.enrol_answer(&reply).expect("enrolled");
    device
}

pub(crate) fn root() -> Signer {
    Signer::from_secret(&[1; 32])
}

pub(crate) fn enrol_reply(request: &Outgoing) -> Reply {
    let ask: Enrol = serde_json::from_slice(&request.body).expect("an enrolment");
    let enrolled = Enrolled {
        certificate: Certificate::issue(&root(), ask.writer, ask.key, USER, ask.device, NOON),
        root: root().key(),
        project: "Kota Jambi".to_owned(),
        time: NOON,
        tokens: Tokens {
            access: "access 1".to_owned(),
            refresh: "refresh 1".to_owned(),
            recipient: Some(Identity::of_root(&[1; 32]).recipient()),
            seconds: 900,
        },
        user_name: "Rina".to_owned(),
    };
    ok(request, serde_json::to_vec(&enrolled).expect("JSON"))
}

pub(crate) fn ok(request: &Outgoing, body: Vec<u8>) -> Reply {
    Reply { ticket: request.ticket, status: 200, retry_after: None, body }
}

pub(crate) fn refused(request: &Outgoing, status: u16) -> Reply {
    let body = br#"{"code":"some_code","message":"Some sentence."}"#.to_vec();
    Reply { ticket: request.ticket, status, retry_after: Some(7), body }
}

/// What an empty answer says.
pub(crate) fn nothing() -> Answer {
    Answer {
        areas: vec![],
        cursors_wanted: false,
        directory: None,
        heal: vec![],
        mark: None,
        minted: vec![],
        more: false,
        pull: Pull::Open,
        restored: None,
        time: NOON,
        witnessed: 0,
        writers: vec![],
    }
}

pub(crate) fn directory(granted: &[AreaId]) -> Directory {
    let node = |id: AreaId, level: AreaLevel, parent: Option<AreaId>| AreaNode {
        code: format!("15.71.01.1001.{}", id.as_u128()),
        granted: granted.contains(&id),
        id,
        level,
        name: format!("area {}", id.as_u128()),
        parent,
    };
    Directory {
        areas: vec![
            node(VILLAGE, AreaLevel::Village, None),
            node(RT_1, AreaLevel::Rt, Some(VILLAGE)),
            node(RT_2, AreaLevel::Rt, Some(VILLAGE)),
        ],
        forms: vec![],
        round: None,
        people: vec![(USER, "Rina".to_owned()), (UserId::from_u128(0xf), "Kantor".to_owned())],
        stamp: format!("{granted:?}"),
    }
}

pub(crate) fn body(answer: &Answer, lines: &[String]) -> Vec<u8> {
    let mut body = control_body(answer);
    for line in lines {
        body.push_str(line);
        body.push('\n');
    }
    body.into_bytes()
}

pub(crate) fn writer_state(writer: WriterId, applied: u64) -> WriterState {
    WriterState {
        applied,
        backed_up: 0,
        decided: 0,
        decisions: vec![],
        push_from: None,
        refused: vec![],
        rotate: vec![],
        verdicts: vec![],
        waiting: vec![],
        writer,
    }
}

pub(crate) fn digest_of(texts: &[String]) -> Digest {
    let mut digest = Digest::default();
    texts.iter().for_each(|text| digest.add(RowHash::of(text)));
    digest
}

pub(crate) fn page(area: AreaId, seq: u64, lines: usize, digest: Option<Digest>, own: u64) -> AreaPage {
    AreaPage {
        area,
        cursor: Cursor { seq, salt: Salt(seq + 1000), since: seq },
        digest,
        healed: vec![],
        own,
        rows: lines,
    }
}

/// A row of the office's own making.
pub(crate) fn office_row(collection: Collection, id: u128, save: u64, registers: &[(&str, &str)]) -> Row {
    let mut row = Row::new(collection, RecordId::from_u128(id));
    let seen = row.context.clone();
    office_write(&mut row, save, &seen, registers);
    row
}

pub(crate) fn office_write(row: &mut Row, save: u64, seen: &Context, registers: &[(&str, &str)]) {
    let registers = registers.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
    let stamp = Stamp { clock: Clock(NOON - 1_000 + save as i64), author: UserId::from_u128(0xf) };
    let dot = Dot { writer: OFFICE, save };
    row.merge(&Write { dot, tag: Tag(save as u32), stamp, context: seen, registers: &registers }, &Trusting);
}

pub(crate) fn household(area: AreaId, id: u128, name: &str, address: &str) -> Row {
    let area = area.to_string();
    office_row(Collection::Household, id, 1, &[("_area", &area), ("head_name", name), ("address", address)])
}

/// A save of one new household.
pub(crate) fn new_household(area: AreaId, id: u128, name: &str) -> Save {
    let registers = [("_area", area.to_string()), ("head_name", name.to_owned()), ("address", "Jl. Baru".to_owned())];
    one_write(Collection::Household, RecordId::from_u128(id), Context::new(), &registers)
}

pub(crate) fn one_write(collection: Collection, id: RecordId, context: Context, registers: &[(&str, String)]) -> Save {
    let registers: BTreeMap<String, Value> =
        registers.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
    Save { records: vec![RecordWrite { collection, id, context, registers }] }
}

/// Writes one register of a record from what the device shows now.
pub(crate) fn edit(device: &mut Device, id: u128, name: &str, value: &str) -> u64 {
    let loaded = device.load(RecordId::from_u128(id)).expect("is here");
    let save = one_write(loaded.row.collection, loaded.row.id, loaded.context, &[(name, value.to_owned())]);
    device.save(save).expect("saved").last
}

/// Runs a session to its end against answers made one by one.
pub(crate) fn sync(device: &mut Device, mut serve: impl FnMut(&Outgoing) -> Reply) -> Report {
    let mut session = Session::start(device);
    for _ in 0..50 {
        match session.next(device).expect("a step") {
            Step::Done(report) => return report,
            Step::Send(request) => {
                let reply = serve(&request);
                session.answer(device, &reply).expect("an answer that lands");
            }
        }
    }
    panic!("the session does not end");
}

/// Pulls these rows into an empty device: its granted areas, one page each, at their heads.
pub(crate) fn fill(device: &mut Device, rows: &[(AreaId, Vec<Row>)]) -> Report {
    let granted: Vec<AreaId> = rows.iter().map(|(area, _)| *area).collect();
    sync(device, |request| {
        let mut answer = nothing();
        answer.directory = Some(directory(&granted));
        answer.mark = Some(1);
        let mut lines = Vec::new();
        for (area, rows) in rows {
            let texts: Vec<String> = rows.iter().map(Row::to_text).collect();
            answer.areas.push(page(*area, 1, texts.len(), Some(digest_of(&texts)), 0));
            lines.extend(texts);
        }
        ok(request, body(&answer, &lines))
    })
}

pub(crate) fn writer(device: &Device) -> WriterId {
    device.identity().expect("reads").expect("enrolled").writer
}

pub(crate) fn device_id(device: &Device) -> DeviceId {
    device.identity().expect("reads").expect("enrolled").device
}

/// What a request pushes: first save and number of saves of each changeset.
pub(crate) fn pushed(request: &Outgoing) -> Vec<usize> {
    let incoming = Incoming::parse(&request.body).expect("a request");
    incoming.changesets().map(|(_, _, lines)| incoming.saves(lines).len()).collect()
}

pub(crate) fn shown(device: &Device, id: u128, register: &str) -> Option<String> {
    device.load(RecordId::from_u128(id)).ok()?.row.value(register)?.as_text()
}

pub(crate) fn writer_of(request: &Outgoing) -> WriterId {
    Incoming::parse(&request.body).expect("a request").control.writer
}
