//! What an enumerator at the door finds and writes down, as register edits: pure functions of a seed and a household.
//! The ids of records, writers and areas belong to whoever plays the enumerator.

mod members;

use serde_json::{Value, json};

use crate::addresses;
use crate::dates::Date;
use crate::households::{self, Household, Mark, Place};
use crate::housing::{self, Registers};
use crate::identity;
use crate::jambi::City;
use crate::seed::Seed;
pub use members::Presence;

/// People move house, or streets get names and numbers.
pub const ADDRESS_CHANGED_PER_MILLE: u32 = 120;
/// A card is drawn up anew after a move, a death or a divorce.
pub const CARD_CHANGED_PER_MILLE: u32 = 60;
/// Households in each thousand that no list had.
pub const UNLISTED_PER_MILLE: u32 = 30;

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The whole form was answered.
    Complete,
    /// They broke off.
    Partial,
    /// Nobody at home, three times.
    NoRespondent,
    /// They would not.
    Refused,
    /// They live elsewhere, or the building is gone.
    MovedOrDemolished,
    /// Nobody knows them.
    NotFound,
    /// They eat from the pot of another household on the list.
    PartOfAnotherHousehold,
    /// They are on the list twice.
    Duplicate,
}

impl Outcome {
    /// The register's value.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Complete => "complete",
            Outcome::Partial => "partial",
            Outcome::NoRespondent => "no_respondent",
            Outcome::Refused => "refused",
            Outcome::MovedOrDemolished => "moved_or_demolished",
            Outcome::NotFound => "not_found",
            Outcome::PartOfAnotherHousehold => "part_of_another_household",
            Outcome::Duplicate => "duplicate",
        }
    }

    /// What the household is after such a visit.
    pub fn status(self) -> &'static str {
        match self {
            Outcome::Complete => "verified",
            Outcome::Partial | Outcome::NoRespondent | Outcome::Refused => "to_visit_again",
            Outcome::MovedOrDemolished => "moved",
            Outcome::NotFound => "not_found",
            Outcome::PartOfAnotherHousehold | Outcome::Duplicate => "duplicate",
        }
    }

    /// Anything but "complete" asks for one.
    fn note(self) -> &'static str {
        match self {
            Outcome::Complete => "",
            Outcome::Partial => "Wawancara terputus, diminta datang lagi lain hari.",
            Outcome::NoRespondent => "Rumah terkunci pada tiga kali kunjungan; menurut tetangga bekerja sampai malam.",
            Outcome::Refused => "Tidak bersedia didata.",
            Outcome::MovedOrDemolished => "Sudah pindah menurut ketua RT.",
            Outcome::NotFound => "Tidak dikenal di RT ini.",
            Outcome::PartOfAnotherHousehold => "Masih satu dapur dengan orang tua.",
            Outcome::Duplicate => "Nama yang sama sudah ada di RT lain.",
        }
    }
}

/// A collection of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// `household`.
    Household,
    /// `family`.
    Family,
    /// `person`.
    Person,
    /// `visit`.
    Visit,
}

impl Collection {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Household => "household",
            Collection::Family => "family",
            Collection::Person => "person",
            Collection::Visit => "visit",
        }
    }
}

/// The record that an edit is of, in terms of the generated household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The household itself.
    Household,
    /// Its family of this index.
    Family(usize),
    /// Somebody: index of the family, index in the family.
    Person(usize, usize),
    /// Somebody whom the list did not have, by family and a running number: a new record.
    NewPerson(usize, usize),
    /// This visit: a new record.
    Visit,
}

impl Target {
    /// Where it is kept.
    pub fn collection(self) -> Collection {
        match self {
            Target::Household => Collection::Household,
            Target::Family(_) => Collection::Family,
            Target::Person(..) | Target::NewPerson(..) => Collection::Person,
            Target::Visit => Collection::Visit,
        }
    }

    /// Registers that name other records, for those edits that make a new one.
    pub fn links(self) -> Vec<(&'static str, Target)> {
        match self {
            Target::Household => Vec::new(),
            Target::Family(_) | Target::Visit => vec![("_parent", Target::Household)],
            Target::Person(family, _) | Target::NewPerson(family, _) => {
                vec![("_parent", Target::Household), ("_family", Target::Family(family))]
            }
        }
    }
}

/// The registers that one visit writes of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Of which record.
    pub target: Target,
    /// Their new values.
    pub registers: Registers,
}

/// All that one press of "save" writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How the visit ended.
    pub outcome: Outcome,
    /// For a household that no list had: the code of the area it is added to, and every record of it is new.
    pub added_to: Option<String>,
    /// Each record once; the household first, the visit last.
    pub edits: Vec<Edit>,
}

impl Finding {
    /// The edit of this record, if there is one.
    pub fn find(&self, target: Target) -> Option<&Edit> {
        self.edits.iter().find(|edit| edit.target == target)
    }
}

/// The round and the hour of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Name or id of the round.
    pub round: &'a str,
    /// Name and version of the questionnaire.
    pub form: &'a str,
    /// Milliseconds since 1970.
    pub started_at: i64,
}

/// A visit to a household of the list.
pub fn at_the_door(seed: u64, city: &City, household: &Household, occasion: Occasion<'_>) -> Finding {
    let mut draw = Seed::of(seed, "visit", household.number as u64);
    let outcome = outcome(&mut draw, household.mark);
    let mut edits =
        vec![Edit { target: Target::Household, registers: Registers::from([("status", json!(outcome.status()))]) }];
    if outcome == Outcome::Complete {
        edits[0].registers.extend(seen_of_household(&mut draw, city, household));
        for index in 0..household.families.len() {
            edits.extend(seen_of_family(&mut draw, household, index, occasion));
        }
    }
    edits.push(visit(&mut draw, household, outcome, occasion));
    Finding { outcome, added_to: None, edits }
}

/// A household that is missing from the list: the `index`-th that is found in this RT.
pub fn missing_household(seed: u64, city: &City, rt: usize, index: u64, occasion: Occasion<'_>) -> Finding {
    let household = households::unlisted(seed, city, rt, index);
    let mut draw = Seed::of(seed, "visit to an unlisted household", rt as u64 * 1000 + index);
    let mut registers = seen_of_household(&mut draw, city, &household);
    registers.extend([
        ("address", json!(household.address)),
        ("head_name", json!(household.families[0].head().name)),
        ("status", json!("added")),
    ]);
    let mut edits = vec![Edit { target: Target::Household, registers }];
    for (index, family) in household.families.iter().enumerate() {
        let registers =
            Registers::from([("card_number", json!(family.card_number)), ("head_name", json!(family.head().name))]);
        edits.push(Edit { target: Target::Family(index), registers });
        for (person_index, person) in family.people.iter().enumerate() {
            let registers = members::seen(person, Presence::Here);
            edits.push(Edit { target: Target::Person(index, person_index), registers });
        }
    }
    edits.push(visit(&mut draw, &household, Outcome::Complete, occasion));
    Finding { outcome: Outcome::Complete, added_to: Some(city.rts[rt].code.clone()), edits }
}

/// The same visit through another enumerator's eyes: complete, but house number, floor area, telephone and the head's
/// NIK are other ones. Written offline by both, those registers are in conflict.
pub fn seen_otherwise(seed: u64, city: &City, household: &Household, occasion: Occasion<'_>) -> [Finding; 2] {
    let plain = Household { mark: Mark::Plain, ..household.clone() };
    // Some stream of this household ends with a complete visit; nine of ten do.
    let complete = (0..).map(|turn| at_the_door(seed.wrapping_add(turn), city, &plain, occasion));
    let mut first = complete.into_iter().find(|finding| finding.outcome == Outcome::Complete).expect("most visits do");
    let mut second = first.clone();
    let mut draw = Seed::of(seed, "other eyes", household.number as u64);
    first.edits[0].registers.insert("address", json!(household.address));
    let seen = &mut second.edits[0].registers;
    seen.insert("address", json!(format!("{} RT belakang", household.address)));
    seen.insert("phone", json!(identity::phone(&mut draw)));
    let area = seen.get("h302").and_then(Value::as_i64).unwrap_or(36);
    seen.insert("h302", json!(area + 6));
    let head = second.edits.iter_mut().find(|edit| edit.target == Target::Person(0, 0));
    if let Some(nik) = head.and_then(|edit| edit.registers.get_mut("nik")) {
        let text = nik.as_str().unwrap_or_default();
        let last = if text.ends_with('1') { '2' } else { '1' };
        *nik = json!(format!("{}{last}", &text[..text.len().saturating_sub(1)]));
    }
    [first, second]
}

/// Shares of the outcomes by what the list got wrong; of a thousand.
fn outcome(draw: &mut Seed, mark: Mark) -> Outcome {
    let shares: &[(Outcome, u32)] = match mark {
        Mark::Plain => &[
            (Outcome::Complete, 855),
            (Outcome::Partial, 35),
            (Outcome::NoRespondent, 60),
            (Outcome::Refused, 25),
            (Outcome::MovedOrDemolished, 15),
            (Outcome::NotFound, 10),
        ],
        Mark::DuplicateOf(_) => &[(Outcome::Duplicate, 700), (Outcome::NotFound, 300)],
        Mark::MovedTo(_) => &[(Outcome::MovedOrDemolished, 900), (Outcome::NotFound, 100)],
        Mark::SplitFrom(_) => &[(Outcome::Complete, 800), (Outcome::PartOfAnotherHousehold, 200)],
    };
    draw.weighted(shares)
}

fn seen_of_household(draw: &mut Seed, city: &City, household: &Household) -> Registers {
    let mut registers = housing::dwelling(draw, household.wealth);
    registers.retain(|_, value| !value.is_null());
    registers.insert("position", position(draw, household));
    if let Some(phone) = &household.phone {
        registers.insert("phone", json!(phone));
    }
    if draw.chance(ADDRESS_CHANGED_PER_MILLE) {
        registers.insert("address", json!(addresses::address(draw)));
    }
    if let Place::Village(village) = household.place {
        let rts: Vec<_> = city.rts.iter().filter(|rt| rt.village == village).collect();
        let rt = rts[draw.index(rts.len())];
        registers.insert("rt_note", json!(format!("RT {:03} RW {:02}", rt.number, rt.rw)));
    }
    registers
}

fn seen_of_family(draw: &mut Seed, household: &Household, index: usize, occasion: Occasion<'_>) -> Vec<Edit> {
    let family = &household.families[index];
    let today = Date::from_days(occasion.started_at.div_euclid(86_400_000));
    let people = members::at_home(draw, family, today);
    let head = people.iter().find(|member| member.presence.is_here()).map_or(family.head(), |member| &member.person);
    let card_number = if draw.chance(CARD_CHANGED_PER_MILLE) {
        let recorded = today.plus_days(-draw.between(14, 300));
        identity::card_number(draw, &family.card_number[..6], recorded)
    } else {
        family.card_number.clone()
    };
    let registers = Registers::from([("card_number", json!(card_number)), ("head_name", json!(head.name))]);
    let mut edits = vec![Edit { target: Target::Family(index), registers }];
    let mut new = 0;
    for (position, member) in people.iter().enumerate() {
        let target = if member.presence == Presence::New {
            new += 1;
            Target::NewPerson(index, new - 1)
        } else {
            Target::Person(index, position)
        };
        edits.push(Edit { target, registers: members::seen(&member.person, member.presence) });
    }
    edits
}

fn visit(draw: &mut Seed, household: &Household, outcome: Outcome, occasion: Occasion<'_>) -> Edit {
    let minutes = if outcome == Outcome::Complete { draw.between(11, 48) } else { draw.between(2, 6) };
    let ended_at = occasion.started_at + minutes * 60_000 + draw.between(0, 59_999);
    let mut registers = Registers::from([
        ("ended_at", json!(ended_at)),
        ("form", json!(occasion.form)),
        ("outcome", json!(outcome.code())),
        ("position", position(draw, household)),
        ("round", json!(occasion.round)),
        ("started_at", json!(occasion.started_at)),
    ]);
    if outcome == Outcome::Complete {
        registers.extend(housing::living(draw, household.wealth));
    } else {
        registers.insert("note", json!(outcome.note()));
    }
    Edit { target: Target::Visit, registers }
}

/// One register: a place means nothing without how exactly it was taken.
fn position(draw: &mut Seed, household: &Household) -> Value {
    let accuracy = draw.weighted(&[(4, 5), (5, 4), (8, 3), (12, 1), (20, 1)]);
    let (lat, lon) = household.position;
    let (lat, lon) = (lat + draw.between(-40, 40), lon + draw.between(-40, 40));
    json!({"acc": accuracy, "lat": housing::degrees(lat), "lon": housing::degrees(lon)})
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const OCCASION: Occasion<'_> =
        Occasion { round: "verifikasi-2026-1", form: "regsosek-2022-k/3", started_at: 1_772_413_200_000 };

    fn world(count: usize) -> (City, Vec<Household>) {
        let city = City::new(1);
        let all = households::households(1, &city, count);
        (city, all)
    }

    #[test]
    fn outcomes_come_at_realistic_rates() {
        let (city, all) = world(10_000);
        let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
        for household in &all {
            *counts.entry(at_the_door(1, &city, household, OCCASION).outcome).or_default() += 1;
        }
        assert_eq!(counts.len(), 8, "{counts:?}");
        assert!((7_900..8_600).contains(&counts[&Outcome::Complete]), "{counts:?}");
        assert!((450..700).contains(&counts[&Outcome::NoRespondent]), "{counts:?}");
        assert!((180..320).contains(&counts[&Outcome::Refused]), "{counts:?}");
    }

    #[test]
    fn anything_but_complete_closes_the_form_and_leaves_a_note() {
        let (city, all) = world(2_000);
        for household in &all {
            let finding = at_the_door(1, &city, household, OCCASION);
            let visit = finding.find(Target::Visit).unwrap();
            if finding.outcome == Outcome::Complete {
                assert!(finding.edits.len() > 3);
            } else {
                assert_eq!(finding.edits.len(), 2);
                assert_ne!(visit.registers["note"], json!(""));
            }
            assert!(visit.registers["ended_at"].as_i64() > visit.registers["started_at"].as_i64());
        }
    }

    #[test]
    fn members_die_leave_and_are_born() {
        let (city, all) = world(5_000);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for household in &all {
            for edit in at_the_door(1, &city, household, OCCASION).edits {
                if edit.target.collection() == Collection::Person {
                    *seen.entry(edit.registers["presence"].as_str().unwrap().to_owned()).or_default() += 1;
                }
            }
        }
        let kinds: BTreeSet<_> = seen.keys().map(String::as_str).collect();
        assert_eq!(kinds, BTreeSet::from(["died", "here", "moved_abroad", "moved_domestic", "new", "not_found"]));
        assert!(seen["died"] * 200 < seen["here"] * 3 && seen["new"] > 100, "{seen:?}");
    }

    #[test]
    fn no_register_of_a_finding_is_a_fraction_or_null() {
        let (city, all) = world(1_000);
        for household in &all {
            for edit in at_the_door(1, &city, household, OCCASION).edits {
                for (name, value) in &edit.registers {
                    assert!(!value.is_null() && !value.is_f64(), "{name}");
                }
            }
        }
    }

    #[test]
    fn two_enumerators_of_one_family_disagree_on_what_they_both_saw() {
        let (city, all) = world(200);
        for household in &all {
            let [first, second] = seen_otherwise(1, &city, household, OCCASION);
            assert!(first.outcome == Outcome::Complete && second.outcome == Outcome::Complete);
            let of = |finding: &Finding, name: &str| finding.edits[0].registers.get(name).cloned();
            for name in ["address", "h302"] {
                assert!(of(&first, name).is_some() && of(&first, name) != of(&second, name), "{name}");
            }
        }
    }

    #[test]
    fn a_missing_household_is_added_whole_in_its_rt() {
        let (city, _) = world(0);
        let finding = missing_household(1, &city, 700, 0, OCCASION);
        assert_eq!(finding.added_to.as_deref(), Some(city.rts[700].code.as_str()));
        for name in ["address", "head_name", "position", "status", "h301a"] {
            assert!(finding.edits[0].registers.contains_key(name), "{name}");
        }
        assert!(finding.find(Target::Person(0, 0)).is_some() && finding.find(Target::Visit).is_some());
        assert_ne!(finding, missing_household(1, &city, 700, 1, OCCASION));
    }

    #[test]
    fn the_same_seed_finds_the_same() {
        let (city, all) = world(100);
        for household in &all {
            let find = |seed| at_the_door(seed, &city, household, OCCASION);
            assert_eq!(find(1), find(1));
        }
    }
}
