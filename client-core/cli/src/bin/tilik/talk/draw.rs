//! What a screen looks like in a terminal.

use std::io::IsTerminal;

use client_core::{Disputed, News, RegisterView, ValueView};
use questionnaire::interview::{Answer, Offer, Problem, Question, Screen, Section, Standing};

use crate::labels;
use crate::paper::{Ink, Paper};
use crate::values::{readable, short};
use crate::words::Word;

/// Choices that are listed; more are looked for by a word.
pub(super) const LISTED_MAX: usize = 30;

/// Text in colour, if the terminal that questions go to shows colours.
pub(super) fn painted(paper: &Paper, text: &str, ink: Ink) -> String {
    paper.painted(text, ink, std::io::stderr().is_terminal())
}

/// Where one is: the groups and rows around, and how far.
fn place(screen: &Screen) -> String {
    let labels = screen.headings.iter().map(|heading| match heading.row {
        Some(row) => format!("{} ({row})", heading.label),
        None => heading.label.clone(),
    });
    let mut parts: Vec<String> = labels.collect();
    parts.push(format!("{}/{}", screen.place + 1, screen.places));
    parts.join(" · ")
}

/// A question with all that belongs to it.
pub(super) fn question(paper: &Paper, screen: &Screen, question: &Question) -> String {
    let mut lines = vec![String::new(), format!("── {}", place(screen))];
    let mark = if question.required && !question.read_only { " *" } else { "" };
    lines.push(painted(paper, &format!("{}{mark}", question.label), Ink::Bold));
    lines.extend((!question.hint.is_empty()).then(|| format!("   {}", question.hint)));
    lines.extend(how_to_write(paper, question));
    lines.extend(offers(paper, &question.choices, Some(question)));
    if let Some(beside) = &question.prelist {
        let source = match &beside.date {
            Some(date) => format!("{}, {date}", beside.source),
            None => beside.source.clone(),
        };
        let word = match beside.standing {
            Standing::Untouched if !question.read_only => Word::ListedLine,
            _ => Word::ListedBeside,
        };
        let value = if beside.label.is_empty() { beside.value.text() } else { beside.label.clone() };
        lines.push(painted(paper, &paper.say(word, &[("value", &value), ("source", &source)]), Ink::Yellow));
    }
    if question.value != Answer::Empty {
        let value = spoken(question);
        lines.push(painted(paper, &paper.say(Word::AnsweredLine, &[("value", &value)]), Ink::Green));
    }
    lines.extend(question.reason.as_ref().map(|reason| paper.say(Word::ReasonLine, &[("reason", reason)])));
    lines.join("\n")
}

fn how_to_write(paper: &Paper, question: &Question) -> Option<String> {
    let word = match question.kind {
        "geopoint" => Word::TypePosition,
        "date" => Word::TypeDate,
        "acknowledge" => Word::TypeYes,
        "image" | "audio" | "video" | "file" => Word::TypeFile,
        _ => return None,
    };
    Some(format!("   {}", paper.word(word)))
}

/// Choices by number; those that are the answer are marked.
pub(super) fn offers(paper: &Paper, offers: &[Offer], question: Option<&Question>) -> Vec<String> {
    let chosen: Vec<String> = match question.map(|question| &question.value) {
        Some(Answer::Text(name)) => vec![name.clone()],
        Some(Answer::Choices(names)) => names.clone(),
        _ => Vec::new(),
    };
    let lines = (1..).zip(offers).take(LISTED_MAX).map(|(number, offer)| {
        let mark = if chosen.contains(&offer.name) { '•' } else { ' ' };
        format!(" {mark}{number:>3}  {}", offer.label)
    });
    let more = offers.len() > LISTED_MAX || question.is_some_and(|question| question.more_choices);
    lines.chain(more.then(|| format!("   {}", paper.word(Word::MoreChoices)))).collect()
}

/// An answer as it is said.
fn spoken(question: &Question) -> String {
    let label = |name: &String| {
        let offer = question.choices.iter().find(|offer| offer.name == *name);
        offer.map_or_else(|| name.clone(), |offer| offer.label.clone())
    };
    match &question.value {
        Answer::Text(name) => label(name),
        Answer::Choices(names) => names.iter().map(label).collect::<Vec<_>>().join(", "),
        other => other.text(),
    }
}

/// Something that is wrong.
pub(crate) fn problem(paper: &Paper, problem: &Problem) -> String {
    let line = paper.say(Word::ProblemLine, &[("label", &problem.label), ("message", &problem.message)]);
    painted(paper, &line, if problem.rule.is_soft() { Ink::Yellow } else { Ink::Red })
}

/// A section of the outline.
pub(super) fn section(paper: &Paper, number: usize, section: &Section) -> String {
    let parts: [(&str, &dyn std::fmt::Display); 3] =
        [("label", &section.label), ("answered", &section.answered), ("asked", &section.asked)];
    let mut line = format!("{number:>3}  {}{}", "  ".repeat(section.depth), paper.say(Word::SectionLine, &parts));
    if section.problems > 0 {
        let problems = paper.say(Word::SectionProblems, &[("n", &section.problems)]);
        line.push_str("  ");
        line.push_str(&painted(paper, &problems, Ink::Yellow));
    }
    if section.current {
        line.push_str("  ←");
    }
    line
}

/// A register with its different values.
pub(super) fn disputed(paper: &Paper, disputed: &Disputed) -> String {
    let collection = labels::collection(paper.language, disputed.collection);
    let values = list(paper, &disputed.register, &disputed.values);
    let register = labels::register(paper.language, &disputed.register);
    format!("  {collection} {} {register}: {values}", short(disputed.record))
}

/// A register that is other than it was shown before.
pub(crate) fn news(paper: &Paper, news: &News) -> String {
    let record = format!("{} {}", labels::collection(paper.language, news.collection), short(news.record));
    let register = labels::register(paper.language, &news.register);
    let (before, now) = (list(paper, &news.register, &news.before), list(paper, &news.register, &news.now));
    paper.say(Word::NewsLine, &[("record", &record), ("register", &register), ("before", &before), ("now", &now)])
}

/// The values that a register shows: the verified ones, else the imported.
pub(crate) fn values(paper: &Paper, name: &str, register: &RegisterView) -> String {
    match register.values.is_empty() {
        false => list(paper, name, &register.values),
        true => list(paper, name, &register.sources.values().flatten().cloned().collect::<Vec<_>>()),
    }
}

fn list(paper: &Paper, name: &str, values: &[ValueView]) -> String {
    let each = values.iter().map(|value| {
        let who = value.who_name.as_deref().unwrap_or_else(|| paper.word(Word::Somebody));
        format!("{} ({who})", readable(paper, name, &value.value))
    });
    let all = each.collect::<Vec<_>>().join(" | ");
    if all.is_empty() { "–".to_owned() } else { all }
}
