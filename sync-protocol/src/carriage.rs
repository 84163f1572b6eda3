//! Entries over a session: which of them the server lacks is asked first, then they are brought (section 17).
//!
//! A device whose store is gone sends so what its outbox file holds, without being able to read it; a session may carry
//! entries of anybody.

use serde::{Deserialize, Serialize};

use crate::changeset::ChangesetHash;
use crate::entry::Entry;
use crate::exchange::{BadBody, control_body};
use crate::ids::WriterId;
use crate::limits;

/// The name of an entry: writer, number of its last save, hash.
pub type Head = (WriterId, u64, ChangesetHash);

/// Line 1 of a request; after its line end come entries as they lie in a file, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// The entries asked about, those that the request brings among them.
    pub ask: Vec<Head>,
}

/// The answer: how each entry asked about stands after the request, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// One for each of `ask`.
    pub entries: Vec<Standing>,
}

/// How an entry's changeset stands at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is stored durably under its number.
    Here,
    /// Every backup that is kept for a restore holds it: its entry may be forgotten.
    BackedUp,
    /// The server lacks it.
    Wanted,
    /// This request brought it, and it was not stored under its number. What can be read of it is kept for a person.
    Refused,
    /// This request brought it, and it is encrypted to another server.
    Foreign,
}

impl Standing {
    /// Whether the changeset is durable at the server.
    pub fn is_here(self) -> bool {
        matches!(self, Standing::Here | Standing::BackedUp)
    }
}

impl Carriage {
    /// A request's body.
    pub fn to_body(&self, entries: &[&Entry]) -> Vec<u8> {
        let mut body = control_body(self).into_bytes();
        entries.iter().for_each(|entry| body.extend(entry.to_bytes()));
        body
    }

    /// Takes a body apart. Entries that were cut or changed on the way are passed over: they stay wanted.
    pub fn parse(body: &[u8]) -> Result<(Carriage, Vec<Entry>), BadBody> {
        let end = body.iter().position(|byte| *byte == b'\n').ok_or(BadBody::Lines { announced: 1, found: 0 })?;
        let carriage: Carriage = serde_json::from_slice(&body[..end])
            .map_err(|e| BadBody::Control(format!("column {}, {:?}", e.column(), e.classify())))?;
        if carriage.ask.len() > limits::ENTRIES_MAX {
            return Err(BadBody::TooMuch { what: "entries", max: limits::ENTRIES_MAX });
        }
        let entries = Entry::list(&body[end + 1..]);
        Ok((carriage, entries))
    }
}

impl Entry {
    /// Its name.
    pub fn name(&self) -> Head {
        (self.writer, self.seq, self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64) -> Entry {
        Entry { writer: WriterId::from_u128(7), seq, hash: ChangesetHash([seq as u8; 32]), sealed: vec![1; 40] }
    }

    #[test]
    fn a_cut_body_brings_the_entries_that_came_whole() {
        let (one, two) = (entry(1), entry(2));
        let carriage = Carriage { ask: vec![one.name(), two.name()] };
        let body = carriage.to_body(&[&one, &two]);
        assert_eq!(Carriage::parse(&body).expect("a carriage"), (carriage.clone(), vec![one.clone(), two]));
        assert_eq!(Carriage::parse(&body[..body.len() - 1]).expect("a carriage").1, [one]);
        assert_eq!(Carriage::parse(&carriage.to_body(&[])).expect("a carriage").1, []);
        assert!(Carriage::parse(b"{\"ask\":[]}").is_err());
        let many = Carriage { ask: vec![entry(1).name(); limits::ENTRIES_MAX + 1] };
        assert!(Carriage::parse(&many.to_body(&[])).is_err());
    }
}
