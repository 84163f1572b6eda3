//! One family card: a head and those who belong to it, by age, sex and community.

use super::{Family, Person, TODAY};
use crate::dates::Date;
use crate::housing::Wealth;
use crate::identity;
use crate::names::{self, Community, Sex};
use crate::seed::Seed;

/// Relation to the head of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Kepala keluarga.
    Head,
    /// Istri or suami.
    Spouse,
    /// Anak.
    Child,
    /// Menantu.
    ChildInLaw,
    /// Cucu.
    Grandchild,
    /// Orang tua or mertua.
    Parent,
    /// Famili lain.
    Other,
}

impl Relation {
    /// The register's value.
    pub fn code(self) -> &'static str {
        match self {
            Relation::Head => "head",
            Relation::Spouse => "spouse",
            Relation::Child => "child",
            Relation::ChildInLaw => "child_in_law",
            Relation::Grandchild => "grandchild",
            Relation::Parent => "parent",
            Relation::Other => "other",
        }
    }

    /// As a family card writes it.
    pub fn label(self, sex: Sex) -> &'static str {
        match (self, sex) {
            (Relation::Head, _) => "Kepala Keluarga",
            (Relation::Spouse, Sex::Female) => "Istri",
            (Relation::Spouse, Sex::Male) => "Suami",
            (Relation::Child, _) => "Anak",
            (Relation::ChildInLaw, _) => "Menantu",
            (Relation::Grandchild, _) => "Cucu",
            (Relation::Parent, _) => "Orang Tua",
            (Relation::Other, _) => "Famili Lain",
        }
    }
}

/// A woman heads every sixth family, nearly always because she is widowed or divorced.
const WOMAN_HEAD_PER_MILLE: u32 = 165;
const WIFE_PER_MILLE: u32 = 890;
const HUSBAND_OF_A_WOMAN_HEAD_PER_MILLE: u32 = 40;
/// Grown children leave the card with marriage, most of them by 25.
const GROWN_CHILD_STAYS_PER_MILLE: u32 = 300;
const PARENT_IN_HOUSE_PER_MILLE: u32 = 60;
const YOUNGER_GENERATION_PER_MILLE: u32 = 250;
const OTHER_PER_MILLE: u32 = 45;
/// Never registered, or lost with the papers: newborns above all.
const NEVER_REGISTERED_PER_MILLE: u32 = 8;
const NEWBORN_NOT_REGISTERED_PER_MILLE: u32 = 350;
/// An NIK keeps the wrong birth date of its first registration for ever.
pub const BIRTH_DATE_DIFFERS_PER_MILLE: u32 = 25;
/// Not every family was ever ranked.
const DECILE_UNKNOWN_PER_MILLE: u32 = 60;

pub(super) fn family(draw: &mut Seed, community: Community, district: &str, wealth: Wealth) -> Family {
    let maker = Maker { community, clan: names::clan(draw, community), district };
    let sex = if draw.chance(WOMAN_HEAD_PER_MILLE) { Sex::Female } else { Sex::Male };
    let youngest = if sex == Sex::Female { 35 } else { 24 };
    let age = draw.weighted(&[(youngest, 10), (35, 28), (45, 28), (55, 20), (65, 14)]) + draw.between(0, 10);
    let born = years_ago(draw, age);
    let head = maker.person(draw, Relation::Head, sex, born);
    let mut people = vec![head];
    push_spouse(draw, &maker, &mut people);
    push_children(draw, &maker, &mut people);
    push_others(draw, &maker, &mut people);
    let recorded = Date::new(2008, 1, 1).plus_days(draw.between(0, 6_500));
    let decile = (!draw.chance(DECILE_UNKNOWN_PER_MILLE)).then(|| wealth * 2 + draw.between(1, 3) as u8);
    Family { card_number: identity::card_number(draw, &district.replace('.', ""), recorded), decile, people }
}

struct Maker<'a> {
    community: Community,
    clan: &'static str,
    district: &'a str,
}

impl Maker<'_> {
    fn person(&self, draw: &mut Seed, relation: Relation, sex: Sex, born: Date) -> Person {
        // Who married in keeps their own clan, and is not always of the same community.
        let (community, clan) = match relation {
            Relation::Spouse | Relation::ChildInLaw => {
                let community = if draw.chance(750) { self.community } else { draw.weighted(&names::COMMUNITY_SHARES) };
                (community, names::clan(draw, community))
            }
            _ => (self.community, self.clan),
        };
        let name = names::full_name(draw, community, sex, born.year, clan);
        let nik = self.nik(draw, relation, sex, born);
        Person { name, nik, sex, birth_date: born, relation }
    }

    fn nik(&self, draw: &mut Seed, relation: Relation, sex: Sex, born: Date) -> Option<String> {
        let missing = if born.age(TODAY) < 1 { NEWBORN_NOT_REGISTERED_PER_MILLE } else { NEVER_REGISTERED_PER_MILLE };
        if draw.chance(missing) {
            return None;
        }
        let region = match relation {
            Relation::Child | Relation::Grandchild if draw.chance(800) => self.district.replace('.', ""),
            _ => identity::first_region(draw, self.district),
        };
        let registered = if draw.chance(BIRTH_DATE_DIFFERS_PER_MILLE) { misremembered(draw, born) } else { born };
        Some(identity::nik(draw, &region, sex, registered))
    }
}

/// The last of June or December of some near year: what clerks wrote for those who did not know.
fn misremembered(draw: &mut Seed, born: Date) -> Date {
    let year = born.year + draw.between(-3, 3) as i32;
    if draw.chance(500) { Date::new(year, 12, 31) } else { Date::new(year, 7, 1) }
}

fn push_spouse(draw: &mut Seed, maker: &Maker<'_>, people: &mut Vec<Person>) {
    let head = &people[0];
    let (sex, chance, gap) = match head.sex {
        Sex::Male => (Sex::Female, WIFE_PER_MILLE, draw.between(-2, 8)),
        Sex::Female => (Sex::Male, HUSBAND_OF_A_WOMAN_HEAD_PER_MILLE, draw.between(-8, 2)),
    };
    if draw.chance(chance) {
        let adult = TODAY.plus_days(-19 * 366);
        let born = head.birth_date.plus_days(gap * 365 + draw.between(0, 364)).min(adult);
        people.push(maker.person(draw, Relation::Spouse, sex, born));
    }
}

fn push_children(draw: &mut Seed, maker: &Maker<'_>, people: &mut Vec<Person>) {
    let alone = people.len() == 1 && people[0].sex == Sex::Male;
    if alone && draw.chance(700) {
        return;
    }
    let count = draw.weighted(&[(0, 12), (1, 22), (2, 36), (3, 20), (4, 7), (5, 3)]);
    let mother = people.iter().find(|person| person.sex == Sex::Female).unwrap_or(&people[0]);
    let mut born = mother.birth_date.plus_days(draw.between(20 * 365, 27 * 365));
    for _ in 0..count {
        if born >= TODAY {
            break;
        }
        let grown = born.age(TODAY) >= 24;
        if !grown || draw.chance(GROWN_CHILD_STAYS_PER_MILLE) {
            let sex = if draw.chance(512) { Sex::Male } else { Sex::Female };
            people.push(maker.person(draw, Relation::Child, sex, born));
        }
        born = born.plus_days(draw.between(500, 2_200));
    }
}

fn push_others(draw: &mut Seed, maker: &Maker<'_>, people: &mut Vec<Person>) {
    let head_born = people[0].birth_date;
    let age = head_born.age(TODAY);
    if age < 60 && draw.chance(PARENT_IN_HOUSE_PER_MILLE) {
        let sex = if draw.chance(250) { Sex::Male } else { Sex::Female };
        let born = head_born.plus_days(-draw.between(19 * 365, 32 * 365));
        people.push(maker.person(draw, Relation::Parent, sex, born));
    }
    if age >= 52 && draw.chance(YOUNGER_GENERATION_PER_MILLE) {
        let sex = if draw.chance(500) { Sex::Male } else { Sex::Female };
        if draw.chance(500) {
            let born = years_ago(draw, 27);
            people.push(maker.person(draw, Relation::ChildInLaw, sex, born));
        }
        let years = draw.between(0, 12);
        let born = years_ago(draw, years);
        people.push(maker.person(draw, Relation::Grandchild, sex, born));
    }
    if draw.chance(OTHER_PER_MILLE) {
        let years = draw.between(8, 60);
        let born = years_ago(draw, years);
        let sex = if draw.chance(500) { Sex::Male } else { Sex::Female };
        people.push(maker.person(draw, Relation::Other, sex, born));
    }
}

/// Some day of the year in which one is that old.
fn years_ago(draw: &mut Seed, years: i64) -> Date {
    TODAY.plus_days(-(years * 365 + years / 4) - draw.between(1, 360))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_one_head_first_and_at_most_one_spouse_and_nobody_unborn() {
        for index in 0..5_000 {
            let mut draw = Seed::of(1, "family", index);
            let family = family(&mut draw, Community::Malay, "15.71.03", 1);
            let count = |relation| family.people.iter().filter(|person| person.relation == relation).count();
            assert_eq!((family.people[0].relation, count(Relation::Head)), (Relation::Head, 1));
            assert!(count(Relation::Spouse) <= 1);
            assert!(family.people.iter().all(|person| person.birth_date < TODAY));
            assert!(family.head().birth_date.age(TODAY) >= 18);
        }
    }
}
