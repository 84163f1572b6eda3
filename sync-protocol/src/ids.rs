//! Names of things: typed ids, so that a writer is never passed where a record is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: expected a lower-case hyphenated UUID")]
pub struct NotAnId {
    kind: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with exactly these bits.
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The id's 128 bits.
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// A time-ordered id (UUIDv7) from milliseconds since 1970 and ten random bytes.
            pub fn minted(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }

            /// A random id (UUIDv4) from sixteen random bytes.
            pub fn random(random: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", $kind, self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Accepts only the one canonical spelling, so that text equality is id equality.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let wrong = NotAnId { kind: $kind };
                if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(wrong);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| wrong)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut buffer = Uuid::encode_buffer();
                to.serialize_str(self.0.as_hyphenated().encode_lower(&mut buffer))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a ", $kind, " id"))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                from.deserialize_str(Text)
            }
        }
    };
}

id!(
    /// A record: one household, family, person or visit. Made where the record is created.
    RecordId,
    "record"
);
id!(
    /// One life of one installation, or of one server process. Never reused.
    WriterId,
    "writer"
);
id!(
    /// A person with an account: the author of changesets.
    UserId,
    "user"
);
id!(
    /// A node of the administrative tree.
    AreaId,
    "area"
);
id!(
    /// A round of data collection.
    RoundId,
    "round"
);
id!(
    /// A device: one phone or laptop. It may hold several writers over its life.
    DeviceId,
    "device"
);

impl RecordId {
    /// The id of a record that an interview makes: of its visit and of what the form calls the place, e.g.
    /// `person/3f…`. The same each time, so that a visit finished twice makes nobody twice. `at_ms` is when the
    /// interview was begun, milliseconds since 1970.
    pub fn derived(at_ms: u64, visit: RecordId, place: &str) -> RecordId {
        let mut hash = blake3::Hasher::new();
        hash.update(visit.to_string().as_bytes()).update(place.as_bytes());
        let bytes = hash.finalize().as_bytes().first_chunk().copied().expect("a hash has 32 bytes");
        RecordId::minted(at_ms, bytes)
    }

    /// Whether the id was derived like that, whenever: only the time within it is the device's own.
    pub fn is_derived(self, visit: RecordId, place: &str) -> bool {
        /// What of a time-ordered id is not its time.
        const REST: u128 = (1 << 80) - 1;
        (RecordId::derived(0, visit, place).as_u128() ^ self.as_u128()) & REST == 0
    }
}

/// A kind of record. Children name their parent in the register `_parent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collection {
    /// One family card or prelist row; child of a household.
    Family,
    /// The register entry being verified: one dwelling, one kitchen. The only root.
    Household,
    /// A member; child of a household.
    Person,
    /// One interview; child of a household.
    Visit,
}

impl Collection {
    /// Every collection, in the order of its name.
    pub const ALL: [Collection; 4] = [Self::Family, Self::Household, Self::Person, Self::Visit];

    /// The collection's name on the wire, in SQL and in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Household => "household",
            Self::Person => "person",
            Self::Visit => "visit",
        }
    }

    /// The collection that a record's `_parent` belongs to; `None` for a root.
    pub const fn parent(self) -> Option<Collection> {
        match self {
            Self::Household => None,
            Self::Family | Self::Person | Self::Visit => Some(Self::Household),
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Collection {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::ALL.into_iter().find(|c| c.name() == text).ok_or(NotAnId { kind: "collection" })
    }
}

/// The first four bytes of a save's link in its writer's hash chain: tells two lives of one writer apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(pub u32);

/// The name of every value that one save wrote: writer and save number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// Who wrote.
    pub writer: WriterId,
    /// The writer's save number, from 1.
    pub save: u64,
}

/// The highest save of one writer that an author had seen of a record, with that save's tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// Save number, from 1.
    pub save: u64,
    /// Tag of that save.
    pub tag: Tag,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = RecordId::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "0190", &id.to_string().to_uppercase().replace('0', "A"), &id.to_string().replace('-', "")] {
            assert!(wrong.parse::<RecordId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_collection_is_known_by_its_name() {
        for collection in Collection::ALL {
            assert_eq!(collection.name().parse(), Ok(collection));
            assert_eq!(serde_json::to_string(&collection).expect("serialises"), format!("\"{collection}\""));
        }
    }
}
