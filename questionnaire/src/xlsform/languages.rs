//! The languages of a form, gathered from its headers.

use crate::form::Language;
use crate::xlsform::columns::{Field, Heading};

/// Languages of one form; beyond that its sheets have grown sideways by mistake.
pub const LANGUAGES_MAX: usize = 100;

#[derive(Debug)]
pub(super) struct Languages {
    pub(super) all: Vec<Language>,
    pub(super) default: usize,
    /// What columns without a language are in.
    plain: usize,
    /// Whether `default_language` names one of them, or none is named.
    pub(super) default_is_known: bool,
}

/// The name of the language of columns that name none.
const UNNAMED: &str = "default";

impl Languages {
    /// Gathers them from the headings of the survey and of the choices, in the order of their first appearance.
    pub(super) fn gather(survey: &[&Heading], choices: &[&Heading], wanted: Option<&str>) -> Self {
        let mut all: Vec<Language> = Vec::new();
        // Only a label without a language makes a language of its own: a hint alone is in the language of the labels.
        let mut plain = None;
        let has_plain_label = |headings: &[&Heading]| {
            headings.iter().any(|heading| heading.field == Field::Label && heading.language.is_none())
        };
        let survey_has_labels = survey.iter().any(|heading| heading.field == Field::Label);
        let plain_counts = has_plain_label(survey) || (!survey_has_labels && has_plain_label(choices));
        for heading in survey.iter().chain(choices) {
            match &heading.language {
                Some(tag) => {
                    place(&mut all, read(tag));
                }
                None if heading.field == Field::Label && plain_counts && plain.is_none() => {
                    plain = Some(place(&mut all, wanted.map_or_else(unnamed, read)));
                }
                None => {}
            }
        }
        if all.is_empty() {
            all.push(wanted.map_or_else(unnamed, read));
        }
        let named = wanted.map(read).and_then(|wanted| all.iter().position(|language| is_same(language, &wanted)));
        let labelled = |heading: &&&Heading| heading.field == Field::Label && heading.language.is_some();
        let first_label = survey.iter().find(labelled).and_then(|heading| heading.language.as_deref());
        let first_label = first_label.and_then(|tag| all.iter().position(|language| is_same(language, &read(tag))));
        let default = named.or(plain).or(first_label).unwrap_or(0);
        let default_is_known = wanted.is_none() || named.is_some();
        Languages { all, default, plain: plain.unwrap_or(default), default_is_known }
    }

    /// The language that a header names.
    pub(super) fn index(&self, tag: Option<&str>) -> usize {
        let named = tag.map(read).and_then(|named| self.all.iter().position(|language| is_same(language, &named)));
        named.unwrap_or(self.plain)
    }

    /// As a header writes it.
    pub(super) fn tag(&self, index: usize) -> String {
        let Language { name, code } = &self.all[index];
        code.as_ref().map_or_else(|| name.clone(), |code| format!("{name} ({code})"))
    }
}

fn unnamed() -> Language {
    Language { name: UNNAMED.to_owned(), code: None }
}

fn place(all: &mut Vec<Language>, language: Language) -> usize {
    match all.iter().position(|known| is_same(known, &language)) {
        Some(index) => {
            let known = &mut all[index];
            known.code = known.code.take().or(language.code);
            index
        }
        None => {
            all.push(language);
            all.len() - 1
        }
    }
}

/// Reads `English (en)`.
fn read(tag: &str) -> Language {
    let tag = tag.trim();
    let split = tag.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match split {
        Some((name, code)) if !name.trim().is_empty() && is_code(code.trim()) => {
            Language { name: name.trim().to_owned(), code: Some(code.trim().to_lowercase()) }
        }
        _ => Language { name: tag.to_owned(), code: None },
    }
}

fn is_code(code: &str) -> bool {
    (2..=35).contains(&code.len()) && code.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
}

/// `English`, `english` and `English (en)` are one language, `en` alone is it as well.
fn is_same(one: &Language, other: &Language) -> bool {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let codes_agree = one.code.is_none() || other.code.is_none() || one.code == other.code;
    let is_code_of = |code: &Language, of: &Language| {
        code.code.is_none() && of.code.as_deref().is_some_and(|known| same(known, &code.name))
    };
    (same(&one.name, &other.name) && codes_agree) || is_code_of(one, other) || is_code_of(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xlsform::columns::{self, Part};

    fn headings(part: Part, headers: &[&str]) -> Vec<Heading> {
        (0..).zip(headers).map(|(column, header)| columns::read(part, header, column)).collect()
    }

    #[track_caller]
    fn check(survey: &[&str], choices: &[&str], wanted: Option<&str>, expected: &[&str], default: usize) {
        let (survey, choices) = (headings(Part::Survey, survey), headings(Part::Choices, choices));
        let (survey, choices): (Vec<_>, Vec<_>) = (survey.iter().collect(), choices.iter().collect());
        let languages = Languages::gather(&survey, &choices, wanted);
        let tags: Vec<String> = (0..languages.all.len()).map(|index| languages.tag(index)).collect();
        assert_eq!(tags, expected);
        assert_eq!(languages.default, default);
    }

    #[test]
    fn languages_come_in_the_order_of_their_first_appearance() {
        check(&["label"], &["label"], None, &["default"], 0);
        check(&["label"], &["label"], Some("English (en)"), &["English (en)"], 0);
        check(&["label::English (en)", "label::Français (fr)"], &[], None, &["English (en)", "Français (fr)"], 0);
        check(&["label:spanish", "label:english"], &[], Some("english"), &["spanish", "english"], 1);
        check(&["label::English (en)", "label::Bahasa (id)"], &[], Some("id"), &["English (en)", "Bahasa (id)"], 1);
        check(&["label", "label::French"], &["label::French"], None, &["default", "French"], 0);
    }

    #[test]
    fn spellings_of_one_language_are_one() {
        check(&["label::English", "label::العربية"], &["label::English (EN)"], None, &["English (en)", "العربية"], 0);
        check(&["label::EN"], &["label::en"], Some("EN"), &["EN"], 0);
    }

    #[test]
    fn a_hint_without_a_language_makes_none() {
        check(
            &["label::english", "hint", "hint::chinese"],
            &["label", "label::chinese"],
            None,
            &["english", "chinese"],
            0,
        );
    }

    #[test]
    fn what_stands_in_brackets_may_be_no_code() {
        assert_eq!(read("English (British English)").code, None);
        assert_eq!(read("Bahasa Indonesia (id)").code.as_deref(), Some("id"));
        assert_eq!(read("(x)").name, "(x)");
    }
}
