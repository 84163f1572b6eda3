//! Visits: interviews held with a form, every answer on the disk before the next, and at the end one save.
//!
//! What the person was shown of the household is fixed when the visit is begun: it is the prelist of the interview and the
//! context of its save, and it moves only when the person is shown newer values ([`Device::refresh_visit`]). The form is
//! fixed as well: an interview begun with one version is finished with it.

mod environment;
mod finish;
mod prefill;
mod ready;
mod sheet;
mod shown;
mod writes;

use std::sync::Arc;

use questionnaire::interview::{Draft, Event, Interview};
use rusqlite::Connection;
use sync_protocol::exchange::PackageHash;
use sync_protocol::save::reserved;
use sync_protocol::{Collection, RecordId, Value};

use crate::device::Device;
use crate::drafts::{self as shown_rows, About, DraftId};
use crate::env::new_record;
use crate::error::{Error, Result, bad_input};
use crate::forms::FormLine;
use crate::store::interviews::{self, Begun};
use crate::store::{drafts, forms, records};
use crate::views::Names;
use environment::Surroundings;
pub use finish::Ending;
pub(crate) use ready::Ready;
use shown::Shown;
pub use shown::{Disputed, News};

/// An interview that is being held. It lies in the store as it is after every step.
pub struct Visit {
    draft: DraftId,
    household: RecordId,
    form: FormLine,
    ready: Arc<Ready>,
    interview: Interview,
    disputed: Vec<Disputed>,
    /// Events as they lie in the store.
    kept: Vec<Event>,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("draft", &self.draft).field("form", &self.form.name()).finish_non_exhaustive()
    }
}

impl Visit {
    /// The draft that it lies in.
    pub fn draft(&self) -> DraftId {
        self.draft
    }

    /// The household that it is about, or will make.
    pub fn household(&self) -> RecordId {
        self.household
    }

    /// The form version that it is held with.
    pub fn form(&self) -> &FormLine {
        &self.form
    }

    /// The interview as it stands. [`Device::visit_step`] changes it.
    pub fn interview(&self) -> &Interview {
        &self.interview
    }

    /// Whether nobody has answered anything yet.
    pub fn is_untouched(&self) -> bool {
        self.interview.outline().first().is_none_or(|form| form.answered == 0)
    }

    /// Registers that hold several values: all of them must be shown, for the save may decide between them.
    pub fn disputed(&self) -> &[Disputed] {
        &self.disputed
    }
}

impl Device {
    /// Begins a visit. The rows as they are now are what the person is shown.
    pub fn begin_visit(&mut self, about: About, form: PackageHash) -> Result<Visit> {
        self.me()?;
        let ready = self.ready(form)?;
        let line = forms::find(self.store(), form)?.ok_or(Error::NotFound("form"))?;
        let surroundings = self.surroundings()?;
        let (fresh, visit) = (new_record(self.env()), new_record(self.env()));
        let now = self.env().now_ms();
        let step = self.transaction()?;
        let (draft, family) = open_draft(&step, about, fresh, now)?;
        let mut shown = Shown::of(&step, draft, family)?;
        if prefill::holds_family(ready.plan.form()) {
            shown.mean_first_family();
        }
        let prefill = prefill::of(ready.plan.form(), &shown, &mut Names::new(&step), surroundings.offset())?;
        let begun = Begun { form, visit, family: shown.family(), prefill: interviews::text(&prefill) };
        interviews::insert(&step, draft, &begun)?;
        drafts::set_forms(&step, draft, &[line.name()])?;
        let interview = Interview::begin(Arc::clone(&ready.plan), &ready.tables, Arc::new(surroundings), prefill);
        let kept = sheet::write(&step, draft, &interview, &[])?;
        let disputed = shown.disputed(&mut Names::new(&step))?;
        let household = shown.household();
        step.commit()?;
        Ok(Visit { draft, household, form: line, ready, interview, disputed, kept })
    }

    /// Takes up a visit where it was left.
    pub fn resume_visit(&mut self, draft: DraftId) -> Result<Visit> {
        drafts::root(self.store(), draft)?;
        let begun = interviews::find(self.store(), draft)?.ok_or(Error::NotFound("interview in this draft"))?;
        let ready = self.ready(begun.form)?;
        let line = forms::find(self.store(), begun.form)?.ok_or(Error::FileDamaged)?;
        let (draft_of, kept) = sheet::read(self.store(), draft, &line)?;
        let interview = self.held(&ready, draft_of)?;
        let shown = Shown::of(self.store(), draft, begun.family)?;
        let disputed = shown.disputed(&mut Names::new(self.store()))?;
        let household = shown.household();
        let mut visit = Visit { draft, household, form: line, ready, interview, disputed, kept };
        self.keep(&mut visit)?;
        Ok(visit)
    }

    /// Takes one step of the interview, an answer or a turn to another screen, and writes it down.
    ///
    /// An error is the store's: the interview has taken the step, and the next that succeeds writes this one down too.
    pub fn visit_step<T>(&mut self, visit: &mut Visit, step: impl FnOnce(&mut Interview) -> T) -> Result<T> {
        let done = step(&mut visit.interview);
        self.keep(visit)?;
        Ok(done)
    }

    /// Shows the newer values of the household: answers stay, and the save will have seen what is shown now. Returns what
    /// is other than before.
    pub fn refresh_visit(&mut self, visit: &mut Visit) -> Result<Vec<News>> {
        let begun = interviews::find(self.store(), visit.draft)?.ok_or(Error::NotFound("interview in this draft"))?;
        let offset = self.env().utc_offset_minutes();
        let (draft, household) = (visit.draft, visit.household);
        let step = self.transaction()?;
        let before = Shown::of(&step, draft, begun.family)?;
        if records::find(&step, household)?.is_some() {
            shown_rows::show(&step, draft, household)?;
        }
        let shown = Shown::of(&step, draft, begun.family)?;
        let prefill = prefill::of(visit.ready.plan.form(), &shown, &mut Names::new(&step), offset)?;
        interviews::set_prefill(&step, draft, &interviews::text(&prefill))?;
        let news = shown.news_since(&before, &mut Names::new(&step))?;
        let disputed = shown.disputed(&mut Names::new(&step))?;
        step.commit()?;
        let resumed = Draft { prefill, ..visit.interview.save() };
        visit.interview = self.held(&visit.ready, resumed)?;
        visit.disputed = disputed;
        self.keep(visit)?;
        Ok(news)
    }

    fn held(&self, ready: &Ready, draft: Draft) -> Result<Interview> {
        let surroundings = Arc::new(self.surroundings()?);
        // The package is named by its bytes, so it is the form that the draft was begun with.
        let resumed = Interview::resume(Arc::clone(&ready.plan), &ready.tables, surroundings, draft);
        resumed.map_err(|_| Error::FileDamaged)
    }

    fn surroundings(&self) -> Result<Surroundings> {
        let identity = self.identity()?.ok_or(Error::NotEnrolled)?;
        Ok(Surroundings::new(self.shared_env(), identity))
    }

    fn keep(&mut self, visit: &mut Visit) -> Result<()> {
        let now = self.env().now_ms();
        let step = self.transaction()?;
        drafts::touch(&step, visit.draft, now)?;
        let kept = sheet::write(&step, visit.draft, &visit.interview, &visit.kept)?;
        step.commit()?;
        visit.kept = kept;
        Ok(())
    }
}

/// A draft with the household's rows as they are, or with a household that nobody knows yet.
fn open_draft(store: &Connection, about: About, fresh: RecordId, now_ms: i64) -> Result<(DraftId, Option<RecordId>)> {
    let (root, family) = match about {
        About::Household(id) => (id, None),
        About::Family(id) => {
            let family = records::find(store, id)?.filter(|held| held.collection == Collection::Family);
            (family.and_then(|held| held.root).ok_or(Error::NotFound("family"))?, Some(id))
        }
        About::NewIn(area) => {
            let draft = drafts::insert(store, fresh, now_ms)?;
            drafts::put_record(store, draft, fresh, Collection::Household, None)?;
            drafts::set(store, draft, fresh, reserved::AREA, &Value::text(&area.to_string()))?;
            return Ok((draft, None));
        }
    };
    let draft = drafts::insert(store, root, now_ms)?;
    shown_rows::show(store, draft, root)?;
    let loaded = Shown::of(store, draft, family)?;
    if !loaded.is_alive() {
        return Err(bad_input("the household was deleted"));
    }
    Ok((draft, family))
}
