//! What the server decided of one save (section 9.2). Every verdict advances the prefix: nothing blocks what follows.

use serde::{Deserialize, Serialize};

/// The decision on one save. On the wire `[first, last, "applied"]` or `[first, last, "quarantined", "code"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Merged; nobody else's value stands beside it.
    Applied,
    /// Merged; at least one of its registers now holds several values for a person to settle.
    AppliedWithConflict,
    /// Kept, waits for something that it stands on.
    Parked,
    /// Kept for a person to look at; not merged.
    Quarantined(Code),
    /// A person looked at it and decided against it.
    Rejected(Code),
}

impl Verdict {
    /// Whether the save's values are part of the server's rows.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Applied | Self::AppliedWithConflict)
    }

    /// The verdict's word, as on the wire and in SQL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AppliedWithConflict => "applied_with_conflict",
            Self::Parked => "parked",
            Self::Quarantined(_) => "quarantined",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The reason of a quarantine or rejection.
    pub const fn code(self) -> Option<Code> {
        match self {
            Self::Quarantined(code) | Self::Rejected(code) => Some(code),
            _ => None,
        }
    }

    /// The verdict with this word and code; `None` if they do not go together.
    pub fn from_parts(word: &str, code: Option<Code>) -> Option<Verdict> {
        Some(match (word, code) {
            ("applied", None) => Self::Applied,
            ("applied_with_conflict", None) => Self::AppliedWithConflict,
            ("parked", None) => Self::Parked,
            ("quarantined", Some(code)) => Self::Quarantined(code),
            ("rejected", Some(code)) => Self::Rejected(code),
            _ => return None,
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal: $sentence:literal;)*) => {
        /// Why a save or changeset was not merged. Each has one sentence for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code's word, as on the wire and in SQL.
            pub const fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// One sentence: what happened.
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$name => $sentence,)* }
            }
        }
    };
}

codes! {
    /// The signature does not belong to the writer, or the bytes were changed.
    BadSignature = "bad_signature": "The signature does not match the writer and the bytes.";
    /// The header does not say what the changeset is.
    BadHeader = "bad_header": "The header is not a header of this protocol, or it contradicts the saves it comes with.";
    /// No such writer is enrolled here.
    UnknownWriter = "unknown_writer": "The writer is not enrolled on this server.";
    /// Another changeset stands under the same number.
    Fork = "fork": "Another changeset of the same writer stands under this number.";
    /// Not canonical JSON.
    NotCanonical = "not_canonical": "The save is not canonical JSON.";
    /// Canonical JSON, but no save.
    Malformed = "malformed": "The save does not have the shape of a save.";
    /// A register's name is not a name.
    BadName = "bad_name": "A register has a name that is not allowed.";
    /// The context cannot be true.
    BadContext = "bad_context": "The save claims to have seen what its author cannot have seen.";
    /// A bound of the protocol is crossed.
    TooLarge = "too_large": "The save crosses a bound of the protocol.";
    /// No such area.
    UnknownArea = "unknown_area": "The save names an area that does not exist.";
    /// No such parent.
    UnknownParent = "unknown_parent": "The save names a parent record that the server does not hold.";
    /// The id exists in another collection.
    WrongCollection = "wrong_collection": "The record exists under another collection.";
    /// The author had no grant on any area where the record stands.
    NotGranted = "not_granted": "The author had no grant on the area of the record at that time.";
    /// The author is not the person whom the writer was enrolled for.
    WrongAuthor = "wrong_author": "The author is not the person this writer was enrolled for.";
    /// The device was reported stolen before this came.
    Stolen = "stolen": "The device was reported stolen before this save came.";
    /// The same save is here under another writer of its device.
    Repeated = "repeated": "The same save was taken before, under another writer of its device.";
    /// Processing it failed again and again.
    Crashed = "crashed": "The server failed on this save and kept it for a person to look at.";
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(word: &str) -> Result<Code, ()> {
        Code::ALL.iter().copied().find(|code| code.word() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_spelled_the_same_everywhere() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_string(code).expect("serialises"), format!("\"{}\"", code.word()));
            assert_eq!(code.word().parse(), Ok(*code));
            assert!(code.sentence().ends_with('.'));
        }
    }
}
