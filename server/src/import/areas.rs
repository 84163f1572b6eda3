//! The table of areas: codes, names and what lies below what, checked and ordered so that parents come first.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use serde::Serialize;
use sync_protocol::exchange::AreaLevel;

use super::cells::{Cell, Date, Row};
use super::dates::{DateReading, read_date};
use super::findings::{Findings, Place};
use super::header_words::header_key;
use super::sheet::{SheetChoice, SheetFile};
use super::values::text_of;

/// One area of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AreaRow {
    /// Row in the file; 0 for a leaf that was added.
    pub row: u32,
    /// Its code.
    pub code: String,
    /// Its level.
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The code of the area above.
    pub parent_code: Option<String>,
    /// Its code in the other national system.
    pub bps_code: Option<String>,
    /// First day, ISO.
    pub valid_from: Option<String>,
    /// Last day, ISO.
    pub valid_to: Option<String>,
    /// The codes of the areas that took its place.
    pub successors: Vec<String>,
}

/// What a table of areas holds.
#[derive(Debug)]
pub struct AreaTable {
    /// Parents before children.
    pub areas: Vec<AreaRow>,
    /// What is wrong with it.
    pub findings: Findings,
}

/// The name of the leaf that every kelurahan has beside its numbered RT.
pub const UNKNOWN_RT_NAME: &str = "RT belum diketahui";

/// The code of that leaf below a kelurahan.
pub fn unknown_rt_code(village_code: &str) -> String {
    format!("{village_code}.00.000")
}

/// Whether an RT is that leaf.
pub fn is_unknown_rt(code: &str, name: &str) -> bool {
    code.ends_with(".000") || header_key(name) == header_key(UNKNOWN_RT_NAME)
}

/// Reads a table of areas. `known_level` answers the level of an area that the register already holds.
pub fn read_areas(file: &mut SheetFile, as_of: Date, known_level: &dyn Fn(&str) -> Option<AreaLevel>) -> AreaTable {
    let mut findings = Findings::new(file.name(), "");
    let mut areas = Vec::new();
    match read_rows(file, as_of, &mut findings) {
        Ok(rows) => areas = rows,
        Err(error) => error.report(&mut findings),
    }
    drop_duplicates(&mut areas, &mut findings);
    let mut areas = parents_first(areas, known_level, &mut findings);
    check_successors(&mut areas, known_level, &mut findings);
    add_unknown_leaves(&mut areas, known_level);
    AreaTable { areas, findings }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AreaColumn {
    Code,
    Level,
    Name,
    Parent,
    Bps,
    From,
    To,
    Successors,
}

fn column_of(name: &str) -> Option<AreaColumn> {
    Some(match header_key(name).as_str() {
        "code" | "kode" | "kode wilayah" | "kemendagri code" => AreaColumn::Code,
        "level" | "tingkat" => AreaColumn::Level,
        "name" | "nama" | "nama wilayah" => AreaColumn::Name,
        "parent code" | "parent" | "kode induk" | "induk" => AreaColumn::Parent,
        "bps code" | "kode bps" => AreaColumn::Bps,
        "valid from" | "berlaku dari" | "berlaku sejak" => AreaColumn::From,
        "valid to" | "berlaku sampai" => AreaColumn::To,
        "successors" | "pengganti" => AreaColumn::Successors,
        _ => return None,
    })
}

fn read_rows(
    file: &mut SheetFile,
    as_of: Date,
    findings: &mut Findings,
) -> Result<Vec<AreaRow>, super::sheet::SheetError> {
    let score = |names: &[String]| names.iter().filter(|name| column_of(name).is_some()).count();
    let header = file.find_header(&SheetChoice::BestHeader, 2, &score)?;
    findings.use_sheet(&file.sheets()[header.sheet]);
    let columns: Vec<Option<AreaColumn>> = header.names.iter().map(|name| column_of(name)).collect();
    for (needed, name) in [(AreaColumn::Code, "code"), (AreaColumn::Name, "name")] {
        if !columns.contains(&Some(needed)) {
            findings.refuse_file(Place::row(header.row), "header_missing", format!("There is no column `{name}`."));
        }
    }
    for (at, name) in header.names.iter().enumerate() {
        if columns[at].is_none() && !name.is_empty() {
            let place = Place::cell(header.row, at);
            findings.warning(place, "column_ignored", format!("The column `{name}` is not used."));
        }
    }
    let mut areas = Vec::new();
    file.for_each_row(header.sheet, &mut |row| {
        if row.number > header.row && !row.is_blank() {
            areas.extend(read_row(row, &columns, as_of, findings));
        }
        ControlFlow::Continue(())
    })?;
    Ok(areas)
}

fn read_row(row: &Row, columns: &[Option<AreaColumn>], as_of: Date, findings: &mut Findings) -> Option<AreaRow> {
    let place_of = |column| columns.iter().position(|used| *used == Some(column));
    let cell = |column| place_of(column).map_or(&Cell::Empty, |at| row.cell(at));
    let text = |column| text_of(cell(column)).unwrap_or_default();
    let place = |column| Place { row: row.number, column: place_of(column) };
    let (code, name) = (text(AreaColumn::Code), text(AreaColumn::Name));
    if code.is_empty() || name.is_empty() {
        findings.error(Place::row(row.number), "area_incomplete", "An area needs a code and a name.");
        return None;
    }
    let level_text = text(AreaColumn::Level);
    let level = if level_text.is_empty() { level_of_code(&code) } else { level_named(&level_text) };
    let Some(level) = level else {
        let sentence = "The level is none of province, regency, district, village, rw, rt.";
        findings.error(place(AreaColumn::Level), "area_level", sentence);
        return None;
    };
    let parent = text(AreaColumn::Parent);
    let parent_code = if parent.is_empty() && place_of(AreaColumn::Parent).is_none() {
        code.rsplit_once('.').map(|(above, _)| above.to_owned())
    } else {
        (!parent.is_empty()).then_some(parent)
    };
    let mut day = |column| match read_date(cell(column), as_of) {
        DateReading::Day(date) => Some(date),
        DateReading::Missing => None,
        DateReading::Unreadable => {
            findings.error(place(column), "area_date", "This is not a date.");
            None
        }
    };
    let (from, to) = (day(AreaColumn::From), day(AreaColumn::To));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        findings.error(place(AreaColumn::To), "area_date_order", "The area ends before it begins.");
        return None;
    }
    let successors = text(AreaColumn::Successors);
    let successors = successors.split([';', '|', ',', ' ', '+']).filter(|code| !code.is_empty()).map(str::to_owned);
    Some(AreaRow {
        row: row.number,
        code,
        level,
        name,
        parent_code,
        bps_code: Some(text(AreaColumn::Bps)).filter(|code| !code.is_empty()),
        valid_from: from.map(|date| date.to_string()),
        valid_to: to.map(|date| date.to_string()),
        successors: successors.collect(),
    })
}

fn level_named(text: &str) -> Option<AreaLevel> {
    Some(match header_key(text).as_str() {
        "provinsi" => AreaLevel::Province,
        "kabupaten" | "kota" | "kabupaten kota" | "city" => AreaLevel::Regency,
        "kecamatan" => AreaLevel::District,
        "kelurahan" | "desa" | "kelurahan desa" => AreaLevel::Village,
        word => return word.parse().ok(),
    })
}

fn level_of_code(code: &str) -> Option<AreaLevel> {
    Some(match code.split('.').count() {
        1 => AreaLevel::Province,
        2 => AreaLevel::Regency,
        3 => AreaLevel::District,
        4 => AreaLevel::Village,
        _ => return None,
    })
}

fn drop_duplicates(areas: &mut Vec<AreaRow>, findings: &mut Findings) {
    let mut first: HashMap<String, u32> = HashMap::new();
    areas.retain(|area| match first.get(&area.code) {
        Some(row) => {
            let sentence = format!("The code {} stands in row {row} already.", area.code);
            findings.error(Place::row(area.row), "duplicate_code", sentence);
            false
        }
        None => {
            first.insert(area.code.clone(), area.row);
            true
        }
    });
}

/// Sorts by depth from the roots. What hangs on nothing known, or on itself, is named and left out.
fn parents_first(
    areas: Vec<AreaRow>,
    known_level: &dyn Fn(&str) -> Option<AreaLevel>,
    findings: &mut Findings,
) -> Vec<AreaRow> {
    let levels: HashMap<String, AreaLevel> = areas.iter().map(|area| (area.code.clone(), area.level)).collect();
    let level_of = |code: &str| levels.get(code).copied().or_else(|| known_level(code));
    let mut children: HashMap<String, Vec<AreaRow>> = HashMap::new();
    let mut ordered: Vec<AreaRow> = Vec::new();
    for area in areas {
        let Some(parent) = area.parent_code.clone() else {
            ordered.push(area);
            continue;
        };
        match level_of(&parent) {
            None => {
                let sentence = format!("The area above, {parent}, is neither in the file nor in the register.");
                findings.error(Place::row(area.row), "unknown_parent", sentence);
            }
            // A level may hang on any higher one: the RW is optional.
            Some(level) if level >= area.level && parent != area.code => {
                let sentence = format!("A {} cannot lie below a {}.", area.level.word(), level.word());
                findings.error(Place::row(area.row), "parent_level", sentence);
            }
            Some(_) if levels.contains_key(&parent) => children.entry(parent).or_default().push(area),
            Some(_) => ordered.push(area),
        }
    }
    let mut next = 0;
    while next < ordered.len() {
        if let Some(below) = children.remove(&ordered[next].code) {
            ordered.extend(below);
        }
        next += 1;
    }
    // What is left hangs on a refused area or on itself.
    let mut left: Vec<AreaRow> = children.into_values().flatten().collect();
    left.sort_by_key(|area| area.row);
    let left_codes: HashSet<&str> = left.iter().map(|area| area.code.as_str()).collect();
    for area in &left {
        let is_cycle = area.parent_code.as_deref() == Some(&area.code);
        let below_left = area.parent_code.as_deref().is_some_and(|parent| left_codes.contains(parent));
        let (code, sentence) = if is_cycle {
            ("area_cycle", "The area lies below itself.")
        } else if below_left {
            ("parent_refused", "An area further up is refused or lies below itself.")
        } else {
            ("parent_refused", "The area above is refused.")
        };
        findings.error(Place::row(area.row), code, sentence);
    }
    ordered
}

fn check_successors(areas: &mut [AreaRow], known_level: &dyn Fn(&str) -> Option<AreaLevel>, findings: &mut Findings) {
    let codes: HashSet<String> = areas.iter().map(|area| area.code.clone()).collect();
    for area in areas {
        let (row, own) = (area.row, area.code.clone());
        area.successors.retain(|successor| {
            if *successor == own {
                findings.error(Place::row(row), "successor_itself", "An area cannot take its own place.");
                return false;
            }
            let is_known = codes.contains(successor) || known_level(successor).is_some();
            if !is_known {
                let sentence = format!("The successor {successor} is neither in the file nor in the register.");
                findings.error(Place::row(row), "successor_unknown", sentence);
            }
            is_known
        });
    }
}

/// Every kelurahan gets the leaf for households whose RT nobody knows yet.
fn add_unknown_leaves(areas: &mut Vec<AreaRow>, known_level: &dyn Fn(&str) -> Option<AreaLevel>) {
    let has_leaf: HashSet<String> = areas
        .iter()
        .filter(|area| area.level == AreaLevel::Rt && is_unknown_rt(&area.code, &area.name))
        .filter_map(|area| area.parent_code.clone())
        .collect();
    let leaves: Vec<AreaRow> = areas
        .iter()
        .filter(|area| area.level == AreaLevel::Village && !has_leaf.contains(&area.code))
        .filter(|area| known_level(&unknown_rt_code(&area.code)).is_none())
        .map(|village| AreaRow {
            row: 0,
            code: unknown_rt_code(&village.code),
            level: AreaLevel::Rt,
            name: UNKNOWN_RT_NAME.to_owned(),
            parent_code: Some(village.code.clone()),
            bps_code: None,
            valid_from: village.valid_from.clone(),
            valid_to: village.valid_to.clone(),
            successors: Vec::new(),
        })
        .collect();
    areas.extend(leaves);
}
