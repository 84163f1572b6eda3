//! An interview in a terminal, or down a pipe: one question after the other, line by line.
//!
//! Questions go to stderr, answers come from stdin. Every step is on the disk before the next question is asked, so the end
//! of input, Ctrl-C and the power switch all mean the same: the visit goes on another time.

mod choices;
pub(crate) mod draw;
mod files;
mod interrupt;
mod places;
mod question;
pub(crate) mod script;
mod typed;

use client_core::{Device, Ending, Saved, Scaling, Visit};
use questionnaire::interview::{Another, Interview, Problem, Screen, Shows, Tongue};

use crate::exit::Failure;
use crate::paper::{Ink, Language, Paper};
use crate::prompts;
use crate::words::Word;
use typed::Typed;

/// Problems that are listed at the end; the others come to light as these are mended.
const PROBLEMS_LISTED_MAX: usize = 20;

/// How an interview ended.
pub(crate) enum Ended {
    /// Everything is answered as far as it goes: it may be finished.
    Asked,
    /// It is saved.
    Saved(Saved),
    /// It cannot go on by itself: these have to be looked at.
    Stopped(Vec<Problem>),
    /// It goes on another time.
    Left,
}

/// Where the interview goes from here.
enum Turn {
    Next,
    Back,
    /// The screen that is open now, whichever it is.
    Stay,
    Leave,
    Saved(Saved),
}

/// Holds an interview with whoever sits at the other end of stdin.
pub(crate) fn hold(device: &mut Device, visit: &mut Visit, paper: &Paper, scaling: Scaling) -> Result<Ended, Failure> {
    interrupt::tell_how_to_go_on(paper, visit.draft());
    let mut talk = Talk { device, visit, paper: *paper, scaling };
    talk.begin()?;
    loop {
        talk.paper = paper.in_language(language_of(talk.visit.interview()));
        let screen = talk.visit.interview().screen();
        let turn = match &screen.shows {
            Shows::Questions(_) => talk.questions(&screen)?,
            Shows::Another(another) => talk.another(another)?,
            Shows::End => talk.end()?,
        };
        match turn {
            Turn::Next => talk.next()?,
            Turn::Back => drop(talk.step(Interview::back)?),
            Turn::Stay => {}
            Turn::Leave => return Ok(Ended::Left),
            Turn::Saved(saved) => return Ok(Ended::Saved(saved)),
        }
    }
}

fn language_of(interview: &Interview) -> Language {
    match interview.tongue() {
        Tongue::Indonesian => Language::Id,
        Tongue::English => Language::En,
    }
}

/// An interview that is being held.
struct Talk<'a> {
    device: &'a mut Device,
    visit: &'a mut Visit,
    paper: Paper,
    /// How photos are kept.
    scaling: Scaling,
}

impl Talk<'_> {
    fn begin(&self) -> Result<(), Failure> {
        let (form, draft) = (self.visit.form(), self.visit.draft().0);
        let parts: [(&str, &dyn std::fmt::Display); 3] =
            [("title", &form.title), ("version", &form.version), ("draft", &draft)];
        self.tell(&self.paper.say(Word::TalkBegins, &parts))?;
        self.tell(self.paper.word(Word::TalkKeys))?;
        if !self.visit.disputed().is_empty() {
            self.tell(&draw::painted(&self.paper, self.paper.word(Word::Disputed), Ink::Red))?;
            for disputed in self.visit.disputed() {
                self.tell(&draw::disputed(&self.paper, disputed))?;
            }
        }
        Ok(())
    }

    fn step<T>(&mut self, step: impl FnOnce(&mut Interview) -> T) -> Result<T, Failure> {
        Ok(self.device.visit_step(self.visit, step)?)
    }

    fn tell(&self, text: &str) -> Result<(), Failure> {
        prompts::tell(text)
    }

    /// The next screen, unless something on this one is wrong.
    fn next(&mut self) -> Result<(), Failure> {
        if let Err(problems) = self.step(Interview::next)? {
            for problem in &problems {
                self.tell(&draw::problem(&self.paper, problem))?;
            }
        }
        Ok(())
    }

    /// The questions of a screen one by one. An answer may take questions away or bring others.
    fn questions(&mut self, first: &Screen) -> Result<Turn, Failure> {
        let mut asked = question::paths(first);
        let mut at = 0;
        loop {
            let screen = self.visit.interview().screen();
            let now = question::paths(&screen);
            if now != asked {
                // What was asked last may still be there; what follows it is what comes next.
                let last = asked.get(at.max(1) - 1).cloned();
                at = now.iter().position(|path| Some(path) == last.as_ref()).map_or(usize::MAX, |place| place + 1);
                if at == usize::MAX {
                    return Ok(Turn::Stay);
                }
                asked = now;
            }
            let Shows::Questions(questions) = &screen.shows else { return Ok(Turn::Stay) };
            let Some(question) = questions.get(at) else { return Ok(Turn::Next) };
            match self.question(&screen, question)? {
                question::Move::On => at += 1,
                question::Move::Back if at > 0 => at -= 1,
                question::Move::Back => return Ok(Turn::Back),
                question::Move::Elsewhere => return Ok(Turn::Stay),
                question::Move::Leave => return Ok(Turn::Leave),
            }
        }
    }

    /// Whether a repeat has one more row.
    fn another(&mut self, another: &Another) -> Result<Turn, Failure> {
        let parts: [(&str, &dyn std::fmt::Display); 2] = [("label", &another.label), ("n", &another.rows)];
        let Some(line) = prompts::ask(&self.paper.say(Word::AskAnother, &parts))? else { return Ok(Turn::Leave) };
        match Typed::read(&line) {
            Typed::Enter => Ok(Turn::Next),
            Typed::Back => Ok(Turn::Back),
            Typed::Text(text) if typed::is_yes(text) => {
                self.add_row(another.path.as_str())?;
                Ok(Turn::Stay)
            }
            Typed::Text(_) => Ok(Turn::Next),
            Typed::Command(typed::Command::Remove, _) => {
                self.choose_row_to_remove(&another.path)?;
                Ok(Turn::Stay)
            }
            typed => self.common(&typed),
        }
    }

    /// The last screen: all of it is checked, and saved if nothing is wrong.
    fn end(&mut self) -> Result<Turn, Failure> {
        let Some(line) = prompts::ask(self.paper.word(Word::AskEnd))? else { return Ok(Turn::Leave) };
        match Typed::read(&line) {
            Typed::Enter => {}
            Typed::Back => return Ok(Turn::Back),
            typed => return self.common(&typed),
        }
        let problems = match self.device.finish_visit(self.visit)? {
            Ending::Saved(saved) => return Ok(Turn::Saved(saved)),
            Ending::Problems(problems) => problems,
        };
        self.tell(&draw::painted(&self.paper, self.paper.word(Word::ProblemsFound), Ink::Yellow))?;
        for (number, problem) in (1..).zip(&problems).take(PROBLEMS_LISTED_MAX) {
            self.tell(&format!("{number:>3}  {}", draw::problem(&self.paper, problem)))?;
        }
        if problems.len() > PROBLEMS_LISTED_MAX {
            let more = problems.len() - PROBLEMS_LISTED_MAX;
            self.tell(&self.paper.say(Word::MoreProblems, &[("n", &more)]))?;
        }
        let Some(line) = prompts::ask(self.paper.word(Word::AskProblem))? else { return Ok(Turn::Leave) };
        match Typed::read(&line) {
            Typed::Back => Ok(Turn::Back),
            // The first is where anybody would begin.
            Typed::Enter => self.jump_to(problems[0].path.as_str()),
            Typed::Text(text) => match text.parse().ok().and_then(|number: usize| problems.get(number.checked_sub(1)?))
            {
                Some(problem) => self.jump_to(problem.path.as_str()),
                None => Ok(Turn::Stay),
            },
            typed => self.common(&typed),
        }
    }

    /// What means the same on every screen.
    fn common(&mut self, typed: &Typed<'_>) -> Result<Turn, Failure> {
        use typed::Command;
        match typed {
            Typed::Help => self.tell(self.paper.word(Word::TalkHelp))?,
            Typed::Command(Command::Leave, _) => return Ok(Turn::Leave),
            Typed::Command(Command::Jump, to) => self.jump(to)?,
            Typed::Command(Command::End, _) => drop(self.step(Interview::jump_to_end)?),
            Typed::Command(Command::Language, named) => self.switch_language(named)?,
            Typed::Unknown => self.tell(self.paper.word(Word::NoSuchCommand))?,
            Typed::Command(Command::Add, _) => self.tell(self.paper.word(Word::RowsNowhere))?,
            Typed::Command(Command::Remove, _) => self.tell(self.paper.word(Word::RowStays))?,
            _ => {}
        }
        Ok(Turn::Stay)
    }

    /// The form's next language, or the one of this code or name.
    fn switch_language(&mut self, named: &str) -> Result<(), Failure> {
        let languages = &self.visit.interview().plan().form().languages;
        let named = named.to_lowercase();
        let fits = |language: &questionnaire::form::Language| {
            language.code.as_deref() == Some(named.as_str()) || language.name.to_lowercase().starts_with(&named)
        };
        let next = (self.visit.interview().language() + 1) % languages.len();
        let wanted = if named.is_empty() { Some(next) } else { languages.iter().position(fits) };
        match wanted {
            Some(language) => self.step(|interview| interview.set_language(language)),
            None => self.tell(self.paper.word(Word::NoSuchCommand)),
        }
    }
}
