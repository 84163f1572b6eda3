//! An interview at the door: the published questionnaire, asked on the device and answered by whoever lives there.

use anyhow::{Context, Result, bail};
use client_core::{About, Device, Ending, Env, HouseholdView, RecordView, Saved, Visit};
use sync_protocol::exchange::PackageHash;
use sync_protocol::{AreaId, RecordId};
use tilik::Machine;

use crate::dates::Date;
use crate::demo::SOURCE;
use crate::findings::{Finding, Target};
use crate::prelist::Row;
use crate::respondent::Respondent;

/// The questionnaire that is asked.
pub(super) const FORM: &str = "household-verification";
const DAY_MS: i64 = 86_400_000;

/// Visits a household of the list. The seed decides what the finding leaves open.
pub(super) fn visit(
    device: &mut Device,
    household: RecordId,
    finding: &Finding,
    listed: &[Row],
    seed: u64,
) -> Result<Saved> {
    let view = device.household(household)?;
    let area = text(&view.household, "_area").context("a household stands in an area")?.parse()?;
    let respondent = Respondent::of(seed, finding, &roster(&view, listed)?, today());
    let form = form(device, area)?;
    let visit = device.begin_visit(About::Household(household), form)?;
    Ok(hold(device, visit, &respondent)?.1)
}

/// Visits a household that no list has.
pub(super) fn add(device: &mut Device, area: AreaId, finding: &Finding, seed: u64) -> Result<(RecordId, Saved)> {
    let respondent = Respondent::of(seed, finding, &[], today());
    let form = form(device, area)?;
    let visit = device.begin_visit(About::NewIn(area), form)?;
    hold(device, visit, &respondent)
}

fn form(device: &Device, area: AreaId) -> Result<PackageHash> {
    let forms = device.list_forms(area)?;
    let form = forms.into_iter().find(|form| form.form == FORM && form.is_here);
    Ok(form.context("the questionnaire came with the first sync")?.hash)
}

fn hold(device: &mut Device, mut visit: Visit, respondent: &Respondent) -> Result<(RecordId, Saved)> {
    loop {
        // Each screen is on the disk before the next.
        match device.visit_step(&mut visit, |interview| respondent.answer(interview, 1))? {
            Ok(true) => break,
            Ok(false) => {}
            Err(problems) => bail!("an answer that the form does not take: {problems:?}"),
        }
    }
    match device.finish_visit(&mut visit)? {
        Ending::Saved(saved) => Ok((visit.household(), saved)),
        Ending::Problems(problems) => bail!("an interview that cannot be saved: {problems:?}"),
    }
}

fn today() -> Date {
    Date::from_days(Machine.now_ms().div_euclid(DAY_MS))
}

/// The list's people in the rows that the interview begins with: by their NIK, else by the name as the list writes it.
fn roster(view: &HouseholdView, listed: &[Row]) -> Result<Vec<Option<Target>>> {
    let first = view.families.iter().find(|family| family.alive).map(|family| family.id.to_string());
    let people = view.persons.iter().filter(|person| {
        let family = text(person, "_family");
        person.alive && (first.is_none() || family.is_none() || family == first)
    });
    let people: Vec<&RecordView> = people.collect();
    let mut roster = vec![None; people.len()];
    for (register, column) in [("nik", (|row| &row.nik) as fn(&Row) -> &String), ("name", |row| &row.name)] {
        for row in listed.iter().filter(|row| row.family == 0) {
            let target = Some(Target::Person(row.family, row.person));
            let fits =
                |at: &usize| roster[*at].is_none() && imported(people[*at], register).as_ref() == Some(column(row));
            if !roster.contains(&target)
                && let Some(at) = (0..people.len()).find(fits)
            {
                roster[at] = target;
            }
        }
    }
    Ok(roster)
}

/// What the list says in a register.
fn imported(record: &RecordView, register: &str) -> Option<String> {
    record.registers.get(register)?.sources.get(SOURCE)?.first()?.value.as_text()
}

fn text(record: &RecordView, register: &str) -> Option<String> {
    record.registers.get(register)?.values.first()?.value.as_text()
}
