//! What an enumerator at the door finds and writes down, as register edits: pure functions of a seed and a household.
//! The ids of records, writers and areas belong to whoever plays the enumerator.

mod edits;
mod members;
mod outcomes;

use serde_json::{Value, json};

use crate::addresses;
use crate::dates::Date;
use crate::households::{self, Household, Mark, Place};
use crate::housing::{self, Registers};
use crate::identity;
use crate::jambi::City;
use crate::seed::Seed;
pub use edits::{Collection, Edit, Target};
pub use members::Presence;
pub use outcomes::Outcome;
use outcomes::outcome;

/// People move house, or streets get names and numbers.
pub const ADDRESS_CHANGED_PER_MILLE: u32 = 120;
/// A card is drawn up anew after a move, a death or a divorce.
pub const CARD_CHANGED_PER_MILLE: u32 = 60;
/// Households in each thousand that no list had.
pub const UNLISTED_PER_MILLE: u32 = 30;

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
    let people = members::at_home(draw, family, household.left.filter(|_| index == 0), today);
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
