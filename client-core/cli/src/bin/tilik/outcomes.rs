//! How a visit ends, and what the household is after it.

use clap::ValueEnum;

use crate::words::Word;

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The whole form was answered
    Complete,
    /// They broke off
    Partial,
    /// Nobody at home, until the end
    NoRespondent,
    /// They would not
    Refused,
    /// They live elsewhere, or the building is gone
    MovedOrDemolished,
    /// Nobody knows them
    NotFound,
    /// They belong to another household of the list
    PartOfAnotherHousehold,
    /// They are on the list twice
    Duplicate,
}

impl Outcome {
    pub(crate) const ALL: [Outcome; 8] = [
        Outcome::Complete,
        Outcome::Partial,
        Outcome::NoRespondent,
        Outcome::Refused,
        Outcome::MovedOrDemolished,
        Outcome::NotFound,
        Outcome::PartOfAnotherHousehold,
        Outcome::Duplicate,
    ];

    /// The register's value.
    pub(crate) fn code(self) -> &'static str {
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

    pub(crate) fn word(self) -> Word {
        match self {
            Outcome::Complete => Word::OutcomeComplete,
            Outcome::Partial => Word::OutcomePartial,
            Outcome::NoRespondent => Word::OutcomeNoRespondent,
            Outcome::Refused => Word::OutcomeRefused,
            Outcome::MovedOrDemolished => Word::OutcomeMovedOrDemolished,
            Outcome::NotFound => Word::OutcomeNotFound,
            Outcome::PartOfAnotherHousehold => Word::OutcomePartOfAnotherHousehold,
            Outcome::Duplicate => Word::OutcomeDuplicate,
        }
    }

    /// The register `status` of a household after such a visit.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Outcome::Complete => "verified",
            Outcome::Partial | Outcome::NoRespondent | Outcome::Refused => "to_visit_again",
            Outcome::MovedOrDemolished => "moved",
            Outcome::NotFound => "not_found",
            Outcome::PartOfAnotherHousehold | Outcome::Duplicate => "duplicate",
        }
    }

    /// The form ends early, and somebody will ask why.
    pub(crate) fn needs_note(self) -> bool {
        self != Outcome::Complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_spells_an_outcome_like_the_register() {
        for outcome in Outcome::ALL {
            let spelled = outcome.to_possible_value().expect("every outcome can be given");
            assert_eq!(spelled.get_name(), outcome.code());
        }
        assert_eq!(Outcome::ALL.len(), Outcome::value_variants().len());
    }
}
