//! The world of the examples: two enumerators, one household in Kota Jambi, keys made of repeated bytes.

use std::collections::BTreeMap;

use sync_protocol::changeset::{ChangesetHash, Origin};
use sync_protocol::ids::{DeviceId, RoundId};
use sync_protocol::save::{RecordWrite, reserved};
use sync_protocol::{
    AreaId, Clock, Collection, Context, Header, RecordId, Save, Sealed, Seen, Signer, Tag, UserId, Value, WriterId,
};

const fn bits(kind: u128, n: u128) -> u128 {
    0x0193_6f00_0000_7000_8000_0000_0000_0000 + (kind << 16) + n
}

pub(super) const AREA: AreaId = AreaId::from_u128(bits(0xa, 1));
pub(super) const OTHER_AREA: AreaId = AreaId::from_u128(bits(0xa, 2));
pub(super) const ANI: WriterId = WriterId::from_u128(bits(0xb, 1));
pub(super) const BUDI: WriterId = WriterId::from_u128(bits(0xb, 2));
/// Ani's device again, after its file was restored.
pub(super) const ANI_AGAIN: WriterId = WriterId::from_u128(bits(0xb, 3));
pub(super) const USER_ANI: UserId = UserId::from_u128(bits(0xc, 1));
pub(super) const USER_BUDI: UserId = UserId::from_u128(bits(0xc, 2));
pub(super) const DEVICE: DeviceId = DeviceId::from_u128(bits(0xd, 1));
pub(super) const ROUND: RoundId = RoundId::from_u128(bits(0xe, 1));
pub(super) const HOUSEHOLD: RecordId = RecordId::from_u128(bits(1, 1));
pub(super) const PERSON: RecordId = RecordId::from_u128(bits(2, 1));
/// 2026-11-02 09:00 in Jambi.
pub(super) const NINE: i64 = 1_793_584_800_000;

/// The server's root key.
pub(super) fn root() -> Signer {
    Signer::from_secret(&[1; 32])
}

pub(super) fn key_of(writer: WriterId) -> Signer {
    let byte = match writer {
        ANI => 2,
        ANI_AGAIN => 4,
        _ => 3,
    };
    Signer::from_secret(&[byte; 32])
}

/// A changeset with what it follows.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) after: ChangesetHash,
    pub(super) sealed: Sealed,
    pub(super) writer: WriterId,
    pub(super) seq: u64,
}

impl Made {
    fn seal(writer: WriterId, after: Option<&Made>, clock: i64, forms: &[&str], saves: &[Save]) -> Made {
        Made::seal_from(writer, None, after, clock, forms, saves)
    }

    fn seal_from(
        writer: WriterId,
        origin: Option<&Made>,
        after: Option<&Made>,
        clock: i64,
        forms: &[&str],
        saves: &[Save],
    ) -> Made {
        let (before, after) = after.map_or((0, ChangesetHash::NONE), |made| (made.seq, made.sealed.links.hash));
        let seq = before + saves.len() as u64;
        let author = if writer == BUDI { USER_BUDI } else { USER_ANI };
        let origin = origin.map(|made| Origin(made.writer, made.seq, made.sealed.links.hash));
        let forms = forms.iter().map(|form| (*form).to_owned()).collect();
        let header = Header { author, clock: Clock(clock), forms, origin, protocol: 1, seq, writer };
        let lines = saves.iter().map(Save::to_line).collect();
        Made { after, sealed: key_of(writer).seal(after, &header, lines), writer, seq }
    }

    /// What its last save is seen as.
    pub(super) fn seen(&self) -> Context {
        Context::from([(self.writer, self.sealed.links.last_seen(self.seq))])
    }
}

fn write(collection: Collection, id: RecordId, context: &Context, registers: &[(&str, Value)]) -> RecordWrite {
    let registers = registers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    RecordWrite { collection, id, context: context.clone(), registers }
}

fn household(context: &Context, registers: &[(&str, Value)]) -> Save {
    Save { records: vec![write(Collection::Household, HOUSEHOLD, context, registers)] }
}

/// Ani's first save: a household and its head.
pub(super) fn first() -> Made {
    let nothing = Context::new();
    let area = Value::text(&AREA.to_string());
    let parent = Value::text(&HOUSEHOLD.to_string());
    let records = vec![
        write(
            Collection::Household,
            HOUSEHOLD,
            &nothing,
            &[
                (reserved::AREA, area),
                ("address", Value::text("Jl. Melati \"Gg. 3\"")),
                ("head_name", Value::text("Siti")),
                ("rooms", Value::integer(4)),
            ],
        ),
        write(
            Collection::Person,
            PERSON,
            &nothing,
            &[(reserved::PARENT, parent), ("name", Value::text("Siti")), ("nik", Value::text("1571014101010001"))],
        ),
    ];
    Made::seal(ANI, None, NINE, &["regsosek@3"], &[Save { records }])
}

/// Ani's next changeset: two saves.
pub(super) fn second() -> Made {
    let first = first();
    let saves = [
        household(&first.seen(), &[("head_name", Value::text("Siti Aminah"))]),
        household(&first.seen(), &[("phone", Value::text("0741"))]),
    ];
    Made::seal(ANI, Some(&first), NINE + 60_000, &[], &saves)
}

/// Budi had seen Ani's first save and not the next ones.
pub(super) fn others() -> Made {
    let saves = [household(&first().seen(), &[("head_name", Value::text("Sitti A."))])];
    Made::seal(BUDI, None, NINE + 30_000, &[], &saves)
}

/// Ani's second changeset once more under her new writer: the server holds another one under its number.
pub(super) fn retold() -> Made {
    let seen = first().seen();
    let saves = [
        household(&seen, &[("head_name", Value::text("Siti Aminah"))]),
        household(&seen, &[("phone", Value::text("0741"))]),
    ];
    Made::seal_from(ANI_AGAIN, Some(&second()), None, NINE + 60_000, &[], &saves)
}

/// A context entry for a save that is not here.
pub(super) fn to_come() -> (WriterId, Seen) {
    (BUDI, Seen { save: 7, tag: Tag(0x0102_0304) })
}

/// No registers at all.
pub(super) fn delete() -> BTreeMap<String, Value> {
    BTreeMap::from([(reserved::ALIVE.to_owned(), Value::bool(false))])
}
