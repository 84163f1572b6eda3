//! How a visit ends, and how often.

use crate::households::Mark;
use crate::seed::Seed;

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The whole form was answered.
    Complete,
    /// They broke off.
    Partial,
    /// Nobody at home, three times.
    NoRespondent,
    /// They would not.
    Refused,
    /// They live elsewhere, or the building is gone.
    MovedOrDemolished,
    /// Nobody knows them.
    NotFound,
    /// They eat from the pot of another household on the list.
    PartOfAnotherHousehold,
    /// They are on the list twice.
    Duplicate,
}

impl Outcome {
    /// The register's value.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Complete => "complete",
            Outcome::Partial => "partial",
            Outcome::NoRespondent => "no_respondent",
            Outcome::Refused => "refused",
            Outcome::MovedOrDemolished => "moved_or_demolished",
            Outcome::NotFound => "not_found",
            Outcome::PartOfAnotherHousehold => "part_of_another_household",
            Outcome::Duplicate => "duplicate",
        }
    }

    /// What the household is after such a visit.
    pub fn status(self) -> &'static str {
        match self {
            Outcome::Complete => "verified",
            Outcome::Partial | Outcome::NoRespondent | Outcome::Refused => "to_visit_again",
            Outcome::MovedOrDemolished => "moved",
            Outcome::NotFound => "not_found",
            Outcome::PartOfAnotherHousehold | Outcome::Duplicate => "duplicate",
        }
    }

    /// Anything but "complete" asks for one.
    pub(super) fn note(self) -> &'static str {
        match self {
            Outcome::Complete => "",
            Outcome::Partial => "Wawancara terputus, diminta datang lagi lain hari.",
            Outcome::NoRespondent => "Rumah terkunci pada tiga kali kunjungan; menurut tetangga bekerja sampai malam.",
            Outcome::Refused => "Tidak bersedia didata.",
            Outcome::MovedOrDemolished => "Sudah pindah menurut ketua RT.",
            Outcome::NotFound => "Tidak dikenal di RT ini.",
            Outcome::PartOfAnotherHousehold => "Masih satu dapur dengan orang tua.",
            Outcome::Duplicate => "Nama yang sama sudah ada di RT lain.",
        }
    }
}

/// Shares of the outcomes by what the list got wrong; of a thousand.
pub(super) fn outcome(draw: &mut Seed, mark: Mark) -> Outcome {
    let shares: &[(Outcome, u32)] = match mark {
        Mark::Plain => &[
            (Outcome::Complete, 855),
            (Outcome::Partial, 35),
            (Outcome::NoRespondent, 60),
            (Outcome::Refused, 25),
            (Outcome::MovedOrDemolished, 15),
            (Outcome::NotFound, 10),
        ],
        Mark::DuplicateOf(_) => &[(Outcome::Duplicate, 700), (Outcome::NotFound, 300)],
        Mark::MovedTo(_) => &[(Outcome::MovedOrDemolished, 900), (Outcome::NotFound, 100)],
        Mark::SplitFrom(_) => &[(Outcome::Complete, 800), (Outcome::PartOfAnotherHousehold, 200)],
    };
    draw.weighted(shares)
}
