//! The cells of a table, whatever file they came from, and a calendar date.

use std::fmt;

/// One value as the file types it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing there.
    #[default]
    Empty,
    /// Text, as typed. Every cell of a CSV is text.
    Text(String),
    /// A number cell. A spreadsheet keeps only 15 significant digits of it.
    Number(f64),
    /// A cell that the file marks as a date.
    Date(Date),
    /// A logical value.
    Bool(bool),
    /// A cell whose content cannot be used.
    Fault(Fault),
}

/// Why a cell cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A formula that failed, such as `#N/A`.
    Formula,
    /// Bytes that are not text in the file's encoding.
    Encoding,
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// As a spreadsheet numbers it, from 1; in a CSV the line on which it starts.
    pub number: u32,
    /// From column A on; cells beyond the last one are empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column, empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| match cell {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        })
    }
}

impl Cell {
    /// The cell as a person would read it; a number without needless decimals.
    pub fn to_text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number_text(*number),
            Cell::Date(date) => date.to_string(),
            Cell::Bool(value) => if *value { "1" } else { "0" }.to_owned(),
            Cell::Fault(Fault::Formula) => "#N/A".to_owned(),
            Cell::Fault(Fault::Encoding) => "\u{fffd}".to_owned(),
        }
    }
}

/// A number as text: whole numbers without a point, others in the shortest form.
pub fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e18 { format!("{number:.0}") } else { format!("{number}") }
}

/// The letter of a column counted from 0: `A`, `Z`, `AA`.
pub fn column_letter(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(b'A' + u8::try_from(digit).expect("a remainder of 26 fits a byte"));
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    String::from_utf8(letters).expect("letters are ASCII")
}

/// A day of the Gregorian calendar that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date, if such a day exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=12).contains(&month) && day >= 1 && day <= days_of(year, month);
        exists.then_some(Self { year, month, day })
    }

    /// The day that a spreadsheet of the 1900 system stores as this serial number.
    pub fn from_serial(serial: f64) -> Option<Self> {
        // Serial 60 is the 29 February 1900 that never was; before it, days count from 31 December 1899.
        let whole = serial.floor();
        if !(1.0..=2_958_465.0).contains(&whole) || whole == 60.0 {
            return None;
        }
        let mut left = whole as u32 - u32::from(whole > 60.0);
        let mut year = 1900u16;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if left <= length {
                break;
            }
            left -= length;
            year += 1;
        }
        let mut month = 1u8;
        while left > u32::from(days_of(year, month)) {
            left -= u32::from(days_of(year, month));
            month += 1;
        }
        Self::new(year, month, u8::try_from(left).ok()?)
    }

    /// The day that lies this many days after 1 January 1970.
    pub fn from_days_since_1970(days: i64) -> Option<Self> {
        // A spreadsheet counts that day as 25,569.
        u32::try_from(days + 25_569).ok().and_then(|serial| Self::from_serial(f64::from(serial)))
    }

    /// The year, such as 1984.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

/// ISO 8601, `1984-07-31`.
impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_like_a_spreadsheet() {
        let letters: Vec<_> = [0, 25, 26, 51, 52, 701, 702].map(column_letter).into();
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn serial_numbers_are_the_days_a_spreadsheet_shows() {
        let iso = |serial: f64| Date::from_serial(serial).map(|date| date.to_string());
        assert_eq!(iso(1.0).as_deref(), Some("1900-01-01"));
        assert_eq!(iso(59.0).as_deref(), Some("1900-02-28"));
        assert_eq!(iso(60.0), None);
        assert_eq!(iso(61.0).as_deref(), Some("1900-03-01"));
        assert_eq!(iso(45_943.541).as_deref(), Some("2025-10-13"));
        assert_eq!(iso(29_586.0).as_deref(), Some("1980-12-31"));
        assert_eq!(iso(0.0), None);
        let since = |days| Date::from_days_since_1970(days).map(|date| date.to_string());
        assert_eq!(since(0).as_deref(), Some("1970-01-01"));
        assert_eq!(since(19_782).as_deref(), Some("2024-02-29"));
        assert_eq!(since(-30_000), None);
        assert_eq!(iso(f64::NAN), None);
    }

    #[test]
    fn days_that_do_not_exist_are_no_dates() {
        assert!(Date::new(2023, 2, 29).is_none());
        assert!(Date::new(2024, 2, 29).is_some());
        assert!(Date::new(1900, 2, 29).is_none());
        assert!(Date::new(1980, 13, 1).is_none());
    }
}
