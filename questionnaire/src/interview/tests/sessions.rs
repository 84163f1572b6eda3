//! Screens, problems and the way through.

use super::begin;
use crate::interview::{Answer, Interview, Refusal, Rule, Screen, Shows, Sort};

fn names(screen: &Screen) -> Vec<String> {
    match &screen.shows {
        Shows::Questions(questions) => questions.iter().map(|question| question.name.clone()).collect(),
        Shows::Another(another) => vec![format!("another {}", another.label)],
        Shows::End => vec!["end".into()],
    }
}

#[test]
fn the_way_leads_over_what_is_asked_and_back() {
    let mut interview = begin(
        "text a
         text b | relevant: ${a} = 'x'
         group page | appearance: field-list
           text c
           calculate silent | calculation: 1
           text d | relevant: ${c} = 'x'
         end
         note n",
    );
    assert_eq!(names(&interview.screen()), ["a"]);
    assert_eq!(names(&interview.next().unwrap()), ["c"]);
    interview.answer("/data/page/c", "x").unwrap();
    assert_eq!(names(&interview.screen()), ["c", "d"]);
    assert_eq!(names(&interview.next().unwrap()), ["n"]);
    assert_eq!(names(&interview.next().unwrap()), ["end"]);
    assert_eq!(names(&interview.next().unwrap()), ["end"]);
    interview.back();
    interview.back();
    assert_eq!(names(&interview.back()), ["a"]);
    assert_eq!(names(&interview.back()), ["a"]);
    interview.answer("/data/a", "x").unwrap();
    assert_eq!(names(&interview.next().unwrap()), ["b"]);
    interview.answer("/data/a", "y").unwrap();
    assert_eq!(names(&interview.screen()), ["c", "d"], "the screen that was open is gone");
    assert_eq!(names(&interview.jump("/data/page").unwrap()), ["c", "d"]);
    assert_eq!(interview.jump("/data/nowhere"), Err(Refusal::NoSuchPlace));
}

#[test]
fn nothing_wrong_is_passed_by() {
    let mut interview = begin(
        "integer age | required: true() | constraint: . <= 120 | message: Terlalu tua / Too old
         integer rooms | warning: . < 20
         text free",
    );
    assert_eq!(interview.next().unwrap_err()[0].rule, Rule::Required);
    interview.answer("/data/age", "dua").unwrap();
    let problem = interview.next().unwrap_err().remove(0);
    assert_eq!((problem.rule, problem.path), (Rule::Kind, "/data/age".into()));
    interview.answer("/data/age", 130).unwrap();
    assert_eq!(interview.next().unwrap_err()[0].message, "Terlalu tua");
    interview.set_language(1);
    assert_eq!(interview.next().unwrap_err()[0].message, "Too old");
    interview.answer("/data/age", 30).unwrap();
    interview.next().unwrap();
    interview.answer("/data/rooms", 40).unwrap();
    assert_eq!(interview.next().unwrap_err()[0].rule, Rule::Warning);
    interview.explain("/data/rooms", "a former school").unwrap();
    assert_eq!(names(&interview.next().unwrap()), ["free"]);
    assert!(interview.finalize().is_ok());
    interview.answer("/data/rooms", 41).unwrap();
    let refused = interview.finalize().unwrap_err();
    assert_eq!(refused[0].rule, Rule::Warning, "another answer needs another reason");
}

#[test]
fn a_note_that_is_required_lets_nobody_go_on_while_it_is_shown() {
    let mut interview = begin(
        "integer age
         note impossible | relevant: ${age} > 120 | required: true()",
    );
    interview.answer("/data/age", 130).unwrap();
    assert_eq!(interview.problems()[0].rule, Rule::Required);
    interview.next().unwrap();
    assert!(interview.next().is_err() && interview.finalize().is_err());
    interview.answer("/data/age", 13).unwrap();
    assert!(interview.finalize().is_ok());
}

#[test]
fn finalize_names_all_that_is_wrong_and_leaves_behind_what_does_not_count() {
    let mut interview = begin(
        "text own | required: true()
         text certificate | relevant: ${own} = 'yes'
         repeat person
           text name | required: true()
         end",
    );
    let problems = interview.finalize().unwrap_err();
    assert_eq!(problems.len(), 2);
    interview.jump(problems[1].path.as_str()).unwrap();
    assert_eq!(names(&interview.screen()), ["name"]);
    interview.answer(problems[1].path.as_str(), "Ana").unwrap();
    interview.answer("/data/own", "yes").unwrap();
    interview.answer("/data/certificate", "HM").unwrap();
    interview.answer("/data/own", "no").unwrap();
    let finished = interview.finalize().unwrap();
    assert_eq!(finished.answers["own"], "no");
    assert_eq!(finished.answers.get("certificate"), None);
    assert_eq!(finished.answers["person"][0]["name"], "Ana");
    interview.answer("/data/own", "yes").unwrap();
    assert_eq!(interview.value("/data/certificate"), Some("HM"), "only the outcome leaves it behind");
}

#[test]
fn what_cannot_be_answered_refuses_and_stays() {
    let mut interview = begin(
        "text a | read_only: true()
         group g | read_only: ${c} = 'x'
           text b
         end
         text c
         note n
         calculate d | calculation: 1",
    );
    assert_eq!(interview.answer("/data/a", "1"), Err(Refusal::ReadOnly));
    assert_eq!(interview.answer("/data/n", "1"), Err(Refusal::NotAsked));
    assert_eq!(interview.answer("/data/d", "1"), Err(Refusal::NotAsked));
    assert_eq!(interview.answer("/data/e", "1"), Err(Refusal::NoSuchPlace));
    interview.answer("/data/g/b", "1").unwrap();
    interview.answer("/data/c", "x").unwrap();
    assert_eq!(interview.answer("/data/g/b", "2"), Err(Refusal::ReadOnly));
    assert_eq!(interview.confirm("/data/c"), Err(Refusal::NothingToConfirm));
}

#[test]
fn labels_speak_the_language_and_name_what_was_answered() {
    let mut interview = begin(
        "text name
         text age | label: Berapa umur ${name}? / How old is ${name}?",
    );
    interview.answer("/data/name", "Ana").unwrap();
    let screen = interview.next().unwrap();
    let Shows::Questions(questions) = &screen.shows else { panic!() };
    assert_eq!(questions[0].label, "Berapa umur Ana?");
    interview.set_language(1);
    let Shows::Questions(questions) = interview.screen().shows else { panic!() };
    assert_eq!(questions[0].label, "How old is Ana?");
}

#[test]
fn the_outline_tells_how_far_each_part_is() {
    let mut interview = begin(
        "group housing
           text roof | required: true()
           text floor
         end
         repeat person | label: Anggota
           text name | required: true()
         end",
    );
    interview.answer("/data/housing/roof", "tile").unwrap();
    interview.add_row("/data/person").unwrap();
    let seen: Vec<_> = interview
        .outline()
        .into_iter()
        .map(|part| (part.label, part.sort, part.answered, part.asked, part.problems, part.current))
        .collect();
    let expected = [
        ("Form", Sort::Group, 1, 4, 2, true),
        ("housing", Sort::Group, 1, 2, 0, false),
        ("Anggota", Sort::GrowingRepeat, 0, 2, 2, true),
        ("Anggota", Sort::Row, 0, 1, 1, false),
        ("Anggota", Sort::Row, 0, 1, 1, true),
    ];
    let seen: Vec<_> = seen.iter().map(|(label, a, b, c, d, e)| (label.as_str(), *a, *b, *c, *d, *e)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_trail_tells_when_and_what_in_the_columns_of_odk() {
    let mut interview = begin("text a | constraint: . != 'bad'\n text b");
    interview.answer("/data/a", "bad").unwrap();
    interview.next().unwrap_err();
    interview.answer("/data/a", "good, better").unwrap();
    interview.next().unwrap();
    interview.set_language(1);
    interview.finalize().unwrap();
    let csv = interview.trail().to_audit_csv(true);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user");
    let events: Vec<(&str, &str)> = lines[1..]
        .iter()
        .map(|line| line.split_once(',').unwrap())
        .map(|(event, rest)| (event, rest.split(',').next().unwrap()))
        .collect();
    assert_eq!(
        events,
        [
            ("form start", ""),
            ("question", "/data/a"),
            ("constraint error", "/data/a"),
            ("question", "/data/b"),
            ("language change", ""),
            ("form finalize", ""),
        ]
    );
    assert!(lines[2].ends_with(",,,,,\"good, better\",sari"), "{}", lines[2]);
    assert!(interview.trial_is_timed());
    assert!(!interview.trail().to_audit_csv(false).contains("better"));
}

impl Interview {
    fn trial_is_timed(&self) -> bool {
        self.trail().spent_ms().get("/data/a").is_some_and(|&spent| spent > 0)
    }
}

#[test]
fn an_answer_taken_back_is_missing_again() {
    let mut interview = begin("text a | required: true()");
    interview.answer("/data/a", "x").unwrap();
    interview.next().unwrap();
    interview.answer("/data/a", Answer::Empty).unwrap();
    assert_eq!(interview.problems().len(), 1);
}
