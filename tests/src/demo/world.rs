//! The invented city and its list, and the way from a line on a device's screen to the household behind that door.

use std::collections::HashMap;

use client_core::HouseholdLine;

use crate::findings::{self, Finding, Occasion};
use crate::households::{Household, Mark, Place, households};
use crate::jambi::City;
use crate::prelist::{self, Row};

/// What an enumerator reads on the list before knocking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Door {
    area_code: String,
    head_name: String,
    address: String,
}

/// The city, everybody in it, and the doors that the list names unmistakably.
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) city: City,
    pub(super) households: Vec<Household>,
    doors: HashMap<Door, Option<usize>>,
}

impl World {
    pub(super) fn invent(seed: u64, count: usize) -> World {
        let city = City::new(seed);
        let households = households(seed, &city, count);
        let mut doors = HashMap::with_capacity(households.len());
        for household in &households {
            let door = door(seed, &city, household);
            // Two of the same name at one address: nobody can tell which is which from the list alone.
            doors.entry(door).and_modify(|known| *known = None).or_insert(Some(household.number));
        }
        World { seed, city, households, doors }
    }

    /// The household behind a line of a device's list.
    pub(super) fn behind(&self, line: &HouseholdLine, area_code: &str) -> Option<&Household> {
        let door =
            Door { area_code: area_code.to_owned(), head_name: line.name.clone(), address: line.address.clone() };
        self.doors.get(&door).copied().flatten().map(|number| &self.households[number])
    }

    /// Whether the list names this household and no other.
    pub(super) fn is_named_once(&self, household: &Household) -> bool {
        self.doors.get(&door(self.seed, &self.city, household)) == Some(&Some(household.number))
    }

    /// The list's rows of a household.
    pub(super) fn listed(&self, household: &Household) -> Vec<Row> {
        prelist::household_rows(self.seed, &self.city, household)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        prelist::rows(self.seed, &self.city, &self.households)
    }

    pub(super) fn at_the_door(&self, household: &Household, occasion: Occasion<'_>) -> Finding {
        findings::at_the_door(self.seed, &self.city, household, occasion)
    }

    /// The `index`-th household of this RT that no list has.
    pub(super) fn missing(&self, rt: usize, index: u64, occasion: Occasion<'_>) -> Finding {
        findings::missing_household(self.seed, &self.city, rt, index, occasion)
    }

    pub(super) fn seen_otherwise(&self, household: &Household, occasion: Occasion<'_>) -> [Finding; 2] {
        findings::seen_otherwise(self.seed, &self.city, household, occasion)
    }

    /// Households of each RT of the list, by the RT's index.
    pub(super) fn households_by_rt(&self) -> Vec<Vec<&Household>> {
        let mut by_rt = vec![Vec::new(); self.city.rts.len()];
        for household in &self.households {
            if let Place::Rt(rt) = household.place {
                by_rt[rt].push(household);
            }
        }
        by_rt
    }

    /// Households of the list in each kelurahan, by its index.
    pub(super) fn households_by_village(&self) -> Vec<usize> {
        let mut counts = vec![0; crate::jambi::villages().len()];
        for household in &self.households {
            let village = match household.place {
                Place::Rt(rt) => self.city.rts[rt].village,
                Place::Village(village) => village,
            };
            counts[village] += 1;
        }
        counts
    }
}

/// What the list says of a household's door.
fn door(seed: u64, city: &City, household: &Household) -> Door {
    let rows = prelist::household_rows(seed, city, household);
    let first = rows.first().expect("a household has a head");
    Door { area_code: household.area_code(city), head_name: first.head_name.clone(), address: first.address.clone() }
}

/// A household that stands where the list says, once: two people who knock there meet the same family.
pub(super) fn is_plain(household: &Household) -> bool {
    household.mark == Mark::Plain && household.families.len() == 1
}
