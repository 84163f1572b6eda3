//! A sheet with its headers understood: rows whose cells are asked for by what they are for.

use std::borrow::Cow;

use crate::sheet::{Row, Sheet};
use crate::xlsform::columns::{self, Field, Heading, Part};
use crate::xlsform::languages::Languages;
use crate::xlsform::names;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// Empty rows in a row after which a sheet ends, as in other readers: what stands below was left there by mistake.
const EMPTY_ROWS_MAX: u32 = 60;

#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) sheet: &'a str,
    pub(super) headings: Vec<Heading>,
    rows: &'a [Row],
}

/// A row below the headers.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) sheet: &'a str,
    pub(super) number: u32,
    headings: &'a [Heading],
    pub(super) cells: Vec<Given<'a>>,
}

/// A cell that is not empty.
#[derive(Debug, Clone)]
pub(super) struct Given<'a> {
    pub(super) heading: &'a Heading,
    /// Index of its language; that of plain columns where the field takes none.
    pub(super) language: usize,
    pub(super) text: Cow<'a, str>,
}

impl<'a> Table<'a> {
    /// Understands the headers of a sheet and tells what is odd about them; `None` for a sheet without any text.
    pub(super) fn read(part: Part, sheet: &'a Sheet, report: &mut Report) -> Option<Self> {
        let header = columns::header_row(part, sheet)?;
        if sheet.rows.first().is_some_and(|first| first.number < header.number) {
            report.remark(&Spot::row(&sheet.name, header.number), Fault::HeadersNotFirst);
        }
        let read = |cell: &crate::sheet::Cell| columns::read(part, &cell.text, cell.column);
        let mut headings: Vec<Heading> = header.cells.iter().map(read).collect();
        give_up_weak_aliases(part, &mut headings);
        let rows = rows_below(header, sheet, report);
        let table = Table { sheet: &sheet.name, headings, rows };
        table.tell_of_headings(part, header.number, report);
        Some(table)
    }

    pub(super) fn has(&self, field: &Field) -> bool {
        self.headings.iter().any(|heading| heading.field == *field)
    }

    /// The headings of columns with some text; all of them where no row has any, as in a template.
    pub(super) fn filled(&self) -> Vec<&Heading> {
        let filled = |heading: &&Heading| self.rows.iter().any(|row| !row.text(heading.column).is_empty());
        self.headings.iter().filter(|heading| self.rows.is_empty() || filled(heading)).collect()
    }

    /// Its rows; two columns for the same that do not say the same are told of.
    pub(super) fn entries(&'a self, languages: &Languages, report: &mut Report) -> Vec<Entry<'a>> {
        self.rows.iter().map(|row| self.entry(row, languages, report)).collect()
    }

    fn entry(&'a self, row: &'a Row, languages: &Languages, report: &mut Report) -> Entry<'a> {
        let mut entry = Entry { sheet: self.sheet, number: row.number, headings: &self.headings, cells: Vec::new() };
        let mut headings = self.headings.iter().peekable();
        for cell in &row.cells {
            while headings.next_if(|heading| heading.column < cell.column).is_some() {}
            let Some(heading) = headings.next_if(|heading| heading.column == cell.column) else { continue };
            let language = languages.index(heading.language.as_deref());
            entry.give(Given { heading, language, text: Cow::Borrowed(&cell.text) }, report);
        }
        entry
    }

    fn tell_of_headings(&self, part: Part, row: u32, report: &mut Report) {
        let spot = |heading: &Heading| Spot::cell(self.sheet, row, &heading.header, heading.column, &heading.header);
        let (mut own, mut kept) = (Vec::new(), Vec::new());
        for heading in self.filled() {
            match &heading.field {
                Field::Foreign => report.warning(&spot(heading), Fault::ColumnForeign),
                Field::Kept => kept.push(heading.header.clone()),
                Field::Own(header) => match self.meant(part, header) {
                    Some(meant) => report.warning(&spot(heading), Fault::ColumnMisspelled { meant }),
                    None if part == Part::Choices => {}
                    None => own.push(header.clone()),
                },
                _ => {}
            }
        }
        let sheet = Spot::row(self.sheet, row);
        if !own.is_empty() {
            report.remark(&sheet, Fault::ColumnsIgnored { headers: own });
        }
        if !kept.is_empty() {
            report.remark(&sheet, Fault::ColumnsKept { headers: kept });
        }
    }

    /// The known header that an unknown one is a slip for, unless the table has that column as well.
    fn meant(&self, part: Part, header: &str) -> Option<String> {
        let first = header.split(':').next().unwrap_or_default();
        let absent = |known: &&str| {
            let field = columns::read(part, known, 0).field;
            !self.has(&field)
                && (part != Part::Choices || matches!(field, Field::ListName | Field::Name | Field::Label))
        };
        // Words of three letters or fewer are near to too much.
        (first.chars().count() > 3).then(|| names::nearest(first, part.known_headers().filter(absent))).flatten()
    }
}

/// Headers such as `value` and `tag` are a name only where no column is called so.
fn give_up_weak_aliases(part: Part, headings: &mut [Heading]) {
    const WEAK: &[&str] =
        &["value", "tag", "command", "count", "guidance", "calculate", "dataset", "rows", "caption", "warning"];
    let is_weak = |heading: &Heading| {
        let first = heading.header.split(':').next().unwrap_or_default();
        WEAK.contains(&first.trim().to_lowercase().as_str())
    };
    let strong: Vec<(Field, Option<String>)> = headings
        .iter()
        .filter(|heading| !is_weak(heading))
        .map(|heading| (heading.field.clone(), heading.language.clone()))
        .collect();
    for heading in headings.iter_mut() {
        let taken = strong.contains(&(heading.field.clone(), heading.language.clone()));
        if is_weak(heading) && taken && (part != Part::Entities) {
            heading.field = Field::Own(heading.header.clone());
            heading.language = None;
        }
    }
}

fn rows_below<'a>(header: &Row, sheet: &'a Sheet, report: &mut Report) -> &'a [Row] {
    let first = sheet.rows.iter().position(|row| row.number > header.number).unwrap_or(sheet.rows.len());
    let rows = &sheet.rows[first..];
    let mut last = header.number;
    for (index, row) in rows.iter().enumerate() {
        if row.number - last > EMPTY_ROWS_MAX + 1 {
            report.remark(&Spot::row(&sheet.name, row.number), Fault::RowsBelowGap);
            return &rows[..index];
        }
        last = row.number;
    }
    rows
}

impl<'a> Entry<'a> {
    /// Adds a cell, unless another column has given the same already: a column with a language goes before one without.
    fn give(&mut self, given: Given<'a>, report: &mut Report) {
        let same = |known: &&mut Given| known.heading.field == given.heading.field && known.language == given.language;
        if matches!(given.heading.field, Field::Own(_) | Field::Kept | Field::Foreign) {
            return self.cells.push(given);
        }
        let Some(known) = self.cells.iter_mut().find(same) else { return self.cells.push(given) };
        match (&known.heading.language, &given.heading.language) {
            (None, Some(_)) => *known = given,
            (Some(_), None) => {}
            _ if known.text == given.text => {}
            _ => {
                let other = known.heading.header.clone();
                let Heading { header, column, .. } = given.heading;
                let spot = Spot::cell(self.sheet, self.number, header, *column, &given.text);
                report.warning(&spot, Fault::ColumnTwice { other });
            }
        }
    }

    pub(super) fn find(&self, field: &Field) -> Option<&Given<'a>> {
        self.cells.iter().find(|given| given.heading.field == *field)
    }

    /// The text of a cell, empty where there is none.
    pub(super) fn text(&self, field: &Field) -> &str {
        self.find(field).map_or("", |given| given.text.as_ref())
    }

    /// The text in each language that has one.
    pub(super) fn each(&self, field: &Field) -> impl Iterator<Item = &Given<'a>> {
        self.cells.iter().filter(move |given| given.heading.field == *field)
    }

    pub(super) fn has(&self, field: &Field) -> bool {
        self.find(field).is_some()
    }

    /// The place of a cell, or where it would be.
    pub(super) fn spot(&self, field: &Field) -> Spot {
        match self.find(field) {
            Some(given) => self.spot_of(given),
            None => {
                let heading = self.headings.iter().find(|heading| heading.field == *field);
                let empty =
                    |heading: &Heading| Spot::cell(self.sheet, self.number, &heading.header, heading.column, "");
                heading.map_or_else(|| Spot::row(self.sheet, self.number), empty)
            }
        }
    }

    pub(super) fn spot_of(&self, given: &Given) -> Spot {
        Spot::cell(self.sheet, self.number, &given.heading.header, given.heading.column, &given.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spots(report: Report) -> Vec<String> {
        report.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_slip_in_a_header_is_told_and_an_own_column_remarked() {
        let sheet = Sheet::of(
            "survey",
            [vec!["type", "name", "lable", "requried", "my notes"], vec!["text", "q", "Q", "yes", "x"]],
        );
        let mut report = Report::default();
        Table::read(Part::Survey, &sheet, &mut report);
        let spots = spots(report);
        assert_eq!(spots.len(), 3, "{spots:#?}");
        assert!(spots[0].contains("Write label"), "{spots:#?}");
        assert!(spots[1].contains("Write required"), "{spots:#?}");
        assert!(spots[2].contains("my notes"), "{spots:#?}");
    }

    #[test]
    fn two_columns_for_the_same_are_told_of_only_where_they_differ() {
        let sheet = Sheet::of(
            "survey",
            [vec!["type", "relevant", "relevance"], vec!["text", "1", "1"], vec!["text", "1", "2"]],
        );
        let mut report = Report::default();
        let table = Table::read(Part::Survey, &sheet, &mut report).expect("it has text");
        let languages = Languages::gather(&table.filled(), &[], None);
        let entries = table.entries(&languages, &mut report);
        assert_eq!(entries[1].text(&Field::Relevant), "1");
        let spots = spots(report);
        assert_eq!(spots.len(), 1);
        assert!(spots[0].starts_with("warning: survey C3 (relevance)"), "{spots:#?}");
    }

    #[test]
    fn value_is_a_name_only_where_no_column_is_called_name() {
        for (header, is_own) in [("name", true), ("other", false)] {
            let sheet = Sheet::of("choices", [vec!["list_name", header, "value"], vec!["a", "b", "c"]]);
            let table = Table::read(Part::Choices, &sheet, &mut Report::default()).expect("it has text");
            assert_eq!(table.headings[2].field == Field::Own("value".into()), is_own);
        }
    }

    #[test]
    fn rows_far_below_are_not_read() {
        let mut sheet = Sheet::of("survey", [vec!["type"], vec!["text"]]);
        sheet.push(63, ["note"]);
        sheet.push(125, ["stray"]);
        let mut report = Report::default();
        let table = Table::read(Part::Survey, &sheet, &mut report).expect("it has text");
        assert_eq!(table.rows.len(), 2);
        assert_eq!(spots(report).len(), 1);
    }
}
