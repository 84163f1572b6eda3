//! The forms that come with the program, as the files of their workbooks: `bundled/` holds them.

use crate::package::Package;
use crate::workbook;

/// A form that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundled {
    /// How it is called on a command line.
    pub name: &'static str,
    /// Its sheets as CSV, and the tables beside it, by file name.
    pub files: &'static [(&'static str, &'static str)],
}

/// All of them.
pub const BUNDLED: [Bundled; 2] = [
    Bundled {
        name: "verification",
        files: &[
            ("survey.csv", include_str!("../bundled/verification/survey.csv")),
            ("choices.csv", include_str!("../bundled/verification/choices.csv")),
            ("settings.csv", include_str!("../bundled/verification/settings.csv")),
            ("entities.csv", include_str!("../bundled/verification/entities.csv")),
        ],
    },
    Bundled {
        name: "ppi",
        files: &[
            ("survey.csv", include_str!("../bundled/ppi-idn-2022/survey.csv")),
            ("choices.csv", include_str!("../bundled/ppi-idn-2022/choices.csv")),
            ("settings.csv", include_str!("../bundled/ppi-idn-2022/settings.csv")),
            ("entities.csv", include_str!("../bundled/ppi-idn-2022/entities.csv")),
            ("ppi_idn_2022.csv", include_str!("../bundled/ppi-idn-2022/ppi_idn_2022.csv")),
        ],
    },
];

impl Bundled {
    /// The form of that name.
    pub fn find(name: &str) -> Option<Bundled> {
        BUNDLED.into_iter().find(|bundled| bundled.name == name)
    }

    /// The form with its tables, as it travels.
    pub fn package(self) -> Package {
        let files: Vec<_> = self.files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let form =
            crate::check_set(self.name, &files).form.expect("what is bundled is accepted: a test holds it to that");
        let tables = self.tables().map(|(name, text)| (workbook::stem(name).to_owned(), text.to_owned()));
        Package { form, tables: tables.collect() }
    }

    /// The tables beside the form: its files that are no sheets.
    pub fn tables(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.files.iter().copied().filter(|(name, _)| !workbook::is_sheet(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bundled_is_accepted_and_whole() {
        for bundled in BUNDLED {
            let files: Vec<_> = bundled.files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
            let checked = crate::check_set(bundled.name, &files);
            let problems: Vec<_> = checked.problems.iter().map(|problem| problem.in_english().message).collect();
            assert!(checked.form.is_some(), "{}: {problems:?}", bundled.name);
            let package = bundled.package();
            assert_eq!(package.missing_tables(), Vec::<&str>::new());
            assert!(package.tables().is_ok());
        }
    }
}
