//! Putting an interview down and taking it up again.

use std::sync::Arc;

use serde_json::json;

use super::{device, plan};
use crate::interview::{Draft, Interview, Known, Plan, Prefill, Prelisted, Tables};

const FORM: &str = "list fruit: apple=sweet lemon=sour
     text taste
     one:fruit best | filter: taste = ${taste}
     integer size
     decimal area | warning: . < 100
     many:fruit eaten
     calculate draw | calculation: random()
     integer twice | calculation: ${size} * 2
     text gone | relevant: ${size} = 9
     repeat person | count: ${size}
       entity person
       text name | save_to: name
       repeat job
         text what
       end
     end";

fn again(plan: &Arc<Plan>, draft: &Draft) -> Interview {
    let text = serde_json::to_string(draft).unwrap();
    let draft: Draft = serde_json::from_str(&text).unwrap();
    Interview::resume(Arc::clone(plan), &Tables::new(), device(), draft).unwrap()
}

fn prefill() -> Prefill {
    let person = |id: &str, name: &str| {
        let name = Prelisted { value: json!(name), source: "DTSEN".into(), date: None };
        let known = Known { entity: id.into(), label: None, values: [("name".to_owned(), name)].into() };
        Prefill { known: [("person".to_owned(), known)].into(), ..Prefill::default() }
    };
    Prefill {
        rows: [("person".to_owned(), vec![person("p1", "Ana"), person("p2", "Budi")])].into(),
        ..Prefill::default()
    }
}

#[test]
fn a_draft_taken_up_is_the_interview_that_was_put_down() {
    let plan = plan(FORM);
    let mut interview = Interview::begin(Arc::clone(&plan), &Tables::new(), device(), prefill());
    for (path, text) in [
        ("/data/taste", "sour"),
        ("/data/best", "lemon"),
        ("/data/taste", "sweet"),
        ("/data/size", "9"),
        ("/data/gone", "kept aside"),
        ("/data/size", "3"),
        ("/data/twice", "77"),
        ("/data/area", "120.5"),
        ("/data/eaten", "apple lemon"),
        ("/data/person[3]/job[1]/what", "sews"),
    ] {
        interview.answer(path, text).unwrap();
    }
    interview.confirm("/data/person[1]/name").unwrap();
    interview.answer("/data/size", "1").unwrap();
    interview.explain("/data/area", "a hall").unwrap();
    interview.jump("/data/person[1]/job").unwrap();
    let draft = interview.save();
    assert_eq!(draft.answers["eaten"], json!(["apple", "lemon"]));
    assert_eq!(draft.answers["area"], json!(120.5));
    assert_eq!(draft.answers["person"][1]["@entities"]["person"], "p2");
    let taken = again(&plan, &draft);
    let second = taken.save();
    let without_trail = |draft: &Draft| Draft { trail: Default::default(), ..draft.clone() };
    assert_eq!(without_trail(&second), without_trail(&draft));
    assert_eq!(second.trail.events[..draft.trail.events.len()], draft.trail.events);
    for path in ["/data/best", "/data/gone", "/data/draw", "/data/twice", "/data/person[1]/name"] {
        assert_eq!(taken.value(path), interview.value(path), "{path}");
    }
}

#[test]
fn rows_set_aside_come_back_after_a_draft() {
    let plan = plan(FORM);
    let mut interview = Interview::begin(Arc::clone(&plan), &Tables::new(), device(), Prefill::default());
    interview.answer("/data/size", 2).unwrap();
    interview.answer("/data/person[2]/name", "Budi").unwrap();
    interview.answer("/data/size", 0).unwrap();
    let mut taken = again(&plan, &interview.save());
    assert_eq!(taken.value("/data/person[1]/name"), None);
    taken.answer("/data/size", 2).unwrap();
    assert_eq!(taken.value("/data/person[2]/name"), Some("Budi"));
}

#[test]
fn a_draft_is_finished_on_the_version_it_was_begun_with() {
    let interview = Interview::begin(plan(FORM), &Tables::new(), device(), Prefill::default());
    let mut form = super::sketch::form(FORM);
    form.version = "2".into();
    let other = Arc::new(Plan::new(form));
    let refused = Interview::resume(other, &Tables::new(), device(), interview.save());
    assert_eq!(refused.err().map(|error| error.version), Some("1".into()));
}
