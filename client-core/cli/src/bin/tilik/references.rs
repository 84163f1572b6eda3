//! How people name things: an area by code or name, a record by the end of its id.

use client_core::{Area, Device, HouseholdLine, ListQuery};
use sync_protocol::{AreaId, RecordId};

use crate::exit::Failure;
use crate::values::short;

/// Fewest digits that name a record.
const DIGITS_MIN: usize = 4;
/// Households that words find, of which to tell that they are several.
const FOUND_MAX: usize = 8;
/// Lines looked through at a time.
const LINES: usize = 5_000;

/// The area with this code, id, or name that no other area has.
pub(crate) fn area(device: &Device, named: &str) -> Result<AreaId, Failure> {
    let areas = device.areas()?;
    let by_code = areas.iter().find(|area| area.node.code == named || area.node.id.to_string() == named);
    if let Some(area) = by_code {
        return Ok(area.node.id);
    }
    let named_so: Vec<&Area> = areas.iter().filter(|area| area.node.name.eq_ignore_ascii_case(named)).collect();
    match named_so.as_slice() {
        [] => Err(Failure::NoSuchArea(named.to_owned())),
        [only] => Ok(only.node.id),
        several => Err(Failure::Ambiguous {
            named: named.to_owned(),
            among: several.iter().map(|area| area.node.code.clone()).collect(),
        }),
    }
}

/// The household with this id, the only one whose number begins like this or whose id ends so, or else the only one that
/// these words find.
pub(crate) fn household(device: &Device, named: &str) -> Result<RecordId, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let end = digits(named);
    let mut found = Vec::new();
    let mut wanted = ListQuery { limit: LINES, ..ListQuery::default() };
    while let Some(end) = &end {
        let page = device.list(&wanted)?;
        found.extend(page.lines.iter().map(|line: &HouseholdLine| line.id).filter(|id| is_called(*id, end)));
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => break,
        }
    }
    if found.is_empty() {
        let words = ListQuery { search: Some(named.to_owned()), limit: FOUND_MAX, ..ListQuery::default() };
        found.extend(device.list(&words)?.lines.iter().map(|line| line.id));
    }
    only(named, found)
}

/// Whether a record's id ends so, or the number that people see of it begins so.
fn is_called(id: RecordId, digits: &str) -> bool {
    id.to_string().ends_with(digits) || short(id).starts_with(digits)
}

/// The only one of these records whose id is this or ends like this.
pub(crate) fn record(named: &str, among: impl IntoIterator<Item = RecordId>) -> Result<RecordId, Failure> {
    let end = digits(named).ok_or_else(|| Failure::NoSuchRecord(named.to_owned()))?;
    only(named, among.into_iter().filter(|id| is_called(*id, &end)).collect())
}

fn digits(named: &str) -> Option<String> {
    let end = named.to_ascii_lowercase();
    let is_end = end.len() >= DIGITS_MIN && end.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    is_end.then_some(end)
}

fn only(named: &str, found: Vec<RecordId>) -> Result<RecordId, Failure> {
    match found.as_slice() {
        [] => Err(Failure::NoSuchRecord(named.to_owned())),
        [only] => Ok(*only),
        several => {
            let among = several.iter().take(8).map(short_or_whole(several)).collect();
            Err(Failure::Ambiguous { named: named.to_owned(), among })
        }
    }
}

/// Ends of ids where they differ there, else whole ids.
fn short_or_whole(several: &[RecordId]) -> impl Fn(&RecordId) -> String {
    let ends: std::collections::BTreeSet<String> = several.iter().map(short).collect();
    let differ = ends.len() == several.len();
    move |id| if differ { short(id) } else { id.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_named_by_an_end_that_no_other_has() {
        let ids = [0x1111_2222, 0x3333_2222, 0x4444_5555].map(RecordId::from_u128);
        let named = |text: &str| record(text, ids);
        assert_eq!(named("44445555").unwrap(), ids[2]);
        assert_eq!(named("4444").unwrap(), ids[2]);
        assert_eq!(named(&ids[0].to_string().to_uppercase()).unwrap(), ids[0]);
        assert!(matches!(named("2222"), Err(Failure::Ambiguous { among, .. }) if among == ["11112222", "33332222"]));
        for wrong in ["555", "9999", "", "siti", "5555 "] {
            assert!(matches!(named(wrong), Err(Failure::NoSuchRecord(_))), "{wrong}");
        }
    }
}
