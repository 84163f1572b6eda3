//! Who takes part, and who works where.

use anyhow::{Context, Result};
use client_core::Env;
use server::people::Role;
use tilik::Machine;

use crate::demo::world::{World, is_plain};
use crate::households::Household;
use crate::jambi::{districts, villages};

/// RTs of each of the two who share one.
const RTS_EACH: usize = 10;
const ENUMERATORS: [(&str, &str); 8] = [
    ("rina", "Rina Wulandari"),
    ("budi", "Budi Santoso"),
    ("siti", "Siti Maryam"),
    ("agus", "Agus Saputra"),
    ("dewi", "Dewi Lestari"),
    ("hendra", "Hendra Gunawan"),
    ("yuni", "Yuni Astuti"),
    ("fajar", "Fajar Nugroho"),
];
/// Letters that nobody takes for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// The two who will meet on one family, by their place in the cast.
pub(super) const FIRST: usize = 0;
pub(super) const SECOND: usize = 1;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) role: Role,
    pub(super) password: String,
    /// Codes of the areas granted; each covers all below it.
    pub(super) areas: Vec<String>,
    /// The same for people.
    pub(super) where_: String,
}

/// Everybody, and where the two meet.
pub(super) struct Cast {
    pub(super) admin: Person,
    pub(super) officer: Person,
    pub(super) supervisor: Person,
    pub(super) enumerators: Vec<Person>,
    /// The RT that two enumerators share, by its index.
    pub(super) shared_rt: usize,
    /// The household on which they will meet.
    pub(super) meeting: usize,
}

impl Cast {
    /// Spreads the enumerators over the kelurahan with most households, those of the supervisor's kecamatan first.
    pub(super) fn choose(world: &World) -> Result<Cast> {
        let order = villages_by_weight(world);
        let home = order[0];
        let (shared_rt, meeting, rts) = rts_of_two(world, home)?;
        let mut enumerators: Vec<Person> = rts
            .into_iter()
            .zip(ENUMERATORS)
            .map(|(codes, (name, display_name))| {
                let where_ = format!("{} RTs of {}", codes.len(), villages()[home].name);
                person(name, display_name, Role::Enumerator, codes, where_)
            })
            .collect();
        for (village, (name, display_name)) in order[1..].iter().zip(&ENUMERATORS[enumerators.len()..]) {
            let village = &villages()[*village];
            let where_ = format!("kelurahan {}", village.name);
            enumerators.push(person(name, display_name, Role::Enumerator, vec![village.code.to_owned()], where_));
        }
        let district = districts()
            .iter()
            .find(|district| district.code == villages()[home].district_code())
            .context("every kelurahan lies in a kecamatan of the table")?;
        let city = || (vec!["15.71".to_owned()], "the whole city".to_owned());
        let (areas, where_) = city();
        let officer = person("hartono", "Hartono", Role::Officer, areas, where_);
        let (areas, where_) = city();
        Ok(Cast {
            admin: person("admin", "Administrator", Role::Admin, areas, where_),
            officer,
            supervisor: person(
                "ratna",
                "Ratna Sari",
                Role::Supervisor,
                vec![district.code.to_owned()],
                format!("kecamatan {}", district.name),
            ),
            enumerators,
            shared_rt,
            meeting,
        })
    }

    /// Those with a device: the enumerators, then the supervisor.
    pub(super) fn with_device(&self) -> impl Iterator<Item = &Person> {
        self.enumerators.iter().chain([&self.supervisor])
    }

    pub(super) fn everybody(&self) -> impl Iterator<Item = &Person> {
        [&self.admin, &self.officer, &self.supervisor].into_iter().chain(&self.enumerators)
    }
}

fn person(name: &'static str, display_name: &'static str, role: Role, areas: Vec<String>, where_: String) -> Person {
    Person { name, display_name, role, password: password(), areas, where_ }
}

/// Three groups of four letters, from the system's randomness.
fn password() -> String {
    let mut bytes = [0; 12];
    Machine.random(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Kelurahan by their index: those of the fullest kecamatan first, and the fuller before the emptier.
fn villages_by_weight(world: &World) -> Vec<usize> {
    let counts = world.households_by_village();
    let of_district = |code: &str| -> usize {
        let inside = villages().iter().zip(&counts).filter(|(village, _)| village.district_code() == code);
        inside.map(|(_, count)| count).sum()
    };
    let home = districts().iter().map(|district| district.code).max_by_key(|code| of_district(code));
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|village| {
        let is_away = Some(villages()[*village].district_code()) != home;
        (is_away, std::cmp::Reverse(counts[*village]), *village)
    });
    order
}

/// The shared RT, the household to meet on, and the codes of both enumerators' RTs.
fn rts_of_two(world: &World, village: usize) -> Result<(usize, usize, [Vec<String>; 2])> {
    let by_rt = world.households_by_rt();
    let peopled = |rt: &usize| world.city.rts[*rt].village == village && !by_rt[*rt].is_empty();
    let mut rts: Vec<usize> = (0..by_rt.len()).filter(peopled).collect();
    let is_fit = |household: &&&Household| is_plain(household) && world.is_named_once(household);
    let fit = |rt: &usize| by_rt[*rt].iter().filter(is_fit).count();
    let shared = rts.iter().copied().max_by_key(fit).context("the fullest kelurahan has no household in an RT")?;
    let mut meetable = by_rt[shared].iter().filter(is_fit);
    let meeting = meetable.clone().find(|household| household.people().count() >= 3).or_else(|| meetable.next());
    let meeting = meeting.context("no household of the shared RT is fit to meet on; try another --seed")?.number;
    rts.retain(|rt| *rt != shared);
    let code = |rt: usize| world.city.rts[rt].code.clone();
    let half = |first: usize| -> Vec<String> {
        let own = rts.iter().copied().skip(first).step_by(2).take(RTS_EACH - 1);
        own.chain([shared]).map(code).collect()
    };
    Ok((shared, meeting, [half(0), half(1)]))
}
