//! Kota Jambi as the demo knows it: the real province, city, 11 kecamatan and 68 kelurahan;
//! below them RWs and RTs invented from a seed.

mod table;

use std::io::Write;

pub use table::{Split, Village, districts, splits, villages};

use crate::seed::Seed;

/// RTs of the real city.
pub const RTS: usize = 1_652;
/// A kelurahan has some RTs at least, however small it is.
const RTS_MIN: usize = 6;
/// RTs under one RW.
const RTS_PER_RW: usize = 8;
/// Families in an RT, as the city counts them: from under 50 to about 1,000.
const FAMILIES_MIN: i64 = 45;
const FAMILIES_MAX: i64 = 1_000;
/// Every kelurahan has a leaf for households whose RT nobody knows yet.
const RT_UNKNOWN_NAME: &str = "RT belum diketahui";
const RT_UNKNOWN_SUFFIX: &str = ".00.000";
/// The day before the kelurahan of 2023 began.
const BEFORE_SPLITS: &str = "2022-12-31";
/// Numbers of the ended RTs: above every living one of the kelurahan.
const ENDED_FIRST: usize = 901;

/// One RT of the invented city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rt {
    /// Such as `15.71.01.1001.01.003`.
    pub code: String,
    /// The RW above it, within its kelurahan, from 1.
    pub rw: usize,
    /// Its number within its kelurahan, from 1: RW or not, "RT 3" is one place.
    pub number: usize,
    /// Index into [`villages`].
    pub village: usize,
    /// How many families live there; the prelist spreads by it.
    pub families: u32,
}

/// The city with its invented RTs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// All 1,652, ordered by code within their kelurahan.
    pub rts: Vec<Rt>,
}

/// One line of the areas file.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct AreaRow {
    /// Kemendagri code, or the office's below the kelurahan.
    pub code: String,
    /// `province`, `regency`, `district`, `village`, `rw` or `rt`.
    pub level: &'static str,
    /// As people say it.
    pub name: String,
    /// Empty for the province.
    pub parent_code: String,
    /// Code of the statistics office, where there is one.
    pub bps_code: &'static str,
    /// First day; empty where it was always there.
    pub valid_from: &'static str,
    /// Last day; empty while it lives.
    pub valid_to: &'static str,
    /// Codes of what became of it, joined by `;`.
    pub successors: String,
}

impl City {
    /// The city of this seed.
    pub fn new(seed: u64) -> Self {
        let mut draw = Seed::of(seed, "city", 0);
        let counts = rt_counts(&mut draw);
        let mut rts = Vec::with_capacity(RTS);
        for (village, count) in counts.into_iter().enumerate() {
            for number in 1..=count {
                let rw = (number - 1) / RTS_PER_RW + 1;
                let code = format!("{}.{rw:02}.{number:03}", villages()[village].code);
                rts.push(Rt { code, rw, number, village, families: families(&mut draw) });
            }
        }
        Self { rts }
    }

    /// The kelurahan of an RT.
    pub fn village(&self, rt: &Rt) -> &'static Village {
        &villages()[rt.village]
    }

    /// Code of the leaf for households of this kelurahan whose RT is not known yet.
    pub fn rt_unknown_code(village: &Village) -> String {
        format!("{}{RT_UNKNOWN_SUFFIX}", village.code)
    }

    /// Every area, parents before children, ended areas after the living.
    pub fn areas(&self) -> Vec<AreaRow> {
        let mut areas = vec![
            AreaRow {
                code: "15".into(),
                level: "province",
                name: "Jambi".into(),
                bps_code: "15",
                ..AreaRow::default()
            },
            AreaRow {
                code: "15.71".into(),
                level: "regency",
                name: "Kota Jambi".into(),
                parent_code: "15".into(),
                bps_code: "1571",
                ..AreaRow::default()
            },
        ];
        areas.extend(districts().iter().map(|district| AreaRow {
            code: district.code.into(),
            level: "district",
            name: district.name.into(),
            parent_code: "15.71".into(),
            bps_code: district.bps_code,
            ..AreaRow::default()
        }));
        for (index, village) in villages().iter().enumerate() {
            self.push_village(index, village, &mut areas);
        }
        areas.extend(self.ended_rts());
        areas
    }

    /// The areas file that the office imports.
    pub fn write_areas_csv(&self, out: impl Write) -> csv::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        for area in self.areas() {
            csv.serialize(area)?;
        }
        csv.flush()?;
        Ok(())
    }

    fn push_village(&self, index: usize, village: &Village, areas: &mut Vec<AreaRow>) {
        let valid_from = village.valid_from();
        areas.push(AreaRow {
            code: village.code.into(),
            level: "village",
            name: village.name.into(),
            parent_code: village.district_code().into(),
            bps_code: village.bps_code,
            valid_from,
            ..AreaRow::default()
        });
        areas.push(AreaRow {
            code: Self::rt_unknown_code(village),
            level: "rt",
            name: RT_UNKNOWN_NAME.into(),
            parent_code: village.code.into(),
            valid_from,
            ..AreaRow::default()
        });
        let mut last_rw = 0;
        for rt in self.rts.iter().filter(|rt| rt.village == index) {
            let rw_code = format!("{}.{:02}", village.code, rt.rw);
            if rt.rw != last_rw {
                last_rw = rt.rw;
                areas.push(AreaRow {
                    code: rw_code.clone(),
                    level: "rw",
                    name: format!("RW {:02}", rt.rw),
                    parent_code: village.code.into(),
                    valid_from,
                    ..AreaRow::default()
                });
            }
            areas.push(AreaRow {
                code: rt.code.clone(),
                level: "rt",
                name: format!("RT {:03}", rt.number),
                parent_code: rw_code,
                valid_from,
                ..AreaRow::default()
            });
        }
    }

    /// The RTs that the parents gave away in 2023. The office drew the new ones anew, so an old one lives on in
    /// two, and a new one comes from several.
    fn ended_rts(&self) -> Vec<AreaRow> {
        let mut given_away = vec![0; villages().len()];
        let mut ended = Vec::new();
        for split in splits() {
            let heirs: Vec<&Rt> = self.rts.iter().filter(|rt| self.village(rt).code == split.code).collect();
            for (turn, parent_code) in split.parents.iter().enumerate() {
                let parent = villages().iter().position(|village| village.code == *parent_code);
                let parent = parent.expect("the table of splits names kelurahan of the table");
                for heir in 0..2 {
                    let number = ENDED_FIRST + given_away[parent];
                    given_away[parent] += 1;
                    let first = (turn * 2 + heir) % heirs.len();
                    let successors = [first, (first + 1) % heirs.len()].map(|index| heirs[index].code.as_str());
                    ended.push(AreaRow {
                        code: format!("{parent_code}.01.{number}"),
                        level: "rt",
                        name: format!("RT {number} (lama)"),
                        parent_code: format!("{parent_code}.01"),
                        valid_to: BEFORE_SPLITS,
                        successors: successors.join(";"),
                        ..AreaRow::default()
                    });
                }
            }
        }
        ended
    }
}

/// How many RTs each kelurahan has: by chance, but 1,652 in the city.
fn rt_counts(draw: &mut Seed) -> Vec<usize> {
    let villages = villages().len();
    let weights: Vec<usize> = (0..villages).map(|_| draw.between(3, 30) as usize).collect();
    let total: usize = weights.iter().sum();
    let to_share = RTS - RTS_MIN * villages;
    let mut counts: Vec<usize> = weights.iter().map(|weight| RTS_MIN + weight * to_share / total).collect();
    let missing = RTS - counts.iter().sum::<usize>();
    for count in counts.iter_mut().take(missing) {
        *count += 1;
    }
    counts
}

/// Most RTs are small, a few are whole quarters: the eighth power of a draw does that.
fn families(draw: &mut Seed) -> u32 {
    let thousandth = draw.between(0, 1000);
    let fourth = thousandth.pow(4) / 1_000_000_000;
    let skewed = fourth * fourth / 1000;
    (FAMILIES_MIN + skewed * (FAMILIES_MAX - FAMILIES_MIN) / 1000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn csv_of(seed: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        City::new(seed).write_areas_csv(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_city_has_11_kecamatan_68_kelurahan_and_1652_rts() {
        let city = City::new(1);
        assert_eq!((districts().len(), villages().len(), city.rts.len()), (11, 68, RTS));
        let unknown = city.areas().iter().filter(|area| area.name == RT_UNKNOWN_NAME).count();
        assert_eq!(unknown, 68);
    }

    #[test]
    fn an_rt_has_from_under_50_to_about_1000_families() {
        let rts = City::new(1).rts;
        assert!(rts.iter().any(|rt| rt.families < 50));
        assert!(rts.iter().any(|rt| rt.families > 900));
        let city: u32 = rts.iter().map(|rt| rt.families).sum();
        assert!((180_000..320_000).contains(&city), "{city}");
    }

    #[test]
    fn every_area_comes_after_its_parent_and_every_successor_exists() {
        let areas = City::new(1).areas();
        let mut seen = BTreeSet::new();
        for area in &areas {
            assert!(area.parent_code.is_empty() || seen.contains(&area.parent_code), "{}", area.code);
            assert!(area.code.starts_with(&area.parent_code));
            assert!(seen.insert(area.code.clone()), "{} twice", area.code);
        }
        let successors: Vec<_> = areas.iter().flat_map(|area| area.successors.split(';')).collect();
        assert!(successors.iter().all(|code| code.is_empty() || seen.contains(*code)));
    }

    #[test]
    fn the_splits_of_2023_have_many_parents_and_many_successors() {
        let areas = City::new(1).areas();
        let ended: Vec<_> = areas.iter().filter(|area| !area.valid_to.is_empty()).collect();
        assert_eq!(ended.len(), 22);
        assert!(ended.iter().all(|area| area.successors.contains(';')));
        let new = areas.iter().filter(|area| area.level == "village" && area.valid_from == "2023-01-01").count();
        assert_eq!(new, 6);
    }

    #[test]
    fn the_same_seed_gives_the_same_file() {
        assert_eq!(csv_of(1), csv_of(1));
        assert_ne!(csv_of(1), csv_of(2));
        assert!(csv_of(1).starts_with(b"code,level,name,parent_code,bps_code,valid_from,valid_to,successors\n"));
    }
}
