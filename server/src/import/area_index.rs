//! The administrative tree as an import looks into it: by code, by name within a district, by RT within a kelurahan.

use std::collections::HashMap;

use sync_protocol::AreaId;
use sync_protocol::exchange::AreaLevel;

use super::area_names::{area_name_key, slips, slips_forgiven};
use super::areas::is_unknown_rt;
use super::cells::Cell;
use super::neighbourhoods::{Neighbourhood, Unlabelled, read_neighbourhood};

/// One area as the register holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownArea {
    /// Its id.
    pub id: AreaId,
    /// Its code, `15.71.01.1001` and below.
    pub code: String,
    /// Its place in the order of levels.
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The code of the area above.
    pub parent_code: Option<String>,
    /// Its code in the other national system.
    pub bps_code: Option<String>,
    /// Whether it still exists today.
    pub is_current: bool,
}

/// How surely an area was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// By its code or its name.
    Sure,
    /// By a name with slips.
    Guessed,
}

/// Why no kelurahan was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoArea {
    /// Nothing like it is known.
    Unknown,
    /// Several fit equally well.
    Ambiguous,
}

/// The areas, indexed.
#[derive(Debug, Default)]
pub struct AreaIndex {
    areas: Vec<KnownArea>,
    by_code: HashMap<String, usize>,
    by_digits: HashMap<String, Vec<usize>>,
    villages_by_name: HashMap<String, Vec<usize>>,
    leaves: HashMap<usize, Leaves>,
}

/// What lies below one kelurahan.
#[derive(Debug, Default)]
struct Leaves {
    unknown: Option<usize>,
    numbered: HashMap<(u16, Option<u16>), Vec<usize>>,
}

impl AreaIndex {
    /// Indexes the areas, in any order.
    pub fn new(areas: Vec<KnownArea>) -> Self {
        let mut index = Self { areas, ..Self::default() };
        for (at, area) in index.areas.iter().enumerate() {
            index.by_code.insert(area.code.clone(), at);
            for code in [Some(&area.code), area.bps_code.as_ref()].into_iter().flatten() {
                let places = index.by_digits.entry(digits(code)).or_default();
                if !places.contains(&at) {
                    places.push(at);
                }
            }
            if area.level == AreaLevel::Village {
                index.villages_by_name.entry(area_name_key(&area.name)).or_default().push(at);
            }
        }
        for at in 0..index.areas.len() {
            if index.areas[at].level == AreaLevel::Rt {
                index.add_leaf(at);
            }
        }
        index
    }

    fn add_leaf(&mut self, at: usize) {
        let area = &self.areas[at];
        let mut rw = None;
        let mut above = area.parent_code.as_ref().and_then(|code| self.by_code.get(code)).copied();
        if let Some(parent) = above.filter(|parent| self.areas[*parent].level == AreaLevel::Rw) {
            rw = number_in_name(&self.areas[parent], Unlabelled::RwFirst).rw;
            above = self.areas[parent].parent_code.as_ref().and_then(|code| self.by_code.get(code)).copied();
        }
        let Some(village) = above else { return };
        let is_unknown = is_unknown_rt(&area.code, &area.name);
        let number = number_in_name(area, Unlabelled::RtFirst);
        let leaves = self.leaves.entry(village).or_default();
        if is_unknown {
            leaves.unknown.get_or_insert(at);
        } else if let Some(rt) = number.rt {
            leaves.numbered.entry((rt, None)).or_default().push(at);
            if let Some(rw) = rw.or(number.rw) {
                leaves.numbered.entry((rt, Some(rw))).or_default().push(at);
            }
        }
    }

    /// The area at a position that a look-up gave.
    pub fn area(&self, at: usize) -> &KnownArea {
        &self.areas[at]
    }

    /// All of them, in the order given.
    pub fn areas(&self) -> &[KnownArea] {
        &self.areas
    }

    /// The area of exactly this code, with or without its dots, or of this BPS code where no other fits.
    pub fn find_code(&self, code: &str) -> Option<usize> {
        let code = code.trim();
        self.by_code.get(code).copied().or_else(|| {
            let places = self.by_digits.get(&digits(code)).filter(|_| is_code(code))?;
            // Two systems of codes can meet in the same digits: then neither is believed.
            match places.as_slice() {
                [only] => Some(*only),
                _ => None,
            }
        })
    }

    /// The kelurahan of this code or name, in the district named if one is.
    pub fn find_village(&self, village: &str, district: &str) -> Result<(usize, Match), NoArea> {
        if is_code(village) {
            let found = self.find_code(village).filter(|at| self.areas[*at].level >= AreaLevel::Village);
            let is_of_several = self.by_digits.get(&digits(village)).is_some_and(|places| places.len() > 1);
            let why_not = if is_of_several { NoArea::Ambiguous } else { NoArea::Unknown };
            return found.map(|at| (at, Match::Sure)).ok_or(why_not);
        }
        let key = area_name_key(village);
        let exact = self.villages_by_name.get(&key).map(Vec::as_slice).unwrap_or_default();
        if !exact.is_empty() {
            return self.one_of(exact, district).map(|at| (at, Match::Sure));
        }
        let slips_max = slips_forgiven(&key);
        let mut near: Vec<(usize, usize)> = Vec::new();
        for (other, places) in &self.villages_by_name {
            if let Some(count) = slips(&key, other, slips_max) {
                near.extend(places.iter().map(|at| (count, *at)));
            }
        }
        let Some(fewest) = near.iter().map(|(count, _)| *count).min() else { return Err(NoArea::Unknown) };
        let nearest: Vec<usize> = near.iter().filter(|(count, _)| *count == fewest).map(|(_, at)| *at).collect();
        self.one_of(&nearest, district).map(|at| (at, Match::Guessed))
    }

    fn one_of(&self, places: &[usize], district: &str) -> Result<usize, NoArea> {
        if let [only] = places {
            return Ok(*only);
        }
        let key = area_name_key(district);
        let fits = |at: &&usize| {
            let above = self.areas[**at].parent_code.as_ref().and_then(|code| self.by_code.get(code));
            above.is_some_and(|above| {
                let above = &self.areas[*above];
                area_name_key(&above.name) == key || digits(&above.code) == digits(district)
            })
        };
        match places.iter().filter(fits).collect::<Vec<_>>().as_slice() {
            [only] => Ok(**only),
            _ => Err(NoArea::Ambiguous),
        }
    }

    /// The RT of that number below a kelurahan; `None` if there is none or several.
    pub fn find_rt(&self, village: usize, neighbourhood: Neighbourhood) -> Option<usize> {
        let rt = neighbourhood.rt?;
        let numbered = &self.leaves.get(&village)?.numbered;
        let only = |rw| match numbered.get(&(rt, rw)).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        };
        neighbourhood.rw.and_then(|rw| only(Some(rw))).or_else(|| only(None))
    }

    /// Where households of a kelurahan stand whose RT is not known; the kelurahan itself if no such leaf was made.
    pub fn unknown_leaf(&self, village: usize) -> usize {
        self.leaves.get(&village).and_then(|leaves| leaves.unknown).unwrap_or(village)
    }

    /// The kelurahan that an area is or lies in.
    pub fn village_of(&self, at: usize) -> Option<usize> {
        let mut at = at;
        // The tree has six levels; a longer way up would be a cycle.
        for _ in 0..6 {
            if self.areas[at].level == AreaLevel::Village {
                return Some(at);
            }
            at = *self.by_code.get(self.areas[at].parent_code.as_ref()?)?;
        }
        None
    }
}

fn number_in_name(area: &KnownArea, unlabelled: Unlabelled) -> Neighbourhood {
    let named = read_neighbourhood(&Cell::Text(area.name.clone()), unlabelled).unwrap_or_default();
    if named != Neighbourhood::default() {
        return named;
    }
    let last = area.code.rsplit('.').next().unwrap_or_default();
    read_neighbourhood(&Cell::Text(last.to_owned()), unlabelled).unwrap_or_default()
}

fn is_code(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 2
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.starts_with(|first: char| first.is_ascii_digit())
}

fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str, level: AreaLevel, name: &str, parent: &str) -> KnownArea {
        KnownArea {
            id: AreaId::from_u128(u128::from(digits(code).parse::<u64>().unwrap_or(0))),
            code: code.to_owned(),
            level,
            name: name.to_owned(),
            parent_code: (!parent.is_empty()).then(|| parent.to_owned()),
            bps_code: (code == "15.71.01.1001").then(|| "1571050002".to_owned()),
            is_current: true,
        }
    }

    fn index() -> AreaIndex {
        AreaIndex::new(vec![
            area("15.71.01", AreaLevel::District, "Telanaipura", "15.71"),
            area("15.71.02", AreaLevel::District, "Jambi Selatan", "15.71"),
            area("15.71.01.1001", AreaLevel::Village, "Simpang IV Sipin", "15.71.01"),
            area("15.71.01.1002", AreaLevel::Village, "Pasar", "15.71.01"),
            area("15.71.02.1002", AreaLevel::Village, "Pasar", "15.71.02"),
            area("15.71.01.1001.01", AreaLevel::Rw, "RW 01", "15.71.01.1001"),
            area("15.71.01.1001.02", AreaLevel::Rw, "RW 02", "15.71.01.1001"),
            area("15.71.01.1001.01.001", AreaLevel::Rt, "RT 001", "15.71.01.1001.01"),
            area("15.71.01.1001.02.001", AreaLevel::Rt, "RT 001", "15.71.01.1001.02"),
            area("15.71.01.1001.02.002", AreaLevel::Rt, "RT 002", "15.71.01.1001.02"),
            area("15.71.01.1001.000", AreaLevel::Rt, "RT belum diketahui", "15.71.01.1001"),
        ])
    }

    fn code_of(index: &AreaIndex, village: &str, district: &str) -> Result<String, NoArea> {
        index.find_village(village, district).map(|(at, _)| index.area(at).code.clone())
    }

    #[test]
    fn a_kelurahan_is_found_by_name_slip_or_either_code() {
        let index = index();
        for village in [
            "Simpang IV Sipin",
            "Kel. Simpang 4 Sipin",
            "Simpang IV Sippin",
            "15.71.01.1001",
            "1571011001",
            "1571050002",
        ] {
            assert_eq!(code_of(&index, village, "").as_deref(), Ok("15.71.01.1001"), "{village}");
        }
        assert_eq!(code_of(&index, "Simpang III Sipin", ""), Err(NoArea::Unknown));
        assert_eq!(code_of(&index, "Pasar", ""), Err(NoArea::Ambiguous));
        assert_eq!(code_of(&index, "Pasar", "KEC. JAMBI SELATAN").as_deref(), Ok("15.71.02.1002"));
    }

    #[test]
    fn digits_that_mean_two_areas_in_two_systems_are_not_believed() {
        let mut other = area("15.71.02.1009", AreaLevel::Village, "Kenali Besar", "15.71.02");
        other.bps_code = Some("1571011001".to_owned());
        let index = AreaIndex::new(vec![area("15.71.01.1001", AreaLevel::Village, "Legok", "15.71.01"), other]);
        assert_eq!(code_of(&index, "1571011001", ""), Err(NoArea::Ambiguous));
        assert_eq!(code_of(&index, "15.71.01.1001", "").as_deref(), Ok("15.71.01.1001"));
    }

    #[test]
    fn an_rt_number_used_twice_needs_its_rw() {
        let index = index();
        let (village, _) = index.find_village("Simpang IV Sipin", "").expect("it is there");
        let found =
            |rt, rw| index.find_rt(village, Neighbourhood { rt: Some(rt), rw }).map(|at| index.area(at).code.as_str());
        assert_eq!(found(2, None), Some("15.71.01.1001.02.002"));
        assert_eq!(found(1, None), None);
        assert_eq!(found(1, Some(1)), Some("15.71.01.1001.01.001"));
        assert_eq!(index.area(index.unknown_leaf(village)).code, "15.71.01.1001.000");
    }
}
