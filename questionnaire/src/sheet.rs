//! A workbook as a person sees it: sheets of rows of cells, every cell a text with its place.
//!
//! Where the cells come from (XLSX, XLS, ODS, CSV) is `workbook`'s business, what they mean is `xlsform`'s.

mod drawn;

/// Some sheets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workbook {
    /// In the order of the file.
    pub sheets: Vec<Sheet>,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// As its tab says.
    pub name: String,
    /// Its rows in order; rows without any text are left out.
    pub rows: Vec<Row>,
}

/// A row that holds some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Counted as the spreadsheet counts: the first is 1.
    pub number: u32,
    /// Its cells in order; those without text are left out.
    pub cells: Vec<Cell>,
}

/// A cell that holds some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Counted from 0, which the spreadsheet calls A.
    pub column: u32,
    /// What it shows, without blanks around it; never empty.
    pub text: String,
}

impl Workbook {
    /// The sheet of that name, capitals and surrounding blanks aside.
    pub fn find_sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name.trim().to_lowercase() == name)
    }

    /// Sheets drawn with bars, as people write them in issues and in tests:
    ///
    /// ```text
    /// | survey |      |      |        |
    /// |        | type | name | label  |
    /// |        | text | q    | A word |
    /// ```
    ///
    /// A line whose first cell is filled begins the sheet of that name; the next line is its row 1.
    pub fn drawn(text: &str) -> Self {
        drawn::read(text)
    }
}

impl Sheet {
    /// A sheet of that name whose first row is row 1; texts are trimmed, empty ones left out.
    pub fn of<'a>(name: &str, rows: impl IntoIterator<Item = Vec<&'a str>>) -> Self {
        let mut sheet = Sheet { name: name.to_owned(), rows: Vec::new() };
        for (index, texts) in rows.into_iter().enumerate() {
            let number = u32::try_from(index + 1).expect("a sheet has at most 2^20 rows");
            sheet.push(number, texts);
        }
        sheet
    }

    /// Appends a row; its number must be above the last one's.
    pub(crate) fn push<'a>(&mut self, number: u32, texts: impl IntoIterator<Item = &'a str>) {
        let cells: Vec<Cell> = (0..).zip(texts).filter_map(|(column, text)| Cell::of(column, text)).collect();
        if !cells.is_empty() {
            self.rows.push(Row { number, cells });
        }
    }
}

impl Row {
    /// The text at `column`, empty where there is none.
    pub fn text(&self, column: u32) -> &str {
        let found = self.cells.binary_search_by_key(&column, |cell| cell.column);
        found.map_or("", |index| self.cells[index].text.as_str())
    }
}

impl Cell {
    /// A cell, unless `text` is blank. A no-break space counts as a space, as people cannot tell them apart.
    pub fn of(column: u32, text: &str) -> Option<Self> {
        let text = text.trim();
        let text = if text.contains('\u{a0}') { text.replace('\u{a0}', " ") } else { text.to_owned() };
        (!text.is_empty()).then_some(Cell { column, text })
    }
}

/// What the spreadsheet calls a column: A, B, … Z, AA, …
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("a remainder of 26 fits");
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_the_spreadsheet_calls_them() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (u32::MAX, "MWLQKWV")] {
            assert_eq!(letters(column), expected);
        }
    }

    #[test]
    fn a_sheet_is_found_whatever_its_capitals() {
        let workbook = Workbook { sheets: vec![Sheet::of(" SURVEY ", [])] };
        assert!(workbook.find_sheet("survey").is_some());
    }

    #[test]
    fn rows_and_cells_without_text_are_left_out() {
        let sheet = Sheet::of("survey", [vec!["type"], vec!["", " \u{a0}"], vec!["", "a\u{a0}b "]]);
        assert_eq!(sheet.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(sheet.rows[1].text(1), "a b");
        assert_eq!(sheet.rows[1].text(0), "");
    }
}
