//! Somebody who answers an interview: what was found at the door, and whatever else the form asks, decided by the seed.
//!
//! Two interviews with one respondent get the same answers wherever the finding does not differ.

use std::collections::BTreeMap;

use questionnaire::interview::{Answer, Interview, Problem, Question, Rule, Screen, Shows};
use serde_json::Value;

use crate::dates::Date;
use crate::findings::{Finding, Target};
use crate::seed::Seed;

/// From this age on somebody may head a family.
const HEAD_YEARS_MIN: i32 = 15;
/// What enumerators write where the form finds an answer unusual.
const REASON: &str = "Sudah ditanyakan lagi, memang begitu.";
/// Assets and programmes of a finding by the form's items.
const ASSETS: [(&str, &str); 10] = [
    ("gas_cylinder_big", "h502a"),
    ("fridge", "h502b"),
    ("air_conditioner", "h502c"),
    ("television", "h502f"),
    ("gold", "h502g"),
    ("computer", "h502h"),
    ("motorcycle", "h502i"),
    ("bicycle", "h502j"),
    ("car", "h502k"),
    ("smartphone", "h502n"),
];
const PROGRAMMES: [(&str, &str); 5] = [
    ("sembako", "h501a"),
    ("pkh", "h501b"),
    ("electricity_subsidy", "h501d"),
    ("local_government", "h501e"),
    ("lpg_subsidy", "h501g"),
];

/// Answers by the names of questions.
type Answers = BTreeMap<String, String>;

/// A family that answers the bundled questionnaire.
#[derive(Debug)]
pub struct Respondent {
    seed: u64,
    today: Date,
    family: Answers,
    /// One for each row of the roster: those of the prelist in its order, then the others.
    people: Vec<Answers>,
}

impl Respondent {
    /// The first family behind a finding. `roster` says who the rows are that the prelist begins with.
    pub fn of(seed: u64, finding: &Finding, roster: &[Option<Target>], today: Date) -> Respondent {
        let mut people: Vec<Answers> =
            roster.iter().map(|row| row.map(|row| person(finding, row)).unwrap_or_default()).collect();
        for row in people.iter_mut().filter(|row| row.is_empty()) {
            row.insert("presence".to_owned(), "not_found".to_owned());
        }
        let others = finding.edits.iter().map(|edit| edit.target).filter(|target| {
            matches!(target, Target::Person(0, _) | Target::NewPerson(0, _)) && !roster.contains(&Some(*target))
        });
        people.extend(others.map(|target| person(finding, target)));
        agree_on_a_head(&mut people, today);
        let here = people.iter().filter(|row| is_here(row)).count();
        let mut family = family(finding);
        family.insert("h112".to_owned(), here.to_string());
        Respondent { seed, today, family, people }
    }

    /// Answers this many screens at most; tells whether the interview has come to its end.
    pub fn answer(&self, interview: &mut Interview, screens: usize) -> Result<bool, Vec<Problem>> {
        for _ in 0..screens {
            let screen = interview.screen();
            match &screen.shows {
                Shows::End => return Ok(true),
                Shows::Another(another) if another.rows < self.people.len() => {
                    // The row is opened at once.
                    let added = interview.add_row(another.path.as_str());
                    debug_assert!(added.is_ok(), "a screen that asks for one more row takes one");
                    continue;
                }
                Shows::Another(_) => {}
                Shows::Questions(questions) => {
                    for question in questions.iter().filter(|question| !question.read_only && question.kind != "note") {
                        self.answer_question(interview, &screen, question);
                    }
                }
            }
            interview.next()?;
        }
        Ok(false)
    }

    fn answer_question(&self, interview: &mut Interview, screen: &Screen, question: &Question) {
        let path = question.path.as_str();
        let row = screen.headings.iter().rev().find_map(|heading| heading.row);
        let answers = row.map_or(Some(&self.family), |row| self.people.get(row - 1));
        let found = answers.and_then(|answers| answers.get(&question.name));
        if let Some(text) = found
            && self.stands(interview, path, text.as_str())
        {
            return;
        }
        // Numbers of cards are read from the cards or left out.
        let is_number = matches!(question.name.as_str(), "nik" | "card_number");
        if is_number || (!question.required && found.is_none() && question.prelist.is_none()) {
            let _ = interview.answer(path, Answer::Empty);
            return;
        }
        if question.prelist.is_some() && interview.confirm(path).is_ok() && settled(interview, path) {
            return;
        }
        let mut draw = Seed::of(self.seed, &question.name, row.unwrap_or(0) as u64);
        for text in self.others(&mut draw, question) {
            if self.stands(interview, path, &text) {
                return;
            }
        }
        let _ = interview.answer(path, Answer::Empty);
    }

    /// Whether the form takes the answer, with a reason where it finds it unusual.
    fn stands(&self, interview: &mut Interview, path: &str, text: &str) -> bool {
        interview.answer(path, text).is_ok() && settled(interview, path)
    }

    /// What else could be answered, in the order in which it is tried.
    fn others(&self, draw: &mut Seed, question: &Question) -> Vec<String> {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        let mut names: Vec<String> = question.choices.iter().map(|choice| choice.name.clone()).collect();
        if !names.is_empty() {
            let first = draw.index(names.len());
            names.rotate_left(first);
            return names;
        }
        match question.kind {
            "integer" | "decimal" => texts(&[["2", "3", "40"][draw.index(3)], "1", "0", "30"]),
            "date" => vec![self.today.plus_days(-draw.between(20, 300)).to_string(), "1988-04-12".to_owned()],
            "acknowledge" => texts(&["OK"]),
            "geopoint" => texts(&["-1.6101 103.6131 0 8"]),
            _ => texts(&["Buruh harian lepas"]),
        }
    }
}

/// The answer is there and nothing is wrong with it; what is unusual gets its reason.
fn settled(interview: &mut Interview, path: &str) -> bool {
    let problem = |interview: &Interview| match interview.screen().shows {
        Shows::Questions(questions) => {
            questions.into_iter().find(|question| question.path.as_str() == path).and_then(|question| question.problem)
        }
        _ => None,
    };
    if problem(interview).is_some_and(|problem| problem.rule == Rule::Warning) {
        let _ = interview.explain(path, REASON);
    }
    interview.value(path).is_some_and(|value| !value.is_empty()) && problem(interview).is_none()
}

fn family(finding: &Finding) -> Answers {
    let mut answers = Answers::new();
    for target in [Target::Household, Target::Family(0), Target::Visit] {
        for (name, value) in finding.find(target).iter().flat_map(|edit| &edit.registers) {
            // The family's head is the household's; who is named on both is asked once.
            if (target, *name) != (Target::Family(0), "head_name") {
                answers.extend(text_of(value).map(|text| ((*name).to_owned(), text)));
            }
        }
    }
    if let Some(visit) = finding.find(Target::Visit) {
        let has =
            |list: &str, word: &str| visit.registers[list].as_array().is_some_and(|all| all.contains(&word.into()));
        for (list, items) in [("assets", ASSETS.as_slice()), ("programmes", PROGRAMMES.as_slice())] {
            let told = visit.registers.contains_key(list);
            answers.extend(
                items
                    .iter()
                    .filter(|_| told)
                    .map(|(word, item)| ((*item).to_owned(), if has(list, word) { "1" } else { "2" }.to_owned())),
            );
        }
        let renamed = [("bank_account", "h506"), ("internet", "h505")];
        let texts =
            renamed.iter().filter_map(|(name, item)| Some(((*item).to_owned(), text_of(visit.registers.get(name)?)?)));
        answers.extend(texts.collect::<Vec<_>>());
        for (name, item) in [("other_land", "h503a"), ("other_house", "h503b")] {
            let owns = visit.registers.get(name).and_then(Value::as_bool);
            answers.extend(owns.map(|owns| (item.to_owned(), if owns { "1" } else { "2" }.to_owned())));
        }
        let goats = visit.registers.get("livestock").and_then(|livestock| text_of(&livestock["goat"]));
        answers.extend(goats.map(|goats| ("h504e".to_owned(), goats)));
        answers.insert("outcome".to_owned(), finding.outcome.code().to_owned());
    }
    for none in ["h504a", "h504b", "h504c", "h504d"] {
        answers.insert(none.to_owned(), "0".to_owned());
    }
    answers.insert("card_fit".to_owned(), "0".to_owned());
    // A terminal has no camera.
    answers.insert("photo_consent".to_owned(), "2".to_owned());
    answers
}

fn person(finding: &Finding, target: Target) -> Answers {
    let mut answers = Answers::new();
    for (name, value) in finding.find(target).iter().flat_map(|edit| &edit.registers) {
        answers.extend(text_of(value).map(|text| ((*name).to_owned(), text)));
    }
    answers
}

/// As it is typed.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(at) => {
            let part = |name: &str| at.get(name).and_then(text_of);
            Some(format!("{} {} 0 {}", part("lat")?, part("lon")?, part("acc")?))
        }
        _ => None,
    }
}

fn is_here(row: &Answers) -> bool {
    row.get("presence").is_some_and(|presence| presence == "here" || presence == "new")
}

/// Among those who live here exactly one heads the family, and at most one is the spouse.
fn agree_on_a_head(people: &mut [Answers], today: Date) {
    let relation = |row: &Answers| row.get("relation").map(String::as_str).unwrap_or_default().to_owned();
    let (mut heads, mut spouses) = (0, 0);
    for row in people.iter_mut().filter(|row| is_here(row)) {
        let is_one_too_many = match relation(row).as_str() {
            "head" => std::mem::replace(&mut heads, 1) == 1,
            "spouse" => std::mem::replace(&mut spouses, 1) == 1,
            known => !["child", "child_in_law", "grandchild", "parent"].contains(&known),
        };
        if is_one_too_many {
            row.insert("relation".to_owned(), "other".to_owned());
        }
    }
    if heads == 0 {
        let is_grown = |row: &&mut Answers| {
            let born = row.get("birth_date").and_then(|born| date(born));
            is_here(row) && born.is_none_or(|born| born.age(today) >= HEAD_YEARS_MIN)
        };
        let here = people.iter().position(is_here);
        let grown = people.iter_mut().position(|row| is_grown(&&mut *row));
        if let Some(at) = grown.or(here) {
            people[at].insert("relation".to_owned(), "head".to_owned());
        }
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let mut number = || parts.next()?.parse().ok();
    Some(Date::new(year, number()?, number()?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use questionnaire::bundled::Bundled;
    use questionnaire::expr::Moment;
    use questionnaire::interview::{Plan, Prefill, Still, Tables};

    use super::*;
    use crate::findings::{Occasion, Outcome, at_the_door, missing_household};
    use crate::households::households;
    use crate::jambi::City;

    const MORNING_MS: i64 = 1_772_413_200_000;
    const OCCASION: Occasion<'_> = Occasion { round: "r", form: "f@1", started_at: MORNING_MS };

    fn held(plan: &Arc<Plan>, finding: &Finding) -> questionnaire::interview::Finished {
        let still = Still::new(Moment { unix_ms: MORNING_MS, offset_min: 420 });
        let mut interview = Interview::begin(Arc::clone(plan), &Tables::new(), Arc::new(still), Prefill::default());
        let today = Date::from_days(MORNING_MS.div_euclid(86_400_000));
        let ended = Respondent::of(7, finding, &[], today).answer(&mut interview, 10_000);
        assert_eq!(ended.map_err(|problems| format!("{problems:#?}")), Ok(true));
        interview.finalize().unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    #[test]
    fn whatever_is_found_at_a_door_is_a_finished_interview() {
        let plan = Arc::new(Plan::new(Bundled::find("verification").unwrap().package().form));
        let city = City::new(1);
        let mut complete = 0;
        for household in &households(1, &city, 30) {
            let finding = at_the_door(1, &city, household, OCCASION);
            let finished = held(&plan, &finding);
            assert_eq!(finished.answers["visit"]["outcome"], finding.outcome.code());
            if finding.outcome == Outcome::Complete {
                complete += 1;
                let found = finding.find(Target::Household).unwrap();
                assert_eq!(finished.answers["housing"]["h303"], found.registers["h303"]);
            }
        }
        assert!(complete > 15, "{complete}");
        let added = held(&plan, &missing_household(1, &city, 700, 0, OCCASION));
        assert!(added.changes.iter().any(|change| change.list == "person"));
    }

    #[test]
    fn one_respondent_says_the_same_twice() {
        let plan = Arc::new(Plan::new(Bundled::find("verification").unwrap().package().form));
        let finding = missing_household(1, &City::new(1), 700, 1, OCCASION);
        let mut answers = [held(&plan, &finding).answers, held(&plan, &finding).answers];
        // The row's own names differ.
        for answers in &mut answers {
            for row in answers["members"]["member"].as_array_mut().unwrap() {
                row.as_object_mut().unwrap().remove("@row");
            }
        }
        assert_eq!(answers[0], answers[1]);
    }
}
