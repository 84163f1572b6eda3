//! The benchmark's household records: one canonical JSON line each, about 40 registers and 1.2 kB.
//! Line `i` depends on the seed and `i` alone.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::addresses;
use crate::dates::Date;
use crate::housing::{self, Wealth};
use crate::identity;
use crate::names::{self, COMMUNITY_SHARES, Sex};
use crate::seed::Seed;

/// How many records the benchmark pushes.
pub const RECORDS: u64 = 10_000;
/// 2026-03-02T01:00:00Z: the first interview of the invented round.
const FIRST_MS: u64 = 1_772_413_200_000;
/// Interviews of a whole team end about this far apart.
const STEP_MS: u64 = 41_000;
const TODAY: Date = Date::new(2026, 3, 2);

/// The registers of record `index`, with its `id`.
pub fn record(seed: u64, index: u64) -> BTreeMap<&'static str, Value> {
    let mut draw = Seed::of(seed, "record", index);
    let mut registers = BTreeMap::from([("id", json!(record_id(seed, index)))]);
    let wealth = housing::wealth(&mut draw);
    place(&mut draw, index, &mut registers);
    people(&mut draw, wealth, &mut registers);
    registers.extend(housing::dwelling(&mut draw, wealth));
    registers.extend(housing::living(&mut draw, wealth));
    registers.insert("status", json!("verified"));
    registers
}

/// Record `index` as one line without its end: keys sorted by their bytes, no whitespace, no fractions.
pub fn line(seed: u64, index: u64) -> String {
    serde_json::to_string(&record(seed, index)).expect("strings, integers and lists of them have a JSON form")
}

/// The first `count` lines, each with its end.
pub fn write_lines(out: &mut impl Write, seed: u64, count: u64) -> io::Result<()> {
    for index in 0..count {
        writeln!(out, "{}", line(seed, index))?;
    }
    Ok(())
}

/// A UUIDv7 whose time grows with the index.
pub fn record_id(seed: u64, index: u64) -> String {
    let mut draw = Seed::of(seed, "record id", index);
    let time = FIRST_MS + index * STEP_MS + draw.below(STEP_MS);
    let (high, low) = (draw.below(1 << 12), draw.below(1 << 62) | 1 << 63);
    format!("{:08x}-{:04x}-7{high:03x}-{:04x}-{:012x}", time >> 16, time & 0xffff, low >> 48, low & 0xffff_ffff_ffff)
}

/// Districts of one team's week: neighbours in the file live near each other.
const DISTRICTS: [(&str, i64, i64); 4] = [
    ("15.71.03", -1_596_000, 103_636_000),
    ("15.71.09", -1_624_000, 103_559_000),
    ("15.71.07", -1_640_000, 103_590_000),
    ("15.71.05", -1_579_000, 103_605_000),
];

const ENUMERATORS: [&str; 8] = ["pcl-01", "pcl-02", "pcl-03", "pcl-04", "pcl-05", "pcl-06", "pcl-07", "pcl-08"];

fn place(draw: &mut Seed, index: u64, registers: &mut BTreeMap<&'static str, Value>) {
    let (code, lat, lon) = DISTRICTS[(index / 2500 % 4) as usize];
    let rt = index / 60 % 40 + 1;
    let time = (FIRST_MS + index * STEP_MS) as i64 + draw.between(0, 30_000);
    let lat = lat + (rt as i64 % 7) * 2000 + draw.between(0, 1999);
    let lon = lon + (rt as i64 / 7) * 2000 + draw.between(0, 1999);
    registers.extend([
        ("ended_at", json!(time + draw.between(400_000, 2_400_000))),
        ("started_at", json!(time)),
        ("address", json!(addresses::address(draw))),
        ("district_code", json!(code)),
        ("enumerator", json!(ENUMERATORS[(index / 250 % 8) as usize])),
        ("position", json!({"acc": draw.weighted(&[(4, 5), (5, 4), (8, 3), (12, 1), (20, 1)]), "lat": housing::degrees(lat), "lon": housing::degrees(lon)})),
        ("photo_front", json!(photo(draw))),
        ("photo_inside", json!(photo(draw))),
        ("rt", json!(format!("{rt:03}"))),
        ("rw", json!(format!("{:02}", rt / 8 + 1))),
    ]);
}

/// The content address of a photo: 32 bytes that nothing compresses.
fn photo(draw: &mut Seed) -> String {
    (0..4).map(|_| format!("{:016x}", draw.bits())).collect()
}

fn people(draw: &mut Seed, wealth: Wealth, registers: &mut BTreeMap<&'static str, Value>) {
    let district = registers["district_code"].as_str().expect("the place comes first").to_owned();
    let community = draw.weighted(&COMMUNITY_SHARES);
    let clan = names::clan(draw, community);
    let sex = if draw.chance(830) { Sex::Male } else { Sex::Female };
    let born = TODAY.plus_days(-draw.between(24 * 365, 74 * 365));
    let head = names::full_name(draw, community, sex, born.year, clan);
    let region = identity::first_region(draw, &district);
    let recorded = Date::new(2008, 1, 1).plus_days(draw.between(0, 6500));
    let size = draw.weighted(&[(1, 9), (2, 17), (3, 24), (4, 26), (5, 14), (6, 7), (7, 3)]);
    let members: Vec<Value> = ["spouse", "child", "child", "child", "parent", "other"][..size - 1]
        .iter()
        .map(|relation| {
            let (sex, born) = beside(draw, relation, sex, born);
            let name = names::full_name(draw, community, sex, born.year, clan);
            let region =
                if *relation == "child" { district.replace('.', "") } else { identity::first_region(draw, &district) };
            json!({"name": name, "nik": identity::nik(draw, &region, sex, born), "relation": relation})
        })
        .collect();
    registers.extend([
        ("birth_date", json!(born.to_string())),
        ("card_fit", json!(draw.weighted(&[("0", 90), ("1", 6), ("2", 4)]))),
        ("card_number", json!(identity::card_number(draw, &district.replace('.', ""), recorded))),
        ("head_name", json!(head)),
        ("head_nik", json!(identity::nik(draw, &region, sex, born))),
        ("members", json!(members)),
        ("outcome", json!(draw.weighted(&[("complete", 96), ("partial", 4)]))),
        ("prelist_decile", json!(i64::from(wealth) * 2 + draw.between(1, 3))),
    ]);
    let phone = if draw.chance(600) { json!(identity::phone(draw)) } else { Value::Null };
    registers.insert("phone", phone);
}

/// Sex and birth date of somebody who lives with this head.
fn beside(draw: &mut Seed, relation: &str, head: Sex, born: Date) -> (Sex, Date) {
    let any = if draw.chance(500) { Sex::Male } else { Sex::Female };
    let years = 365;
    match (relation, head) {
        ("spouse", Sex::Male) => (Sex::Female, born.plus_days(draw.between(-3 * years, 8 * years))),
        ("spouse", Sex::Female) => (Sex::Male, born.plus_days(draw.between(-8 * years, 3 * years))),
        ("child", _) => (any, born.plus_days(draw.between(20 * years, 38 * years)).min(TODAY)),
        ("parent", _) => (any, born.plus_days(-draw.between(19 * years, 35 * years))),
        _ => (any, TODAY.plus_days(-draw.between(5 * years, 60 * years))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_lines() -> Vec<u8> {
        let mut bytes = Vec::new();
        write_lines(&mut bytes, 1, RECORDS).expect("memory takes every line");
        bytes
    }

    #[test]
    fn a_line_has_the_size_and_the_density_of_a_real_household() {
        let bytes = all_lines();
        let plain = bytes.len() as u64 / RECORDS;
        let packed = zstd::encode_all(bytes.as_slice(), 3).expect("memory compresses").len() as u64 / RECORDS;
        assert!((1150..=1250).contains(&plain), "{plain} bytes a line, {packed} compressed");
        assert!((200..=280).contains(&packed), "{packed} bytes a line compressed");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(line(1, 77), line(1, 77));
        assert_ne!(line(1, 77), line(2, 77));
        assert_eq!(blake3::hash(&all_lines()), blake3::hash(&all_lines()));
    }

    #[test]
    fn ids_are_version_7_and_their_time_only_grows() {
        let ids: Vec<_> = (0..1000).map(|index| record_id(1, index)).collect();
        assert!(ids.is_sorted());
        for id in ids {
            assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id}");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
    }

    #[test]
    fn a_record_has_about_forty_registers_and_no_fraction() {
        fn no_fraction(value: &Value) -> bool {
            match value {
                Value::Number(number) => number.is_i64() && number.as_i64().is_some_and(|n| n.abs() < 1 << 53),
                Value::Array(items) => items.iter().all(no_fraction),
                Value::Object(members) => members.values().all(no_fraction),
                _ => true,
            }
        }
        for index in 0..500 {
            let registers = record(1, index);
            assert!((40..=45).contains(&(registers.len() - 1)), "{}", registers.len());
            assert!(registers.values().all(no_fraction));
        }
    }
}
