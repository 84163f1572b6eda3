//! The list that enumerators start from: one row per person, with the faults that real lists have.

mod files;
#[cfg(test)]
mod imported;
#[cfg(test)]
mod reading;

pub use files::{COLUMNS, XLSX_HEADER_ROW, write_csv, write_xlsx};

use crate::dates::Date;
use crate::households::{Household, Mark, Person, Place};
use crate::jambi::City;
use crate::names::{self, Sex};
use crate::seed::Seed;

/// Left blank, or "-" or "0": nobody had the card at hand.
pub const NIK_MISSING_PER_MILLE: u32 = 40;
/// A digit dropped or doubled while typing.
pub const NIK_WRONG_LENGTH_PER_MILLE: u32 = 12;
/// Two digits of the serial swapped: well formed, and somebody else's.
pub const NIK_MISTYPED_PER_MILLE: u32 = 10;
/// The same name as another clerk wrote it.
pub const NAME_VARIANT_PER_MILLE: u32 = 80;
/// A list that is copied from another names everybody anew.
const NAME_VARIANT_OF_DUPLICATE_PER_MILLE: u32 = 450;
/// The card number was not on the form.
pub const CARD_MISSING_PER_MILLE: u32 = 15;
/// So was the birth date.
pub const BIRTH_DATE_MISSING_PER_MILLE: u32 = 10;

/// What became of an NIK on its way into the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NikFault {
    /// As on the card.
    None,
    /// Blank.
    Missing,
    /// 15 or 17 digits.
    WrongLength,
    /// 16 digits, two of them swapped.
    Mistyped,
}

/// One row of the list, and which person it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index of the household.
    pub household: usize,
    /// Index of the family in the household.
    pub family: usize,
    /// Index of the person in the family.
    pub person: usize,
    /// The list's key of the household.
    pub key: String,
    /// Name of the kecamatan.
    pub district: &'static str,
    /// Name of the kelurahan.
    pub village: &'static str,
    /// As this kelurahan writes it; blank where unknown.
    pub rw: String,
    /// "2", "02", "002", "RT 002" or "RT 002/RW 01".
    pub rt: String,
    /// 16 digits or blank.
    pub card_number: String,
    /// In capitals.
    pub head_name: String,
    /// 16 digits, a fault, or blank.
    pub nik: String,
    /// In capitals.
    pub name: String,
    /// As the family card writes it.
    pub relation: &'static str,
    /// As this kelurahan writes it.
    pub sex: &'static str,
    /// None where blank.
    pub birth_date: Option<Date>,
    /// How this kelurahan writes dates.
    pub date_style: DateStyle,
    /// Street and number, or blank.
    pub address: String,
    /// National welfare decile.
    pub decile: Option<u8>,
    /// What became of the NIK.
    pub nik_fault: NikFault,
    /// The name is another writing of the person's own.
    pub is_name_varied: bool,
    /// How this kelurahan writes "nothing".
    pub blank: &'static str,
}

/// How a kelurahan writes dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// 1987-03-09.
    Iso,
    /// 09/03/1987.
    Slashes,
    /// 09-03-1987.
    Dashes,
    /// A day number in a spreadsheet, 09/03/1987 elsewhere.
    Serial,
}

/// The habits of whoever keeps the list of one kelurahan.
struct Style {
    rt: fn(usize, usize) -> String,
    date: DateStyle,
    blank: &'static str,
    sex: [&'static str; 2],
}

/// Every row of the list, in the order of the households.
pub fn rows<'a>(seed: u64, city: &'a City, households: &'a [Household]) -> impl Iterator<Item = Row> + 'a {
    households.iter().flat_map(move |household| household_rows(seed, city, household))
}

/// The rows of one household: they depend on the seed and this household alone.
pub fn household_rows(seed: u64, city: &City, household: &Household) -> Vec<Row> {
    let mut draw = Seed::of(seed, "prelist", household.number as u64);
    let village = household.village(city);
    let style = style(seed, village.code);
    let (rw, rt) = match household.place {
        Place::Rt(rt) => (format!("{:02}", city.rts[rt].rw), (style.rt)(city.rts[rt].number, city.rts[rt].rw)),
        Place::Village(_) => (style.blank.to_owned(), style.blank.to_owned()),
    };
    let mut rows = Vec::new();
    for (family_index, family) in household.families.iter().enumerate() {
        let card_is_missing = draw.chance(CARD_MISSING_PER_MILLE);
        let card_number = if card_is_missing { style.blank.to_owned() } else { family.card_number.clone() };
        let (head_name, head_is_varied) = listed_name(&mut draw, household, family.head());
        for (person_index, person) in family.people.iter().enumerate() {
            let (nik, nik_fault) = listed_nik(&mut draw, person, style.blank);
            let (name, is_name_varied) = match person_index {
                0 => (head_name.clone(), head_is_varied),
                _ => listed_name(&mut draw, household, person),
            };
            rows.push(Row {
                household: household.number,
                family: family_index,
                person: person_index,
                key: household.key.clone(),
                district: village.district().name,
                village: village.name,
                rw: rw.clone(),
                rt: rt.clone(),
                card_number: card_number.clone(),
                head_name: head_name.clone(),
                nik,
                name,
                relation: person.relation.label(person.sex),
                sex: style.sex[usize::from(person.sex == Sex::Female)],
                birth_date: (!draw.chance(BIRTH_DATE_MISSING_PER_MILLE)).then_some(person.birth_date),
                date_style: style.date,
                address: household.address.clone(),
                decile: family.decile,
                nik_fault,
                is_name_varied,
                blank: style.blank,
            });
        }
    }
    rows
}

fn style(seed: u64, village: &str) -> Style {
    let mut draw = Seed::of(seed, village, 0);
    Style {
        rt: match draw.below(5) {
            0 => |rt, _| rt.to_string(),
            1 => |rt, _| format!("{rt:02}"),
            2 => |rt, _| format!("{rt:03}"),
            3 => |rt, _| format!("RT {rt:03}"),
            _ => |rt, rw| format!("RT {rt:03}/RW {rw:02}"),
        },
        date: draw.weighted(&[
            (DateStyle::Iso, 3),
            (DateStyle::Slashes, 3),
            (DateStyle::Dashes, 2),
            (DateStyle::Serial, 2),
        ]),
        blank: draw.pick(&["", "-", "0"]),
        sex: if draw.chance(600) { ["L", "P"] } else { ["Laki-laki", "Perempuan"] },
    }
}

fn listed_name(draw: &mut Seed, household: &Household, person: &Person) -> (String, bool) {
    let is_duplicate = matches!(household.mark, Mark::DuplicateOf(_));
    let chance = if is_duplicate { NAME_VARIANT_OF_DUPLICATE_PER_MILLE } else { NAME_VARIANT_PER_MILLE };
    if draw.chance(chance) {
        let variant = names::spelling_variant(draw, &person.name);
        return (variant.to_uppercase(), variant != person.name);
    }
    (person.name.to_uppercase(), false)
}

fn listed_nik(draw: &mut Seed, person: &Person, blank: &str) -> (String, NikFault) {
    let right = NikFault::None;
    let fault = draw.weighted(&[
        (NikFault::Missing, NIK_MISSING_PER_MILLE),
        (NikFault::WrongLength, NIK_WRONG_LENGTH_PER_MILLE),
        (NikFault::Mistyped, NIK_MISTYPED_PER_MILLE),
        (right, 1000 - NIK_MISSING_PER_MILLE - NIK_WRONG_LENGTH_PER_MILLE - NIK_MISTYPED_PER_MILLE),
    ]);
    let Some(nik) = &person.nik else { return (blank.to_owned(), NikFault::Missing) };
    match fault {
        NikFault::None => (nik.clone(), right),
        NikFault::Missing => (blank.to_owned(), fault),
        NikFault::WrongLength => {
            let place = draw.index(nik.len());
            let (before, after) = nik.split_at(place);
            let digit = &after[..1];
            let typed =
                if draw.chance(700) { format!("{before}{}", &after[1..]) } else { format!("{before}{digit}{after}") };
            (typed, fault)
        }
        NikFault::Mistyped => {
            // The last two digits, so that the number stays in the range that nobody has.
            let mut digits: Vec<char> = nik.chars().collect();
            digits.swap(14, 15);
            let typed: String = digits.into_iter().collect();
            if typed == *nik { (typed, right) } else { (typed, fault) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::households::{self, HOUSEHOLDS};

    fn all_rows(seed: u64, count: usize) -> Vec<Row> {
        let city = City::new(seed);
        let households = households::households(seed, &city, count);
        rows(seed, &city, &households).collect()
    }

    #[test]
    fn faults_come_at_their_stated_rates() {
        let rows = all_rows(1, HOUSEHOLDS);
        let per_mille =
            |fits: &dyn Fn(&Row) -> bool| (rows.iter().filter(|row| fits(row)).count() * 1000 / rows.len()) as u32;
        let near =
            |seen: u32, stated: u32| assert!(seen.abs_diff(stated) <= stated / 5 + 1, "{seen} per mille for {stated}");
        near(per_mille(&|row| row.nik_fault == NikFault::WrongLength), NIK_WRONG_LENGTH_PER_MILLE);
        near(per_mille(&|row| row.nik_fault == NikFault::Mistyped), NIK_MISTYPED_PER_MILLE);
        near(per_mille(&|row| row.birth_date.is_none()), BIRTH_DATE_MISSING_PER_MILLE);
        let missing = per_mille(&|row| row.nik_fault == NikFault::Missing);
        assert!((NIK_MISSING_PER_MILLE..NIK_MISSING_PER_MILLE + 20).contains(&missing), "{missing}");
        let varied = per_mille(&|row| row.is_name_varied);
        assert!((60..=100).contains(&varied), "{varied}");
        let one_word = per_mille(&|row| !row.name.contains(' '));
        assert!((150..=450).contains(&one_word), "{one_word}");
        assert!(per_mille(&|row| matches!(row.nik.as_str(), "-" | "0")) > 10);
    }

    #[test]
    fn rts_are_written_in_five_ways() {
        let rows = all_rows(1, HOUSEHOLDS);
        for way in ["3", "03", "003", "RT 003", "RT 003/RW 01"] {
            assert!(rows.iter().any(|row| row.rt == way), "{way}");
        }
    }

    #[test]
    fn a_birth_date_differs_from_the_nik_at_its_stated_rate() {
        let city = City::new(1);
        let households = households::households(1, &city, 5_000);
        let (mut with_nik, mut differing) = (0, 0);
        for person in households.iter().flat_map(Household::people) {
            let Some(nik) = &person.nik else { continue };
            let day = person.birth_date.day + if person.sex == Sex::Female { 40 } else { 0 };
            let expected = format!("{day:02}{:02}{:02}", person.birth_date.month, person.birth_date.year % 100);
            with_nik += 1;
            differing += u32::from(nik[6..12] != expected);
        }
        let seen = differing * 1000 / with_nik;
        assert!(seen.abs_diff(households::BIRTH_DATE_DIFFERS_PER_MILLE) <= 5, "{seen}");
    }

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        assert_eq!(all_rows(5, 300), all_rows(5, 300));
    }
}
