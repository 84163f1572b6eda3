//! The end of a visit: all of it is checked, and what was found becomes one save.

use questionnaire::interview::Problem;
use sync_protocol::Save;
use sync_protocol::exchange::Round;

use super::Visit;
use super::shown::Shown;
use super::writes::{Visited, records};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::saving::{Saved, seal};
use crate::store::meta::{self, Name};
use crate::store::{attachments, drafts, forms, interviews};

/// How an attempt to finish a visit ended.
#[derive(Debug)]
pub enum Ending {
    /// It is saved; its draft is gone.
    Saved(Saved),
    /// Something has to be looked at first. Nothing is lost, and the visit goes on.
    Problems(Vec<Problem>),
}

impl Device {
    /// Finishes a visit: one save of the visit's record and of all that it found, in one transaction with the end of its
    /// draft. Where something in the interview is wrong, or an answer is missing, it says what and where.
    pub fn finish_visit(&mut self, visit: &mut Visit) -> Result<Ending> {
        let finished = match visit.interview.finalize() {
            Ok(finished) => finished,
            Err(problems) => {
                self.keep(visit)?;
                return Ok(Ending::Problems(problems));
            }
        };
        let now_ms = self.env().now_ms();
        let begun = interviews::find(self.store(), visit.draft)?.ok_or(Error::NotFound("interview in this draft"))?;
        let round: Option<String> = meta::find(self.store(), Name::Round)?;
        let round: Option<Round> = round.and_then(|round| serde_json::from_str(&round).ok());
        let step = self.transaction()?;
        let shown = Shown::of(&step, visit.draft, begun.family)?;
        let drafted = drafts::records(&step, visit.draft)?;
        let texts = drafted.iter().filter_map(|record| Some((record.id, record.loaded.clone()?))).collect();
        let files = attachments::of_draft(&step, visit.draft)?;
        let visited = Visited {
            files: &files,
            form: &visit.form,
            interview: &visit.interview,
            finished: &finished,
            shown: &shown,
            drafted: &drafted,
            visit: begun.visit,
            begun_ms: drafts::created(&step, visit.draft)?,
            ended_ms: now_ms,
            round: round.map(|round| round.id),
        };
        let save = Save { records: records(&visited)? };
        let saved = seal(&step, now_ms, &[save], &[visit.form.name()], &texts)?;
        let named = visited.named_files();
        attachments::set_saved(&step, &named)?;
        drafts::delete(&step, visit.draft)?;
        let freed = attachments::drop_unnamed(&step)?;
        forms::drop_unneeded(&step)?;
        step.commit()?;
        crate::lifeboat::float(self);
        self.note_saved(&named);
        self.free(&freed);
        Ok(Ending::Saved(saved))
    }
}
