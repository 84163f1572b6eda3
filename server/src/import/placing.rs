//! Finds the area in which a row's household stands, and says what is uncertain about it.

use std::collections::HashMap;
use std::rc::Rc;

use sync_protocol::exchange::AreaLevel;

use super::area_index::{AreaIndex, Match, NoArea};
use super::cells::Row;
use super::findings::{Findings, Place, Severity};
use super::mapping::{ColumnMap, Field};
use super::neighbourhoods::{Neighbourhood, Unlabelled, read_neighbourhood};
use super::values::text_of;

/// Where a household stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Position of its leaf in the index.
    pub leaf: usize,
    /// Position of its kelurahan.
    pub village: usize,
    /// The numbers that the file gives.
    pub neighbourhood: Neighbourhood,
    /// What the file said of RT and RW, where that leaf could not be found.
    pub rt_raw: Option<String>,
}

/// Places rows; what many rows share is worked out once.
pub struct Placer<'a> {
    index: &'a AreaIndex,
    area_code: Option<usize>,
    village: Option<usize>,
    district: Option<usize>,
    rt: Option<(usize, Unlabelled)>,
    rw: Option<usize>,
    seen: HashMap<String, Rc<Outcome>>,
}

struct Outcome {
    placed: Option<Placed>,
    remarks: Vec<Remark>,
}

struct Remark {
    column: Option<usize>,
    code: &'static str,
    severity: Severity,
    sentence: String,
}

/// Different spellings kept; beyond, rows are simply worked out each.
const SPELLINGS_MAX: usize = 50_000;

impl<'a> Placer<'a> {
    /// For the columns of one file.
    pub fn new(index: &'a AreaIndex, columns: &ColumnMap) -> Self {
        let rt = columns.find(&Field::Rt).map(|at| (at, Unlabelled::RtFirst));
        let rw_rt = columns.find(&Field::RwRt).map(|at| (at, Unlabelled::RwFirst));
        Self {
            index,
            area_code: columns.find(&Field::AreaCode),
            village: columns.find(&Field::Village),
            district: columns.find(&Field::District),
            rt: rt.or(rw_rt),
            rw: columns.find(&Field::Rw),
            seen: HashMap::new(),
        }
    }

    /// The place of a row; `None` and an error where no kelurahan is found.
    pub fn place(&mut self, row: &Row, findings: &mut Findings) -> Option<Placed> {
        let columns = [self.area_code, self.village, self.district, self.rt.map(|(at, _)| at), self.rw];
        let mut key = String::new();
        for column in columns.into_iter().flatten() {
            key.push_str(&row.cell(column).to_text());
            key.push('\u{1f}');
        }
        let outcome = match self.seen.get(&key) {
            Some(outcome) => Rc::clone(outcome),
            None => {
                let outcome = Rc::new(self.work_out(row));
                if self.seen.len() < SPELLINGS_MAX {
                    self.seen.insert(key, Rc::clone(&outcome));
                }
                outcome
            }
        };
        for remark in &outcome.remarks {
            let place = Place { row: row.number, column: remark.column };
            match remark.severity {
                Severity::Error => findings.error(place, remark.code, remark.sentence.as_str()),
                Severity::Warning => findings.warning(place, remark.code, remark.sentence.as_str()),
            }
        }
        outcome.placed.clone()
    }

    fn work_out(&self, row: &Row) -> Outcome {
        let mut remarks = Vec::new();
        let placed = self.find_base(row, &mut remarks).map(|base| self.find_leaf(row, base, &mut remarks));
        if let Some(placed) = &placed {
            let village = self.index.area(placed.village);
            if !village.is_current {
                remarks.push(Remark {
                    column: self.village.or(self.area_code),
                    code: "area_ended",
                    severity: Severity::Warning,
                    sentence: format!("The area {} is no longer current.", village.code),
                });
            }
        }
        Outcome { placed, remarks }
    }

    /// The area that the row names itself: any level from the kelurahan down.
    fn find_base(&self, row: &Row, remarks: &mut Vec<Remark>) -> Option<usize> {
        let text = |column: Option<usize>| column.and_then(|at| text_of(row.cell(at))).unwrap_or_default();
        let error = |column, code, sentence: String| Remark { column, code, severity: Severity::Error, sentence };
        let code = text(self.area_code);
        if !code.is_empty() {
            let found = self.index.find_code(&code).filter(|at| self.index.area(*at).level >= AreaLevel::Village);
            if found.is_none() {
                remarks.push(error(self.area_code, "area_unknown", format!("There is no area with the code {code}.")));
            }
            return found;
        }
        let village = text(self.village);
        if village.is_empty() {
            remarks.push(error(self.village, "area_missing", "The kelurahan is missing.".to_owned()));
            return None;
        }
        match self.index.find_village(&village, &text(self.district)) {
            Ok((at, Match::Sure)) => Some(at),
            Ok((at, Match::Guessed)) => {
                let name = &self.index.area(at).name;
                remarks.push(Remark {
                    column: self.village,
                    code: "area_guessed",
                    severity: Severity::Warning,
                    sentence: format!("`{village}` is taken for {name}."),
                });
                Some(at)
            }
            Err(NoArea::Unknown) => {
                remarks.push(error(self.village, "area_unknown", format!("There is no kelurahan like `{village}`.")));
                None
            }
            Err(NoArea::Ambiguous) => {
                let sentence = format!(
                    "`{village}` can be more than one kelurahan; name its kecamatan, or give its code with the points."
                );
                remarks.push(error(self.village, "area_ambiguous", sentence));
                None
            }
        }
    }

    fn find_leaf(&self, row: &Row, base: usize, remarks: &mut Vec<Remark>) -> Placed {
        let village = self.index.village_of(base).unwrap_or(base);
        let (neighbourhood, is_readable) = self.neighbourhood(row);
        if self.index.area(base).level > AreaLevel::Village {
            return Placed { leaf: base, village, neighbourhood, rt_raw: None };
        }
        if let Some(leaf) = self.index.find_rt(village, neighbourhood) {
            return Placed { leaf, village, neighbourhood, rt_raw: None };
        }
        let leaf = self.index.unknown_leaf(village);
        if neighbourhood.rt.is_none() && is_readable {
            return Placed { leaf, village, neighbourhood, rt_raw: None };
        }
        let (code, sentence) = if is_readable {
            ("rt_unknown", "The kelurahan has no such RT; the household goes to `RT belum diketahui`.")
        } else {
            ("rt_unreadable", "This is no RT number; the household goes to `RT belum diketahui`.")
        };
        let column = self.rt.map(|(at, _)| at);
        remarks.push(Remark { column, code, severity: Severity::Warning, sentence: sentence.to_owned() });
        let raw = [column, self.rw].into_iter().flatten().filter_map(|at| text_of(row.cell(at)));
        Placed { leaf, village, neighbourhood, rt_raw: Some(raw.collect::<Vec<_>>().join("/")) }
    }

    fn neighbourhood(&self, row: &Row) -> (Neighbourhood, bool) {
        let rt = self.rt.map_or(Some(Neighbourhood::default()), |(at, order)| read_neighbourhood(row.cell(at), order));
        let rw =
            self.rw.and_then(|at| read_neighbourhood(row.cell(at), Unlabelled::RwFirst)).and_then(|found| found.rw);
        let found = rt.unwrap_or_default();
        (Neighbourhood { rt: found.rt, rw: found.rw.or(rw) }, rt.is_some())
    }
}
