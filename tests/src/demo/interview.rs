//! From what was found at the door to a save: a draft that is on the disk after every answer, then one press of "save".

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use client_core::{About, Device, DraftId, DraftRecord, Saved};
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, Value};

use crate::demo::{FORM, SOURCE};
use crate::findings::{Edit, Finding, Target};
use crate::prelist::Row;

/// Which record each part of a finding is about.
type Known = BTreeMap<Target, RecordId>;

/// Writes down a visit to a household of the list.
pub(super) fn visit(device: &mut Device, household: RecordId, finding: &Finding, listed: &[Row]) -> Result<Saved> {
    let draft = begin(device, About::Household(household))?;
    let mut known = recognised(&device.draft_view(draft)?, listed)?;
    write_down(device, draft, finding, &mut known)?;
    Ok(device.draft_save(draft)?)
}

/// Writes down a household that no list has.
pub(super) fn add(device: &mut Device, area: AreaId, finding: &Finding) -> Result<(RecordId, Saved)> {
    let draft = begin(device, About::NewIn(area))?;
    let household = device.draft_view(draft)?.first().context("a draft of a new household holds it")?.id;
    let mut known = Known::from([(Target::Household, household)]);
    write_down(device, draft, finding, &mut known)?;
    Ok((household, device.draft_save(draft)?))
}

fn begin(device: &mut Device, about: About) -> Result<DraftId> {
    let draft = device.draft_open(about)?;
    device.draft_forms(draft, &[FORM.to_owned()])?;
    Ok(draft)
}

fn write_down(device: &mut Device, draft: DraftId, finding: &Finding, known: &mut Known) -> Result<()> {
    for edit in &finding.edits {
        match known.get(&edit.target) {
            Some(record) => {
                for (name, value) in &edit.registers {
                    device.draft_set(draft, *record, name, Value::of(value)?)?;
                }
            }
            None => {
                let collection: Collection = edit.target.collection().name().parse()?;
                let record = device.draft_add(draft, collection, registers_of(edit, known)?)?;
                known.insert(edit.target, record);
            }
        }
    }
    Ok(())
}

/// The registers of a new record, its family among them; that it is below the household the device knows itself.
fn registers_of(edit: &Edit, known: &Known) -> Result<BTreeMap<String, Value>> {
    let written = edit.registers.iter().map(|(name, value)| Ok(((*name).to_owned(), Value::of(value)?)));
    let mut registers: BTreeMap<String, Value> = written.collect::<Result<_>>()?;
    for (name, target) in edit.target.links().into_iter().filter(|(name, _)| *name != reserved::PARENT) {
        let record = known.get(&target).context("a finding names a record before what hangs on it")?;
        registers.insert(name.to_owned(), Value::text(&record.to_string()));
    }
    Ok(registers)
}

/// The list's people in the records on the screen: by their NIK, else by the name as the list writes it.
fn recognised(screen: &[DraftRecord], listed: &[Row]) -> Result<Known> {
    let household = screen.first().context("a draft shows its household first")?;
    let mut known = Known::from([(Target::Household, household.id)]);
    let mut people: Vec<&DraftRecord> =
        screen.iter().filter(|record| record.collection == Collection::Person).collect();
    for (register, column) in [("nik", (|row| &row.nik) as fn(&Row) -> &String), ("name", |row| &row.name)] {
        for row in listed {
            let target = Target::Person(row.family, row.person);
            let wanted = column(row);
            let found = people.iter().position(|person| imported(person, register).as_ref() == Some(wanted));
            let (false, Some(at)) = (known.contains_key(&target), found) else { continue };
            let person = people.swap_remove(at);
            known.insert(target, person.id);
            if let Some(family) = person.value(reserved::FAMILY).and_then(Value::as_text) {
                known.entry(Target::Family(row.family)).or_insert(family.parse()?);
            }
        }
    }
    Ok(known)
}

/// What the list says in a register.
fn imported(record: &DraftRecord, register: &str) -> Option<String> {
    record.value(&format!("source/{SOURCE}/{register}")).and_then(Value::as_text)
}
