//! One question: shown, answered, checked at once.

use questionnaire::interview::{Answer, Path, Question, Rule, Screen, Shows, Standing};

use super::choices::{Retry, answer_of};
use super::files::NoFile;
use super::typed::{Command, Typed};
use super::{Talk, Turn, draw, files};
use crate::exit::Failure;
use crate::prompts;
use crate::words::Word;

/// Where one goes from a question.
pub(super) enum Move {
    On,
    Back,
    /// To whatever screen is open now.
    Elsewhere,
    Leave,
}

/// The questions of a screen.
pub(super) fn paths(screen: &Screen) -> Vec<Path> {
    match &screen.shows {
        Shows::Questions(questions) => questions.iter().map(|question| question.path.clone()).collect(),
        _ => Vec::new(),
    }
}

impl Talk<'_> {
    pub(super) fn question(&mut self, screen: &Screen, question: &Question) -> Result<Move, Failure> {
        self.tell(&draw::question(&self.paper, screen, question))?;
        let mut listed = question.choices.clone();
        loop {
            let Some(line) = prompts::ask(">")? else { return Ok(Move::Leave) };
            let settled = match Typed::read(&line) {
                Typed::Enter => self.leave_as_it_is(question)?,
                Typed::Back => return Ok(Move::Back),
                Typed::Text(text) if files::is_asked(question) => self.take_file(question, text)?,
                Typed::Text(text) => match answer_of(question, &listed, text) {
                    Ok(answer) => self.take(question, answer)?,
                    Err(Retry::Among(fits)) => {
                        draw::offers(&self.paper, &fits, None).iter().try_for_each(|line| self.tell(line))?;
                        listed = fits;
                        continue;
                    }
                    Err(Retry::NoSuchNumber(n)) => {
                        self.tell(&self.paper.say(Word::OneOfThem, &[("n", &n)]))?;
                        continue;
                    }
                    Err(Retry::Say(word)) => {
                        self.tell(self.paper.word(word))?;
                        continue;
                    }
                },
                Typed::Command(Command::Clear, _) => {
                    self.take(question, Answer::Empty)?;
                    return Ok(Move::Elsewhere);
                }
                Typed::Command(Command::Add, _) => return self.add_beside(screen),
                Typed::Command(Command::Remove, _) => return self.remove_around(screen),
                Typed::Help => {
                    self.help(question)?;
                    continue;
                }
                typed => match self.common(&typed)? {
                    Turn::Leave => return Ok(Move::Leave),
                    _ => return Ok(Move::Elsewhere),
                },
            };
            match settled {
                Some(on) => return Ok(on),
                None => continue,
            }
        }
    }

    /// Enter: the prelist value is right, or what stands there, or nothing.
    fn leave_as_it_is(&mut self, question: &Question) -> Result<Option<Move>, Failure> {
        let is_listed = question.prelist.as_ref().is_some_and(|beside| beside.standing == Standing::Untouched);
        if is_listed && !question.read_only {
            let confirmed = self.step(|interview| interview.confirm(question.path.as_str()))?;
            if let Err(refusal) = confirmed {
                self.tell(refusal.text(self.visit.interview().tongue()))?;
                return Ok(None);
            }
        }
        self.check(question)
    }

    fn take_file(&mut self, question: &Question, line: &str) -> Result<Option<Move>, Failure> {
        match files::attach(self.device, self.visit, question, line, self.scaling) {
            Ok(attached) => {
                self.tell(&self.paper.say(Word::FileTaken, &[("size", &files::spoken(&attached))]))?;
                self.take(question, Answer::Text(attached.named.name))
            }
            Err(NoFile::Say(word)) => {
                self.tell(self.paper.word(word))?;
                Ok(None)
            }
            Err(NoFile::Store(error)) => Err(error.into()),
        }
    }

    fn take(&mut self, question: &Question, answer: Answer) -> Result<Option<Move>, Failure> {
        match self.step(|interview| interview.answer(question.path.as_str(), answer))? {
            Ok(_) => self.check(question),
            Err(refusal) => {
                self.tell(refusal.text(self.visit.interview().tongue()))?;
                Ok(None)
            }
        }
    }

    /// Goes on where nothing is wrong; an unusual answer needs a reason.
    fn check(&mut self, question: &Question) -> Result<Option<Move>, Failure> {
        let problem = self.visit.interview().problems().into_iter().find(|problem| problem.path == question.path);
        let Some(problem) = problem else { return Ok(Some(Move::On)) };
        self.tell(&draw::problem(&self.paper, &problem))?;
        if problem.rule != Rule::Warning {
            let is_answered =
                self.visit.interview().value(question.path.as_str()).is_some_and(|value| !value.is_empty());
            if is_answered {
                self.tell(self.paper.word(Word::MendOrClear))?;
            }
            return Ok(None);
        }
        match prompts::ask(self.paper.word(Word::AskReason))? {
            None => Ok(Some(Move::Leave)),
            Some(reason) if reason.is_empty() => Ok(None),
            Some(reason) => {
                let explained = self.step(|interview| interview.explain(question.path.as_str(), &reason))?;
                Ok(explained.is_ok().then_some(Move::On))
            }
        }
    }

    fn help(&self, question: &Question) -> Result<(), Failure> {
        if !question.guidance.is_empty() {
            self.tell(&question.guidance)?;
        }
        self.tell(self.paper.word(Word::TalkHelp))
    }
}
