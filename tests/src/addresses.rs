//! Invented addresses: street names of a kind that every Indonesian city has, and a house number.

use crate::seed::Seed;

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

/// Street and house number.
pub fn address(draw: &mut Seed) -> String {
    let street = draw.pick(&STREETS);
    let number = draw.between(1, 120);
    match draw.below(10) {
        0 => format!("{street} No. {number}A"),
        1 => street.to_owned(),
        _ => format!("{street} No. {number}"),
    }
}
