//! Scratch: the sync path without HTTP.
#![allow(missing_docs, clippy::all, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use client_core::*;
use server::ambient::Machine;
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::areas::{self, Area};
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::{RecordWrite, reserved};
use sync_protocol::*;

struct E;
impl Env for E {
    fn now_ms(&self) -> i64 { std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64 }
    fn random(&self, to: &mut [u8]) { use std::io::Read; std::fs::File::open("/dev/urandom").unwrap().read_exact(to).unwrap() }
}

fn main() {
    let n: u64 = std::env::args().nth(1).map(|a| a.parse().unwrap()).unwrap_or(10_000);
    let per: usize = std::env::args().nth(2).map(|a| a.parse().unwrap()).unwrap_or(100);
    let folder = tempfile::tempdir_in("/work").unwrap();
    let instance = Instance::make(&folder.path().join("s"), "perf", Arc::new(Machine)).unwrap();
    let admin = people::add_user(&instance, NewUser { name: "admin".into(), display_name: "admin".into(), role: Role::Admin, password: None }, None).unwrap().id;
    let area = AreaId::from_u128(7);
    instance.store.write(move |tx| areas::put(tx, &Area { id: area, code: "1".into(), level: AreaLevel::Rt, name: "1".into(), parent: None, bps_code: None, valid_from: None, valid_to: None })).unwrap();
    let mk = |name: &str| {
        let user = people::add_user(&instance, NewUser { name: name.into(), display_name: name.into(), role: Role::Enumerator, password: None }, None).unwrap().id;
        people::grant(&instance, user, area, Some(0), None, admin).unwrap();
        let code = people::give_code(&instance, user, admin).unwrap().0.grouped();
        let mut d = Device::open(Place::File(folder.path().join(name)), &StoreKey::new([7; 32]), Box::new(E)).unwrap();
        let out = d.enrol_request(&code, name, "perf").unwrap();
        let done = people::enrol(&instance, serde_json::from_slice(&out.body).unwrap()).unwrap();
        d.enrol_answer(&Reply { ticket: out.ticket, status: 200, retry_after: None, body: serde_json::to_vec(&done).unwrap() }).unwrap();
        (d, user)
    };
    let (mut a, ua) = mk("a");
    let (mut b, ub) = mk("b");
    let hub = server::sync::Hub::start(instance.store.clone(), instance.ambient.clone()).unwrap();
    let sync = |d: &mut Device, user: UserId| {
        let t = Instant::now();
        let (mut server, mut client, mut up, mut down) = (0.0, 0.0, 0, 0);
        let (mut zu, mut zd) = (0, 0);
        let mut s = Session::start(d);
        let report = loop {
            let c = Instant::now();
            let step = s.next(d).unwrap();
            client += c.elapsed().as_secs_f64();
            match step {
                Step::Done(r) => break r,
                Step::Send(o) => {
                    up += o.body.len();
                    zu += zstd::encode_all(&o.body[..], 3).unwrap().len();
                    let c = Instant::now();
                    let (body, _) = server::sync::exchange(&hub, server::sync::Caller { user }, &o.body).unwrap();
                    server += c.elapsed().as_secs_f64();
                    down += body.len();
                    zd += zstd::encode_all(&body[..], 3).unwrap().len();
                    let c = Instant::now();
                    s.answer(d, &Reply { ticket: o.ticket, status: 200, retry_after: None, body }).unwrap();
                    client += c.elapsed().as_secs_f64();
                }
            }
        };
        println!("  {:.3} s: server {server:.3} client {client:.3} up {up} ({zu}) down {down} ({zd}) {report:?}", t.elapsed().as_secs_f64());
    };
    let lines: Vec<BTreeMap<String, serde_json::Value>> = (0..n).map(|i| serde_json::from_str(&tests::records::line(1, i)).unwrap()).collect();
    sync(&mut a, ua);
    let t = Instant::now();
    let mut saves = Vec::new();
    for l in &lines {
        let id: RecordId = l["id"].as_str().unwrap().parse().unwrap();
        let mut registers: BTreeMap<String, Value> = l.iter().filter(|(k, _)| *k != "id").map(|(k, v)| (k.clone(), Value::of(v).unwrap())).collect();
        registers.insert(reserved::AREA.into(), Value::text(&area.to_string()));
        saves.push(Save { records: vec![RecordWrite { collection: Collection::Household, id, context: Default::default(), registers }] });
    }
    println!("made {:.3}", t.elapsed().as_secs_f64());
    let t = Instant::now();
    let mut it = saves.into_iter().peekable();
    while it.peek().is_some() { a.save_all(it.by_ref().take(per).collect(), &[]).unwrap(); }
    println!("sealed {:.3}", t.elapsed().as_secs_f64());
    println!("push"); sync(&mut a, ua);
    println!("pull"); sync(&mut b, ub);
    let mut edits = Vec::new();
    for l in lines.iter().step_by((n / 100) as usize) {
        let id: RecordId = l["id"].as_str().unwrap().parse().unwrap();
        let loaded = a.load(id).unwrap();
        edits.push(Save { records: vec![RecordWrite { collection: Collection::Household, id, context: loaded.context, registers: [("h301a".to_owned(), Value::integer(9))].into() }] });
    }
    a.save_all(edits, &[]).unwrap();
    println!("edits up"); sync(&mut a, ua);
    println!("edits down"); sync(&mut b, ub);
    println!("idle"); sync(&mut b, ub);
}
