//! Rounds: opened by the office.

use sync_protocol::ids::RoundId;
use sync_protocol::{AreaId, UserId};

use crate::error::{Error, Result, bad_request, conflict, not_found};
use crate::instance::Instance;
use crate::store::areas;
use crate::store::audit::{self, Deed};
use crate::store::rounds::{self, Round};

/// Opens a round of data collection.
pub fn open_round(
    instance: &Instance,
    name: &str,
    first_day: &str,
    last_day: Option<&str>,
    area: AreaId,
    by: Option<UserId>,
) -> Result<Round> {
    let name = name.trim().to_owned();
    if !(1..=128).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(bad_request("bad_name", "A round's name has 1 to 128 characters in one line."));
    }
    if !is_day(first_day) || last_day.is_some_and(|last| !is_day(last) || last < first_day) {
        return Err(bad_request(
            "bad_day",
            "Days are written like 2026-01-31, and a round does not end before it starts.",
        ));
    }
    let (at, random) = instance.ambient.id_parts();
    let id = RoundId::minted(at, random);
    let round = Round { id, name, first_day: first_day.to_owned(), last_day: last_day.map(str::to_owned), area };
    let deed = Deed::new(instance, by, "round.open", id, "");
    instance.store.write(move |tx| {
        areas::find(tx, area)?.ok_or_else(|| not_found("area"))?;
        if !rounds::add(tx, &round)? {
            return Err(conflict("name_taken", "There is a round of this name already."));
        }
        audit::add(tx, &deed)?;
        Ok::<_, Error>(round)
    })
}

/// Whether a text is a day that exists.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u16>(), month.parse::<u8>(), day.parse::<u8>()) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_days() {
        for (text, expected) in [
            ("2026-01-31", true),
            ("2024-02-29", true),
            ("2026-02-29", false),
            ("2026-13-01", false),
            ("2026-1-1", false),
            ("31-01-2026", false),
            ("2026-01-00", false),
            ("soon", false),
        ] {
            assert_eq!(is_day(text), expected, "{text}");
        }
    }
}
