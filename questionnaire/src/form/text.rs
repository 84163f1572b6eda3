//! Texts in the form's languages, with values of the interview inside.

use serde::{Deserialize, Serialize};

use crate::expr::Formula;

/// A language of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// As the header has it without the code, e.g. `Bahasa Indonesia`; `default` for columns that name none.
    pub name: String,
    /// BCP 47, where the header has one in brackets, e.g. `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A text in the languages of its form: entry `i` is in `languages[i]`; missing entries are absent or `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Option<Template>>);

impl Text {
    /// Whether no language has it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The text in `language`, else in `fallback`, else in the first language that has it.
    pub fn find(&self, language: usize, fallback: usize) -> Option<&Template> {
        let of = |index: usize| self.0.get(index).and_then(Option::as_ref);
        of(language).or_else(|| of(fallback)).or_else(|| self.0.iter().flatten().next())
    }

    /// Puts `template` at `language`.
    pub fn set(&mut self, language: usize, template: Template) {
        if self.0.len() <= language {
            self.0.resize(language + 1, None);
        }
        self.0[language] = Some(template);
    }
}

/// A text whose `${}` stand for values of the interview.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(pub Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// As written.
    Plain(String),
    /// The value of this formula at the moment of showing.
    Value(Formula),
}
