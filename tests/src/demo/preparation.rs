//! Before anybody walks: the list comes into the register, people get accounts and areas, devices their keys and rows.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;

use anyhow::{Context, Result};
use client_core::Env;
use serde_json::Value;
use tilik::Machine;

use crate::dates::Date;
use crate::demo::cast::{Cast, Person};
use crate::demo::enumerator::Enumerator;
use crate::demo::folder::Folder;
use crate::demo::interview::FORM;
use crate::demo::office::Office;
use crate::demo::program::{Program, Serving};
use crate::demo::progress::Bars;
use crate::demo::words::{bytes, count, seconds};
use crate::demo::world::World;
use crate::demo::{Narrator, ROUND, SOURCE};
use crate::households::{Household, Mark};
use crate::jambi::{districts, villages};
use crate::prelist::{self, NikFault};

const PROJECT: &str = "Verifikasi Kota Jambi";
/// The city's code: what is published there reaches every kelurahan.
const CITY: &str = "15.71";
const DAY_MS: i64 = 86_400_000;

/// Writes the office's files and imports them.
pub(super) fn office(
    program: &Program,
    folder: &Folder,
    world: &World,
    cast: &Cast,
    narrator: &mut Narrator<'_>,
) -> Result<()> {
    narrator.chapter("The office prepares")?;
    narrator.say(&format!(
        "Kota Jambi has {} kecamatan (districts) and {} kelurahan (wards); these are the real ones with their official \
         codes. Below them the office keeps RW and RT, the neighbourhoods that enumerators are sent to: {} RTs, invented \
         here. So is everybody on the list.",
        districts().len(),
        villages().len(),
        count(world.city.rts.len()),
    ))?;
    files(folder, world)?;
    describe_list(world, narrator)?;
    let began = Machine.now_ms();
    let admin = &cast.admin;
    program.run(
        &["init", "--project", PROJECT, "--admin", admin.name, "--display-name", admin.display_name],
        &format!("{}\n", admin.password),
    )?;
    let bars = Bars::new(narrator);
    let spinner = bars.spinner("tilik-server");
    spinner.set_message("imports the areas");
    program.run(&["import", "areas", &folder.areas_file().display().to_string()], "")?;
    spinner.set_message("imports the list");
    let list = folder.prelist_csv().display().to_string();
    let report = program.run(&["--json", "import", "prelist", &list, "--source", SOURCE], "")?;
    spinner.set_message("publishes the questionnaires");
    for (bundled, form) in [("verification", FORM), ("ppi", "ppi-idn-2022")] {
        program.run(&["form", "add", "--bundled", bundled], "")?;
        program.run(&["form", "publish", form, "--area", CITY], "")?;
    }
    drop(bars);
    fs::write(folder.import_report(), &report)?;
    narrator.note(&format!(
        "`tilik-server init` and `tilik-server import` took both files in {}. Imported values keep a place of their own beside \
         the verified ones, so nobody ever overwrites what the list said.",
        seconds(Machine.now_ms() - began)
    ))?;
    tell_findings(&report, folder, narrator)
}

/// What the importer found odd, kind by kind.
fn tell_findings(report: &str, folder: &Folder, narrator: &mut Narrator<'_>) -> Result<()> {
    let report: Value = serde_json::from_str(report).context("the import's report is JSON")?;
    let kinds: BTreeMap<String, u64> = serde_json::from_value(report["findings"]["counts"].clone())?;
    let told: Vec<String> = kinds.iter().map(|(kind, times)| format!("{kind} {}", count(*times))).collect();
    narrator.note(&format!(
        "Nothing had to be refused; what looks odd is named place by place, for people to judge: {}. See {}.",
        told.join(", "),
        folder.import_report().display()
    ))?;
    Ok(())
}

fn files(folder: &Folder, world: &World) -> Result<()> {
    world.city.write_areas_csv(BufWriter::new(File::create(folder.areas_file())?))?;
    prelist::write_csv(BufWriter::new(File::create(folder.prelist_csv())?), world.rows())?;
    prelist::write_xlsx(BufWriter::new(File::create(folder.prelist_xlsx())?), world.rows())?;
    Ok(())
}

/// What is wrong with the list: real ones are like that.
fn describe_list(world: &World, narrator: &mut Narrator<'_>) -> Result<()> {
    let mut people = 0_usize;
    let (mut without_nik, mut wrong_nik, mut one_word, mut varied) = (0, 0, 0, 0);
    for row in world.rows() {
        people += 1;
        without_nik += usize::from(row.nik_fault == NikFault::Missing);
        wrong_nik += usize::from(matches!(row.nik_fault, NikFault::WrongLength | NikFault::Mistyped));
        one_word += usize::from(!row.name.contains(' '));
        varied += usize::from(row.is_name_varied);
    }
    let marked = |fits: fn(&Mark) -> bool| world.households.iter().filter(|household| fits(&household.mark)).count();
    let many_cards = |household: &&Household| household.families.len() > 1;
    narrator.note(&format!(
        "The prelist (names from national data that enumerators start from): {} households, {} people. As in real lists, {} \
         have no NIK (the national identity number), {} a wrong one, {} a single name, {} a name spelled another way; {} \
         households are listed twice, {} have moved, {} are grown children still on their parents' family card, and {} hold \
         several families.",
        count(world.households.len()),
        count(people),
        count(without_nik),
        count(wrong_nik),
        count(one_word),
        count(varied),
        count(marked(|mark| matches!(mark, Mark::DuplicateOf(_)))),
        count(marked(|mark| matches!(mark, Mark::MovedTo(_)))),
        count(marked(|mark| matches!(mark, Mark::SplitFrom(_)))),
        count(world.households.iter().filter(many_cards).count()),
    ))?;
    Ok(())
}

/// Makes accounts, gives areas, and enrols a device for everybody who goes out.
pub(super) fn devices(
    serving: &Serving,
    folder: &Folder,
    cast: &Cast,
    narrator: &mut Narrator<'_>,
) -> Result<Vec<Enumerator>> {
    narrator.chapter("People, areas, devices")?;
    narrator.say(
        "The administrator signs in through the office's JSON API, makes the accounts, opens a round and grants areas. A \
         grant on a kelurahan covers every RT below it. Each device is enrolled with a one-time code: it makes its own \
         signing key, the server certifies it, and from then on the device needs no network to be trusted later.",
    )?;
    let admin = Office::sign_in(serving.url(), &cast.admin)?;
    let today = Date::from_days(Machine.now_ms().div_euclid(DAY_MS)).to_string();
    let areas = admin.areas()?;
    let area = |code: &str| areas.get(code).with_context(|| format!("the office has no area {code}"));
    admin.add_round(ROUND, &today, area(CITY)?)?;
    admin.add_user(&cast.officer)?;
    let mut team = Vec::new();
    let mut rows = Vec::new();
    for person in cast.with_device() {
        let user = admin.add_user(person)?;
        for code in &person.areas {
            admin.grant(&user, area(code)?)?;
        }
        let code = admin.give_code(&user)?;
        rows.push([person.display_name.to_owned(), person.role.word().to_owned(), person.where_.clone()]);
        team.push(Enumerator::enrol(person, folder.device(person.name), serving.url(), &code)?);
    }
    narrator.table(["name", "role", "works in"], &rows)?;
    narrator.note(&format!(
        "{} devices enrolled, each an encrypted store of its own under {}.",
        team.len(),
        folder.root().join("devices").display()
    ))?;
    Ok(team)
}

/// Every device gets the rows of its areas, all at the same time.
pub(super) fn first_sync(
    team: &mut [Enumerator],
    serving: &Serving,
    world: &World,
    narrator: &mut Narrator<'_>,
) -> Result<()> {
    narrator.chapter("First sync")?;
    narrator.say(&format!(
        "A device receives the rows of its own areas and nothing else of the {} households. What arrives is proven by a \
         digest, a sum over the rows that device and server both keep. After the rows come the questionnaires that are \
         published there, each named by the hash of its bytes.",
        count(world.households.len())
    ))?;
    let began = Machine.now_ms();
    sync_all(team, serving.url(), narrator)?;
    let mut rows = Vec::new();
    for enumerator in team.iter() {
        rows.push([
            enumerator.person.display_name.to_owned(),
            count(enumerator.granted()?.len()),
            count(enumerator.status()?.households),
            count(enumerator.last.rows_received),
            enumerator.last.requests.to_string(),
            bytes(enumerator.moved.bytes_down),
        ]);
    }
    narrator.table(["device of", "areas", "households", "records", "requests", "received"], &rows)?;
    narrator.note(&format!("All {} at once, {} in all.", team.len(), seconds(Machine.now_ms() - began)))?;
    Ok(())
}

/// Syncs everybody at the same time, each on a thread of their own.
pub(super) fn sync_all(team: &mut [Enumerator], url: &str, narrator: &Narrator<'_>) -> Result<()> {
    let bars = Bars::new(narrator);
    std::thread::scope(|scope| {
        let syncing: Vec<_> = team
            .iter_mut()
            .map(|enumerator| {
                let spinner = bars.spinner(enumerator.person.display_name);
                spinner.set_message("syncs");
                scope.spawn(move || {
                    let moved = enumerator.sync(url);
                    spinner.finish_and_clear();
                    moved
                })
            })
            .collect();
        syncing.into_iter().try_for_each(|thread| {
            let moved = thread.join().ok().context("a sync does not panic")?;
            moved.map(|_| ())
        })
    })
}

/// What each person types to sign in, for the end of the demo.
pub(super) fn logins<'a>(people: impl Iterator<Item = &'a Person>) -> Vec<[String; 4]> {
    people
        .map(|person| {
            [person.name.to_owned(), person.password.clone(), person.role.word().to_owned(), person.where_.clone()]
        })
        .collect()
}
