//! The bundled verification, asked from end to end by two enumerators who do not know of each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use questionnaire::bundled::Bundled;
use questionnaire::expr::Moment;
use questionnaire::interview::{
    Answer, Finished, Interview, Known, Plan, Prefill, Prelisted, Question, Shows, Still, Tables,
};
use questionnaire::package::Package;
use questionnaire::record::{self, register_of};
use sync_protocol::limits;

use super::*;

const FAMILY: RecordId = RecordId::from_u128(2 << 64);
const MEMBER: RecordId = RecordId::from_u128(3 << 64);

/// The world with the verification in it and a household of the prelist.
struct Field {
    world: World,
    plan: Arc<Plan>,
    package: String,
}

impl Field {
    fn new() -> Field {
        let world = World::new();
        let upload = Upload::of_bundled(Bundled::find("verification").expect("is bundled"));
        let report = forms::add(&world.scratch.instance, upload, None).expect("stores");
        let hash = report.stored.expect("is accepted").hash;
        let bytes = world.scratch.instance.store.read(|tx| crate::store::forms::find_package(tx, hash));
        let package = Package::from_bytes(&bytes.expect("reads").expect("stands")).expect("a package");
        let listed = |name: &str| (format!("source/dtsen2025/{name}"), Value::text("Ana"));
        let mut household = world.household(&json!({}));
        household.registers.extend([listed("head_name")]);
        let mut family = child(Collection::Family, FAMILY, []);
        family.registers.extend([listed("head_name")]);
        let mut member = child(Collection::Person, MEMBER, [("_family", &json!(FAMILY))]);
        member.registers.extend([listed("name")]);
        world.save(0, vec![household, family, member]);
        Field { world, plan: Arc::new(Plan::new(package.form)), package: hash.to_string() }
    }

    fn begin(&self) -> Interview {
        let known = |id: RecordId, property: &str| {
            let listed = Prelisted { value: json!("Ana"), source: "DTSEN 2025".into(), date: None };
            Known { entity: id.to_string(), label: None, values: [(property.to_owned(), listed)].into() }
        };
        let of = |list: &str, known: Known| [(list.to_owned(), known)];
        let row = Prefill { known: of("person", known(MEMBER, "full_name")).into(), ..Prefill::default() };
        let household = of("household", known(HOUSEHOLD, "head_name"));
        let family = of("family", known(FAMILY, "card_head"));
        let known = household.into_iter().chain(family).collect();
        let prefill = Prefill { known, rows: [("person".to_owned(), vec![row])].into() };
        let moment = Moment { unix_ms: self.world.scratch.instance.now(), offset_min: 420 };
        Interview::begin(Arc::clone(&self.plan), &Tables::new(), Arc::new(Still::new(moment)), prefill)
    }

    /// A visit in which these questions are answered so, and all others in the first way that fits.
    fn visit(&self, by: usize, number: u128, answers: &[(&str, &str)]) -> RecordId {
        let mut interview = self.begin();
        for _ in 0..500 {
            match interview.screen().shows {
                Shows::Questions(questions) => {
                    questions.iter().for_each(|question| answer_well(&mut interview, question, answers));
                }
                Shows::Another(_) => {}
                Shows::End => break,
            }
            interview.next().unwrap_or_else(|problems| panic!("{problems:?}"));
        }
        let finished = interview.finalize().unwrap_or_else(|problems| panic!("{problems:?}"));
        self.save(by, RecordId::from_u128(number << 32), &finished)
    }

    /// As a device saves it that has seen nothing.
    fn save(&self, by: usize, visit: RecordId, finished: &Finished) -> RecordId {
        let mut records: Vec<RecordWrite> = Vec::new();
        for change in &finished.changes {
            let collection = change.list.parse().expect("a collection");
            let id = change.entity.as_deref().map_or(visit, |id| id.parse().expect("an id"));
            let registers = change.properties.iter().map(|(property, answer)| (register_of(property), answer));
            records.push(write(collection, id, registers.filter(|(register, _)| *register != "position")));
        }
        let mut registers = BTreeMap::new();
        let bounds = record::Bounds { bytes_max: limits::VALUE_BYTES_MAX, depth_max: limits::JSON_DEPTH_MAX };
        record::put(record::ANSWERS, &finished.answers, bounds, &mut registers);
        registers.insert(record::PACKAGE.to_owned(), self.package.as_str().into());
        registers.insert("ended_at".to_owned(), self.world.scratch.instance.now().into());
        let registers = registers.iter().map(|(name, value)| (name.as_str(), value));
        records.push(child(Collection::Visit, visit, registers));
        self.world.save(by, records);
        visit
    }
}

/// The answer that is wanted, else the first that the form has nothing against.
fn answer_well(interview: &mut Interview, question: &Question, wanted: &[(&str, &str)]) {
    let path = question.path.as_str();
    if let Some((_, answer)) = wanted.iter().find(|(name, _)| *name == question.name) {
        interview.answer(path, *answer).expect("can be answered");
        return;
    }
    if question.prelist.is_some() {
        interview.confirm(path).expect("can be confirmed");
        return;
    }
    let texts: &[&str] = match question.kind {
        "integer" | "decimal" => &["1", "0", "20"],
        "date" => &["1990-02-15", "2023-10-01"],
        "geopoint" => &["-1.6 103.6 0 5"],
        "acknowledge" => &["OK"],
        // The number of a man born on the day above.
        _ => &["Ana", "081234567", "1571011502900001"],
    };
    let choices = question.choices.iter().map(|choice| choice.name.as_str());
    for text in choices.chain(texts.iter().copied()) {
        let answered =
            interview.answer(path, text).is_ok() && interview.value(path).is_some_and(|text| !text.is_empty());
        if answered && interview.problems().iter().all(|problem| problem.path != question.path) {
            return;
        }
    }
    let _ = interview.answer(path, Answer::Empty);
}

#[test]
fn two_verifications_that_agree_give_no_finding() {
    let field = Field::new();
    field.visit(0, 1, &[]);
    assert_eq!(field.world.told(), []);
    field.visit(1, 2, &[]);
    assert_eq!(field.world.told(), []);
    field.visit(1, 3, &[("outcome", "refused"), ("note", "Tidak bersedia")]);
    assert_eq!(field.world.told(), [], "who refuses today takes nothing back");
}

#[test]
fn a_family_that_owns_in_one_visit_and_rents_in_the_other_is_told_with_both() {
    let field = Field::new();
    let owns = field.visit(0, 1, &[("h301a", "1")]);
    let rents = field.visit(1, 2, &[("h301a", "2")]);
    field.visit(0, 3, &[("outcome", "no_respondent"), ("note", "Kosong")]);
    let found = field.world.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].path.as_str(), found[0].rule.as_str()), ("/data/housing/h301b", "skipped"));
    let sources: BTreeMap<_, _> =
        found[0].sources.iter().map(|source| (source.visit, source.registers.join(" "))).collect();
    let expected = [(Some(owns), "h301b"), (Some(rents), "h301a")];
    assert_eq!(sources, expected.map(|(visit, register)| (visit, register.to_owned())).into());
}

#[test]
fn a_correction_of_the_office_that_does_not_fit_is_told_with_the_visit_that_it_contradicts() {
    let field = Field::new();
    let visit = field.visit(0, 1, &[("h301a", "2")]);
    let mut correction = write(Collection::Household, HOUSEHOLD, [("h301a", &json!("1"))]);
    correction.context = field.world.seen(HOUSEHOLD);
    field.world.save(1, vec![correction]);
    let found = field.world.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].path.as_str(), found[0].rule.as_str()), ("/data/housing/h301b", "required"));
    let visits: Vec<_> = found[0].sources.iter().map(|source| source.visit).collect();
    assert!(visits.len() == 2 && visits.contains(&Some(visit)) && visits.contains(&None), "{visits:?}");
}
