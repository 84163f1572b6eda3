//! The doctor: holds everything stored against its hashes, sums, chains and signatures, and says what is wrong in words.

use std::collections::BTreeMap;

use serde::Serialize;
use sync_protocol::changeset::Links;
use sync_protocol::{AreaId, Digest, Row, RowHash, WriterId};

use crate::store::db::Result;
use crate::store::soundness::{self, Stored};
use crate::store::writers::{self, Writer};
use crate::store::{Store, Tx};

/// What was looked at and found.
#[derive(Debug, Default, Serialize)]
pub struct Examined {
    /// Rows held against their hashes.
    pub rows: u64,
    /// Areas whose sums were worked out anew.
    pub areas: u64,
    /// Changesets held against chain and signature.
    pub changesets: u64,
    /// What is wrong, each in one sentence with ids and no values.
    pub problems: Vec<String>,
    /// What was put right.
    pub repaired: Vec<String>,
    #[serde(skip)]
    wrong_sums: Vec<(AreaId, Digest)>,
}

/// Reads everything once. Sums that differ from their rows are put right; what else is wrong is told.
pub fn examine(store: &Store) -> Result<Examined> {
    let mut examined = store.read(look)?;
    let wrong = std::mem::take(&mut examined.wrong_sums);
    if !wrong.is_empty() && examined.problems.is_empty() {
        for (area, _) in &wrong {
            examined.repaired.push(format!("The sum of area {area} did not fit its rows; it was worked out anew."));
        }
        // Worked out again where nobody else writes: a save may have come in between.
        store.write(move |tx| {
            let sums = sums(tx)?;
            wrong
                .iter()
                .try_for_each(|(area, _)| soundness::set_digest(tx, *area, sums.get(area).copied().unwrap_or_default()))
        })?;
    } else {
        examined
            .problems
            .extend(wrong.iter().map(|(area, _)| format!("The sum of area {area} does not fit its rows.")));
    }
    Ok(examined)
}

fn look(tx: &Tx<'_>) -> Result<Examined> {
    let mut examined = Examined::default();
    if let Some(complaint) = soundness::complaint(tx)? {
        examined.problems.push(format!("The database file is damaged: {complaint}"));
        return Ok(examined);
    }
    let problems = &mut examined.problems;
    let mut sums: BTreeMap<AreaId, Digest> = BTreeMap::new();
    soundness::each_row(tx, |id, area, hash, text| {
        examined.rows += 1;
        sums.entry(area).or_default().add(hash);
        if RowHash::of(text) != hash || Row::parse(text).is_err() {
            problems.push(format!("The row of record {id} is not what was stored."));
        }
    })?;
    let told = soundness::digests(tx)?;
    examined.areas = told.len() as u64;
    for area in told.keys().chain(sums.keys()).copied().collect::<std::collections::BTreeSet<_>>() {
        let sum = sums.get(&area).copied().unwrap_or_default();
        if told.get(&area).copied().unwrap_or_default() != sum {
            examined.wrong_sums.push((area, sum));
        }
    }
    let mut before: Option<(Writer, Stored)> = None;
    soundness::each_changeset(tx, |stored| {
        examined.changesets += 1;
        let writer = match before.take() {
            Some((writer, last)) if writer.id == stored.writer => {
                if last.saves.1 + 1 == stored.saves.0 && last.hash != stored.after {
                    examined.problems.push(place(&stored, "does not follow on the one before it"));
                }
                Some(writer)
            }
            _ => writers::find(tx, stored.writer)?,
        };
        let Some(writer) = writer else {
            examined.problems.push(place(&stored, "is of a writer that is not known"));
            return Ok(());
        };
        if !is_sound(&writer, &stored) {
            examined.problems.push(place(&stored, "is not what its writer signed"));
        }
        before = Some((writer, stored));
        Ok(())
    })?;
    Ok(examined)
}

fn is_sound(writer: &Writer, stored: &Stored) -> bool {
    let saves: Vec<&str> = stored.payload.split('\n').collect();
    let links = Links::over(stored.after, &stored.header, &saves);
    links.is_ok_and(|links| links.hash == stored.hash && links.verify(&writer.key, &stored.signature).is_ok())
}

fn place(stored: &Stored, what: &str) -> String {
    let writer: WriterId = stored.writer;
    format!("The changeset {}–{} of writer {writer} {what}.", stored.saves.0, stored.saves.1)
}

fn sums(tx: &Tx<'_>) -> Result<BTreeMap<AreaId, Digest>> {
    let mut sums: BTreeMap<AreaId, Digest> = BTreeMap::new();
    soundness::each_row(tx, |_, area, hash, _| sums.entry(area).or_default().add(hash))?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sync_protocol::exchange::AreaLevel;
    use sync_protocol::save::reserved;
    use sync_protocol::{Collection, RecordId, RecordWrite, Save, Value};

    use super::*;
    use crate::args;
    use crate::instance::scratch::Scratch;
    use crate::people::Role;
    use crate::sync::{Hub, office};

    fn one_household() -> Scratch {
        let scratch = Scratch::new();
        let area = scratch.area("1", AreaLevel::Rt, None);
        let officer = scratch.user("ratna", Role::Officer);
        let hub = Hub::start(scratch.instance.store.clone(), scratch.instance.ambient.clone()).expect("starts");
        let registers = BTreeMap::from([(reserved::AREA.to_owned(), Value::text(&area.to_string()))]);
        let id = RecordId::from_u128(1);
        let record = RecordWrite { collection: Collection::Household, id, context: BTreeMap::new(), registers };
        office::write(&hub, officer.id, vec![Save { records: vec![record] }]).expect("saved");
        scratch
    }

    fn after(harm: &'static str) -> Examined {
        let scratch = one_household();
        scratch.instance.store.write(move |tx| tx.run(harm, args![])).expect("harmed");
        examine(&scratch.instance.store).expect("examined")
    }

    #[test]
    fn a_sound_server_is_found_sound() {
        let found = examine(&one_household().instance.store).expect("examined");
        assert_eq!((found.rows, found.areas, found.changesets), (1, 1, 1));
        assert_eq!((found.problems, found.repaired), (vec![], vec![]));
    }

    #[test]
    fn a_sum_is_put_right_and_what_else_was_harmed_is_told() {
        let scratch = one_household();
        let [harm, of_row, of_changeset] = soundness::HARMS;
        scratch.instance.store.write(move |tx| tx.run(harm, args![])).expect("harmed");
        assert_eq!(examine(&scratch.instance.store).expect("examined").repaired.len(), 1);
        assert_eq!(examine(&scratch.instance.store).expect("examined").repaired.len(), 0);
        assert_eq!(after(of_row).problems.len(), 1);
        assert_eq!(after(of_changeset).problems.len(), 1);
    }
}
