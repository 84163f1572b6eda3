//! Times as people in Indonesia read them: one of the country's three zones, named.

use std::fmt;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// A zone of Indonesia. None of them changes its clocks in summer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Zone {
    /// The west, UTC+7: Jambi, Jakarta.
    #[default]
    Wib,
    /// The middle, UTC+8.
    Wita,
    /// The east, UTC+9.
    Wit,
}

impl Zone {
    /// The zone so many hours ahead of UTC.
    pub(crate) fn of_hours(hours: i32) -> Zone {
        match hours {
            8 => Zone::Wita,
            9 => Zone::Wit,
            _ => Zone::Wib,
        }
    }

    fn hours(self) -> i64 {
        match self {
            Zone::Wib => 7,
            Zone::Wita => 8,
            Zone::Wit => 9,
        }
    }

    /// Milliseconds since 1970 as a day and a minute of this zone.
    pub(crate) fn moment(self, ms: i64) -> Moment {
        Moment { ms, zone: self }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Zone::Wib => "WIB",
            Zone::Wita => "WITA",
            Zone::Wit => "WIT",
        })
    }
}

/// A point in time that prints as `2026-03-02 08:00`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    ms: i64,
    zone: Zone,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.ms.saturating_add(self.zone.hours() * HOUR_MS);
        let (year, month, day) = date(local.div_euclid(DAY_MS));
        let minutes = local.rem_euclid(DAY_MS) / 60_000;
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that a leap day is the last of its year; 400 years have 146,097 days.
fn date(days: i64) -> (i64, i64, i64) {
    // From 0000-03-01.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March to July and August to December have the same five lengths.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_its_zone() {
        let check = |ms: i64, zone: Zone, expected: &str| assert_eq!(zone.moment(ms).to_string(), expected);
        check(0, Zone::Wib, "1970-01-01 07:00");
        check(1_772_413_200_000, Zone::Wib, "2026-03-02 08:00");
        check(1_772_413_200_000, Zone::Wit, "2026-03-02 10:00");
        check(1_709_164_799_000, Zone::Wib, "2024-02-29 06:59");
        check(1_709_226_000_000, Zone::Wib, "2024-03-01 00:00");
        check(951_782_400_000, Zone::Wita, "2000-02-29 08:00");
        check(-1, Zone::Wib, "1970-01-01 06:59");
        check(253_402_300_799_999 - 7 * HOUR_MS, Zone::Wib, "9999-12-31 23:59");
    }

    #[test]
    fn a_zone_is_known_by_its_hours() {
        assert_eq!([7, 8, 9, 0].map(Zone::of_hours), [Zone::Wib, Zone::Wita, Zone::Wit, Zone::Wib]);
    }
}
