//! Texts that are missing in one of the form's languages.

use std::collections::BTreeMap;

use crate::form::{Form, Text};
use crate::xlsform::columns::{Field, Heading};
use crate::xlsform::languages::Languages;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;
use crate::xlsform::table::Table;

/// Tells for each language of the columns that others have and it has not.
pub(super) fn check_columns(table: &Table, languages: &Languages, report: &mut Report) {
    if languages.all.len() < 2 {
        return;
    }
    let translated: Vec<(&Heading, usize)> = table
        .filled()
        .into_iter()
        .filter(|heading| is_text(&heading.field))
        .map(|heading| (heading, languages.index(heading.language.as_deref())))
        .collect();
    // A field: its first header without the language, and the languages that have it.
    let mut fields: BTreeMap<&Field, (String, Vec<usize>)> = BTreeMap::new();
    for (heading, language) in &translated {
        let (_, has) = fields.entry(&heading.field).or_insert_with(|| (bare(&heading.header), Vec::new()));
        has.push(*language);
    }
    for language in 0..languages.all.len() {
        let missing = fields.values().filter(|(_, has)| !has.contains(&language));
        let headers: Vec<String> = missing.map(|(header, _)| header.clone()).collect();
        if !headers.is_empty() {
            let fault = Fault::TranslationsMissing { language: languages.tag(language), headers };
            report.warning(&Spot::sheet(table.sheet), fault);
        }
    }
}

/// Tells for each language how many labels are missing although it has a column for them.
pub(super) fn check_labels(form: &Form, table: &Table, languages: &Languages, report: &mut Report) {
    let labels = table.filled().into_iter().filter(|heading| heading.field == Field::Label);
    for heading in labels.filter(|_| languages.all.len() > 1) {
        let language = languages.index(heading.language.as_deref());
        let lacks = |text: &Text| !text.is_empty() && text.0.get(language).is_none_or(Option::is_none);
        let mut rows =
            form.nodes.iter().filter(|node| node.place.row > 0 && lacks(&node.label)).map(|node| node.place.row);
        if let Some(row) = rows.next() {
            let spot = Spot::cell(table.sheet, row, &heading.header, heading.column, "");
            let fault = Fault::TextsMissing { language: languages.tag(language), count: rows.count() + 1 };
            report.warning(&spot, fault);
        }
    }
}

fn is_text(field: &Field) -> bool {
    matches!(
        field,
        Field::Label
            | Field::Hint
            | Field::Guidance
            | Field::Media(_)
            | Field::ConstraintMessage
            | Field::RequiredMessage
            | Field::WarningMessage
    )
}

fn bare(header: &str) -> String {
    let mut parts: Vec<&str> =
        if header.contains("::") { header.split("::").collect() } else { header.split(':').collect() };
    let keep = if matches!(parts[0].trim().to_lowercase().as_str(), "media" | "bind") { 2 } else { 1 };
    parts.truncate(keep);
    parts.join("::").trim().to_owned()
}
