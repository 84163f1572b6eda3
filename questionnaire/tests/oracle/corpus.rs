//! Forms that both engines can be asked about: the sheets for ours, the XForm that pyxform made of them for ODK's.

use std::fs;
use std::path::{Path, PathBuf};

use questionnaire::form::Form;
use questionnaire::interview::{Table, Tables};
use questionnaire::workbook;
use questionnaire::xlsform::{self, Severity};

use crate::odk;

/// Forms that cannot be compared, and why.
const NOT_COMPARED: &[(&str, &str)] = &[
    ("pyxform_flat_xlsform_test", "pyxform leaves groups out of the paths of a flat form"),
    ("unhcr_demo", "pyxform and Tilik refuse its repeated choice names"),
];

/// A form in both shapes.
pub(crate) struct Specimen {
    pub(crate) name: String,
    /// A workbook, or a folder of CSV sheets.
    pub(crate) sheets: PathBuf,
    pub(crate) xform: PathBuf,
}

impl Specimen {
    /// The forms that lie in this repository: the bundled ones, and one that calls every function.
    pub(crate) fn committed() -> Vec<Self> {
        let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundled");
        let specimens = odk::folder().join("specimens");
        [(&bundled, "verification"), (&bundled, "ppi-idn-2022"), (&specimens, "functions")]
            .into_iter()
            .map(|(folder, name)| Specimen {
                name: name.to_owned(),
                sheets: folder.join(name),
                xform: odk::folder().join("forms").join(name).with_extension("xml"),
            })
            .collect()
    }

    /// The forms that a list names, one a line: sheets and XForm with a tab between.
    pub(crate) fn listed(list: &Path) -> Vec<Self> {
        let text = fs::read_to_string(list).expect("xtask has written the list");
        let of = |line: &str| {
            let (sheets, xform) = line.split_once('\t').expect("a line has two parts");
            let xform = PathBuf::from(xform);
            let name = xform.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Specimen { name, sheets: PathBuf::from(sheets), xform }
        };
        text.lines().map(of).collect()
    }

    /// Why the form is left out, if it is.
    pub(crate) fn left_out(&self) -> Option<&'static str> {
        NOT_COMPARED.iter().find(|(name, _)| *name == self.name).map(|(_, why)| *why)
    }

    /// Where tables lie beside the form.
    pub(crate) fn folder(&self) -> &Path {
        if self.sheets.is_dir() { &self.sheets } else { self.sheets.parent().unwrap_or(Path::new(".")) }
    }

    /// The form as we read it; an error says what is wrong with it.
    pub(crate) fn form(&self) -> Result<Form, String> {
        let workbook = if self.sheets.is_dir() { self.read_set() } else { self.read_file() }?;
        let reading = xlsform::read(&workbook, &self.name);
        let errors = reading.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let errors: Vec<String> = errors.take(3).map(|problem| format!("{:?}", problem.fault)).collect();
        reading.form.ok_or_else(|| errors.join("; "))
    }

    fn read_file(&self) -> Result<questionnaire::sheet::Workbook, String> {
        let bytes = fs::read(&self.sheets).map_err(|error| error.to_string())?;
        workbook::read(&self.sheets.to_string_lossy(), &bytes).map_err(|fault| format!("{fault:?}"))
    }

    fn read_set(&self) -> Result<questionnaire::sheet::Workbook, String> {
        let names = ["survey.csv", "choices.csv", "settings.csv", "external_choices.csv", "entities.csv"];
        let files: Vec<(&str, Vec<u8>)> =
            names.into_iter().filter_map(|name| Some((name, fs::read(self.sheets.join(name)).ok()?))).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        workbook::read_set(&files).map_err(|fault| format!("{fault:?}"))
    }

    /// The tables that the form asks for and that are there.
    pub(crate) fn tables(&self, form: &Form) -> Tables {
        let mut tables = Tables::new();
        for table in &form.tables {
            let Ok(text) = fs::read_to_string(self.folder().join(&table.file)) else { continue };
            if let Ok(read) = Table::from_csv(&text) {
                tables.insert(table.name.clone(), read.into());
            }
        }
        tables
    }
}
