//! NIK and family-card numbers: 16 digits with a region, a date and a serial inside, and no check digit.

use super::cells::{Cell, Date, number_text};

/// What a cell says about a 16-digit number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberReading {
    /// Nothing there.
    Missing,
    /// Sixteen digits.
    Digits(String),
    /// A number cell, or one written as `1,571E+15`: its last digits are gone and cannot be had back.
    DigitsLost,
    /// One digit over and over, such as sixteen nines: somebody filled a field that had to be filled.
    Placeholder,
    /// Anything else, as it stands there.
    WrongLength(String),
}

/// Reads a 16-digit number, separators forgiven.
pub fn read_number16(cell: &Cell) -> NumberReading {
    match cell {
        Cell::Empty | Cell::Fault(_) | Cell::Bool(_) => NumberReading::Missing,
        Cell::Number(number) if *number == 0.0 => NumberReading::Missing,
        // A spreadsheet keeps 15 significant digits of a number: a sixteenth is never what was typed.
        Cell::Number(number) if number.abs() >= 1e15 => NumberReading::DigitsLost,
        Cell::Number(number) => NumberReading::WrongLength(number_text(*number)),
        Cell::Date(date) => NumberReading::WrongLength(date.to_string()),
        Cell::Text(text) => read_text(text),
    }
}

fn read_text(text: &str) -> NumberReading {
    let trimmed = text.trim();
    if trimmed.len() == 16 && trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
        return sixteen(trimmed);
    }
    if has_passed_through_a_number(trimmed) {
        return NumberReading::DigitsLost;
    }
    let is_separator =
        |sign: &char| sign.is_whitespace() || matches!(sign, '.' | '-' | '\'' | '’' | '`' | '"' | '/' | '_');
    let kept: String = trimmed.chars().filter(|sign| !is_separator(sign)).collect();
    if kept.chars().all(|sign| sign == '0') {
        return NumberReading::Missing;
    }
    if kept.len() == 16 && kept.bytes().all(|byte| byte.is_ascii_digit()) {
        return sixteen(&kept);
    }
    NumberReading::WrongLength(trimmed.trim_start_matches('\'').to_owned())
}

fn sixteen(digits: &str) -> NumberReading {
    let first = digits.as_bytes()[0];
    if digits.bytes().all(|byte| byte == first) {
        return if first == b'0' { NumberReading::Missing } else { NumberReading::Placeholder };
    }
    NumberReading::Digits(digits.to_owned())
}

/// `1.571E+15`, `1,57101E+15`, `1571010203040000.0`.
fn has_passed_through_a_number(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = text.split_once(['E', 'e']) {
        let exponent = exponent.trim_start_matches('+');
        let plain: String = mantissa.chars().filter(|sign| !matches!(sign, '.' | ',')).collect();
        return is_digits(&plain) && is_digits(exponent) && exponent.len() <= 2;
    }
    text.split_once(['.', ',']).is_some_and(|(whole, decimals)| {
        whole.len() == 16 && is_digits(whole) && is_digits(decimals) && decimals.bytes().all(|byte| byte == b'0')
    })
}

/// What the digits of an NIK say about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NikContent {
    /// Day of birth.
    pub day: u8,
    /// Month of birth.
    pub month: u8,
    /// The last two digits of the year of birth.
    pub year_of_century: u8,
    /// Women have 40 added to the day.
    pub is_female: bool,
}

/// The date and sex inside an NIK; `None` where no date can stand there, or no province.
pub fn nik_content(nik: &str) -> Option<NikContent> {
    let (day, month, year_of_century) = date_digits(nik)?;
    let is_female = day > 40;
    let day = if is_female { day - 40 } else { day };
    is_day(day, month).then_some(NikContent { day, month, year_of_century, is_female })
}

/// Whether a family-card number can be one: a province and a recording date.
pub fn is_card_plausible(card: &str) -> bool {
    date_digits(card).is_some_and(|(day, month, _)| is_day(day, month))
}

fn date_digits(number: &str) -> Option<(u8, u8, u8)> {
    let two = |at: usize| number.get(at..at + 2).and_then(|digits| digits.parse::<u8>().ok());
    let province = two(0)?;
    (11..=99).contains(&province).then_some(())?;
    Some((two(6)?, two(8)?, two(10)?))
}

fn is_day(day: u8, month: u8) -> bool {
    // Any year will do that has a 29 February.
    Date::new(2000, month, day).is_some()
}

impl NikContent {
    /// Whether it was given to somebody born that day.
    pub fn fits_birth(self, date: Date) -> bool {
        self.day == date.day() && self.month == date.month() && u16::from(self.year_of_century) == date.year() % 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: NumberReading) {
        assert_eq!(read_number16(&Cell::Text(text.to_owned())), expected, "{text}");
    }

    #[test]
    fn sixteen_digits_are_read_through_separators() {
        for text in
            ["1571012304800001", " 1571012304800001 ", "'1571012304800001", "157101.230480.0001", "1571 0123 0480 0001"]
        {
            check(text, NumberReading::Digits("1571012304800001".to_owned()));
        }
        for text in ["", "-", "0", "0000000000000000", "00"] {
            check(text, NumberReading::Missing);
        }
        check("9999999999999999", NumberReading::Placeholder);
        check("157101230480001", NumberReading::WrongLength("157101230480001".to_owned()));
        check("tidak ada", NumberReading::WrongLength("tidak ada".to_owned()));
    }

    #[test]
    fn a_number_that_passed_through_a_number_cell_has_lost_its_last_digit() {
        for text in ["1.571E+15", "1,57101E+15", "1.57101230480000e+15", "1571012304800000.0", "1571012304800000,00"] {
            check(text, NumberReading::DigitsLost);
        }
        assert_eq!(read_number16(&Cell::Number(1_571_012_304_800_001.0)), NumberReading::DigitsLost);
        assert_eq!(read_number16(&Cell::Number(157_101.0)), NumberReading::WrongLength("157101".to_owned()));
    }

    #[test]
    fn an_nik_tells_day_and_sex() {
        let woman = nik_content("1571016304800001").expect("a date stands there");
        assert!(woman.is_female);
        assert!(woman.fits_birth(Date::new(1980, 4, 23).expect("a day")));
        assert!(!woman.fits_birth(Date::new(1980, 4, 24).expect("a day")));
        assert_eq!(nik_content("1571013913800001"), None);
        assert_eq!(nik_content("0071012304800001"), None);
        assert!(is_card_plausible("1571012304100001"));
        assert!(!is_card_plausible("1571016304100001"));
    }
}
