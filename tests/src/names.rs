//! Invented Indonesian names: who is called what in which community, and how one name is spelled in many ways.

mod lists;
mod spelling;

pub use spelling::{letters_alike, spelling_variant};

use crate::seed::Seed;

/// Sex as the population register knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Laki-laki.
    Male,
    /// Perempuan.
    Female,
}

impl Sex {
    /// The register's value.
    pub fn code(self) -> &'static str {
        match self {
            Sex::Male => "m",
            Sex::Female => "f",
        }
    }
}

/// A community with naming habits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Community {
    /// Malay of Jambi and its neighbours: Arabic given names, Muhammad and Siti before them.
    Malay,
    /// Javanese: one word is common among the old.
    Javanese,
    /// Minangkabau: long single given names, clan not written.
    Minang,
    /// Batak: a clan name ends the name.
    Batak,
    /// Chinese Indonesians: an Indonesian or old-spelled family name ends the name.
    Chinese,
    /// Bugis from the coast.
    Bugis,
    /// Sundanese.
    Sundanese,
}

/// Shares of the city's people, roughly as the 2010 census has them.
pub const COMMUNITY_SHARES: [(Community, u32); 7] = [
    (Community::Malay, 400),
    (Community::Javanese, 280),
    (Community::Minang, 110),
    (Community::Batak, 70),
    (Community::Chinese, 60),
    (Community::Bugis, 50),
    (Community::Sundanese, 30),
];

/// Born from this year on, people have the names of today's children in half of the cases.
const YOUNG_SINCE: i32 = 1998;
/// A fifth of the old have made the pilgrimage or are called as if they had.
const TITLED_OLD_PER_MILLE: u32 = 150;
const TITLED_BORN_BEFORE: i32 = 1965;

/// A full name as the identity card has it, without the spelling quirks of lists. `clan` is the family's, where one is written.
pub fn full_name(seed: &mut Seed, community: Community, sex: Sex, born: i32, clan: &str) -> String {
    let own = lists::of(community);
    let mut words: Vec<&str> = Vec::new();
    let young = born >= YOUNG_SINCE && seed.chance(500);
    let given = if young { lists::young() } else { own }.given(sex);
    if muslim(community) {
        match sex {
            Sex::Male if seed.chance(if young { 450 } else { 180 }) => words.push("Muhammad"),
            Sex::Female if seed.chance(if young { 80 } else { 160 }) => words.push("Siti"),
            _ => {}
        }
    }
    words.push(seed.pick(given));
    if seed.chance(second_word_per_mille(community, born)) {
        words.push(seed.pick(own.given(sex)));
    }
    words.dedup();
    if !clan.is_empty() {
        words.push(clan);
    }
    let name = words.join(" ");
    if muslim(community) && born < TITLED_BORN_BEFORE && seed.chance(TITLED_OLD_PER_MILLE) {
        let title = if sex == Sex::Male { "H." } else { "Hj." };
        return format!("{title} {name}");
    }
    name
}

/// The clan or family name a family of this community writes, or nothing.
pub fn clan(seed: &mut Seed, community: Community) -> &'static str {
    let clans = &lists::of(community).clans;
    if clans.is_empty() { "" } else { seed.pick(clans) }
}

/// Whether a word is one that some community writes as clan or family name.
pub fn is_clan(word: &str) -> bool {
    lists::all().any(|names| names.clans.contains(&word))
}

fn muslim(community: Community) -> bool {
    !matches!(community, Community::Batak | Community::Chinese)
}

fn second_word_per_mille(community: Community, born: i32) -> u32 {
    match (community, born) {
        (Community::Javanese, ..1975) => 350,
        (Community::Minang | Community::Batak | Community::Chinese, _) => 350,
        (_, ..1975) => 450,
        (_, _) => 800,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_few_hundred_given_names_are_known() {
        let names_of = |sex| lists::all().flat_map(move |names| names.given(sex));
        let given: BTreeSet<_> = names_of(Sex::Male).chain(names_of(Sex::Female)).collect();
        assert!(given.len() > 400, "{}", given.len());
    }

    #[test]
    fn one_word_names_are_common_among_the_old_and_rare_among_the_young() {
        let one_word = |born| {
            let mut seed = Seed::new(3);
            (0..1000)
                .filter(|_| {
                    let name = full_name(&mut seed, Community::Javanese, Sex::Female, born, "");
                    !name.trim_start_matches("Hj. ").contains(' ')
                })
                .count()
        };
        assert!(one_word(1955) > 450, "{}", one_word(1955));
        assert!(one_word(2005) < 250, "{}", one_word(2005));
    }

    #[test]
    fn a_clan_ends_the_name_of_a_whole_family() {
        let mut seed = Seed::new(5);
        let clan = clan(&mut seed, Community::Batak);
        assert!(full_name(&mut seed, Community::Batak, Sex::Male, 1980, clan).ends_with(clan));
    }
}
