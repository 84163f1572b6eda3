//! What the list, the search and the sync need to know of a row, read from its text without building the row.
//!
//! A pull hands over thousands of rows; all but a dozen registers of each are skipped here, not parsed.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use sync_protocol::{AreaId, Clock, Collection, RecordId, UserId, WriterId};

/// The status of a household that has been visited and must be again.
const TO_VISIT_AGAIN: &str = "to_visit_again";

/// What is known of one row.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) collection: Collection,
    pub(crate) id: RecordId,
    pub(crate) is_part: bool,
    pub(crate) alive: bool,
    pub(crate) area: Option<AreaId>,
    pub(crate) parent: Option<RecordId>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) address: Cow<'a, str>,
    pub(crate) rt: Cow<'a, str>,
    pub(crate) status: Option<Cow<'a, str>>,
    pub(crate) outcome: Option<Cow<'a, str>>,
    /// Everything that a search finds the record by.
    pub(crate) words: String,
    /// Registers that hold different values.
    pub(crate) conflicts: usize,
    /// Latest clock of what is shown.
    pub(crate) updated: Clock,
    seen: Vec<(WriterId, u64, u32)>,
}

#[derive(Deserialize)]
struct Light<'a> {
    by: Vec<(WriterId, u64, Clock, UserId)>,
    collection: Collection,
    id: RecordId,
    #[serde(borrow, default)]
    is: Picked<'a>,
    #[serde(borrow, default)]
    or: Several<'a>,
    #[serde(default)]
    part: u8,
    #[serde(default)]
    seen: Vec<(WriterId, u64, u32)>,
}

impl<'a> Facts<'a> {
    /// Reads a row's text; `None` if it is not a row.
    pub(crate) fn read(text: &'a str) -> Option<Facts<'a>> {
        let light: Light<'a> = serde_json::from_str(text).ok()?;
        let mut facts = Facts {
            collection: light.collection,
            id: light.id,
            is_part: light.part == 1,
            alive: true,
            area: None,
            parent: None,
            name: Cow::Borrowed(""),
            address: Cow::Borrowed(""),
            rt: Cow::Borrowed(""),
            status: None,
            outcome: None,
            words: String::new(),
            conflicts: 0,
            updated: light.by.iter().map(|by| by.2).max().unwrap_or_default(),
            seen: light.seen,
        };
        for (name, value) in light.is.0 {
            facts.take(name, value.get());
        }
        for (name, siblings) in light.or.0 {
            facts.conflicts += usize::from(siblings.windows(2).any(|pair| pair[0].1.get() != pair[1].1.get()));
            let rank = |place: usize| light.by.get(place).map(|by| (by.2, by.0, by.1));
            let shown = siblings.iter().max_by_key(|(place, _)| rank(*place))?;
            facts.take(name, shown.1.get());
            for other in siblings.iter().filter(|other| other.1.get() != shown.1.get() && is_searched(plain(name))) {
                facts.find_by(text_of(other.1.get()));
            }
        }
        Some(facts)
    }

    /// The household that the record belongs to; `None` for a household.
    pub(crate) fn root(&self) -> Option<RecordId> {
        self.collection.parent().and(self.parent)
    }

    /// Whether nobody need go to this household again.
    pub(crate) fn is_done(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status != TO_VISIT_AGAIN)
    }

    /// Highest save of this writer that the row has seen; 0 for none.
    pub(crate) fn seen(&self, writer: WriterId) -> u64 {
        self.seen.iter().find(|seen| seen.0 == writer).map_or(0, |seen| seen.1)
    }

    fn take(&mut self, name: &'a str, value: &'a str) {
        match name {
            "_alive" => self.alive = value != "false",
            "_area" => self.area = text_of(value).parse().ok(),
            "_parent" => self.parent = text_of(value).parse().ok(),
            "status" => self.status = Some(text_of(value)).filter(|text| !text.is_empty()),
            "outcome" => self.outcome = Some(text_of(value)).filter(|text| !text.is_empty()),
            _ => {}
        }
        // An imported value is shown where there is no verified one: verified names sort before `source/`.
        let shown = match plain(name) {
            "head_name" | "name" => Some(&mut self.name),
            "address" => Some(&mut self.address),
            "rt" => Some(&mut self.rt),
            _ => None,
        };
        if let Some(shown) = shown
            && (shown.is_empty() || name == plain(name))
        {
            *shown = text_of(value);
        }
        if is_searched(plain(name)) {
            self.find_by(text_of(value));
        }
    }

    fn find_by(&mut self, text: Cow<'_, str>) {
        if !text.is_empty() {
            self.words.push(' ');
            self.words.push_str(&text);
        }
    }
}

/// The register's name without the import it came from: `source/<source>/<register>`.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_prefix("source/").and_then(|rest| rest.split_once('/')).map_or(name, |(_, register)| register)
}

fn is_searched(plain: &str) -> bool {
    matches!(plain, "head_name" | "name" | "address" | "nik" | "head_nik" | "card_number")
}

fn is_wanted(name: &str) -> bool {
    let plain = plain(name);
    is_searched(plain) || matches!(plain, "_alive" | "_area" | "_parent" | "status" | "outcome" | "rt")
}

/// The text of a JSON value: what is inside a string; nothing for null; any other as it is.
fn text_of(value: &str) -> Cow<'_, str> {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
        Some(_) => Cow::Owned(serde_json::from_str(value).unwrap_or_default()),
        None if value == "null" => Cow::Borrowed(""),
        None => Cow::Borrowed(value),
    }
}

/// Registers of a single value, the wanted ones.
#[derive(Default)]
struct Picked<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Picked<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pick;
        impl<'de> Visitor<'de> for Pick {
            type Value = Vec<(&'de str, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("registers by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut picked = Vec::with_capacity(12);
                // Canonical keys hold no escapes, so a key is always a piece of the text.
                while let Some(name) = map.next_key::<&'de str>()? {
                    if is_wanted(name) {
                        picked.push((name, map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(picked)
            }
        }
        from.deserialize_map(Pick).map(Picked)
    }
}

/// The values of one register with several, each with its place in `by`.
type Siblings<'a> = Vec<(usize, &'a RawValue)>;

/// Registers of several values, all of them: any may be a conflict.
#[derive(Default)]
struct Several<'a>(Vec<(&'a str, Siblings<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Several<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(&'de str, Siblings<'de>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("registers by name, each with its values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(all)
            }
        }
        from.deserialize_map(All).map(Several)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"by":[["00000000-0000-0000-0000-000000000001",3,1700000000005,"00000000-0000-0000-0000-000000000003"],["00000000-0000-0000-0000-000000000002",1,1700000000009,"00000000-0000-0000-0000-000000000004"]],"collection":"household","id":"00000000-0000-0000-0000-00000000000a","is":{"_alive":true,"_area":"00000000-0000-0000-0000-00000000000b","address":"Jl. \"A\"","rooms":4,"source/dtks/address":"Jl. B","source/dtks/head_name":"SITTI"},"or":{"head_name":[[0,"Siti"],[1,"Siti A."]]},"seen":[["00000000-0000-0000-0000-000000000001",3,7]]}"#;

    #[test]
    fn a_row_is_listed_by_what_is_shown_and_found_by_everything() {
        let facts = Facts::read(ROW).expect("a row");
        assert_eq!((facts.name.as_ref(), facts.address.as_ref()), ("Siti A.", "Jl. \"A\""));
        assert_eq!(facts.words, " Jl. \"A\" Jl. B SITTI Siti A. Siti");
        assert_eq!((facts.conflicts, facts.updated, facts.alive), (1, Clock(1_700_000_000_009), true));
        assert_eq!((facts.seen(WriterId::from_u128(1)), facts.seen(WriterId::from_u128(2))), (3, 0));
    }

    #[test]
    fn a_text_that_is_no_row_is_told_from_one() {
        for text in ["", "{}", &ROW[..ROW.len() - 1], &ROW.replace("household", "ship")] {
            assert!(Facts::read(text).is_none(), "{text:.40}");
        }
    }
}
