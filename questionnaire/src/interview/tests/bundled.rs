//! The bundled questionnaires, asked from end to end.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::device;
use crate::expr::Moment;
use crate::interview::{
    Answer, Interview, Known, Plan, Prefill, Prelisted, Question, Shows, Standing, Tables, Visit, validate,
};
use crate::register::Action;

macro_rules! bundled {
    ($folder:literal, $($sheet:literal)*) => {
        [$((concat!($sheet, ".csv"), include_bytes!(concat!("../../../bundled/", $folder, "/", $sheet, ".csv")).as_slice())),*]
    };
}

fn verification() -> Arc<Plan> {
    let checked = crate::check_set("verification", &bundled!("verification", "survey" "choices" "settings" "entities"));
    Arc::new(Plan::new(checked.form.expect("the bundled questionnaire is accepted")))
}

fn known(entity: &str, values: &[(&str, serde_json::Value)]) -> Known {
    let listed =
        |value: &serde_json::Value| Prelisted { value: value.clone(), source: "DTSEN 2025".into(), date: None };
    let values = values.iter().map(|(property, value)| ((*property).to_owned(), listed(value)));
    Known { entity: entity.into(), label: None, values: values.collect() }
}

fn prelist() -> Prefill {
    let ana = known("p1", &[("full_name", json!("Ana")), ("nik", json!("1571015502900001")), ("sex", json!("f"))]);
    let household = known("h1", &[("head_name", json!("Ana")), ("address", json!("Jalan Mawar 5"))]);
    let family = known("k1", &[("card_number", json!("1571010101900001"))]);
    let row = Prefill { known: [("person".to_owned(), ana)].into(), ..Prefill::default() };
    Prefill {
        known: [("household".to_owned(), household), ("family".to_owned(), family)].into(),
        rows: [("person".to_owned(), vec![row])].into(),
    }
}

fn begin() -> Interview {
    Interview::begin(verification(), &Tables::new(), device(), prelist())
}

/// Answers a question in the first way that the form has nothing against.
fn answer_well(interview: &mut Interview, question: &Question) {
    let path = question.path.as_str();
    if question.prelist.is_some() {
        interview.confirm(path).unwrap();
        return;
    }
    let texts: &[&str] = match question.kind {
        "integer" | "decimal" => &["1", "0", "20"],
        "date" => &["1990-02-15", "2026-08-01"],
        "acknowledge" => &["OK"],
        "geopoint" => &["-1.6 103.6 0 5"],
        _ => &["Ana", "081234567", "1571015502900001"],
    };
    let choices = question.choices.iter().map(|choice| choice.name.as_str());
    for text in choices.chain(texts.iter().copied()) {
        interview.answer(path, text).unwrap();
        let at = interview.sheet.find_path(path).unwrap();
        if interview.sheet.find_problem(at).is_none() && !interview.sheet.tree.value(at).is_empty() {
            return;
        }
    }
    let _ = interview.answer(path, Answer::Empty);
}

fn walk_to_the_end(interview: &mut Interview) {
    for _ in 0..500 {
        match interview.screen().shows {
            Shows::Questions(questions) => questions.iter().for_each(|question| answer_well(interview, question)),
            Shows::Another(_) => {}
            Shows::End => return,
        }
        interview.next().unwrap();
    }
    panic!("the questionnaire has no end");
}

#[test]
fn a_household_on_the_prelist_is_verified_from_end_to_end() {
    let mut interview = begin();
    walk_to_the_end(&mut interview);
    let finished = interview.finalize().unwrap();
    assert_eq!(finished.name.as_deref(), Some("Ana - complete"));
    let told: Vec<_> =
        finished.changes.iter().map(|change| (change.list.as_str(), change.action, change.entity.as_deref())).collect();
    let expected = [
        ("household", Action::Update, Some("h1")),
        ("family", Action::Update, Some("k1")),
        ("person", Action::Update, Some("p1")),
    ];
    assert_eq!(told, expected);
    assert_eq!(finished.changes[0].properties["address"], "Jalan Mawar 5");
    assert_eq!(finished.changes[2].properties["full_name"], "Ana");
    assert!(
        finished.verification.iter().all(|one| one.standing == Standing::Confirmed),
        "{:#?}",
        finished.verification
    );
    let visit = Visit {
        answers: &finished.answers,
        reasons: &finished.reasons,
        moment: Moment { unix_ms: 1_786_927_800_000, offset_min: 420 },
        language: 1,
    };
    assert_eq!(validate(verification(), &Tables::new(), &visit), []);
}

#[test]
fn a_visit_that_is_not_complete_asks_for_a_note_and_nothing_else() {
    let mut interview = begin();
    interview.answer("/data/visit/outcome", "refused").unwrap();
    let problems = interview.finalize().unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), ["/data/notes/note"]);
    interview.answer("/data/notes/note", "Tidak bersedia").unwrap();
    let finished = interview.finalize().unwrap();
    assert_eq!(finished.changes.iter().filter(|change| change.list == "person").count(), 0);
    let household = BTreeMap::from([("status".to_owned(), json!("to_visit_again"))]);
    assert_eq!(finished.changes[0].properties, household);
}

#[test]
fn a_household_put_together_from_two_visits_is_found_out() {
    let mut interview = begin();
    walk_to_the_end(&mut interview);
    let mut answers = interview.finalize().unwrap().answers;
    answers["housing"]["h301a"] = json!("2");
    answers["housing"]["h301b"] = json!("1");
    let visit = Visit {
        answers: &answers,
        reasons: &BTreeMap::new(),
        moment: Moment { unix_ms: 1_786_927_800_000, offset_min: 420 },
        language: 0,
    };
    let problems = validate(verification(), &Tables::new(), &visit);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].path.as_str(), "/data/housing/h301b");
    assert_eq!(problems[0].message, "Terisi, padahal menurut jawaban lain pertanyaan ini dilewati.");
}
