//! What the checks promise: visits and merged households as several people save them.

mod verification;

use std::collections::BTreeMap;

use questionnaire::record;
use serde_json::{Value as Json, json};
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::{Context, RecordWrite, reserved};
use sync_protocol::{AreaId, Collection, RecordId, Save, UserId, Value};

use super::Checker;
use crate::forms::{self, Upload};
use crate::instance::scratch::Scratch;
use crate::people::Role;
use crate::store::findings::{self, Finding, Kind};
use crate::store::forms::File;
use crate::store::{checks, records};
use crate::sync::{Hub, office};

const SURVEY: &str = "type,name,label::Bahasa (id),label::English (en),relevant,constraint,save_to\n\
    select_one tenure,tenure,Kepemilikan,Tenure,,,household#tenure\n\
    select_one title,certificate,Sertifikat,Certificate,${tenure} = 'own',,household#certificate\n\
    integer,size,Luas,Size,,. < 30,household#size\n\
    begin repeat,member,Anggota,Member,,,\n\
    text,full_name,Nama,Name,,,person#full_name\n\
    text,nik,NIK,NIK,,\"count(../../member[nik = current()/.]) <= 1\",person#nik\n\
    end repeat,,,,,,\n";
const CHOICES: &str = "list_name,name,label::Bahasa (id),label::English (en)\n\
    tenure,own,Milik,Own\ntenure,rent,Sewa,Rent\ntitle,deed,SHM,Deed\n";
const SETTINGS: &str = "form_title,form_id,version\nHouse,house,1\n";
const ENTITIES: &str = "list_name,label\nhousehold,${tenure}\nperson,${full_name}\n";

const HOUSEHOLD: RecordId = RecordId::from_u128(1 << 64);

struct World {
    scratch: Scratch,
    hub: Hub,
    checker: Checker,
    area: AreaId,
    people: [UserId; 2],
    package: String,
}

impl World {
    /// A form that is known, an area, and two people.
    fn new() -> World {
        let scratch = Scratch::new();
        let hub = Hub::start(scratch.instance.store.clone(), scratch.instance.ambient.clone()).expect("starts");
        let people = ["ani", "budi"].map(|name| scratch.user(name, Role::Officer).id);
        let area = scratch.area("15.71.01.1001.001", AreaLevel::Rt, None);
        let world = World { scratch, hub, checker: Checker::default(), area, people, package: String::new() };
        let package = world.add_form();
        World { package, ..world }
    }

    fn add_form(&self) -> String {
        let sheets = [("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS), ("entities", ENTITIES)];
        let file = |(name, text): (&str, &str)| File { name: format!("{name}.csv"), bytes: text.as_bytes().to_vec() };
        let upload = Upload::of_files("house", sheets.map(file).to_vec()).expect("a form");
        let report = forms::add(&self.scratch.instance, upload, None).expect("stores");
        assert!(report.accepted, "{:?}", report.problems);
        report.stored.expect("is accepted").hash.to_string()
    }

    /// Saves as somebody who has seen nothing of what stands there.
    fn save(&self, by: usize, records: Vec<RecordWrite>) {
        self.scratch.pass(1_000);
        let verdicts = office::write(&self.hub, self.people[by], vec![Save { records }]).expect("writes");
        assert!(verdicts.iter().all(|range| range.verdict.code().is_none()), "{verdicts:?}");
    }

    /// A visit with these answers, which fill the household's registers as the form says.
    fn visit(&self, by: usize, number: u128, answers: &Json) -> RecordId {
        self.visit_with(by, number, answers, &self.package)
    }

    fn visit_with(&self, by: usize, number: u128, answers: &Json, package: &str) -> RecordId {
        let id = RecordId::from_u128(number << 32);
        let mut records = vec![self.household(answers)];
        let mut answers = answers.clone();
        for (place, row) in rows_of(&mut answers).iter_mut().enumerate() {
            row["@row"] = format!("row{place}").into();
            let person = made_of(id, &format!("row{place}"));
            let registers = [("name", &row["full_name"]), ("nik", &row["nik"])];
            records.push(child(Collection::Person, person, registers));
        }
        let ended_at = json!(self.scratch.instance.now());
        let package = json!(package);
        let registers = [(record::ANSWERS, &answers), (record::PACKAGE, &package), ("ended_at", &ended_at)];
        records.push(child(Collection::Visit, id, registers));
        self.save(by, records);
        id
    }

    fn household(&self, answers: &Json) -> RecordWrite {
        let registers = ["tenure", "certificate", "size"].map(|name| (name, &answers[name]));
        let mut household = write(Collection::Household, HOUSEHOLD, registers);
        household.registers.insert(reserved::AREA.to_owned(), Value::text(&self.area.to_string()));
        household
    }

    /// Works the list off; what is found of the household.
    fn found(&self) -> Vec<Finding> {
        let store = &self.scratch.instance.store;
        self.checker.work_off(store, || self.scratch.instance.now()).expect("works");
        assert_eq!(store.read(|tx| checks::list(tx, None, 10)).expect("reads"), []);
        store.read(|tx| findings::list_of_root(tx, HOUSEHOLD)).expect("reads")
    }

    /// Kind, path and rule of what is found.
    fn told(&self) -> Vec<(Kind, String, String)> {
        self.found().into_iter().map(|finding| (finding.kind, finding.path, finding.rule)).collect()
    }

    /// The context of somebody who has seen what stands there.
    fn seen(&self, id: RecordId) -> Context {
        let record = self.scratch.instance.store.read(|tx| records::find(tx, id)).expect("reads").expect("stands");
        sync_protocol::Row::parse(&record.doc).expect("a row").context
    }
}

/// A member whom the visit made of a row of its own, as devices derive the id.
fn made_of(visit: RecordId, row: &str) -> RecordId {
    let hash = blake3::hash(format!("{visit}person/{row}").as_bytes());
    let derived = hash.as_bytes()[..10].try_into().expect("ten bytes");
    RecordId::minted(1_700_000_000_000, derived)
}

fn rows_of(answers: &mut Json) -> &mut [Json] {
    answers.get_mut("member").and_then(Json::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

/// What is null was not found out.
fn write<'a>(
    collection: Collection,
    id: RecordId,
    registers: impl IntoIterator<Item = (&'a str, &'a Json)>,
) -> RecordWrite {
    let told = registers.into_iter().filter(|(_, value)| !value.is_null());
    let registers: BTreeMap<String, Value> =
        told.map(|(name, value)| (name.to_owned(), Value::of(value).expect("canonical"))).collect();
    RecordWrite { collection, id, context: Context::new(), registers }
}

fn child<'a>(
    collection: Collection,
    id: RecordId,
    registers: impl IntoIterator<Item = (&'a str, &'a Json)>,
) -> RecordWrite {
    let mut child = write(collection, id, registers);
    child.registers.insert(reserved::PARENT.to_owned(), Value::text(&HOUSEHOLD.to_string()));
    child
}

fn told(kind: Kind, path: &str, rule: &str) -> (Kind, String, String) {
    (kind, path.to_owned(), rule.to_owned())
}

#[test]
fn a_visit_that_fits_its_form_is_found_in_order() {
    let world = World::new();
    let members = json!([{"full_name": "Ana", "nik": "1"}, {"full_name": "Budi", "nik": "2"}]);
    world.visit(0, 1, &json!({"tenure": "own", "certificate": "deed", "size": 20, "member": members}));
    assert_eq!(world.told(), []);
}

#[test]
fn a_visit_that_breaks_a_rule_is_told_in_both_languages_until_it_is_mended() {
    let world = World::new();
    let visit = world.visit(0, 1, &json!({"tenure": "rent", "certificate": "deed", "size": 40}));
    let found = world.found();
    let of_visit: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.rule.as_str())).collect();
    assert_eq!(of_visit, [("/data/certificate", "skipped"), ("/data/size", "constraint")]);
    assert_eq!((found[1].record, found[1].kind), (visit, Kind::Visit));
    assert_eq!(found[1].label, ["Luas", "Size"]);
    assert_ne!(found[1].message[0], found[1].message[1]);
    assert_eq!(found[1].sources[0].visit, Some(visit));
    let since = found[1].since;

    let mut mended = write(Collection::Visit, visit, [(record::ANSWERS, &json!({"tenure": "rent", "size": 41}))]);
    mended.context = world.seen(visit);
    world.save(1, vec![mended]);
    let left = world.found();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].since, since, "it is the same finding");
    let mut mended = write(Collection::Visit, visit, [(record::ANSWERS, &json!({"tenure": "rent", "size": 29}))]);
    mended.context = world.seen(visit);
    world.save(1, vec![mended]);
    assert_eq!(world.told(), []);
}

#[test]
fn a_visit_with_an_unknown_form_is_told_and_checked_once_the_form_is_there() {
    let world = World::new();
    let hash = world.package.parse().expect("a hash");
    forms::discard(&world.scratch.instance, hash, None).expect("a draft");
    world.visit(0, 1, &json!({"tenure": "rent", "size": 40}));
    world.visit_with(0, 2, &json!({}), "no hash");
    let unknown = told(Kind::Visit, "", "unknown_form");
    assert_eq!(world.told(), [unknown.clone(), unknown.clone()]);
    world.add_form();
    assert_eq!(world.told(), [told(Kind::Visit, "/data/size", "constraint"), unknown]);
}

#[test]
fn answers_that_are_none_are_told() {
    let world = World::new();
    let visit = write(Collection::Visit, RecordId::from_u128(9), [(record::PACKAGE, &json!(world.package))]);
    let mut visit = visit;
    visit.registers.insert(reserved::PARENT.to_owned(), Value::text(&HOUSEHOLD.to_string()));
    world.save(0, vec![world.household(&json!({})), visit]);
    assert_eq!(world.told(), [told(Kind::Visit, "", "unreadable")]);
}

#[test]
fn a_household_that_nobody_recorded_so_is_told_with_both_visits() {
    let world = World::new();
    let owns = world.visit(0, 1, &json!({"tenure": "own", "certificate": "deed", "size": 20}));
    let rents = world.visit(1, 2, &json!({"tenure": "rent", "size": 20}));
    let found = world.found();
    assert_eq!(found.len(), 1, "{found:?}");
    let finding = &found[0];
    assert_eq!((finding.kind, finding.record), (Kind::Household, HOUSEHOLD));
    assert_eq!((finding.path.as_str(), finding.rule.as_str()), ("/data/certificate", "skipped"));
    let sources: BTreeMap<_, _> =
        finding.sources.iter().map(|source| (source.visit, source.registers.clone())).collect();
    let expected = [(Some(owns), vec!["certificate".to_owned()]), (Some(rents), vec!["tenure".to_owned()])];
    assert_eq!(sources, expected.into());

    let mut decision = write(Collection::Household, HOUSEHOLD, [("tenure", &json!("own"))]);
    decision.context = world.seen(HOUSEHOLD);
    world.save(0, vec![decision]);
    assert_eq!(world.told(), [], "the office decided that they own it");
}

#[test]
fn members_of_two_visits_are_one_roster() {
    let world = World::new();
    let house =
        |nik: &str, name: &str| json!({"tenure": "rent", "size": 20, "member": [{"full_name": name, "nik": nik}]});
    let visits = [world.visit(0, 1, &house("1", "Ana")), world.visit(1, 2, &house("1", "Anna"))];
    let found = world.found();
    assert_eq!(found.len(), 2, "each of the two has the other's number: {found:?}");
    for finding in found {
        assert_eq!((finding.kind, finding.rule.as_str()), (Kind::Household, "constraint"));
        assert!(finding.path.starts_with("/data/member[") && finding.path.ends_with("]/nik"), "{}", finding.path);
        let mut sources: Vec<_> = finding.sources.iter().filter_map(|source| source.visit).collect();
        sources.sort();
        assert_eq!(sources, visits);
    }
    let gone = made_of(visits[1], "row0");
    let mut left = write(Collection::Person, gone, [(reserved::ALIVE, &json!(false))]);
    left.context = world.seen(gone);
    world.save(0, vec![left]);
    assert_eq!(world.told(), []);
}

#[test]
fn what_one_visit_broke_is_told_of_that_visit_alone() {
    let world = World::new();
    world.visit(0, 1, &json!({"tenure": "own", "size": 20}));
    let visit = world.visit(1, 2, &json!({"tenure": "rent", "certificate": "deed", "size": 20}));
    let found = world.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].record, found[0].kind), (visit, Kind::Visit));
}

#[test]
fn a_household_without_a_form_is_never_listed() {
    let world = World::new();
    let listed = || world.scratch.instance.store.read(|tx| checks::list(tx, None, 10)).expect("reads").len();
    world.save(0, vec![world.household(&json!({"tenure": "rent"}))]);
    world.save(1, vec![world.household(&json!({"tenure": "own"}))]);
    assert_eq!((listed(), world.hub.take_checks_due()), (0, false));
    world.visit(0, 1, &json!({"tenure": "rent", "size": 20}));
    assert_eq!(listed(), 1, "it waits in the transaction that changed it");
    assert_eq!(world.told(), []);
    world.save(1, vec![world.household(&json!({"size": 50}))]);
    assert_eq!(listed(), 1, "from its first visit on every change counts");
}

#[test]
fn what_changes_while_it_is_checked_is_checked_again() {
    let world = World::new();
    world.visit(0, 1, &json!({"tenure": "rent", "size": 20}));
    let store = &world.scratch.instance.store;
    let due = store.read(|tx| checks::list(tx, None, 10)).expect("reads")[0];
    world.visit(1, 2, &json!({"tenure": "rent", "size": 40}));
    store.write(move |tx| checks::done(tx, due)).expect("writes");
    assert_eq!(store.read(|tx| checks::list(tx, None, 10)).expect("reads").len(), 1);
    assert_eq!(world.told().len(), 1);
}

#[test]
fn one_worker_looks_again_for_all_who_asked_meanwhile() {
    let checker = Checker::default();
    assert_eq!([checker.ask(), checker.ask(), checker.ask()], [true, false, false]);
    let scratch = Scratch::new();
    checker.work(&scratch.instance.store, || 0);
    assert!(checker.ask(), "it has rested since");
}
