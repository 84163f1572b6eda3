//! Dates as people write them into tables, day first.

use super::cells::{Cell, Date};

/// What a cell says about a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateReading {
    /// Nothing there.
    Missing,
    /// A day.
    Day(Date),
    /// Something that is no day.
    Unreadable,
}

/// Reads a date in any of the styles met in such files: ISO, day first with any separator, month names in Indonesian or English, eight digits, serial numbers, a place before a comma.
///
/// Two-digit years are the latest such year that is not after `as_of`.
pub fn read_date(cell: &Cell, as_of: Date) -> DateReading {
    let reading = match cell {
        Cell::Empty => return DateReading::Missing,
        Cell::Date(date) => Some(*date),
        Cell::Number(number) if *number == 0.0 => return DateReading::Missing,
        Cell::Number(number) => number_date(*number),
        Cell::Text(text) => {
            let text = text.trim().trim_start_matches('\'');
            if matches!(text, "" | "-" | "--" | "0" | "00/00/0000" | "00-00-0000" | "0000-00-00") {
                return DateReading::Missing;
            }
            text_date(text, as_of)
        }
        Cell::Bool(_) | Cell::Fault(_) => None,
    };
    reading.map_or(DateReading::Unreadable, DateReading::Day)
}

fn number_date(number: f64) -> Option<Date> {
    // Eight digits are a written date, five a serial number; a bare year is neither.
    if (10_000_000.0..100_000_000.0).contains(&number) && number.fract() == 0.0 {
        eight_digits(number as u32)
    } else if (3_000.0..80_000.0).contains(&number) {
        Date::from_serial(number)
    } else {
        None
    }
}

fn eight_digits(digits: u32) -> Option<Date> {
    let date = |year: u32, month: u32, day: u32| {
        let year = u16::try_from(year).ok().filter(|year| (1800..=2200).contains(year))?;
        Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    };
    date(digits / 10_000, digits / 100 % 100, digits % 100)
        .or_else(|| date(digits % 10_000, digits / 10_000 % 100, digits / 1_000_000))
}

fn text_date(text: &str, as_of: Date) -> Option<Date> {
    // "Jambi, 31-12-1980" carries the place of birth in front.
    let text = text.rsplit_once(',').map_or(text, |(_, date)| date.trim());
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u32>().ok().and_then(|number| number_date(f64::from(number)));
    }
    let mut parts = text.split(|sign: char| !sign.is_alphanumeric()).filter(|part| !part.is_empty());
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    // What may follow is the time of day of "1980-12-31 00:00:00" or "1980-12-31T00:00:00".
    let third = third.split(['T', 't']).next()?;
    if first.len() == 4 {
        return Date::new(first.parse().ok()?, month(second)?, third.parse().ok()?);
    }
    let year = year(third, as_of)?;
    let day_first = || Date::new(year, month(second)?, first.parse().ok()?);
    // "12/31/1980" can only be month first; anything that can be day first is.
    let month_first = || Date::new(year, month(first)?, second.parse().ok()?);
    day_first().or_else(month_first)
}

fn year(text: &str, as_of: Date) -> Option<u16> {
    let number: u16 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 => {
            let this_century = as_of.year() / 100 * 100 + number;
            Some(if this_century > as_of.year() { this_century - 100 } else { this_century })
        }
        _ => None,
    }
}

fn month(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let start: String = text.chars().take(3).flat_map(char::to_lowercase).collect();
    let number = match start.as_str() {
        "jan" => 1,
        "feb" | "peb" => 2,
        "mar" => 3,
        "apr" => 4,
        "mei" | "may" => 5,
        "jun" => 6,
        "jul" => 7,
        "agu" | "ags" | "agt" | "aug" => 8,
        "sep" => 9,
        "okt" | "oct" => 10,
        "nov" | "nop" => 11,
        "des" | "dec" => 12,
        _ => return None,
    };
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let as_of = Date::new(2025, 6, 30).expect("a day");
        let reading = match read_date(&Cell::Text(text.to_owned()), as_of) {
            DateReading::Day(date) => date.to_string(),
            DateReading::Missing => "missing".to_owned(),
            DateReading::Unreadable => "unreadable".to_owned(),
        };
        assert_eq!(reading, expected, "{text}");
    }

    #[test]
    fn every_style_of_date_is_read_day_first() {
        for text in [
            "31-12-1980",
            "31/12/1980",
            "31.12.1980",
            "1980-12-31",
            "1980/12/31",
            "31 Desember 1980",
            "31 Des 1980",
            "31-Dec-80",
            "31/12/80",
            "19801231",
            "31121980",
            "29586",
            "1980-12-31 00:00:00",
            "1980-12-31T00:00:00",
            "Jambi, 31-12-1980",
            "12/31/1980",
            " 31 - 12 - 1980 ",
            "'31-12-1980",
        ] {
            check(text, "1980-12-31");
        }
        check("02-03-1975", "1975-03-02");
        check("1 Pebruari 2001", "2001-02-01");
        check("17 Agustus 1945", "1945-08-17");
        check("05/06/24", "2024-06-05");
        check("05/06/26", "1926-06-05");
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in ["", "-", "0", "00-00-0000"] {
            check(text, "missing");
        }
        for text in ["31-02-1980", "00-00-1980", "1980", "dua belas", "99999999", "1-2-3", "31/12/198"] {
            check(text, "unreadable");
        }
    }
}
