//! The real codes and names, from the two tables in `data/`.

use std::sync::LazyLock;

/// A kecamatan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Kemendagri code, such as `15.71.03`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Code of the statistics office.
    pub bps_code: &'static str,
}

/// A kelurahan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// Kemendagri code, such as `15.71.03.1001`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Code of the statistics office; empty for those of 2023, which had none when the table was made.
    pub bps_code: &'static str,
    /// A point well inside, in thousandths of a degree.
    pub lat_milli: i64,
    /// East of Greenwich, in thousandths of a degree.
    pub lon_milli: i64,
    /// How far one may walk from that point and still be inside, in thousandths of a degree.
    pub reach_milli: i64,
}

/// A kelurahan made out of parts of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The new kelurahan.
    pub code: &'static str,
    /// Those that gave a part, even across kecamatan.
    pub parents: Vec<&'static str>,
    /// First day. The decree says January 2023; the day within it is ours.
    pub valid_from: &'static str,
}

impl Village {
    /// Code of its kecamatan.
    pub fn district_code(&self) -> &'static str {
        self.code.rsplit_once('.').expect("a kelurahan's code has four parts").0
    }

    /// Its kecamatan.
    pub fn district(&self) -> &'static District {
        let found = districts().iter().find(|district| district.code == self.district_code());
        found.expect("every kelurahan's kecamatan is in the table")
    }

    /// First day of those split off in 2023, else empty.
    pub fn valid_from(&self) -> &'static str {
        splits().iter().find(|split| split.code == self.code).map_or("", |split| split.valid_from)
    }
}

/// The 11 kecamatan.
pub fn districts() -> &'static [District] {
    &TABLE.0
}

/// The 68 kelurahan.
pub fn villages() -> &'static [Village] {
    &TABLE.1
}

/// The six splits of January 2023.
pub fn splits() -> &'static [Split] {
    &SPLITS
}

static TABLE: LazyLock<(Vec<District>, Vec<Village>)> = LazyLock::new(|| {
    let mut districts = Vec::new();
    let mut villages = Vec::new();
    for line in include_str!("../../data/jambi.tsv").lines().skip(1) {
        let fields: Vec<&'static str> = line.split('\t').collect();
        let [code, name, bps_code, lat, lon, reach] = fields[..] else { panic!("jambi.tsv has six columns: {line}") };
        match code.matches('.').count() {
            2 => districts.push(District { code, name, bps_code }),
            3 => villages.push(Village {
                code,
                name,
                bps_code,
                lat_milli: whole(lat),
                lon_milli: whole(lon),
                reach_milli: whole(reach),
            }),
            _ => {}
        }
    }
    (districts, villages)
});

static SPLITS: LazyLock<Vec<Split>> = LazyLock::new(|| {
    let lines = include_str!("../../data/jambi_splits_2023.tsv").lines().skip(1);
    lines
        .map(|line| {
            let fields: Vec<&'static str> = line.split('\t').collect();
            let [code, parents, valid_from] = fields[..] else {
                panic!("the table of splits has three columns: {line}")
            };
            Split { code, parents: parents.split(';').collect(), valid_from }
        })
        .collect()
});

fn whole(text: &str) -> i64 {
    text.parse().expect("positions in jambi.tsv are whole thousandths of a degree")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kelurahan_of_2023_lack_a_bps_code() {
        let without: Vec<_> = villages().iter().filter(|village| village.bps_code.is_empty()).map(|v| v.code).collect();
        let mut split: Vec<_> = splits().iter().map(|split| split.code).collect();
        split.sort_unstable();
        assert_eq!(without, split);
    }

    #[test]
    fn every_kelurahan_lies_in_the_city() {
        for village in villages() {
            assert!((-1700..=-1540).contains(&village.lat_milli), "{}", village.name);
            assert!((103_500..=103_710).contains(&village.lon_milli), "{}", village.name);
            assert_eq!(
                &village.bps_code[..village.bps_code.len().min(4)],
                if village.bps_code.is_empty() { "" } else { "1571" }
            );
        }
    }
}
