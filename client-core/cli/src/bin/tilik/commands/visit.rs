//! `tilik visit`: begins a visit or goes on with one, holds its interview, and saves it.

use client_core::{About, Device, DraftId, Ending, FormLine, HouseholdView, Saved, Scaling, Visit};
use questionnaire::interview::Problem;
use serde_json::{Value, json};
use sync_protocol::{AreaId, RecordId};

use crate::arguments;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::paper::{Ink, Language, Paper, Shown};
use crate::talk::{self, Ended};
use crate::words::Word;
use crate::{prompts, references, values};

pub(crate) fn run(folder: &Folder, paper: &Paper, asked: &arguments::Visit) -> Result<Exit, Failure> {
    let mut device = folder.device()?;
    // Read before anything is begun: a file that is none must leave no draft behind.
    let answers = asked.answers.as_deref().map(talk::script::read).transpose()?;
    let mut visit = open(&mut device, paper, asked)?;
    let scaling = Scaling { long_side: asked.photo_pixels, quality: asked.photo_quality };
    let ended = match &answers {
        Some(answers) => {
            let manner = talk::script::Manner { confirm: asked.confirm, scaling };
            talk::script::play(&mut device, &mut visit, answers, manner)?
        }
        None => talk::hold(&mut device, &mut visit, paper, scaling)?,
    };
    match ended {
        Ended::Asked => finish(&mut device, &mut visit, paper),
        Ended::Saved(saved) => tell_saved(paper, &visit, saved),
        Ended::Stopped(problems) => {
            paper.print(&Unfinished { draft: visit.draft(), problems })?;
            Ok(Exit::Attention)
        }
        Ended::Left if visit.is_untouched() => {
            device.draft_discard(visit.draft())?;
            paper.print(&super::drafts::Fate { draft: visit.draft(), discarded: true })?;
            Ok(Exit::Done)
        }
        Ended::Left => {
            paper.print(&Unfinished { draft: visit.draft(), problems: Vec::new() })?;
            Ok(Exit::Done)
        }
    }
}

fn finish(device: &mut Device, visit: &mut Visit, paper: &Paper) -> Result<Exit, Failure> {
    match device.finish_visit(visit)? {
        Ending::Saved(saved) => tell_saved(paper, visit, saved),
        Ending::Problems(problems) => {
            paper.print(&Unfinished { draft: visit.draft(), problems })?;
            Ok(Exit::Attention)
        }
    }
}

fn tell_saved(paper: &Paper, visit: &Visit, saved: Saved) -> Result<Exit, Failure> {
    paper.print(&SavedHere { household: visit.household(), saved })?;
    Ok(Exit::Done)
}

fn open(device: &mut Device, paper: &Paper, asked: &arguments::Visit) -> Result<Visit, Failure> {
    if let Some(draft) = asked.draft {
        return resume(device, paper, DraftId(draft));
    }
    let Some(named) = &asked.household else {
        let area = references::area(device, asked.area.as_deref().unwrap_or_default())?;
        let form = form(device, paper, area, asked.form.as_deref())?;
        return begin(device, paper, About::NewIn(area), &form);
    };
    let household = references::household(device, named)?;
    let going_on = device.drafts()?.into_iter().find(|line| line.household == household && line.form.is_some());
    if let Some(line) = going_on {
        prompts::tell(&paper.say(Word::VisitGoesOn, &[("draft", &line.draft.0)]))?;
        return resume(device, paper, line.draft);
    }
    let view = device.household(household)?;
    let area = view.household.registers.get("_area").and_then(|register| register.values.first());
    let area = area.and_then(|value| value.value.as_text()?.parse().ok());
    let form = form(device, paper, area.ok_or(client_core::Error::NotFound("area"))?, asked.form.as_deref())?;
    let about = family(paper, &view, asked.family.as_deref())?.map_or(About::Household(household), About::Family);
    begin(device, paper, about, &form)
}

/// Begins a visit in the language of the screen, if the form has it.
fn begin(device: &mut Device, paper: &Paper, about: About, form: &FormLine) -> Result<Visit, Failure> {
    let mut visit = device.begin_visit(about, form.hash)?;
    let code = match paper.language {
        Language::Id => "id",
        Language::En => "en",
    };
    let languages = &visit.interview().plan().form().languages;
    if let Some(language) = languages.iter().position(|language| language.code.as_deref() == Some(code)) {
        device.visit_step(&mut visit, |interview| interview.set_language(language))?;
    }
    Ok(visit)
}

/// Goes on with a visit; newer values are shown first.
fn resume(device: &mut Device, paper: &Paper, draft: DraftId) -> Result<Visit, Failure> {
    let mut visit = device.resume_visit(draft)?;
    if !device.draft_outdated(draft)?.is_empty() {
        let news = device.refresh_visit(&mut visit)?;
        prompts::tell(&paper.ink(paper.word(Word::DraftRefreshed), Ink::Yellow))?;
        for news in &news {
            prompts::tell(&talk::draw::news(paper, news))?;
        }
    }
    Ok(visit)
}

/// The form of this name, the only one, or the one that a person chooses.
fn form(device: &Device, paper: &Paper, area: AreaId, named: Option<&str>) -> Result<FormLine, Failure> {
    let mut here = device.list_forms(area)?;
    here.retain(|form| form.is_here);
    let names = || here.iter().map(FormLine::name).collect();
    if let Some(named) = named {
        let fits = |form: &&FormLine| form.form == named || form.name() == named || form.title == named;
        return here.iter().find(fits).cloned().ok_or_else(|| Failure::NoSuchForm { here: names() });
    }
    match here.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::NoSuchForm { here: Vec::new() }),
        several if prompts::is_somebody_there() => {
            for (number, form) in (1..).zip(several) {
                prompts::tell(&format!("  {number}  {} ({})", form.title, form.version))?;
            }
            let chosen = prompts::choose(paper, paper.word(Word::AskForm), several.len())?;
            chosen.map(|at| several[at].clone()).ok_or_else(|| Failure::NoSuchForm { here: names() })
        }
        _ => Err(Failure::NoSuchForm { here: names() }),
    }
}

/// The family of this id, or the one of several that a person chooses.
fn family(paper: &Paper, view: &HouseholdView, named: Option<&str>) -> Result<Option<RecordId>, Failure> {
    let families: Vec<_> = view.families.iter().filter(|family| family.alive).collect();
    if let Some(named) = named {
        return references::record(named, families.iter().map(|family| family.id)).map(Some);
    }
    if families.len() < 2 || !prompts::is_somebody_there() {
        return Ok(None);
    }
    for (number, family) in (1..).zip(&families) {
        let head = family.registers.get("head_name").map(|register| talk::draw::values(paper, "head_name", register));
        let id = values::short(family.id);
        prompts::tell(&format!("  {number}  {} {id} {}", paper.word(Word::Family), head.unwrap_or_default()))?;
    }
    let chosen = prompts::choose(paper, paper.word(Word::AskFamily), families.len())?;
    Ok(chosen.map(|at| families[at].id))
}

struct SavedHere {
    household: RecordId,
    saved: Saved,
}

impl Shown for SavedHere {
    fn json(&self) -> Value {
        json!({"household": self.household, "save": self.saved.last, "clock": self.saved.clock, "sent": false})
    }

    fn text(&self, paper: &Paper) -> String {
        let number = paper.say(Word::SavedNumber, &[("number", &self.saved.last)]);
        format!("{} {number}", paper.ink(paper.word(Word::SavedHere), Ink::Green))
    }
}

/// A visit that goes on another time, and what is wrong with it so far.
struct Unfinished {
    draft: DraftId,
    problems: Vec<Problem>,
}

impl Shown for Unfinished {
    fn json(&self) -> Value {
        json!({"draft": self.draft.0, "problems": self.problems})
    }

    fn text(&self, paper: &Paper) -> String {
        let mut lines: Vec<String> = self.problems.iter().map(|problem| talk::draw::problem(paper, problem)).collect();
        let word = if self.problems.is_empty() { Word::DraftKept } else { Word::NotSavedYet };
        lines.push(paper.say(word, &[("draft", &self.draft.0)]));
        lines.join("\n")
    }
}
