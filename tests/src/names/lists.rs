//! Common given names and clan names by community, from the table in `data/names.tsv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Community, Sex};

/// The names of one community.
#[derive(Default)]
pub(super) struct Names {
    men: Vec<&'static str>,
    women: Vec<&'static str>,
    /// Clan or family names, where the community writes them.
    pub(super) clans: Vec<&'static str>,
}

impl Names {
    pub(super) fn given(&self, sex: Sex) -> &[&'static str] {
        match sex {
            Sex::Male => &self.men,
            Sex::Female => &self.women,
        }
    }
}

pub(super) fn of(community: Community) -> &'static Names {
    named(match community {
        Community::Malay => "malay",
        Community::Javanese => "javanese",
        Community::Minang => "minang",
        Community::Batak => "batak",
        Community::Chinese => "chinese",
        Community::Bugis => "bugis",
        Community::Sundanese => "sundanese",
    })
}

/// What people born lately are called in every community.
pub(super) fn young() -> &'static Names {
    named("young")
}

/// Of every community.
pub(super) fn all() -> impl Iterator<Item = &'static Names> {
    TABLE.values()
}

fn named(community: &str) -> &'static Names {
    TABLE.get(community).expect("names.tsv has every community")
}

static TABLE: LazyLock<BTreeMap<&'static str, Names>> = LazyLock::new(|| {
    let mut table: BTreeMap<&'static str, Names> = BTreeMap::new();
    for line in include_str!("../../data/names.tsv").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&'static str> = line.split('\t').collect();
        let [community, kind, names] = fields[..] else { panic!("names.tsv has three columns: {line}") };
        let of = table.entry(community).or_default();
        let list = match kind {
            "men" => &mut of.men,
            "women" => &mut of.women,
            "clans" => &mut of.clans,
            _ => panic!("names.tsv knows men, women and clans: {line}"),
        };
        list.extend(names.split(' '));
    }
    table
});
