//! What must stand in a register, from what each author had seen: sets of saves, no contexts, no merge.

use std::collections::BTreeSet;

use sync_protocol::merge::Standing;
use sync_protocol::{Dot, RecordId, Seen};

use super::history::{Name, Saved, Wrote};

/// Every write of these saves to one record, with the name of its save.
pub(super) fn writes<'a>(saves: &[&'a Saved], record: RecordId) -> Vec<(Name, &'a Wrote)> {
    let of = |save: &'a Saved| save.writes.iter().find(|w| w.record == record).map(|w| ((save.dot, save.tag), w));
    saves.iter().copied().filter_map(of).collect()
}

/// The saves whose value of a register nobody who wrote the register had seen.
pub(super) fn unreplaced(saves: &[&Saved], record: RecordId, register: &str) -> BTreeSet<Dot> {
    let writes: Vec<_> = writes(saves, record).into_iter().filter(|(_, w)| w.writes(register)).collect();
    let seen_by_a_later = |name: &Name| writes.iter().any(|(_, later)| later.seen.contains(name));
    writes.iter().filter(|(name, _)| !seen_by_a_later(name)).map(|(name, _)| name.0).collect()
}

/// As [`unreplaced`], but an author who had seen a save of some writer proves it only by the last one he had seen of that
/// writer: until that one is here, and if it belongs to another life, nothing of that writer is replaced.
pub(super) fn unreplaced_as_proven(saves: &[&Saved], record: RecordId, register: &str) -> BTreeSet<Dot> {
    let here: BTreeSet<Name> = saves.iter().map(|save| (save.dot, save.tag)).collect();
    let writes: Vec<_> = writes(saves, record).into_iter().filter(|(_, w)| w.writes(register)).collect();
    let replaces = |later: &Wrote, name: &Name| {
        let last = later.seen.iter().filter(|(dot, _)| dot.writer == name.0.writer).max_by_key(|(dot, _)| dot.save);
        later.seen.contains(name) && last.is_some_and(|last| here.contains(last))
    };
    let replaced = |name: &Name| writes.iter().any(|(_, later)| replaces(later, name));
    writes.iter().filter(|(name, _)| !replaced(name)).map(|(name, _)| name.0).collect()
}

/// How an entry stands where these saves are.
pub(super) fn standing(saves: &[&Saved], writer: sync_protocol::WriterId, seen: Seen) -> Standing {
    match saves.iter().find(|save| save.dot == Dot { writer, save: seen.save }) {
        None => Standing::Ahead,
        Some(save) if save.tag == seen.tag => Standing::Known,
        Some(_) => Standing::OtherLife,
    }
}
