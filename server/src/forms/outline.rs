//! A form to look at before it is published: its questions, texts in every language, skips and checks as written.

use std::collections::BTreeMap;

use questionnaire::expr::Formula;
use questionnaire::form::{ChoiceList, Choices, Form, Initial, Kind, Node, NodeId, Piece, Source, Text};
use questionnaire::package::Package;
use serde::Serialize;
use utoipa::ToSchema;

/// A form at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Outline {
    /// Its languages; every text is a list in their order, empty where a language lacks it.
    pub languages: Vec<LanguageLine>,
    /// Index of the language it begins in.
    pub default_language: usize,
    /// Groups, repeats, questions and silent values, in the order of the sheet.
    pub lines: Vec<Line>,
    /// Choices by list.
    pub lists: BTreeMap<String, Vec<ChoiceLine>>,
    /// Tables beside the form.
    pub tables: Vec<TableLine>,
    /// What it tells the register.
    pub entities: Vec<EntityLine>,
}

/// A language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LanguageLine {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: Option<String>,
}

/// A row of the survey sheet.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Line {
    /// Names from the form down to it.
    pub path: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// How many groups and repeats it stands in.
    pub depth: usize,
    /// Its row on the sheet.
    pub row: u32,
    /// What is read out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<String>,
    /// The line below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hint: Vec<String>,
    /// Asked only while this is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// What an answer must fulfil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// What is said where it does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraint_message: Vec<String>,
    /// What an answer should fulfil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What is said where it does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warning_message: Vec<String>,
    /// When an answer is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// When it is only shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
    /// How its value is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calculation: Option<String>,
    /// What it begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The list or table of its choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<String>,
    /// Which of them are offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice_filter: Option<String>,
    /// How many rows a repeat has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_count: Option<String>,
    /// How it looks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub appearance: String,
    /// The register's property that the answer is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_to: Option<String>,
}

/// A choice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChoiceLine {
    /// What is stored.
    pub name: String,
    /// What is shown.
    pub label: Vec<String>,
}

/// A table beside the form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableLine {
    /// Its name in expressions.
    pub name: String,
    /// Its file.
    pub file: String,
    /// How many rows it has; absent while it is missing.
    pub rows: Option<usize>,
}

/// What the form tells the register of one kind of record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityLine {
    /// `household`, `family` or `person`.
    pub list: String,
    /// The form or the repeat that each row of is one record.
    pub scope: String,
    /// The registers with the questions that fill them.
    pub properties: BTreeMap<String, String>,
}

impl Outline {
    /// Of this form.
    pub fn of(package: &Package) -> Outline {
        let form = &package.form;
        let languages = form.languages.iter();
        let rows = |name: &str| {
            let table = questionnaire::interview::Table::from_csv(package.tables.get(name)?);
            table.ok().map(|table| table.len())
        };
        let tables = form.tables.iter().map(|table| TableLine {
            name: table.name.clone(),
            file: table.file.clone(),
            rows: rows(&table.name),
        });
        let entities = form.entities.iter().map(|entity| EntityLine {
            list: entity.list.clone(),
            scope: form.path(entity.scope),
            properties: entity.properties.iter().map(|(name, &node)| (name.clone(), form.path(node))).collect(),
        });
        Outline {
            languages: languages.map(|own| LanguageLine { name: own.name.clone(), code: own.code.clone() }).collect(),
            default_language: form.default_language,
            lines: form.ids().skip(1).map(|id| line(form, id)).collect(),
            lists: form.lists.iter().map(|list| (list.name.clone(), choices(form, list))).collect(),
            tables: tables.collect(),
            entities: entities.collect(),
        }
    }
}

fn line(form: &Form, id: NodeId) -> Line {
    let node = form.node(id);
    let text = |text: &Text| texts(form, text);
    Line {
        path: form.path(id),
        name: node.name.clone(),
        kind: node.kind.name(),
        depth: form.ancestors(id).count().saturating_sub(2),
        row: node.place.row,
        label: text(&node.label),
        hint: text(&node.hint),
        relevant: written(&node.relevant),
        constraint: written(&node.constraint),
        constraint_message: text(&node.constraint_message),
        warning: written(&node.warning),
        warning_message: text(&node.warning_message),
        required: written(&node.required),
        read_only: written(&node.read_only),
        calculation: written(&node.calculation),
        default: node.default.as_ref().map(|default| match default {
            Initial::Fixed(text) => text.clone(),
            Initial::Computed(formula) => formula.text().to_owned(),
        }),
        appearance: node.appearance.join(" "),
        save_to: node.save_to.clone(),
        ..of_kind(node)
    }
}

/// What only some kinds have.
fn of_kind(node: &Node) -> Line {
    match &node.kind {
        Kind::SelectOne(of) | Kind::SelectMultiple(of) | Kind::Rank(of) => {
            let Choices { from, filter } = of;
            let from = match from {
                Source::List(list) => list.clone(),
                Source::Table { table, .. } => table.clone(),
                Source::Repeat(question) => format!("${{{question}}}"),
            };
            Line { choices: Some(from), choice_filter: written(filter), ..Line::default() }
        }
        Kind::Repeat { count } => Line { repeat_count: written(count), ..Line::default() },
        _ => Line::default(),
    }
}

fn choices(form: &Form, list: &ChoiceList) -> Vec<ChoiceLine> {
    let line = |choice: &questionnaire::form::Choice| ChoiceLine {
        name: choice.name.clone(),
        label: texts(form, &choice.label),
    };
    list.choices.iter().map(line).collect()
}

fn written(formula: &Option<Formula>) -> Option<String> {
    formula.as_ref().map(|formula| formula.text().to_owned())
}

/// A text in every language of the form; none at all where no language has it.
fn texts(form: &Form, text: &Text) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Value(formula) => formula.text().to_owned(),
    };
    let of = |language: usize| text.0.get(language).and_then(Option::as_ref);
    let whole = |language| of(language).map(|own| own.0.iter().map(piece).collect()).unwrap_or_default();
    (0..form.languages.len()).map(whole).collect()
}
