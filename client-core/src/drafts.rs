//! Drafts: work on a household that is not saved yet. Every keystroke handed over is on the disk before the call returns.
//!
//! What the person was shown is fixed when the household is loaded into the draft: it is the context of the save, and it
//! moves only when the person is shown newer values ([`Device::draft_refresh`]).

use std::collections::BTreeMap;

use sync_protocol::save::{is_register_name, reserved};
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Row, Save, Value};

use crate::device::Device;
use crate::env::new_record;
use crate::error::{Error, Result, bad_input, bad_register};
use crate::rows;
use crate::saving::{Saved, seal};
use crate::store::drafts::{self, Drafted};
use crate::store::records;

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
    /// Begins a draft. The rows as they are now are what the person is shown.
    pub fn draft_open(&mut self, about: About) -> Result<DraftId> {
        let fresh = new_record(self.env());
        let now = self.env().now_ms();
        let step = self.transaction()?;
        let draft = match about {
            About::Household(id) => {
                let draft = drafts::insert(&step, id, now)?;
                show(&step, draft, id)?;
                draft
            }
            About::Family(_) => return Err(bad_input("registers are typed for a household")),
            About::NewIn(area) => {
                let draft = drafts::insert(&step, fresh, now)?;
                drafts::put_record(&step, draft, fresh, Collection::Household, None)?;
                drafts::set(&step, draft, fresh, reserved::AREA, &Value::text(&area.to_string()))?;
                draft
            }
        };
        step.commit()?;
        Ok(draft)
    }

    /// Writes down one register. The record must be in the draft.
    pub fn draft_set(&mut self, draft: DraftId, record: RecordId, register: &str, value: Value) -> Result<()> {
        if !is_register_name(register) {
            return Err(bad_register(record, register, "this is not a register's name"));
        }
        self.draft_change(draft, |store| {
            drafts::find_record(store, draft, record)?.ok_or(Error::NotFound("record in the draft"))?;
            drafts::set(store, draft, record, register, &value)
        })
    }

    /// Takes back what was typed into one register: the value shown stands again.
    pub fn draft_unset(&mut self, draft: DraftId, record: RecordId, register: &str) -> Result<()> {
        self.draft_change(draft, |store| drafts::unset(store, draft, record, register))
    }

    /// Adds a family, a person or a visit below the draft's household.
    pub fn draft_add(
        &mut self,
        draft: DraftId,
        collection: Collection,
        registers: BTreeMap<String, Value>,
    ) -> Result<RecordId> {
        if collection.parent().is_none() {
            return Err(bad_input("a draft is about one household"));
        }
        let id = new_record(self.env());
        if let Some(name) = registers.keys().find(|name| !is_register_name(name)) {
            return Err(bad_register(id, name, "this is not a register's name"));
        }
        self.draft_change(draft, |store| {
            let root = drafts::root(store, draft)?;
            drafts::put_record(store, draft, id, collection, None)?;
            drafts::set(store, draft, id, reserved::PARENT, &Value::text(&root.to_string()))?;
            registers.iter().try_for_each(|(name, value)| drafts::set(store, draft, id, name, value))
        })?;
        Ok(id)
    }

    /// Removes a record: one made in the draft is gone at once, any other is deleted by the save.
    pub fn draft_remove(&mut self, draft: DraftId, record: RecordId) -> Result<()> {
        self.draft_change(draft, |store| match drafts::find_record(store, draft, record)? {
            None => Err(Error::NotFound("record in the draft")),
            Some((_, true)) => drafts::drop_record(store, draft, record),
            Some((_, false)) => drafts::set(store, draft, record, reserved::ALIVE, &Value::bool(false)),
        })
    }

    /// Names the form versions that the draft is made with, `name@version`.
    pub fn draft_forms(&mut self, draft: DraftId, forms: &[String]) -> Result<()> {
        self.draft_change(draft, |store| drafts::set_forms(store, draft, forms))
    }

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

    /// Shows the newer values: what was typed stays on top, and the save will have seen what is shown now.
    pub fn draft_refresh(&mut self, draft: DraftId) -> Result<Vec<DraftRecord>> {
        self.draft_change(draft, |store| {
            let root = drafts::root(store, draft)?;
            if records::find(store, root)?.is_some() { show(store, draft, root) } else { Ok(()) }
        })?;
        self.draft_view(draft)
    }

    /// Throws a draft away.
    pub fn draft_discard(&mut self, draft: DraftId) -> Result<()> {
        let step = self.transaction()?;
        drafts::delete(&step, draft)?;
        Ok(step.commit()?)
    }

    /// Seals the draft as one save; in the same transaction the draft goes away.
    pub fn draft_save(&mut self, draft: DraftId) -> Result<Saved> {
        let me = self.me()?.clone();
        let now = self.env().now_ms();
        let step = self.transaction()?;
        let forms = drafts::forms(&step, draft)?;
        let mut records = drafts::records(&step, draft)?;
        records.retain(|record| record.loaded.is_none() || !record.registers.is_empty());
        let shown = records.iter().filter_map(|record| Some((record.id, record.loaded.clone()?))).collect();
        let writes: Result<Vec<RecordWrite>> = records.into_iter().map(write).collect();
        let saved = seal(&step, &me, now, &[Save { records: writes? }], &forms, &shown)?;
        drafts::delete(&step, draft)?;
        step.commit()?;
        Ok(saved)
    }

    /// Every draft, the last touched first.
    pub fn drafts(&self) -> Result<Vec<DraftLine>> {
        drafts::list(self.store())
    }

    fn draft_change(&mut self, draft: DraftId, change: impl FnOnce(&rusqlite::Connection) -> Result<()>) -> Result<()> {
        let now = self.env().now_ms();
        let step = self.transaction()?;
        drafts::touch(&step, draft, now)?;
        change(&step)?;
        Ok(step.commit()?)
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
