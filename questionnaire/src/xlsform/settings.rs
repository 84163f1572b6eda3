//! The settings sheet: one row about the form as a whole.

use std::collections::BTreeMap;

use crate::sheet::Sheet;
use crate::xlsform::names;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// What the settings say, each with its place.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) version: String,
    pub(super) default_language: Option<(String, Spot)>,
    pub(super) instance_name: Option<(String, Spot)>,
    pub(super) style: Vec<String>,
    /// The root element's name.
    pub(super) root: Option<(String, Spot)>,
    pub(super) allow_choice_duplicates: bool,
    pub(super) add_none_option: bool,
    /// Those that this engine does not act on, by their header.
    pub(super) kept: BTreeMap<String, String>,
}

/// Settings that this engine acts on, in all spellings.
const ACTED_ON: &[(&str, Setting)] = &[
    ("form_id", Setting::Id),
    ("id_string", Setting::Id),
    ("set_form_id", Setting::Id),
    ("form_title", Setting::Title),
    ("title", Setting::Title),
    ("set_form_title", Setting::Title),
    ("version", Setting::Version),
    ("default_language", Setting::DefaultLanguage),
    ("instance_name", Setting::InstanceName),
    ("style", Setting::Style),
    ("name", Setting::Root),
    ("xml_root", Setting::Root),
    ("allow_choice_duplicates", Setting::AllowChoiceDuplicates),
    ("add_none_option", Setting::AddNoneOption),
    ("flat", Setting::Flat),
];

/// Settings of other programs.
const KNOWN_ELSEWHERE: &[&str] = &[
    "public_key",
    "submission_url",
    "auto_send",
    "auto_delete",
    "client_editable",
    "omit_instanceid",
    "clean_text_values",
    "instance_id",
    "instance_xmlns",
    "namespaces",
    "prefix",
    "delimiter",
    "sms_keyword",
    "sms_separator",
    "sms_allow_media",
    "sms_date_format",
    "sms_datetime_format",
    "sms_response",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Id,
    Title,
    Version,
    DefaultLanguage,
    InstanceName,
    Style,
    Root,
    AllowChoiceDuplicates,
    AddNoneOption,
    Flat,
}

/// Reads the first row below the headers.
pub(super) fn read(sheet: &Sheet, report: &mut Report) -> Settings {
    let mut settings = Settings::default();
    let [header, row, below @ ..] = sheet.rows.as_slice() else { return settings };
    if let Some(stray) = below.first() {
        report.remark(&Spot::row(&sheet.name, stray.number), Fault::SettingsBelowFirst);
    }
    let mut ignored = Vec::new();
    for cell in &header.cells {
        let text = row.text(cell.column);
        if text.is_empty() {
            continue;
        }
        let spot = Spot::cell(&sheet.name, row.number, &cell.text, cell.column, text);
        let name = folded(&cell.text);
        match ACTED_ON.iter().find(|(spelling, _)| *spelling == name) {
            Some((_, setting)) => settings.set(*setting, text, &spot, report),
            None => {
                if let Some(suggestion) = slip(&name) {
                    report.warning(&spot, Fault::SettingUnknown { suggestion: Some(suggestion) });
                } else {
                    ignored.push(cell.text.clone());
                }
                settings.kept.insert(name, text.to_owned());
            }
        }
    }
    if !ignored.is_empty() {
        report.remark(&Spot::row(&sheet.name, header.number), Fault::SettingsIgnored { headers: ignored });
    }
    settings
}

impl Settings {
    fn set(&mut self, setting: Setting, text: &str, spot: &Spot, report: &mut Report) {
        let owned = || text.to_owned();
        match setting {
            Setting::Id => self.id = self.id.take().or_else(|| Some(owned())),
            Setting::Title => self.title = self.title.take().or_else(|| Some(owned())),
            Setting::Version => self.version = owned(),
            Setting::DefaultLanguage => self.default_language = Some((owned(), spot.clone())),
            Setting::InstanceName => self.instance_name = Some((owned(), spot.clone())),
            Setting::Style => self.style = text.split_whitespace().map(str::to_owned).collect(),
            Setting::Root if names::is_name(text) => self.root = Some((owned(), spot.clone())),
            Setting::Root => report.error(spot, Fault::NameInvalid { repaired: names::repaired(text) }),
            Setting::AllowChoiceDuplicates => self.allow_choice_duplicates = is_yes(text),
            Setting::AddNoneOption => self.add_none_option = is_yes(text),
            Setting::Flat if is_yes(text) => report.warning(spot, Fault::FlatIgnored),
            Setting::Flat => {}
        }
    }

    /// Takes a setting that stands on the survey sheet.
    pub(super) fn set_on_survey(&mut self, setting: &str, text: &str) {
        match setting {
            "form_title" => self.title = Some(text.to_owned()),
            "form_id" => self.id = Some(text.to_owned()),
            _ => {
                self.kept.insert(setting.to_owned(), text.to_owned());
            }
        }
    }
}

/// The setting that an unknown one is a slip for.
fn slip(name: &str) -> Option<String> {
    let known = || ACTED_ON.iter().map(|(spelling, _)| *spelling).chain(KNOWN_ELSEWHERE.iter().copied());
    if known().any(|known| known == name) || name.starts_with("attribute:") || name.chars().count() < 4 {
        return None;
    }
    names::nearest(name, known())
}

fn folded(header: &str) -> String {
    header.split([' ', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_").to_lowercase()
}

pub(super) fn is_yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "yes" | "true" | "true()" | "y" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_every_spelling_and_slips_are_told() {
        let sheet = Sheet::of(
            "settings",
            [
                vec!["Form Title", "id_string", "version", "STYLE", "form_tittle", "public_key", "path"],
                vec!["T", "t1", "3", "pages theme-grid", "X", "key", "/p"],
                vec!["stray"],
            ],
        );
        let mut report = Report::default();
        let settings = read(&sheet, &mut report);
        assert_eq!(settings.title.as_deref(), Some("T"));
        assert_eq!(settings.id.as_deref(), Some("t1"));
        assert_eq!(settings.version, "3");
        assert_eq!(settings.style, ["pages", "theme-grid"]);
        assert_eq!(settings.kept.keys().map(String::as_str).collect::<Vec<_>>(), ["form_tittle", "path", "public_key"]);
        let problems: Vec<String> = report.finish().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{problems:#?}");
        assert!(problems[1].starts_with("warning: settings E2 (form_tittle)"), "{problems:#?}");
    }
}
