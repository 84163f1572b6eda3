//! The invented people of the city, as they really live: what a perfect list would say, and the marks of how the
//! prelist will get each household wrong.

mod families;

use crate::addresses;
use crate::dates::Date;
use crate::housing::{self, Wealth};
use crate::identity;
use crate::jambi::{City, Village};
use crate::names::{COMMUNITY_SHARES, Sex};
use crate::seed::Seed;
pub use families::{BIRTH_DATE_DIFFERS_PER_MILLE, Relation};

/// The prelist was drawn up on this day; ages count from it.
pub const TODAY: Date = Date::new(2026, 1, 1);
/// What the demo verifies.
pub const HOUSEHOLDS: usize = 20_000;

/// A second or third family card under one roof: every fourteenth dwelling of a crowded city.
pub const SHARED_DWELLING_PER_MILLE: u32 = 70;
/// Somebody on two lists at once: national lists are merged from three sources by name.
pub const DUPLICATE_PER_MILLE: u32 = 15;
/// Families that moved within the city since the list was drawn up.
pub const MOVED_PER_MILLE: u32 = 20;
/// Grown children with a card of their own who still stand on their parents' card in the list.
pub const SPLIT_PER_MILLE: u32 = 15;
/// The list knows the kelurahan only.
pub const RT_UNKNOWN_PER_MILLE: u32 = 30;
/// How far back a duplicate's or a split card's other half is looked for.
const LOOK_BACK: usize = 2_000;

/// Where a household is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An RT, by its index in [`City::rts`].
    Rt(usize),
    /// A kelurahan, by its index in [`crate::jambi::villages`]; the RT is not known.
    Village(usize),
}

/// How the list differs from the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It stands where it lives, once.
    Plain,
    /// The same people as that household, which lives elsewhere: nobody is found here.
    DuplicateOf(usize),
    /// It lives in that RT now.
    MovedTo(usize),
    /// Its head is listed as a child in that household too.
    SplitFrom(usize),
}

/// One dwelling with one kitchen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Its position in the list, from 0.
    pub number: usize,
    /// The list's own key of it.
    pub key: String,
    /// Where the list has it.
    pub place: Place,
    /// What is wrong with that.
    pub mark: Mark,
    /// Street and number.
    pub address: String,
    /// Latitude and longitude in millionths of a degree.
    pub position: (i64, i64),
    /// A telephone number, where the household has one.
    pub phone: Option<String>,
    /// How well off it is.
    pub wealth: Wealth,
    /// One for each family card; at least one.
    pub families: Vec<Family>,
    /// Who of the first family has a card and a household of their own by now, and is still listed here.
    pub left: Option<usize>,
}

/// One family card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// 16 digits.
    pub card_number: String,
    /// National welfare decile as the list has it, 1..=10; none where it was never ranked.
    pub decile: Option<u8>,
    /// The head comes first.
    pub people: Vec<Person>,
}

/// Somebody who does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// As on the identity card.
    pub name: String,
    /// 16 digits; none where it was never registered.
    pub nik: Option<String>,
    /// Sex.
    pub sex: Sex,
    /// Day of birth.
    pub birth_date: Date,
    /// To the head of the family.
    pub relation: Relation,
}

impl Family {
    /// Its head.
    pub fn head(&self) -> &Person {
        self.people.first().expect("a family has a head")
    }
}

impl Household {
    /// Everybody in it.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.families.iter().flat_map(|family| &family.people)
    }

    /// Code of the area that the list puts it in.
    pub fn area_code(&self, city: &City) -> String {
        match self.place {
            Place::Rt(rt) => city.rts[rt].code.clone(),
            Place::Village(village) => City::rt_unknown_code(&crate::jambi::villages()[village]),
        }
    }

    /// The kelurahan that the list puts it in.
    pub fn village(&self, city: &City) -> &'static Village {
        match self.place {
            Place::Rt(rt) => city.village(&city.rts[rt]),
            Place::Village(village) => &crate::jambi::villages()[village],
        }
    }
}

/// `count` households spread over the city's RTs by their families, in the order of the RTs.
pub fn households(seed: u64, city: &City, count: usize) -> Vec<Household> {
    let homes = homes(city, count);
    let mut all: Vec<Household> = Vec::with_capacity(count);
    for (number, rt) in homes.into_iter().enumerate() {
        let mut draw = Seed::of(seed, "household", number as u64);
        let mut household = invent(&mut draw, city, number, rt);
        match draw.weighted(&[
            (Change::Duplicate, DUPLICATE_PER_MILLE),
            (Change::Moved, MOVED_PER_MILLE),
            (Change::Split, SPLIT_PER_MILLE),
            (Change::None, 1000 - DUPLICATE_PER_MILLE - MOVED_PER_MILLE - SPLIT_PER_MILLE),
        ]) {
            Change::Duplicate => make_duplicate(&mut draw, &all, &mut household),
            Change::Moved => household.mark = Mark::MovedTo(draw.index(city.rts.len())),
            Change::Split => make_split(&mut draw, &mut all, &mut household),
            Change::None => {}
        }
        all.push(household);
    }
    all
}

/// A household that no list has: the `index`-th that an enumerator finds in this RT.
pub fn unlisted(seed: u64, city: &City, rt: usize, index: u64) -> Household {
    let mut draw = Seed::of(seed, "unlisted", rt as u64 * 1000 + index);
    let mut household = invent(&mut draw, city, usize::MAX, rt);
    household.place = Place::Rt(rt);
    household.key = String::new();
    household
}

#[derive(Clone, Copy)]
enum Change {
    None,
    Duplicate,
    Moved,
    Split,
}

/// The RT of every household: as many in each as its share of the city's families.
fn homes(city: &City, count: usize) -> Vec<usize> {
    let total: u64 = city.rts.iter().map(|rt| u64::from(rt.families)).sum();
    let mut homes = Vec::with_capacity(count);
    let mut families = 0;
    for (index, rt) in city.rts.iter().enumerate() {
        families += u64::from(rt.families);
        let upto = (families * count as u64 / total) as usize;
        homes.resize(upto, index);
    }
    homes
}

fn invent(draw: &mut Seed, city: &City, number: usize, rt: usize) -> Household {
    let place = if draw.chance(RT_UNKNOWN_PER_MILLE) { Place::Village(city.rts[rt].village) } else { Place::Rt(rt) };
    let wealth = housing::wealth(draw);
    let district = city.village(&city.rts[rt]).district_code();
    let community = draw.weighted(&COMMUNITY_SHARES);
    let mut families = vec![families::family(draw, community, district, wealth)];
    while families.len() < 3 && draw.chance(SHARED_DWELLING_PER_MILLE) {
        families.push(families::family(draw, community, district, wealth));
    }
    Household {
        number,
        key: format!("1571-{number:06}"),
        place,
        mark: Mark::Plain,
        address: addresses::address(draw),
        position: position(draw, city, rt),
        phone: draw.chance(650).then(|| identity::phone(draw)),
        wealth,
        families,
        left: None,
    }
}

/// Near the RT's own point, which lies within reach of its kelurahan's.
fn position(draw: &mut Seed, city: &City, rt: usize) -> (i64, i64) {
    let village = city.village(&city.rts[rt]);
    let reach = village.reach_milli * 600;
    let mut of_rt = Seed::of(0, "position of an rt", rt as u64);
    let lat = village.lat_milli * 1000 + of_rt.between(-reach, reach);
    let lon = village.lon_milli * 1000 + of_rt.between(-reach, reach);
    (lat + draw.between(-400, 400), lon + draw.between(-400, 400))
}

/// The same people once more, where another list had them.
fn make_duplicate(draw: &mut Seed, earlier: &[Household], household: &mut Household) {
    let Some(original) = pick_earlier(draw, earlier, |other| other.mark == Mark::Plain && other.families.len() == 1)
    else {
        return;
    };
    if original.place == household.place {
        return;
    }
    household.mark = Mark::DuplicateOf(original.number);
    household.families.clone_from(&original.families);
    household.wealth = original.wealth;
    household.phone.clone_from(&original.phone);
}

/// The head grew up in that household and has a card of their own now.
fn make_split(draw: &mut Seed, earlier: &mut [Household], household: &mut Household) {
    let grown = |person: &Person| person.relation == Relation::Child && person.birth_date.age(TODAY) >= 22;
    let parents = pick_earlier(draw, earlier, |other| {
        other.mark == Mark::Plain && other.left.is_none() && other.families[0].people.iter().any(grown)
    });
    let Some(parents) = parents else { return };
    let number = parents.number;
    let left = parents.families[0].people.iter().position(grown).expect("that is how the parents were chosen");
    earlier[number].left = Some(left);
    let child = &earlier[number].families[0].people[left];
    household.mark = Mark::SplitFrom(number);
    household.families.truncate(1);
    let spouse = household.families[0].people.get(1).cloned();
    let people = &mut household.families[0].people;
    people.clear();
    people.push(Person { relation: Relation::Head, ..child.clone() });
    if let Some(spouse) = spouse.filter(|person| person.relation == Relation::Spouse && person.sex != child.sex) {
        people.push(spouse);
    }
}

fn pick_earlier<'a>(
    draw: &mut Seed,
    earlier: &'a [Household],
    fits: impl Fn(&Household) -> bool,
) -> Option<&'a Household> {
    let last = earlier.len().checked_sub(1)?;
    let start = last - draw.index(last.min(LOOK_BACK) + 1);
    earlier[..=start].iter().rev().take(LOOK_BACK).find(|household| fits(household))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city_and_households() -> (City, Vec<Household>) {
        let city = City::new(1);
        let all = households(1, &city, HOUSEHOLDS);
        (city, all)
    }

    #[test]
    fn twenty_thousand_households_are_about_seventy_thousand_people() {
        let (_, all) = city_and_households();
        let people: usize = all.iter().map(|household| household.people().count()).sum();
        assert_eq!(all.len(), HOUSEHOLDS);
        assert!((68_000..=72_000).contains(&people), "{people}");
    }

    #[test]
    fn every_rt_has_a_household() {
        let (city, all) = city_and_households();
        let mut seen = vec![false; city.rts.len()];
        for household in &all {
            if let Place::Rt(rt) = household.place {
                seen[rt] = true;
            }
        }
        let empty = seen.iter().filter(|seen| !**seen).count();
        assert!(empty < 5, "{empty} of {}", seen.len());
    }

    #[test]
    fn marks_come_at_their_stated_rates() {
        let (_, all) = city_and_households();
        let per_mille =
            |fits: fn(&Household) -> bool| all.iter().filter(|h| fits(h)).count() as u32 * 1000 / HOUSEHOLDS as u32;
        let near = |seen: u32, stated: u32| assert!(seen.abs_diff(stated) <= 3, "{seen} per mille for {stated}");
        near(per_mille(|h| matches!(h.mark, Mark::DuplicateOf(_))), DUPLICATE_PER_MILLE);
        near(per_mille(|h| matches!(h.mark, Mark::MovedTo(_))), MOVED_PER_MILLE);
        near(per_mille(|h| matches!(h.mark, Mark::SplitFrom(_))), SPLIT_PER_MILLE);
        near(per_mille(|h| matches!(h.place, Place::Village(_))), RT_UNKNOWN_PER_MILLE);
        assert!(per_mille(|h| h.families.len() > 1).abs_diff(SHARED_DWELLING_PER_MILLE) <= 6);
    }

    #[test]
    fn a_duplicate_has_the_people_of_its_original() {
        let (_, all) = city_and_households();
        for household in &all {
            if let Mark::DuplicateOf(original) = household.mark {
                assert_eq!(household.families, all[original].families);
                assert_ne!(household.place, all[original].place);
            }
        }
    }

    #[test]
    fn the_head_of_a_split_card_is_listed_as_a_child_elsewhere() {
        let (_, all) = city_and_households();
        let mut splits = 0;
        for household in &all {
            if let Mark::SplitFrom(parents) = household.mark {
                let left = all[parents].left.unwrap();
                assert_eq!(all[parents].families[0].people[left].nik, household.families[0].head().nik);
                splits += 1;
            }
        }
        assert!(splits > 100);
    }

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let city = City::new(3);
        assert_eq!(households(3, &city, 500), households(3, &city, 500));
        assert_ne!(households(3, &city, 500), households(4, &city, 500));
    }

    #[test]
    fn nobody_has_a_number_that_an_office_could_have_given_out() {
        let (_, all) = city_and_households();
        for nik in all.iter().flat_map(Household::people).filter_map(|person| person.nik.as_ref()) {
            assert!(nik.len() == 16 && nik[12..].parse::<u32>().unwrap() >= 5000, "{nik}");
        }
    }
}
