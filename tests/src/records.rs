//! The benchmark's household records: one canonical JSON line each, about 40 registers and 1.2 kB.
//! Line `i` depends on the seed and `i` alone.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::dates::Date;
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
    let wealth = draw.weighted(&[(0usize, 25), (1, 45), (2, 22), (3, 8)]);
    place(&mut draw, index, &mut registers);
    people(&mut draw, wealth, &mut registers);
    housing(&mut draw, wealth, &mut registers);
    living(&mut draw, wealth, &mut registers);
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

const STREETS: [&str; 24] = [
    "Jl. Kapten Pattimura",
    "Jl. Kol. Abunjani",
    "Jl. Hayam Wuruk",
    "Jl. Sultan Thaha",
    "Jl. Gajah Mada",
    "Jl. Orang Kayo Hitam",
    "Jl. Prof. Dr. Sri Soedewi",
    "Jl. Raden Mattaher",
    "Jl. Lingkar Barat I",
    "Jl. Depati Parbo",
    "Jl. Slamet Riyadi",
    "Jl. Pangeran Hidayat",
    "Lorong Budi Utomo",
    "Lorong Gotong Royong",
    "Lorong Kenanga",
    "Lorong Melati II",
    "Lorong Sederhana",
    "Lorong Amal",
    "Lorong H. Ibrahim",
    "Gang Damai",
    "Gang Mawar",
    "Gang Siswa",
    "Perum Bougenville Blok C",
    "Perum Aurduri Blok F",
];

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
        ("address", json!(format!("{} No. {}", draw.pick(&STREETS), draw.between(1, 120)))),
        ("district_code", json!(code)),
        ("enumerator", json!(ENUMERATORS[(index / 250 % 8) as usize])),
        ("position", json!({"acc": draw.weighted(&[(4, 5), (5, 4), (8, 3), (12, 1), (20, 1)]), "lat": degrees(lat), "lon": degrees(lon)})),
        ("photo_front", json!(photo(draw))),
        ("photo_inside", json!(photo(draw))),
        ("rt", json!(format!("{rt:03}"))),
        ("rw", json!(format!("{:02}", rt / 8 + 1))),
    ]);
}

/// Millionths of a degree as the string that JSON keeps exactly.
fn degrees(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

/// The content address of a photo: 32 bytes that nothing compresses.
fn photo(draw: &mut Seed) -> String {
    (0..4).map(|_| format!("{:016x}", draw.bits())).collect()
}

fn people(draw: &mut Seed, wealth: usize, registers: &mut BTreeMap<&'static str, Value>) {
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
        ("prelist_decile", json!(wealth as i64 * 2 + draw.between(1, 3))),
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

/// The likelier codes of each housing item from the poorest to the richest quarter of the city.
type ByWealth = [[(&'static str, u32); 3]; 4];

const TENURE: ByWealth = [
    [("2", 50), ("3", 30), ("1", 20)],
    [("1", 70), ("2", 25), ("3", 5)],
    [("1", 85), ("2", 13), ("3", 2)],
    [("1", 94), ("4", 4), ("2", 2)],
];
const TITLE: ByWealth = [
    [("6", 50), ("5", 40), ("1", 10)],
    [("1", 70), ("5", 25), ("4", 5)],
    [("1", 90), ("4", 7), ("5", 3)],
    [("1", 98), ("4", 1), ("2", 1)],
];
const FLOOR: ByWealth = [
    [("5", 50), ("6", 45), ("8", 5)],
    [("6", 55), ("2", 30), ("5", 15)],
    [("2", 85), ("6", 10), ("4", 5)],
    [("2", 80), ("1", 18), ("3", 2)],
];
const WALL: ByWealth = [
    [("3", 70), ("1", 28), ("5", 2)],
    [("1", 80), ("3", 18), ("2", 2)],
    [("1", 96), ("3", 3), ("2", 1)],
    [("1", 98), ("2", 1), ("3", 1)],
];
const ROOF: ByWealth = [
    [("3", 90), ("4", 8), ("7", 2)],
    [("3", 85), ("2", 10), ("4", 5)],
    [("3", 60), ("2", 37), ("1", 3)],
    [("2", 60), ("3", 30), ("1", 10)],
];
const WATER: ByWealth = [
    [("05", 50), ("04", 30), ("09", 20)],
    [("02", 50), ("04", 40), ("05", 10)],
    [("02", 75), ("03", 15), ("04", 10)],
    [("02", 65), ("01", 25), ("03", 10)],
];
const POWER: ByWealth = [
    [("1", 75), ("2", 24), ("3", 1)],
    [("2", 75), ("1", 15), ("3", 10)],
    [("3", 65), ("2", 25), ("4", 10)],
    [("4", 50), ("3", 30), ("5", 20)],
];
const FUEL: ByWealth = [
    [("04", 85), ("10", 14), ("00", 1)],
    [("04", 97), ("10", 2), ("00", 1)],
    [("04", 90), ("02", 8), ("03", 2)],
    [("02", 55), ("03", 25), ("04", 20)],
];
const INTERNET: ByWealth = [
    [("3", 60), ("0", 39), ("2", 1)],
    [("3", 93), ("0", 5), ("2", 2)],
    [("3", 75), ("2", 20), ("1", 5)],
    [("2", 55), ("1", 25), ("3", 20)],
];
const FLOOR_AREA: [(i64, i64); 4] = [(3, 6), (5, 9), (8, 16), (14, 40)];

fn housing(draw: &mut Seed, wealth: usize, registers: &mut BTreeMap<&'static str, Value>) {
    let tenure = draw.weighted(&TENURE[wealth]);
    let title = if tenure == "1" { json!(draw.weighted(&TITLE[wealth])) } else { Value::Null };
    let (least, most) = FLOOR_AREA[wealth];
    let water = draw.weighted(&WATER[wealth]);
    let distance = if matches!(water, "04" | "05") {
        json!(draw.weighted(&[("2", 70), ("1", 25), ("8", 5)]))
    } else {
        Value::Null
    };
    let metered = draw.chance(if wealth == 0 { 880 } else { 995 });
    let power = if metered { json!(draw.weighted(&POWER[wealth])) } else { Value::Null };
    let own_toilet = draw.chance([700, 960, 995, 1000][wealth]);
    registers.extend([
        ("h301a", json!(tenure)),
        ("h301b", title),
        ("h302", json!(draw.between(least, most) * 6)),
        ("h303", json!(draw.weighted(&FLOOR[wealth]))),
        ("h304", json!(draw.weighted(&WALL[wealth]))),
        ("h305", json!(draw.weighted(&ROOF[wealth]))),
        ("h306a", json!(water)),
        ("h306b", distance),
        ("h307a", json!(if metered { "1" } else { "2" })),
        ("h307b1", power),
        ("h308", json!(draw.weighted(&FUEL[wealth]))),
        ("h309a", json!(if own_toilet { "1" } else { "2" })),
        ("h309b", json!(if draw.chance([800, 970, 995, 1000][wealth]) { "1" } else { "4" })),
        ("h310", json!(if draw.chance([600, 930, 990, 1000][wealth]) { "1" } else { "3" })),
    ]);
}

/// Assets in the order of the questionnaire, with the chance per mille for each quarter.
const ASSETS: [(&str, [u32; 4]); 10] = [
    ("gas_cylinder_big", [0, 0, 80, 750]),
    ("fridge", [300, 880, 980, 1000]),
    ("air_conditioner", [0, 30, 350, 930]),
    ("television", [150, 500, 850, 970]),
    ("gold", [10, 60, 350, 800]),
    ("computer", [10, 80, 500, 930]),
    ("motorcycle", [600, 930, 990, 960]),
    ("bicycle", [120, 200, 280, 350]),
    ("car", [0, 10, 200, 850]),
    ("smartphone", [800, 980, 1000, 1000]),
];

const PROGRAMMES: [(&str, [u32; 4]); 5] = [
    ("sembako", [600, 180, 10, 0]),
    ("pkh", [420, 110, 5, 0]),
    ("electricity_subsidy", [850, 450, 30, 0]),
    ("local_government", [120, 40, 5, 0]),
    ("lpg_subsidy", [950, 900, 600, 100]),
];

const NOTES: [(&str, u32); 8] = [
    ("", 800),
    ("Kepala keluarga sedang bekerja, dijawab oleh istri.", 70),
    ("Rumah di belakang musala, masuk lewat gang kecil.", 30),
    ("Sering terendam saat air pasang.", 25),
    ("KK sedang diperbarui di kelurahan.", 25),
    ("Satu bangunan dengan orang tua, dapur terpisah.", 20),
    ("Menumpang sementara di rumah kerabat.", 15),
    ("Alamat pada KK berbeda dengan tempat tinggal sekarang.", 15),
];

fn living(draw: &mut Seed, wealth: usize, registers: &mut BTreeMap<&'static str, Value>) {
    let some = |draw: &mut Seed, of: &[(&'static str, [u32; 4])]| -> Vec<&'static str> {
        of.iter().filter(|(_, chance)| draw.chance(chance[wealth])).map(|(name, _)| *name).collect()
    };
    let goats = if draw.chance(40) { draw.between(1, 6) } else { 0 };
    registers.extend([
        ("assets", json!(some(draw, &ASSETS))),
        ("bank_account", json!(draw.weighted(&[("2", 60), ("4", 30), ("3", 10)]))),
        ("internet", json!(draw.weighted(&INTERNET[wealth]))),
        ("livestock", json!({"goat": goats})),
        ("note", json!(draw.weighted(&NOTES))),
        ("other_house", json!(draw.chance([0, 10, 60, 400][wealth]))),
        ("other_land", json!(draw.chance([10, 50, 150, 500][wealth]))),
        ("programmes", json!(some(draw, &PROGRAMMES))),
        ("status", json!("verified")),
    ]);
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
