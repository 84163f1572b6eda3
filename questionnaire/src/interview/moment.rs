//! Moments as a questionnaire writes them.

use crate::expr::Moment;

/// `2026-08-17T08:30:00.000+07:00`.
pub(crate) fn date_time(moment: Moment) -> String {
    let local = local_ms(moment);
    let of_day = local.rem_euclid(DAY_MS);
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, millis) = (of_day / 1_000 % 60, of_day % 1_000);
    let sign = if moment.offset_min < 0 { '-' } else { '+' };
    let offset = moment.offset_min.unsigned_abs();
    let day = date(moment);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}{sign}{:02}:{:02}", offset / 60, offset % 60)
}

/// `2026-08-17`, as the calendar on the wall shows it.
pub(crate) fn date(moment: Moment) -> String {
    let (year, month, day) = civil(local_ms(moment).div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

const DAY_MS: i64 = 86_400_000;

fn local_ms(moment: Moment) -> i64 {
    moment.unix_ms + i64::from(moment.offset_min) * 60_000
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar: counted in eras of 400 years whose years begin
/// in March, so that a leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_local_time() {
        let check = |unix_ms, offset_min, expected| {
            assert_eq!(date_time(Moment { unix_ms, offset_min }), expected);
        };
        check(0, 0, "1970-01-01T00:00:00.000+00:00");
        check(0, 420, "1970-01-01T07:00:00.000+07:00");
        check(-1, -210, "1969-12-31T20:29:59.999-03:30");
        check(1_709_164_800_000, 0, "2024-02-29T00:00:00.000+00:00");
        check(1_786_927_800_123, 420, "2026-08-17T07:50:00.123+07:00");
    }
}
