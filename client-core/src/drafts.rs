//! Drafts: work on a household that is not saved yet, with each record as its author was shown it.
//!
//! What was shown is fixed when the household is loaded into the draft: it is the context of the save. A draft is a visit
//! under way, whose interview is the business of `visits`, or holds registers typed before there were forms.

use std::collections::BTreeMap;

use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Row, Save, Value};

use crate::device::Device;
use crate::error::{Error, Result, bad_input};
use crate::rows;
use crate::saving::{Saved, seal};
use crate::store::drafts::{self, Drafted};
use crate::store::{attachments, interviews, records};

/// The name of a draft on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftId(pub i64);

/// What a draft is about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// A household that this device holds, with everything below it. Of several families a visit is about the first.
    Household(RecordId),
    /// A family, with the household that it lives in.
    Family(RecordId),
    /// A household that nobody knows yet, in this area.
    NewIn(AreaId),
}

/// One line of the list of drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    /// The draft.
    pub draft: DraftId,
    /// The household that it is about.
    pub household: RecordId,
    /// When it was begun, device time.
    pub created_ms: i64,
    /// When it was last changed, device time.
    pub updated_ms: i64,
    /// Name in the household list; `None` for a household made in the draft.
    pub name: Option<String>,
    /// The form that it is asked with, `name@version`; `None` for registers typed before there were forms.
    pub form: Option<String>,
    /// How the form calls the interview.
    pub label: Option<String>,
    /// Answers given, or registers typed.
    pub answered: usize,
}

/// A record of a draft as it stands on the screen.
#[derive(Debug, Clone)]
pub struct DraftRecord {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub collection: Collection,
    /// The row as it was shown; `None` for a record made in the draft.
    pub shown: Option<Row>,
    /// What was typed on top.
    pub typed: BTreeMap<String, Value>,
}

impl DraftRecord {
    /// A register's value on the screen: what was typed, or else what was shown.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.typed.get(name).or_else(|| self.shown.as_ref()?.value(name))
    }
}

impl Device {
    /// The draft's records as they stand on the screen, the household first.
    pub fn draft_view(&self, draft: DraftId) -> Result<Vec<DraftRecord>> {
        drafts::root(self.store(), draft)?;
        drafts::records(self.store(), draft)?.into_iter().map(shown).collect()
    }

    /// Records of the draft of which newer values have come since they were shown.
    pub fn draft_outdated(&self, draft: DraftId) -> Result<Vec<RecordId>> {
        let mut outdated = Vec::new();
        for record in drafts::records(self.store(), draft)? {
            let Some(held) = records::find(self.store(), record.id)? else { continue };
            if record.loaded.as_deref() != Some(records::text(self.store(), held.view)?.as_str()) {
                outdated.push(record.id);
            }
        }
        Ok(outdated)
    }

    /// Throws a draft away.
    pub fn draft_discard(&mut self, draft: DraftId) -> Result<()> {
        let step = self.transaction()?;
        drafts::delete(&step, draft)?;
        let freed = attachments::drop_unnamed(&step)?;
        step.commit()?;
        self.free(&freed);
        Ok(())
    }

    /// Seals registers that were typed before there were forms as one save; in the same transaction the draft goes away.
    pub fn draft_save(&mut self, draft: DraftId) -> Result<Saved> {
        let now = self.env().now_ms();
        let step = self.transaction()?;
        if interviews::find(&step, draft)?.is_some() {
            return Err(bad_input("an interview is finished, and not saved as it stands"));
        }
        let forms = drafts::forms(&step, draft)?;
        let mut records = drafts::records(&step, draft)?;
        records.retain(|record| record.loaded.is_none() || !record.registers.is_empty());
        let shown = records.iter().filter_map(|record| Some((record.id, record.loaded.clone()?))).collect();
        let writes: Result<Vec<RecordWrite>> = records.into_iter().map(write).collect();
        let saved = seal(&step, now, &[Save { records: writes? }], &forms, &shown)?;
        drafts::delete(&step, draft)?;
        step.commit()?;
        crate::lifeboat::float(self);
        Ok(saved)
    }

    /// Every draft, the last touched first.
    pub fn drafts(&self) -> Result<Vec<DraftLine>> {
        drafts::list(self.store())
    }
}

/// Takes the household, its families and its members into the draft as they are now. Parents come before their children.
pub(crate) fn show(store: &rusqlite::Connection, draft: DraftId, id: RecordId) -> Result<()> {
    let root = records::find(store, id)?.filter(|held| held.collection.parent().is_none());
    let root = root.ok_or(Error::NotFound("household"))?;
    let children = records::list_children(store, id)?;
    let kept = children.into_iter().filter(|held| held.collection != Collection::Visit);
    for held in std::iter::once(root).chain(kept) {
        let text = records::text(store, held.view)?;
        drafts::put_record(store, draft, held.id, held.collection, Some(&text))?;
    }
    Ok(())
}

fn shown(record: Drafted) -> Result<DraftRecord> {
    Ok(DraftRecord {
        id: record.id,
        collection: record.collection,
        shown: record.loaded.as_deref().map(rows::parsed).transpose()?,
        typed: record.registers.into_iter().collect(),
    })
}

fn write(record: Drafted) -> Result<RecordWrite> {
    let context = match &record.loaded {
        Some(text) => rows::parsed(text)?.context,
        None => sync_protocol::Context::new(),
    };
    Ok(RecordWrite {
        collection: record.collection,
        id: record.id,
        context,
        registers: record.registers.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use sync_protocol::ids::DeviceId;

    use super::*;
    use crate::Env;
    use crate::store::ids::Key;
    use crate::store::meta::{self, Name};
    use crate::store::{Place, StoreKey};

    struct Still;

    impl Env for Still {
        fn now_ms(&self) -> i64 {
            1_772_000_000_000
        }

        fn random(&self, to: &mut [u8]) {
            to.fill(7);
        }

        fn utc_offset_minutes(&self) -> i32 {
            420
        }
    }

    /// A device with a draft as a program without forms left it.
    fn device() -> (Device, DraftId) {
        let device = Device::open(Place::Memory, &StoreKey::new([1; 32]), Box::new(Still)).expect("opens");
        let store = device.store();
        for (name, id) in [(Name::Writer, 1_u128), (Name::User, 2), (Name::Device, 3)] {
            meta::set(store, name, DeviceId::from_u128(id).key()).expect("set");
        }
        meta::set(store, Name::Secret, [1_u8; 32].as_slice()).expect("set");
        let household = RecordId::from_u128(9);
        let draft = drafts::insert(store, household, 1).expect("begun");
        drafts::put_record(store, draft, household, Collection::Household, None).expect("taken");
        for (name, value) in [("_area", AreaId::from_u128(4).to_string()), ("head_name", "Siti".to_owned())] {
            drafts::set(store, draft, household, name, &Value::text(&value)).expect("typed");
        }
        (device, draft)
    }

    #[test]
    fn registers_typed_before_there_were_forms_are_saved_as_they_stand() {
        let (mut device, draft) = device();
        let line = device.drafts().expect("lists").remove(0);
        assert_eq!((line.form.as_deref(), line.answered), (None, 2));
        assert!(matches!(device.resume_visit(draft), Err(Error::NotFound(_))));
        let view = device.draft_view(draft).expect("reads");
        assert_eq!(view[0].value("head_name"), Some(&Value::text("Siti")));
        let saved = device.draft_save(draft).expect("saved");
        let row = device.load(RecordId::from_u128(9)).expect("is here").row;
        assert_eq!((saved.last, row.value("head_name")), (1, Some(&Value::text("Siti"))));
        assert!(device.drafts().expect("lists").is_empty());
        assert!(matches!(device.draft_save(draft), Err(Error::NotFound(_))));
    }
}
