//! Which record an edit is of, before anybody gave it an id.

use crate::housing::Registers;

/// A collection of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// `household`.
    Household,
    /// `family`.
    Family,
    /// `person`.
    Person,
    /// `visit`.
    Visit,
}

impl Collection {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Household => "household",
            Collection::Family => "family",
            Collection::Person => "person",
            Collection::Visit => "visit",
        }
    }
}

/// The record that an edit is of, in terms of the generated household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The household itself.
    Household,
    /// Its family of this index.
    Family(usize),
    /// Somebody: index of the family, index in the family.
    Person(usize, usize),
    /// Somebody whom the list did not have, by family and a running number: a new record.
    NewPerson(usize, usize),
    /// This visit: a new record.
    Visit,
}

impl Target {
    /// Where it is kept.
    pub fn collection(self) -> Collection {
        match self {
            Target::Household => Collection::Household,
            Target::Family(_) => Collection::Family,
            Target::Person(..) | Target::NewPerson(..) => Collection::Person,
            Target::Visit => Collection::Visit,
        }
    }

    /// Registers that name other records, for those edits that make a new one.
    pub fn links(self) -> Vec<(&'static str, Target)> {
        match self {
            Target::Household => Vec::new(),
            Target::Family(_) | Target::Visit => vec![("_parent", Target::Household)],
            Target::Person(family, _) | Target::NewPerson(family, _) => {
                vec![("_parent", Target::Household), ("_family", Target::Family(family))]
            }
        }
    }
}

/// The registers that one visit writes of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Of which record.
    pub target: Target,
    /// Their new values.
    pub registers: Registers,
}
