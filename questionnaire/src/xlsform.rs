//! XLSForm: sheets become a form, and everything that is wrong with them is told at once.
//!
//! The spellings are those of the wild: ODK's of today and of old, KoboToolbox's, SurveyCTO's. What leaves no doubt is
//! taken with a warning; what does is refused with the cell and what to do about it.

mod choices;
mod columns;
mod cycles;
mod defaults;
mod entities;
mod formulas;
mod kinds;
mod languages;
mod names;
mod parameters;
mod problem;
mod references;
mod report;
mod settings;
mod survey;
mod table;
#[cfg(all(test, feature = "workbook"))]
mod tests;
mod translations;

use crate::form::{Form, NodeId};
use crate::sheet::{Sheet, Workbook};
use crate::xlsform::choices::Lists;
use crate::xlsform::columns::{Field, Part};
use crate::xlsform::languages::Languages;
use crate::xlsform::report::Report;
use crate::xlsform::settings::Settings;
use crate::xlsform::survey::Draft;
use crate::xlsform::table::Table;

pub use languages::LANGUAGES_MAX;
pub use parameters::Expected;
pub use problem::{CELL_CHARS_SHOWN_MAX, Container, Counted, Fault, FileFault, Problem, Said, Severity, Spot};
pub use report::PROBLEMS_MAX;
pub use survey::{NESTING_MAX, NODES_MAX};

/// What came of reading a workbook.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The form, unless a problem is an error.
    pub form: Option<Form>,
    /// All problems, in the order of the sheets.
    pub problems: Vec<Problem>,
}

/// Reads the sheets of a workbook; `name` is the file's, without its ending, for forms that have no id.
pub fn read(workbook: &Workbook, name: &str) -> Reading {
    let mut report = Report::default();
    let form = assemble(workbook, name, &mut report);
    let form = form.filter(|_| !report.has_errors());
    Reading { form, problems: report.finish() }
}

/// The sheets that a form is made of.
const SHEETS: &[&str] = &["survey", "choices", "settings", "external_choices", "entities"];

fn assemble(workbook: &Workbook, name: &str, report: &mut Report) -> Option<Form> {
    let sheet = survey_sheet(workbook, report)?;
    tell_of_misspelled_sheets(workbook, report);
    let survey = Table::read(Part::Survey, sheet, report)?;
    if !survey.has(&Field::Type) {
        report.error(&Spot::sheet(survey.sheet), Fault::HeaderMissing { header: "type" });
        return None;
    }
    let settings = workbook.find_sheet("settings").map(|sheet| settings::read(sheet, report)).unwrap_or_default();
    let mut table = |name: &str, part| workbook.find_sheet(name).and_then(|sheet| Table::read(part, sheet, report));
    let choices = table("choices", Part::Choices);
    let external = table("external_choices", Part::Choices);
    let entities = table("entities", Part::Entities);
    let languages = gather_languages(&survey, [&choices, &external], &settings, report)?;
    let sheets = Sheets { survey, choices, external, entities };
    Some(sheets.assemble(name, settings, &languages, report))
}

fn survey_sheet<'a>(workbook: &'a Workbook, report: &mut Report) -> Option<&'a Sheet> {
    let sheet = match (workbook.find_sheet("survey"), workbook.sheets.as_slice()) {
        (Some(sheet), _) => sheet,
        // A form of questions only needs no name for its one sheet.
        (None, [only]) => only,
        (None, sheets) => {
            let similar = names::nearest("survey", sheets.iter().map(|sheet| sheet.name.as_str()));
            report.error(&Spot::default(), Fault::SurveyMissing { similar });
            return None;
        }
    };
    if sheet.rows.is_empty() {
        report.error(&Spot::sheet(&sheet.name), Fault::SurveyEmpty);
        return None;
    }
    Some(sheet)
}

fn tell_of_misspelled_sheets(workbook: &Workbook, report: &mut Report) {
    for sheet in &workbook.sheets {
        let name = sheet.name.trim().to_lowercase();
        if SHEETS.contains(&name.as_str()) || name.starts_with('_') {
            continue;
        }
        let absent = SHEETS.iter().filter(|known| workbook.find_sheet(known).is_none());
        if let Some(expected) = absent.copied().find(|known| names::nearest(&name, [*known]).is_some()) {
            report.warning(&Spot::sheet(&sheet.name), Fault::SheetMisspelled { expected });
        }
    }
}

fn gather_languages(
    survey: &Table,
    choices: [&Option<Table>; 2],
    settings: &Settings,
    report: &mut Report,
) -> Option<Languages> {
    let wanted = settings.default_language.as_ref();
    let choices: Vec<_> = choices.into_iter().flatten().flat_map(Table::filled).collect();
    let languages = Languages::gather(&survey.filled(), &choices, wanted.map(|(language, _)| language.as_str()));
    if languages.all.len() > LANGUAGES_MAX {
        let fault = Fault::TooMany { what: Counted::Languages, most: LANGUAGES_MAX };
        report.error(&Spot::sheet(survey.sheet), fault);
        return None;
    }
    if let Some((_, spot)) = wanted.filter(|_| !languages.default_is_known) {
        let languages = (0..languages.all.len()).map(|index| languages.tag(index)).collect();
        report.warning(spot, Fault::LanguageUnknown { languages });
    }
    Some(languages)
}

/// The sheets of a form, their headers understood.
struct Sheets<'a> {
    survey: Table<'a>,
    choices: Option<Table<'a>>,
    external: Option<Table<'a>>,
    entities: Option<Table<'a>>,
}

impl Sheets<'_> {
    fn assemble(&self, name: &str, settings: Settings, languages: &Languages, report: &mut Report) -> Form {
        let entries = self.survey.entries(languages, report);
        let declared_rows = self.entities.as_ref().map(|table| table.entries(languages, report)).unwrap_or_default();
        let root = settings.root.as_ref().map_or(DEFAULT_ROOT, |(root, _)| root.as_str()).to_owned();
        let mut draft = Draft::new(&root, settings, languages, report);
        let mut lists = |table: &Option<Table>| {
            table
                .as_ref()
                .map(|table| Lists::read(table, languages, &mut draft.formulas, draft.report))
                .unwrap_or_default()
        };
        let (choices, external) = (lists(&self.choices), lists(&self.external));
        (draft.lists, draft.external_lists) = (choices, external);
        draft.read(&entries);
        let instance_name = draft.settings.instance_name.take();
        let instance_name = instance_name.and_then(|(text, spot)| draft.formulas.read(&text, &spot, draft.report));
        let declared = entities::read(&declared_rows, &mut draft.formulas, draft.report);
        let mut form = self.finish(draft, name, languages, declared);
        form.instance_name = instance_name;
        form
    }

    /// Puts the parts together and checks what only the whole can tell.
    fn finish(&self, draft: Draft, name: &str, languages: &Languages, declared: Vec<entities::Declared>) -> Form {
        let Draft { nodes, lists, external_lists, mut tables, formulas, saves, triggers, settings, report, .. } = draft;
        let allow_duplicates = settings.allow_choice_duplicates;
        let unoffered = lists.unoffered(&formulas);
        let taken: Vec<String> = lists.names().map(str::to_owned).collect();
        let mut all = lists.finish(allow_duplicates, report);
        // Rows of external_choices repeat names on purpose: they are always filtered.
        for mut list in external_lists.finish(true, report) {
            list.name = survey::external_name(&list.name, taken.contains(&list.name));
            all.push(list);
        }
        let registers: Vec<String> = declared.iter().map(|declared| declared.list().to_owned()).collect();
        let unknown = references::check_names(&nodes, &formulas, &unoffered, report);
        choices::set_plain(&mut all, &unoffered, &unknown);
        references::check_calculations(&formulas, report);
        references::check_tables(&formulas, &all, &registers, &mut tables, report);
        let id = settings.id.unwrap_or_else(|| name.to_owned());
        let mut form = Form {
            title: settings.title.unwrap_or_else(|| id.clone()),
            id,
            version: settings.version,
            languages: languages.all.clone(),
            default_language: languages.default,
            instance_name: None,
            style: settings.style,
            nodes,
            lists: all,
            tables,
            entities: Vec::new(),
            settings: settings.kept,
        };
        references::resolve_triggers(&triggers, &mut form, report);
        entities::resolve(declared, &saves, &mut form, report);
        cycles::check(&form, self.survey.sheet, report);
        self.check_translations(&form, languages, report);
        if form.children(NodeId::ROOT).next().is_none() && !report.has_errors() {
            report.warning(&Spot::sheet(self.survey.sheet), Fault::SurveyEmpty);
        }
        form
    }

    fn check_translations(&self, form: &Form, languages: &Languages, report: &mut Report) {
        for table in std::iter::once(&self.survey).chain(&self.choices).chain(&self.external) {
            translations::check_columns(table, languages, report);
        }
        translations::check_labels(form, &self.survey, languages, report);
    }
}

/// The root element's name where the settings give none.
const DEFAULT_ROOT: &str = "data";
