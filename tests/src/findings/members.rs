//! Who of a family is still there, who is not, and who is new.

use serde_json::json;

use crate::dates::Date;
use crate::households::{Family, Person, Relation};
use crate::housing::Registers;
use crate::identity;
use crate::names::{self, Community, Sex};
use crate::seed::Seed;

/// Deaths since a list that is about a year old.
const DIED_OLD_PER_MILLE: u32 = 35;
const DIED_YOUNG_PER_MILLE: u32 = 2;
const OLD_FROM_YEARS: i32 = 60;
/// Grown children go to work, study and marry elsewhere.
const MOVED_DOMESTIC_PER_MILLE: u32 = 40;
const MOVED_ABROAD_PER_MILLE: u32 = 4;
/// On the card, and nobody at home knows of them.
const NOT_FOUND_PER_MILLE: u32 = 3;
/// Births and others who joined, in a thousand families.
const NEW_PER_MILLE: u32 = 60;
/// Families in a thousand whose numbers could be read from the cards themselves.
const CARDS_SEEN_PER_MILLE: u32 = 850;

/// Where a member of the family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Lives here.
    Here,
    /// Has died.
    Died,
    /// Lives elsewhere in the country.
    MovedDomestic,
    /// Lives abroad.
    MovedAbroad,
    /// Not on the list, lives here.
    New,
    /// Unknown here.
    NotFound,
}

impl Presence {
    /// The register's value.
    pub fn code(self) -> &'static str {
        match self {
            Presence::Here => "here",
            Presence::Died => "died",
            Presence::MovedDomestic => "moved_domestic",
            Presence::MovedAbroad => "moved_abroad",
            Presence::New => "new",
            Presence::NotFound => "not_found",
        }
    }

    /// Lives here, on the list or not.
    pub fn is_here(self) -> bool {
        matches!(self, Presence::Here | Presence::New)
    }
}

/// Somebody as found at the door.
pub(super) struct Member {
    pub(super) person: Person,
    pub(super) presence: Presence,
}

/// Everybody of the list in its order, then the new; `left` is who has a card elsewhere by now.
pub(super) fn at_home(draw: &mut Seed, family: &Family, left: Option<usize>, today: Date) -> Vec<Member> {
    let cards_seen = draw.chance(CARDS_SEEN_PER_MILLE);
    let mut members: Vec<Member> = family
        .people
        .iter()
        .enumerate()
        .map(|(index, person)| {
            let drawn = presence(draw, person, today);
            let presence = if left == Some(index) { Presence::MovedDomestic } else { drawn };
            let nik = person.nik.clone().filter(|_| cards_seen);
            Member { person: Person { nik, ..person.clone() }, presence }
        })
        .collect();
    // Where the only head is gone, the family would have nobody to answer.
    if !members.iter().any(|member| member.presence.is_here()) {
        members[0].presence = Presence::Here;
    }
    if draw.chance(NEW_PER_MILLE) {
        members.push(Member { person: newborn(draw, family, today), presence: Presence::New });
    }
    members
}

/// The registers of one person after a visit; who is gone keeps what was known.
pub(super) fn seen(person: &Person, presence: Presence) -> Registers {
    let mut registers =
        Registers::from([("alive", json!(presence != Presence::Died)), ("presence", json!(presence.code()))]);
    if presence.is_here() {
        registers.extend([
            ("birth_date", json!(person.birth_date.to_string())),
            ("name", json!(person.name)),
            ("relation", json!(person.relation.code())),
            ("sex", json!(person.sex.code())),
        ]);
        if let Some(nik) = &person.nik {
            registers.insert("nik", json!(nik));
        }
    }
    registers
}

fn presence(draw: &mut Seed, person: &Person, today: Date) -> Presence {
    let age = person.birth_date.age(today);
    if draw.chance(if age >= OLD_FROM_YEARS { DIED_OLD_PER_MILLE } else { DIED_YOUNG_PER_MILLE }) {
        return Presence::Died;
    }
    let may_leave = person.relation == Relation::Child && age >= 18;
    match draw.weighted(&[
        (Presence::MovedDomestic, if may_leave { MOVED_DOMESTIC_PER_MILLE } else { 3 }),
        (Presence::MovedAbroad, if may_leave { MOVED_ABROAD_PER_MILLE } else { 1 }),
        (Presence::NotFound, NOT_FOUND_PER_MILLE),
        (Presence::Here, 1000 - MOVED_DOMESTIC_PER_MILLE),
    ]) {
        Presence::NotFound if person.relation == Relation::Head => Presence::Here,
        presence => presence,
    }
}

fn newborn(draw: &mut Seed, family: &Family, today: Date) -> Person {
    let sex = if draw.chance(512) { Sex::Male } else { Sex::Female };
    let birth_date = today.plus_days(-draw.between(5, 500));
    let clan = family.head().name.rsplit(' ').next().unwrap_or_default();
    // A child born into a family with a clan name carries it; the others are named as their neighbours' are.
    let (community, clan) = if names::is_clan(clan) { (Community::Batak, clan) } else { (Community::Malay, "") };
    let name = names::full_name(draw, community, sex, birth_date.year, clan);
    let nik = draw.chance(500).then(|| identity::nik(draw, &family.card_number[..6], sex, birth_date));
    let young_couple = family.head().birth_date.age(today) < 48;
    let relation = if young_couple { Relation::Child } else { Relation::Grandchild };
    Person { name, nik, sex, birth_date, relation }
}
