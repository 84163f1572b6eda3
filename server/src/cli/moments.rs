//! Moments as people write them: days of Western Indonesia Time in, UTC texts out.

use anyhow::{Result, bail};

const DAY_MS: i64 = 86_400_000;
/// Western Indonesia Time, where a day given on the command line begins.
const WIB_MS: i64 = 7 * 3_600_000;

/// `2026-01-31 07:05 UTC`.
pub(super) fn written(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let minutes = ms.rem_euclid(DAY_MS) / 60_000;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

/// As [`written`], or a dash.
pub(super) fn written_or_dash(ms: Option<i64>) -> String {
    ms.map_or_else(|| "-".to_owned(), written)
}

/// The first moment of a day like `2026-01-31`.
pub(super) fn start_of_day(text: &str) -> Result<i64> {
    let parts: Vec<i64> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    if let [year, month, day] = parts.as_slice()
        && let days = days_since_1970(*year, *month, *day)
        && civil(days) == (*year, *month, *day)
    {
        return Ok(days * DAY_MS - WIB_MS);
    }
    bail!("{text} is no day; days are written like 2026-01-31")
}

/// Days since 1970 of a day of the Gregorian calendar, which repeats every 400 years.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_western_indonesia() {
        assert_eq!(written(start_of_day("2026-03-01").expect("a day")), "2026-02-28 17:00 UTC");
        assert_eq!(written(1_700_000_000_000), "2023-11-14 22:13 UTC");
        assert_eq!(written(start_of_day("2024-02-29").expect("a day") + WIB_MS), "2024-02-29 00:00 UTC");
        for text in ["2026-02-29", "2026-13-01", "yesterday", "2026-01", ""] {
            assert!(start_of_day(text).is_err(), "{text}");
        }
    }
}
