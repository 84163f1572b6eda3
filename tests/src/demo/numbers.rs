//! The numbers of the round as pictures: how visits ended, and how far each kelurahan is.

use anyhow::Result;

use crate::demo::Narrator;
use crate::demo::fieldwork::Notes;
use crate::demo::register::Register;
use crate::demo::words::count;
use crate::demo::world::World;
use crate::jambi::villages;

/// Characters of a full bar.
const BAR: usize = 40;
const NAME_COLUMNS: usize = 24;
const OUTCOMES: [(&str, &str); 8] = [
    ("complete", "complete"),
    ("partial", "broke off"),
    ("no_respondent", "nobody at home"),
    ("refused", "refused"),
    ("moved_or_demolished", "moved or demolished"),
    ("not_found", "not found"),
    ("part_of_another_household", "eats with another"),
    ("duplicate", "listed twice"),
];

/// Shows what the server's register holds now.
pub(super) fn show(register: &Register, world: &World, notes: &Notes, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.chapter("The numbers")?;
    let outcomes = register.outcomes();
    let most = outcomes.values().copied().max().unwrap_or(0);
    narrator.say("How the visits ended, from the rows that the server holds now:")?;
    for (code, label) in OUTCOMES {
        let visits = outcomes.get(code).copied().unwrap_or(0);
        narrator.line(&format!("  {label:NAME_COLUMNS$} {:BAR$} {}", filled(visits, most), count(visits)))?;
    }
    narrator.line("")?;
    narrator.say("Progress by kelurahan, visited households of those known:")?;
    let mut untouched = (0, 0);
    for village in villages() {
        let (visited, known) = register.progress(village.code);
        if visited == 0 {
            untouched = (untouched.0 + 1, untouched.1 + known);
            continue;
        }
        let picture = format!("{:░<BAR$}", filled(visited, known));
        narrator.line(&format!("  {:NAME_COLUMNS$} {picture} {}/{}", village.name, count(visited), count(known)))?;
    }
    narrator.note(&format!(
        "{} kelurahan with {} households have not begun. The list had {} households, {} were added.",
        untouched.0,
        count(untouched.1),
        count(world.households.len()),
        count(notes.added)
    ))?;
    Ok(())
}

/// A bar as long as the share; a little of something is never nothing.
fn filled(part: usize, of: usize) -> String {
    let length = if of == 0 { 0 } else { (part * BAR).div_ceil(of) };
    "█".repeat(length)
}
