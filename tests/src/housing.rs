//! Invented dwellings and living conditions: items of the Regsosek questionnaire that agree with each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::seed::Seed;

/// Quarter of the city's households, from the poorest (0) to the richest (3).
pub type Wealth = u8;
/// Register names with their values.
pub type Registers = BTreeMap<&'static str, Value>;

/// How well off a household on a prelist is: those lists look at the poorer half.
pub fn wealth(draw: &mut Seed) -> Wealth {
    draw.weighted(&[(0, 25), (1, 45), (2, 22), (3, 8)])
}

/// Millionths of a degree as the string that JSON keeps exactly.
pub fn degrees(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
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

/// Items 301 to 310 of a dwelling; what a skip leaves out is null.
pub fn dwelling(draw: &mut Seed, wealth: Wealth) -> Registers {
    let wealth = usize::from(wealth);
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
    BTreeMap::from([
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
    ])
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

/// What a household owns and receives, and what the enumerator noted.
pub fn living(draw: &mut Seed, wealth: Wealth) -> Registers {
    let wealth = usize::from(wealth);
    let some = |draw: &mut Seed, of: &[(&'static str, [u32; 4])]| -> Vec<&'static str> {
        of.iter().filter(|(_, chance)| draw.chance(chance[wealth])).map(|(name, _)| *name).collect()
    };
    let goats = if draw.chance(40) { draw.between(1, 6) } else { 0 };
    BTreeMap::from([
        ("assets", json!(some(draw, &ASSETS))),
        ("bank_account", json!(draw.weighted(&[("2", 60), ("4", 30), ("3", 10)]))),
        ("internet", json!(draw.weighted(&INTERNET[wealth]))),
        ("livestock", json!({"goat": goats})),
        ("note", json!(draw.weighted(&NOTES))),
        ("other_house", json!(draw.chance([0, 10, 60, 400][wealth]))),
        ("other_land", json!(draw.chance([10, 50, 150, 500][wealth]))),
        ("programmes", json!(some(draw, &PROGRAMMES))),
    ])
}
