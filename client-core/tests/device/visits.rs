//! Visits: an interview that is on the disk after every step, and at its end one save of all that was found.

use std::path::Path;

use client_core::{About, Device, Ending, Error, Place, Saved, Visit};
use questionnaire::interview::{Answer, Interview, Question, Refusal, Screen, Shows, Standing};
use questionnaire::record;
use sync_protocol::exchange::{FormVersion, PackageHash, VerdictRange};
use sync_protocol::{Collection, RecordId, Row, Value, Verdict};

use crate::hand::*;
use crate::publisher::{Publisher, bundled, drawn};

pub(crate) const H: RecordId = RecordId::from_u128(1);
const PERSON: RecordId = RecordId::from_u128(2);

/// A household of an import, with a member.
pub(crate) fn imported() -> Vec<Row> {
    let area = RT_1.to_string();
    let household = [
        ("_area", area.as_str()),
        ("source/dtsen2025/head_name", "SITI AMINAH"),
        ("source/dtsen2025/address", "JL MELATI 3"),
        ("source/dtsen2025/phone", "0741123"),
    ];
    let parent = H.to_string();
    let person = [
        ("_parent", parent.as_str()),
        ("source/dtsen2025/name", "SITI AMINAH"),
        ("source/dtsen2025/nik", "1571015502900001"),
        ("source/dtsen2025/sex", "f"),
    ];
    vec![office_row(Collection::Household, 1, 1, &household), office_row(Collection::Person, 2, 2, &person)]
}

/// A short form: a household with members.
pub(crate) fn short(version: &str, more: &str) -> (FormVersion, Vec<u8>) {
    let survey = format!(
        "type,name,label,required,relevant,calculation,save_to
select_one outcome,outcome,Outcome,yes,,,
calculate,status,,,,\"if(${{outcome}} = 'complete', 'verified', 'to_visit_again')\",household#status
text,head_name,Head,yes,${{outcome}} = 'complete',,household#head_name
text,phone,Phone,,,,household#phone
begin repeat,member,Member,,${{outcome}} = 'complete',,
text,name,Name,yes,,,person#full_name
integer,age,Age,,,,person#age
end repeat,,,,,,
text,note,Note,,,,
{more}"
    );
    let settings = format!("form_id,version,form_title\nshort,{version},Short");
    let choices = "list_name,name,label\noutcome,complete,Complete\noutcome,refused,Refused";
    drawn(&survey, choices, &settings, "list_name,label\nhousehold,${head_name}\nperson,${name}")
}

fn publisher(forms: Vec<(FormVersion, Vec<u8>)>, rows: &[Row]) -> Publisher {
    let mut publisher = Publisher::of(forms);
    publisher.part = 1 << 20;
    publisher.rows = rows.iter().map(Row::to_text).collect();
    publisher
}

/// A device that holds these forms and rows.
pub(crate) fn equip(device: &mut Device, forms: Vec<(FormVersion, Vec<u8>)>, rows: &[Row]) -> PackageHash {
    let mut publisher = publisher(forms, rows);
    sync(device, |request| publisher.serve(request));
    publisher.packages[0].0.hash
}

#[track_caller]
pub(crate) fn answer(device: &mut Device, visit: &mut Visit, path: &str, value: impl Into<Answer>) {
    let taken = device.visit_step(visit, |interview| interview.answer(path, value)).expect("kept");
    taken.unwrap_or_else(|why| panic!("{path}: {why}"));
}

#[track_caller]
pub(crate) fn finish(device: &mut Device, visit: &mut Visit) -> Saved {
    match device.finish_visit(visit).expect("a visit that can be saved") {
        Ending::Saved(saved) => saved,
        Ending::Problems(problems) => panic!("{problems:#?}"),
    }
}

fn written(device: &Device, id: RecordId) -> Vec<(String, String)> {
    let row = device.load(id).expect("is here").row;
    let own = row.registers.iter().filter(|(name, _)| !name.starts_with("source/") && !name.starts_with('_'));
    own.map(|(name, register)| (name.clone(), register.siblings[0].value.as_str().to_owned())).collect()
}

/// Takes every screen: confirms what is listed, else gives the first answer that nothing is wrong with.
fn walk(device: &mut Device, visit: &mut Visit) -> usize {
    let mut answers = 0;
    for _ in 0..500 {
        match visit.interview().screen().shows {
            Shows::End => return answers,
            Shows::Another(_) => {}
            Shows::Questions(questions) => {
                for question in questions {
                    answers += answer_well(device, visit, &question);
                }
            }
        }
        device.visit_step(visit, Interview::next).expect("kept").expect("nothing is wrong");
    }
    panic!("the form has no end");
}

fn answer_well(device: &mut Device, visit: &mut Visit, question: &Question) -> usize {
    let path = question.path.as_str();
    if question.prelist.is_some() {
        device.visit_step(visit, |interview| interview.confirm(path)).expect("kept").expect("confirmed");
        return 1;
    }
    let texts: &[&str] = match question.kind {
        "integer" => &["1", "0", "20"],
        "date" => &["1990-02-15", "2026-02-01"],
        "acknowledge" => &["OK"],
        "geopoint" => &["-1.6 103.6 0 5"],
        _ => &["Siti", "081234567", "1571015502900001"],
    };
    let choices: Vec<String> = question.choices.iter().map(|choice| choice.name.clone()).collect();
    for (tries, text) in choices.iter().map(String::as_str).chain(texts.iter().copied()).enumerate() {
        answer(device, visit, path, text);
        let stands = visit.interview().value(path).is_some_and(|value| !value.is_empty());
        if stands && !visit.interview().problems().iter().any(|problem| problem.path == question.path) {
            return tries + 1;
        }
    }
    answer(device, visit, path, Answer::Empty);
    0
}

#[test]
fn a_visit_with_the_bundled_form_is_one_save_of_all_that_was_found() {
    let mut device = device();
    let form = equip(&mut device, vec![bundled("verification")], &imported());
    assert_eq!(device.list_forms(RT_1).expect("lists")[0].hash, form);
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    walk(&mut device, &mut visit);
    let saved = finish(&mut device, &mut visit);
    assert_eq!((saved.first, saved.last, device.drafts().expect("lists").len()), (1, 1, 0));
    let view = device.household(H).expect("is here");
    let value = |register: &str| view.household.registers[register].values[0].value.clone();
    assert_eq!(value("head_name"), Value::text("SITI AMINAH"), "a confirmation is written");
    assert_eq!(value("status"), Value::text("verified"));
    assert_eq!(value("position"), Value::new(r#"{"acc":5,"lat":"-1.6","lon":"103.6"}"#).expect("canonical"));
    let source = &view.household.registers["head_name"].sources["dtsen2025"][0];
    assert_eq!(source.value, Value::text("SITI AMINAH"), "the prelist value stays beside it");
    assert!(!view.household.registers.contains_key("outcome"), "how a visit ended is the visit's alone");
    assert_eq!(view.persons.len(), 1);
    assert_eq!(view.persons[0].registers["name"].values[0].value, Value::text("SITI AMINAH"));
    assert_eq!(view.families.len(), 1, "the card made a family");
    let family = Value::text(&view.families[0].id.to_string());
    assert_eq!(view.persons[0].registers["_family"].values[0].value, family);
    let of_visit = |register: &str| view.visits[0].registers[register].values[0].value.json();
    assert_eq!(of_visit("form"), "household-verification@2026.1");
    assert_eq!(of_visit("package"), form.to_string());
    assert_eq!((of_visit("outcome"), of_visit("language")), ("complete".into(), "id".into()));
    assert_eq!((of_visit("started_at"), of_visit("ended_at")), (NOON.into(), NOON.into()));
    let answers = of_visit(record::ANSWERS);
    assert_eq!(answers["members"]["member"][0]["@entities"]["person"], PERSON.to_string());
    assert!(questionnaire::interview::Trail::from_compact(&of_visit(record::PARADATA)).is_some());
    assert_eq!(device.list(&Default::default()).expect("lists").lines[0].outcome.as_deref(), Some("complete"));
}

#[test]
fn the_changeset_names_the_form_version() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "refused");
    finish(&mut device, &mut visit);
    let mut requests = Vec::new();
    sync(&mut device, |request| {
        requests.push(String::from_utf8(request.body.clone()).expect("lines of text"));
        let mut answer = nothing();
        answer.writers = vec![writer_state(writer_of(request), 1)];
        ok(request, body(&answer, &[]))
    });
    assert!(requests[0].contains(r#""forms":["short@1"]"#), "{requests:?}");
}

/// A store as it lies on the disk while its process is killed.
fn copied(from: &Path, to: &Path) -> Place {
    for tail in ["", "-wal"] {
        let name = |folder: &Path| folder.join(format!("device.db{tail}"));
        std::fs::copy(name(from), name(to)).expect("copied");
    }
    Place::File(to.join("device.db"))
}

#[test]
fn an_interview_goes_on_where_the_process_was_killed() {
    let (folder, after) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let hands = Hands::at(NOON);
    let mut device = enrolled(&Place::File(folder.path().join("device.db")), &hands);
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    device.visit_step(&mut visit, Interview::next).expect("kept").expect("goes on");
    device.visit_step(&mut visit, |interview| interview.confirm("/data/head_name")).expect("kept").expect("confirmed");
    let path =
        device.visit_step(&mut visit, |interview| interview.add_row("/data/member")).expect("kept").expect("added");
    answer(&mut device, &mut visit, &format!("{path}/name"), "Budi");
    let place = copied(folder.path(), after.path());
    let mut again = open(&place, &hands);
    let line = again.drafts().expect("lists").remove(0);
    assert_eq!((line.form.as_deref(), line.answered, line.household), (Some("short@1"), 3 + 1, H));
    let mut resumed = again.resume_visit(line.draft).expect("resumed");
    assert_eq!(resumed.interview().screen(), visit.interview().screen());
    assert_eq!(resumed.interview().value("/data/head_name"), Some("SITI AMINAH"));
    let events = |visit: &Visit| visit.interview().trail().events.len();
    assert_eq!(events(&resumed), events(&visit) + 2, "that it was taken up is told as well");
    answer(&mut again, &mut resumed, "/data/member[1]/name", "Siti");
    let saved = finish(&mut again, &mut resumed);
    let before = finish_as(&mut device, &mut visit);
    assert_eq!(saved.last, before, "both are the first save of their lives");
    let names = |device: &Device| -> Vec<(RecordId, Value)> {
        let persons = device.household(H).expect("is here").persons;
        persons.iter().map(|person| (person.id, person.registers["name"].values[0].value.clone())).collect()
    };
    assert_eq!(names(&again), names(&device), "a new member has the same id however often the visit is finished");
    assert_eq!(names(&again).len(), 2);
}

fn finish_as(device: &mut Device, visit: &mut Visit) -> u64 {
    answer(device, visit, "/data/member[1]/name", "Siti");
    finish(device, visit).last
}

#[test]
fn a_draft_begun_with_one_version_is_finished_with_it() {
    let mut device = device();
    let mut publisher = publisher(vec![short("1", "")], &imported());
    sync(&mut device, |request| publisher.serve(request));
    let first = publisher.packages[0].0.hash;
    let mut visit = device.begin_visit(About::Household(H), first).expect("begun");
    let draft = visit.draft();
    answer(&mut device, &mut visit, "/data/outcome", "refused");
    publisher.packages = vec![short("2", "text,more,More,yes,,,")];
    publisher.rows.clear();
    sync(&mut device, |request| publisher.serve(request));
    let offered = device.list_forms(RT_1).expect("lists");
    assert_eq!(offered.iter().map(|form| form.name()).collect::<Vec<_>>(), ["short@2"]);
    let mut visit = device.resume_visit(draft).expect("resumed");
    assert_eq!(visit.form().name(), "short@1");
    finish(&mut device, &mut visit);
    let row = device.load(device.household(H).expect("is here").visits[0].id).expect("is here").row;
    assert_eq!(row.value("form"), Some(&Value::text("short@1")));
    assert_eq!(row.value("package"), Some(&Value::text(&first.to_string())));
    let again = device.begin_visit(About::Household(H), first);
    assert!(again.is_ok(), "kept until the save was sent");
    let discarded = again.expect("begun").draft();
    device.draft_discard(discarded).expect("gone");
    sync(&mut device, |request| {
        let mut answer = nothing();
        let mut state = writer_state(writer_of(request), 1);
        state.verdicts = vec![VerdictRange { first: 1, last: 1, verdict: Verdict::Applied }];
        answer.writers = vec![state];
        ok(request, body(&answer, &[]))
    });
    assert!(matches!(device.begin_visit(About::Household(H), first), Err(Error::NotFound("form"))));
}

#[test]
fn a_visit_that_is_not_finished_says_what_is_missing_and_stays() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    let Ending::Problems(problems) = device.finish_visit(&mut visit).expect("kept") else { panic!("it was saved") };
    let places: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(places[0], "/data/head_name");
    assert_eq!((places.len(), device.status().expect("reads").saves), (2, 0));
    let mut visit = device.resume_visit(visit.draft()).expect("resumed");
    answer(&mut device, &mut visit, "/data/head_name", "Siti");
    let refused = device.visit_step(&mut visit, |interview| interview.remove_row("/data/member[1]")).expect("kept");
    assert_eq!(refused, Err(Refusal::RowOfRegister));
    answer(&mut device, &mut visit, "/data/member[1]/name", "Siti");
    finish(&mut device, &mut visit);
}

#[test]
fn only_what_was_spoken_of_is_written() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "hidden,address,,,,,household#address")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    answer(&mut device, &mut visit, "/data/head_name", "Siti A.");
    answer(&mut device, &mut visit, "/data/member[1]/name", "Siti A.");
    assert_eq!(visit.interview().value("/data/address"), Some("JL MELATI 3"), "the form may show what it does not ask");
    finish(&mut device, &mut visit);
    let text = |name: &str, value: &str| (name.to_owned(), format!("\"{value}\""));
    assert_eq!(written(&device, H), [text("head_name", "Siti A."), text("status", "verified")]);
    assert_eq!(written(&device, PERSON), [text("name", "Siti A.")]);
}

#[test]
fn newer_values_stay_unseen_until_they_are_shown() {
    for refresh in [false, true] {
        let mut device = device();
        let rows = imported();
        let mut publisher = publisher(vec![short("1", "")], &rows);
        sync(&mut device, |request| publisher.serve(request));
        let form = publisher.packages[0].0.hash;
        let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
        answer(&mut device, &mut visit, "/data/outcome", "complete");
        answer(&mut device, &mut visit, "/data/head_name", "Siti");
        answer(&mut device, &mut visit, "/data/member[1]/name", "Siti");
        let mut newer = rows.clone();
        let seen = newer[0].context.clone();
        office_write(&mut newer[0], 3, &seen, &[("head_name", "Siti Aminah")]);
        publisher.rows = newer.iter().map(Row::to_text).collect();
        sync(&mut device, |request| publisher.serve(request));
        assert_eq!(device.draft_outdated(visit.draft()).expect("reads"), [H]);
        if refresh {
            let news = device.refresh_visit(&mut visit).expect("shown");
            let told: Vec<_> =
                news.iter().map(|news| (news.register.as_str(), news.before.len(), news.now.len())).collect();
            assert_eq!(told, [("head_name", 0, 1)]);
            let prelist = beside(&visit.interview().clone().jump("/data/head_name").expect("is there"));
            assert_eq!(prelist, Some(("Kantor".to_owned(), Standing::Changed)));
        }
        finish(&mut device, &mut visit);
        assert_eq!(device.conflicts().expect("reads").is_empty(), refresh);
    }
}

fn beside(screen: &Screen) -> Option<(String, Standing)> {
    let Shows::Questions(questions) = &screen.shows else { return None };
    questions[0].prelist.as_ref().map(|beside| (beside.source.clone(), beside.standing))
}

#[test]
fn different_values_are_all_shown_and_the_answer_takes_their_place() {
    let mut device = device();
    let mut rows = imported();
    let seen = rows[0].context.clone();
    office_write(&mut rows[0], 3, &seen, &[("head_name", "Siti A.")]);
    office_write(&mut rows[0], 4, &seen, &[("head_name", "Siti B.")]);
    let form = equip(&mut device, vec![short("1", "")], &rows);
    assert_eq!(device.conflicts().expect("reads").len(), 1);
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    let disputed = &visit.disputed()[0];
    assert_eq!((disputed.record, disputed.register.as_str(), disputed.values.len()), (H, "head_name", 2));
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    device.visit_step(&mut visit, Interview::next).expect("kept").expect("goes on");
    let shown = beside(&visit.interview().screen()).expect("listed").0;
    assert_eq!(shown, "Kantor ≠ Kantor: Siti A.");
    device.visit_step(&mut visit, |interview| interview.confirm("/data/head_name")).expect("kept").expect("confirmed");
    answer(&mut device, &mut visit, "/data/member[1]/name", "Siti");
    finish(&mut device, &mut visit);
    assert!(device.conflicts().expect("reads").is_empty());
    assert_eq!(shown_name(&device), Some("Siti B.".to_owned()));
}

fn shown_name(device: &Device) -> Option<String> {
    shown(device, 1, "head_name")
}

#[test]
fn a_household_that_nobody_knows_is_made_with_its_members() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::NewIn(RT_1), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    answer(&mut device, &mut visit, "/data/head_name", "Budi");
    answer(&mut device, &mut visit, "/data/member[1]/name", "Budi");
    finish(&mut device, &mut visit);
    let view = device.household(visit.household()).expect("is here");
    assert_eq!(view.household.registers["_area"].values[0].value, Value::text(&RT_1.to_string()));
    assert_eq!((view.persons.len(), view.visits.len()), (1, 1));
    let line = device.list(&Default::default()).expect("lists").lines.remove(0);
    assert_eq!(
        (line.name.as_str(), line.status.as_deref(), line.outcome.as_deref()),
        ("Budi", Some("verified"), Some("complete"))
    );
}

#[test]
fn a_form_that_is_not_here_begins_nothing() {
    let mut device = device();
    equip(&mut device, vec![short("1", "")], &imported());
    let unknown = PackageHash::of(b"unknown");
    assert!(matches!(device.begin_visit(About::Household(H), unknown), Err(Error::NotFound("form"))));
    let known = device.list_forms(RT_1).expect("lists")[0].hash;
    let nobody = RecordId::from_u128(99);
    assert!(matches!(device.begin_visit(About::Household(nobody), known), Err(Error::NotFound("household"))));
    assert!(matches!(device.begin_visit(About::Family(H), known), Err(Error::NotFound("family"))));
    assert_eq!(device.status().expect("reads").drafts, 0);
}

#[test]
fn a_visit_is_saved_although_its_household_has_left_the_device() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "complete");
    device.visit_step(&mut visit, |interview| interview.confirm("/data/head_name")).expect("kept").expect("confirmed");
    answer(&mut device, &mut visit, "/data/member[1]/name", "Siti");
    let gone = [format!("\"{H}\""), format!("\"{PERSON}\"")];
    let mut answered = nothing();
    answered.areas = vec![page(RT_1, 9, 2, Some(digest_of(&[])), 0)];
    sync(&mut device, |request| ok(request, body(&answered, &gone)));
    assert!(device.load(H).is_err());
    let mut visit = device.resume_visit(visit.draft()).expect("resumed");
    assert!(device.refresh_visit(&mut visit).expect("nothing to show").is_empty());
    finish(&mut device, &mut visit);
    assert_eq!(device.status().expect("reads").unsent, 1);
    assert_eq!(shown_name(&device).as_deref(), Some("SITI AMINAH"));
}
