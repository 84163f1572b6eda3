//! Invented NIK and family-card numbers: the real structure, with serials that no office has given out.

use crate::dates::Date;
use crate::names::Sex;
use crate::seed::Seed;

/// Offices number a day's registrations of one birth date from 0001 and hardly pass a few hundred.
/// From here on a number belongs to nobody.
const SERIAL_FIRST: i64 = 5000;
const SERIAL_LAST: i64 = 9999;

/// Of a thousand residents, those first registered in another district of the city or outside it.
const REGISTERED_ELSEWHERE_PER_MILLE: u32 = 380;

/// Where those people were first registered: the city's other districts, its neighbours, and where migrants come from.
const ELSEWHERE: [(&str, u32); 22] = [
    ("157101", 60),
    ("157102", 60),
    ("157103", 60),
    ("157104", 20),
    ("157105", 20),
    ("157106", 20),
    ("157107", 60),
    ("157108", 60),
    ("150501", 80),
    ("150503", 60),
    ("150401", 50),
    ("150701", 40),
    ("150601", 40),
    ("150102", 30),
    ("137105", 50),
    ("130603", 30),
    ("127113", 40),
    ("120811", 20),
    ("167104", 40),
    ("331204", 40),
    ("350910", 30),
    ("317304", 20),
];

/// The six digits of the office that first registered somebody who lives in `district` (such as `15.71.03`).
pub fn first_region(seed: &mut Seed, district: &str) -> String {
    if seed.chance(REGISTERED_ELSEWHERE_PER_MILLE) {
        return seed.weighted(&ELSEWHERE).to_owned();
    }
    district.replace('.', "")
}

/// 16 digits: region of first registration, birth date with day + 40 for women, serial.
pub fn nik(seed: &mut Seed, region: &str, sex: Sex, born: Date) -> String {
    let day = born.day + if sex == Sex::Female { 40 } else { 0 };
    format!("{region}{day:02}{:02}{:02}{:04}", born.month, born.year % 100, serial(seed))
}

/// 16 digits: region, the day the card was recorded, serial.
pub fn card_number(seed: &mut Seed, region: &str, recorded: Date) -> String {
    format!("{region}{:02}{:02}{:02}{:04}", recorded.day, recorded.month, recorded.year % 100, serial(seed))
}

/// A mobile number in a block that no operator gives out.
pub fn phone(seed: &mut Seed) -> String {
    format!("08000{:07}", seed.below(10_000_000))
}

fn serial(seed: &mut Seed) -> i64 {
    seed.between(SERIAL_FIRST, SERIAL_LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_womans_day_of_birth_is_forty_more() {
        let number = nik(&mut Seed::new(1), "157103", Sex::Female, Date::new(1987, 3, 9));
        assert_eq!(number.len(), 16);
        assert!(number.starts_with("157103490387"), "{number}");
    }

    #[test]
    fn no_serial_is_one_that_an_office_gives_out() {
        let mut seed = Seed::new(9);
        for _ in 0..1000 {
            let card = card_number(&mut seed, "157101", Date::new(2019, 1, 2));
            assert!(card[12..].parse::<u32>().expect("four digits") >= 5000, "{card}");
        }
    }
}
