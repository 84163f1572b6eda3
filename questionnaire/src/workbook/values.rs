//! Cells of a spreadsheet as the text that a person sees.

use calamine::{Data, ExcelDateTime};

/// The text of a cell; a whole number has no fraction, so that codes stay codes.
pub(super) fn text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => float(*number),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::DateTime(moment) => moment_text(moment),
        Data::DateTimeIso(text) => iso_moment(text),
        Data::DurationIso(text) => iso_duration(text).unwrap_or_else(|| text.clone()),
        Data::Error(error) => error.to_string(),
    }
}

fn float(number: f64) -> String {
    // Negative zero is a zero to whoever looks.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if !(0.0..MOMENTS_END).contains(&value) {
        float(value)
    } else if value < 1.0 {
        time
    } else if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {time}")
    }
}

/// The day after 9999-12-31, where a spreadsheet's calendar ends.
const MOMENTS_END: f64 = 2_958_466.0;

/// `2020-01-01T08:30:00` as `2020-01-01 08:30:00`.
fn iso_moment(text: &str) -> String {
    text.strip_suffix("T00:00:00").unwrap_or(text).replacen('T', " ", 1)
}

/// `PT09H30M00S` as `09:30:00`.
fn iso_duration(text: &str) -> Option<String> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let seconds = seconds.split(['.', ',']).next()?;
    let part = |digits: &str| digits.parse::<u32>().ok();
    Some(format!("{:02}:{:02}:{:02}", part(hours)?, part(minutes)?, part(seconds)?))
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::DateTime;

    use super::*;

    #[test]
    fn a_cell_shows_what_a_person_sees() {
        let moment = |value: f64| Data::DateTime(ExcelDateTime::new(value, DateTime, false));
        for (value, expected) in [
            (Data::Float(1.0), "1"),
            (Data::Float(-99.0), "-99"),
            (Data::Float(-0.0), "0"),
            (Data::Float(0.1), "0.1"),
            (Data::Float(2_105_241_401.0), "2105241401"),
            (Data::Int(7), "7"),
            (Data::Bool(true), "TRUE"),
            (Data::String(" a ".into()), " a "),
            (moment(0.395_833_333_333_333_3), "09:30:00"),
            (moment(39_793.0), "2008-12-11"),
            (moment(45_943.5), "2025-10-13 12:00:00"),
            (moment(1e12), "1000000000000"),
            (Data::DateTimeIso("2020-01-01T00:00:00".into()), "2020-01-01"),
            (Data::DateTimeIso("2020-01-01T08:30:00".into()), "2020-01-01 08:30:00"),
            (Data::DurationIso("PT09H30M00S".into()), "09:30:00"),
            (Data::DurationIso("odd".into()), "odd"),
            (Data::Empty, ""),
        ] {
            assert_eq!(text(&value), expected);
        }
    }
}
