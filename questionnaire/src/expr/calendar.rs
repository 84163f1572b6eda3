//! Dates and times of the common calendar, by whole-number arithmetic alone.
//!
//! Day numbers count from 1970-01-01. The conversions follow from the lengths of the calendar's cycles: 146,097 days in
//! 400 years, years taken to begin in March so that the leap day is their last.

use std::fmt::{self, Display, Formatter};

use super::Moment;

/// How long a date is when written.
pub(super) const DATE_LENGTH: usize = "2024-05-31".len();

pub(super) const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// A date, with a time of day if one was told, and the offset from UTC if one was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    /// Days since 1970-01-01 on the clock that the instant was read from.
    pub(super) day: i64,
    /// Milliseconds of that day.
    pub(super) time_ms: Option<i64>,
    /// Minutes that the clock is ahead of UTC.
    pub(super) offset_min: Option<i32>,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u8,
    pub(super) day: u8,
}

impl Date {
    /// The day's number since 1970-01-01; `None` if the calendar has no such day.
    pub(super) fn number(self) -> Option<i64> {
        let fits = (1..=12).contains(&self.month) && (1..=month_length(self.year, self.month)).contains(&self.day);
        fits.then(|| {
            let month_from_march = (i64::from(self.month) + 9) % 12;
            let year = if self.month <= 2 { self.year - 1 } else { self.year };
            let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(self.day) - 1;
            let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
            cycle * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
        })
    }

    /// The day of that number since 1970-01-01.
    pub(super) fn of_number(number: i64) -> Self {
        let from_march_of_0 = number + 719_468;
        let cycle = from_march_of_0.div_euclid(146_097);
        let day = from_march_of_0.rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: cycle * 400 + year + i64::from(month <= 2),
            month: u8::try_from(month).expect("a remainder of 12"),
            day: u8::try_from(day_of_year - (153 * month_from_march + 2) / 5 + 1).expect("at most 31"),
        }
    }

    /// That many months later, on the last day of the month where it is too short.
    pub(super) fn plus_months(self, months: i64) -> Self {
        let month_number = self.year * 12 + i64::from(self.month) - 1 + months;
        let year = month_number.div_euclid(12);
        let month = u8::try_from(month_number.rem_euclid(12) + 1).expect("a remainder of 12");
        Self { year, month, day: self.day.min(month_length(year, month)) }
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

pub(super) fn month_length(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Instant {
    /// Midnight at the beginning of a day.
    pub(super) fn of_day(day: i64) -> Self {
        Self { day, time_ms: None, offset_min: None }
    }

    /// The moment as the device's clock shows it.
    pub(super) fn of_moment(moment: Moment) -> Self {
        let wall_ms = moment.unix_ms.saturating_add(i64::from(moment.offset_min) * MINUTE_MS);
        Self {
            day: wall_ms.div_euclid(DAY_MS),
            time_ms: Some(wall_ms.rem_euclid(DAY_MS)),
            offset_min: Some(moment.offset_min),
        }
    }

    /// The instant that many days, and parts of a day, after 1970-01-01 on the device's clock; `None` beyond the years
    /// that four digits can tell.
    pub(super) fn of_days(days: f64) -> Option<Self> {
        let ms = (days * DAY_MS as f64).round();
        if ms.is_nan() || ms.abs() > 1e15 {
            return None;
        }
        let ms = ms as i64;
        let (day, time_ms) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
        let year = Date::of_number(day).year;
        let time_ms = (time_ms != 0).then_some(time_ms);
        (0..=9999).contains(&year).then_some(Self { day, time_ms, offset_min: None })
    }

    /// Days since 1970-01-01 on a clock that is that far ahead of UTC; the instant's own clock where it tells none.
    pub(super) fn days(self, clock_min: impl FnOnce() -> i32) -> f64 {
        let day = self.day as f64;
        match self.time_ms {
            None => day,
            Some(time_ms) => {
                let moved = self.offset_min.map_or(0, |own| (i64::from(clock_min()) - i64::from(own)) * MINUTE_MS);
                day + (time_ms + moved) as f64 / DAY_MS as f64
            }
        }
    }

    /// The same instant on a clock that is that far ahead of UTC, which one without an offset is taken to be on.
    pub(super) fn on_clock(self, clock_min: i32) -> Self {
        let moved = self.offset_min.map_or(0, |own| (i64::from(clock_min) - i64::from(own)) * MINUTE_MS);
        let ms = self.time_ms.unwrap_or(0) + moved;
        Self {
            day: self.day + ms.div_euclid(DAY_MS),
            time_ms: Some(ms.rem_euclid(DAY_MS)),
            offset_min: Some(clock_min),
        }
    }

    /// The day of the calendar.
    pub(super) fn date(self) -> Date {
        Date::of_number(self.day)
    }
}

/// As ODK writes them: a date where no time was told, else `2024-05-31T08:30:00.000+07:00`.
impl Display for Instant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)?;
        let Some(ms) = self.time_ms else {
            return Ok(());
        };
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
        write!(f, "T{h:02}:{m:02}:{s:02}.{ms:03}")?;
        match self.offset_min {
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.unsigned_abs() / 60, offset.unsigned_abs() % 60)
            }
            None => Ok(()),
        }
    }
}

/// Reads `2024-05-31` and `2024-05-31T08:30:00.000+07:00`, where seconds, their fraction and the offset may be absent;
/// month and day may lack their leading zero.
pub(super) fn parse(text: &str) -> Option<Instant> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(digits)?;
    let month = parts.next().filter(|month| month.len() <= 2).and_then(digits)?;
    let day = parts.next().filter(|day| day.len() <= 2).and_then(digits)?;
    let date = Date { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? };
    let mut instant = Instant::of_day(date.number()?);
    if let Some(time) = time {
        let (time_ms, offset_min) = parse_time(time)?;
        instant = Instant { time_ms: Some(time_ms), offset_min, ..instant };
    }
    Some(instant)
}

/// Reads `08:30`, `08:30:00`, `08:30:00.000`, each with or without `Z` or `+07:00`: milliseconds of the day, and minutes
/// ahead of UTC.
pub(super) fn parse_time(text: &str) -> Option<(i64, Option<i32>)> {
    let (clock, offset) = split_offset(text)?;
    let mut parts = clock.splitn(3, ':');
    let hour = two_digits(parts.next()?).filter(|hour| *hour < 24)?;
    let minute = two_digits(parts.next()?).filter(|minute| *minute < 60)?;
    let (second, fraction_ms) = match parts.next() {
        None => (0, 0),
        Some(second) => {
            let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
            digits(fraction.get(..fraction.len().min(15))?)?;
            let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
            (two_digits(second).filter(|second| *second < 60)?, digits(&thousandths)?)
        }
    };
    Some((((hour * 60 + minute) * 60 + second) * 1_000 + fraction_ms, offset))
}

fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, None));
    };
    let (hours, minutes) = match text[at + 1..].split_once(':') {
        Some((hours, minutes)) => (two_digits(hours)?, two_digits(minutes)?),
        None => (two_digits(&text[at + 1..])?, 0),
    };
    let offset = i32::try_from(hours * 60 + minutes).ok().filter(|offset| *offset <= 14 * 60)?;
    Some((&text[..at], Some(if text[at..].starts_with('-') { -offset } else { offset })))
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() == 2 { digits(text) } else { None }
}

fn digits(text: &str) -> Option<i64> {
    let all = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}
