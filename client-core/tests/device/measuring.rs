//! Twenty thousand households and a long interview: all stays right, and what things cost is told with `--nocapture`.
#![expect(clippy::print_stderr, reason = "it measures; nothing depends on what it finds")]

use client_core::{About, Device, ListQuery, Place, Visit};
use questionnaire::interview::{Answer, Interview, Shows};
use sync_protocol::{AreaId, Collection, RecordId, Row, Save};

use crate::hand::*;
use crate::publisher::bundled;
use crate::visits::{H, answer, equip, imported};

const HOUSEHOLDS: u128 = 20_000;
const AREAS: u128 = 25;
const PAGE: usize = 800;

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let cpu = cpu_ns();
    let done = work();
    let cpu = cpu_ns().saturating_sub(cpu) as f64 / 1e6;
    eprintln!("{what}: {cpu:.1} ms on the processor");
    done
}

/// Nanoseconds that this thread has had the processor, where the system tells.
fn cpu_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

fn area(n: u128) -> AreaId {
    AreaId::from_u128(0x1000 + n % AREAS)
}

/// A row of about 40 registers and 1.3 kB.
fn row(n: u128) -> Row {
    let names = ["Siti", "Budi", "Muhammad", "Sri", "Ahmad", "Dewi", "Agus", "Nur", "Rudi", "Yanti"];
    let name = format!("{} {} {n}", names[(n % 10) as usize], names[(n / 10 % 10) as usize]);
    let mut registers = vec![
        ("_area".to_owned(), area(n).to_string()),
        ("head_name".to_owned(), name),
        ("address".to_owned(), format!("Jl. Kapten Pattimura No. {}", n % 120)),
        ("head_nik".to_owned(), format!("15710{:011}", n * 7919)),
        ("card_number".to_owned(), format!("15711{:011}", n * 104_729)),
    ];
    registers.extend((0..33).map(|i| (format!("housing_{i:02}"), format!("answer {}", n * i % 97))));
    let registers: Vec<(&str, &str)> = registers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    // UUIDv7-like: made one after another.
    office_row(Collection::Household, (0x0190_0000_0000_7000_u128 << 64) + (n << 70), n as u64 + 1, &registers)
}

fn pull(device: &mut Device, areas: &[(AreaId, Vec<String>)]) {
    let mut directory = directory(&[]);
    let rt = directory.areas[1].clone();
    directory.areas.extend((0..AREAS).map(|n| {
        let mut node = rt.clone();
        (node.id, node.granted) = (area(n), true);
        node
    }));
    let bodies: Vec<Vec<u8>> = areas
        .iter()
        .map(|(area, texts)| {
            let mut answer = nothing();
            answer.directory = Some(directory.clone());
            answer.areas = vec![page(*area, 1, texts.len(), Some(digest_of(texts)), 0)];
            answer.more = true;
            body(&answer, texts)
        })
        .collect();
    let mut bodies = bodies.into_iter();
    let report = timed("  the pull", || {
        sync(device, |request| ok(request, bodies.next().unwrap_or_else(|| body(&nothing(), &[]))))
    });
    assert!(report.mismatched.is_empty());
}

#[test]
fn twenty_thousand_households_are_pulled_listed_and_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut device = enrolled(&Place::File(folder.path().join("device.db")), &Hands::at(NOON));
    let areas: Vec<(AreaId, Vec<String>)> = (0..AREAS)
        .map(|at| (area(at), (0..HOUSEHOLDS).filter(|n| n % AREAS == at).map(|n| row(n).to_text()).collect()))
        .collect();
    assert_eq!(areas[0].1.len(), PAGE);
    timed("pull of 20,000 rows", || pull(&mut device, &areas));
    for (what, query) in [
        ("all", ListQuery::default()),
        ("village", ListQuery { area: Some(VILLAGE), ..ListQuery::default() }),
        ("area", ListQuery { area: Some(area(3)), ..ListQuery::default() }),
        ("to do", ListQuery { done: Some(false), ..ListQuery::default() }),
        ("conflict", ListQuery { conflict: true, ..ListQuery::default() }),
        ("unsent", ListQuery { unsent: true, ..ListQuery::default() }),
        ("outcome", ListQuery { outcome: Some("none".into()), ..ListQuery::default() }),
        ("search one letter", ListQuery { search: Some("s".into()), ..ListQuery::default() }),
        ("search name", ListQuery { search: Some("siti bu".into()), ..ListQuery::default() }),
        ("search in area", ListQuery { search: Some("jl 11".into()), area: Some(area(3)), ..ListQuery::default() }),
        ("search nik", ListQuery { search: Some("1571000000079190".into()), ..ListQuery::default() }),
    ] {
        let first = device.list(&query).expect("lists");
        let again = timed(&format!("  list, {what}"), || device.list(&query).expect("lists"));
        assert_eq!(first.lines, again.lines);
    }
    assert_eq!(device.status().expect("reads").households, HOUSEHOLDS as u64);
}

#[test]
fn ten_thousand_saves_are_sealed_pushed_and_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut device = enrolled(&Place::File(folder.path().join("device.db")), &Hands::at(NOON));
    let saves: Vec<Save> = (0..10_000)
        .map(|n| {
            let row = row(n);
            let registers: Vec<(&str, String)> = row
                .registers
                .keys()
                .filter(|name| *name != "_alive")
                .map(|name| (name.as_str(), row.value(name).and_then(|v| v.as_text()).unwrap_or_default()))
                .collect();
            one_write(Collection::Household, row.id, Default::default(), &registers)
        })
        .collect();
    timed("sealing 10,000 saves, 100 a changeset", || {
        for chunk in saves.chunks(100) {
            device.save_all(chunk.to_vec(), &[]).expect("saved");
        }
    });
    let ids: Vec<RecordId> = saves.iter().map(|save| save.records[0].id).collect();
    let texts: Vec<String> = ids.iter().map(|id| device.load(*id).expect("is here").row.to_text()).collect();
    let digests: Vec<_> = (0..AREAS)
        .map(|at| digest_of(&texts.iter().skip(at as usize).step_by(AREAS as usize).cloned().collect::<Vec<_>>()))
        .collect();
    let mut stored = 0;
    let report = timed("pushing and confirming them", || {
        sync(&mut device, |request| {
            let sent: usize = pushed(request).iter().sum();
            stored += sent as u64;
            let mut answer = nothing();
            let mut state = writer_state(writer_of(request), stored);
            state.verdicts = vec![sync_protocol::exchange::VerdictRange {
                first: 1,
                last: stored,
                verdict: sync_protocol::Verdict::Applied,
            }];
            answer.writers = vec![state];
            if stored == 10_000 {
                let heads = digests.iter().enumerate();
                answer.areas = heads.map(|(at, sum)| page(area(at as u128), 1, 0, Some(*sum), stored)).collect();
            } else {
                answer.more = true;
            }
            ok(request, body(&answer, &[]))
        })
    });
    assert_eq!((report.confirmed, report.mismatched.len(), report.saves_sent), (10_000, 0, 10_000));
}

#[test]
fn an_answer_of_the_bundled_form_is_on_the_disk_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut device = enrolled(&Place::File(folder.path().join("device.db")), &Hands::at(NOON));
    let form = equip(&mut device, vec![bundled("verification")], &imported());
    let mut visit =
        timed("beginning a visit, the form read", || device.begin_visit(About::Household(H), form).expect("begun"));
    answer(&mut device, &mut visit, "/data/visit/outcome", "complete");
    answer(&mut device, &mut visit, "/data/place/h112", 6);
    for _ in 1..6 {
        let added = device.visit_step(&mut visit, |interview| interview.add_row("/data/members/member"));
        added.expect("kept").expect("added");
    }
    device.visit_step(&mut visit, |interview| drop(interview.jump("/data/visit"))).expect("kept");
    let steps = timed("answering everything about six members", || answer_all(&mut device, &mut visit));
    eprintln!("  in {steps} steps");
    let resumed = timed("taking it up again", || device.resume_visit(visit.draft()).expect("resumed"));
    assert_eq!(resumed.interview().screen().shows, Shows::End);
}

/// Answers something everywhere, whatever is wrong with it.
fn answer_all(device: &mut Device, visit: &mut Visit) -> usize {
    let mut steps = 0;
    let total = visit.interview().screen().places;
    for _ in 0..total + 100 {
        let Shows::Questions(questions) = visit.interview().screen().shows else {
            if visit.interview().screen().shows == Shows::End {
                break;
            }
            steps += 1;
            drop(device.visit_step(visit, Interview::next).expect("kept"));
            continue;
        };
        for question in questions {
            let value = question.choices.first().map_or("1".to_owned(), |choice| choice.name.clone());
            steps += 1;
            drop(
                device
                    .visit_step(visit, |interview| interview.answer(question.path.as_str(), value.as_str()))
                    .expect("kept"),
            );
            if device.visit_step(visit, Interview::next).expect("kept").is_err() {
                drop(
                    device
                        .visit_step(visit, |interview| interview.answer(question.path.as_str(), Answer::Empty))
                        .expect("kept"),
                );
            }
            steps += 1;
        }
    }
    device.visit_step(visit, |interview| drop(interview.jump_to_end())).expect("kept");
    steps
}
