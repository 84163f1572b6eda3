//! A register's value as a table shows it.

use sync_protocol::{Row, Value};

use super::cells::ExportCell;
use super::labels::{Language, label};

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, also where it is all digits.
    Text,
    /// Whatever the register holds, numbers as numbers.
    Any,
    /// `m` or `f`.
    Sex,
    /// Milliseconds since 1970.
    Moment,
    /// Degrees north of a position.
    Latitude,
    /// Degrees east of a position.
    Longitude,
}

/// How values are put into words.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// The language of codes.
    pub language: Language,
    /// Minutes east of UTC: western Indonesia is 420.
    pub utc_offset_minutes: i64,
}

impl Wording {
    /// The cell for a value.
    pub fn cell(self, value: Option<&Value>, kind: Kind) -> ExportCell {
        let Some(json) = value.map(Value::json) else { return ExportCell::Empty };
        match (kind, json) {
            (_, serde_json::Value::Null) => ExportCell::Empty,
            (Kind::Sex, serde_json::Value::String(code)) => {
                let key = format!("sex={code}");
                let word = label(&key, self.language);
                ExportCell::text(if word == key { code.as_str() } else { word })
            }
            (Kind::Moment, serde_json::Value::Number(number)) => match number.as_i64() {
                Some(ms) => ExportCell::text(self.moment(ms)),
                None => ExportCell::text(number.to_string()),
            },
            (Kind::Latitude, json) => ExportCell::text(member(&json, "lat")),
            (Kind::Longitude, json) => ExportCell::text(member(&json, "lon")),
            (Kind::Any, serde_json::Value::Number(number)) => {
                number.as_i64().map_or_else(|| ExportCell::text(number.to_string()), ExportCell::Number)
            }
            (_, serde_json::Value::Bool(value)) => {
                ExportCell::text(label(if value { "true" } else { "false" }, self.language))
            }
            (_, serde_json::Value::String(text)) => ExportCell::text(text),
            (_, json) => ExportCell::text(json.to_string()),
        }
    }

    /// A moment as local day and time.
    pub fn moment(self, ms: i64) -> String {
        let seconds = ms.div_euclid(1_000) + self.utc_offset_minutes * 60;
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = day_of(days);
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    }
}

fn member(json: &serde_json::Value, name: &str) -> String {
    match json.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Year, month and day of a number of days since 1970, counted in eras of 400 years that begin in March.
fn day_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The value that the newest import gave a register.
pub fn prelist_value<'r>(row: &'r Row, register: &str) -> Option<&'r Value> {
    row.registers
        .range("source/".to_owned()..)
        .take_while(|(name, _)| name.starts_with("source/"))
        .filter(|(name, _)| name.splitn(3, '/').nth(2) == Some(register))
        .filter_map(|(name, _)| row.winner(name))
        .max_by_key(|sibling| (row.stamps.get(&sibling.dot).map(|stamp| stamp.clock), sibling.dot))
        .map(|sibling| &sibling.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JAMBI: Wording = Wording { language: Language::Id, utc_offset_minutes: 420 };

    #[test]
    fn moments_are_shown_in_local_time() {
        assert_eq!(JAMBI.moment(0), "1970-01-01 07:00:00");
        assert_eq!(JAMBI.moment(1_709_164_799_000), "2024-02-29 06:59:59");
        assert_eq!(JAMBI.moment(-1), "1970-01-01 06:59:59");
        assert_eq!(JAMBI.moment(4_102_444_800_000), "2100-01-01 07:00:00");
    }

    #[test]
    fn values_become_cells_by_their_kind() {
        let cell = |json: &str, kind| JAMBI.cell(Some(&Value::new(json).expect("canonical")), kind);
        assert_eq!(cell("\"1571012304800001\"", Kind::Text), ExportCell::Text("1571012304800001".to_owned()));
        assert_eq!(cell("\"f\"", Kind::Sex), ExportCell::Text("Perempuan".to_owned()));
        assert_eq!(cell("3", Kind::Any), ExportCell::Number(3));
        assert_eq!(cell("3", Kind::Text), ExportCell::Text("3".to_owned()));
        assert_eq!(cell("true", Kind::Any), ExportCell::Text("Ya".to_owned()));
        assert_eq!(cell("[\"1\",\"3\"]", Kind::Any), ExportCell::Text("[\"1\",\"3\"]".to_owned()));
        assert_eq!(cell("{\"lat\":\"-1.6\",\"lon\":\"103.6\"}", Kind::Longitude), ExportCell::Text("103.6".to_owned()));
        assert_eq!(cell("null", Kind::Any), ExportCell::Empty);
    }
}
