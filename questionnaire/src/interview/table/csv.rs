//! Reading a table from CSV text (RFC 4180; a comma, semicolon or tab between cells, whichever the header has).

use super::Table;

/// Why a text is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// A quote was opened in this line and never closed.
    #[error("the quote opened in line {0} is never closed")]
    OpenQuote(usize),
    /// There is not even a header.
    #[error("the table has no header")]
    NoHeader,
}

impl Table {
    /// Reads CSV; the first row names the columns, empty lines are passed over.
    pub fn from_csv(text: &str) -> Result<Self, CsvError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = Records { rest: text, line: 1, separator: separator(text) };
        let mut names = lines.next().transpose()?.ok_or(CsvError::NoHeader)?;
        for name in &mut names {
            *name = name.trim().to_owned();
        }
        let rows = lines.collect::<Result<Vec<_>, _>>()?;
        Ok(Table::new(names, rows))
    }
}

fn separator(text: &str) -> char {
    let header = text.lines().next().unwrap_or("");
    let count = |sign: char| header.matches(sign).count();
    // The last of equals wins, so the comma stands last.
    [';', '\t', ','].into_iter().max_by_key(|&sign| count(sign)).unwrap_or(',')
}

struct Records<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            match self.record() {
                Ok(cells) if cells.iter().all(String::is_empty) => {}
                record => return Some(record),
            }
        }
    }
}

impl Records<'_> {
    fn record(&mut self) -> Result<Vec<String>, CsvError> {
        let mut cells = Vec::new();
        loop {
            let cell = if self.rest.starts_with('"') { self.quoted()? } else { String::new() };
            cells.push(cell + self.plain());
            match self.rest.chars().next() {
                Some(sign) if sign == self.separator => self.rest = &self.rest[sign.len_utf8()..],
                _ => break,
            }
        }
        self.rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
        self.line += 1;
        Ok(cells)
    }

    fn plain(&mut self) -> &str {
        let separator = self.separator;
        let end = self.rest.find([separator, '\n', '\r']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell
    }

    fn quoted(&mut self) -> Result<String, CsvError> {
        let opened = self.line;
        let mut cell = String::new();
        self.rest = &self.rest[1..];
        loop {
            let end = self.rest.find('"').ok_or(CsvError::OpenQuote(opened))?;
            cell.push_str(&self.rest[..end]);
            self.line += self.rest[..end].matches('\n').count();
            self.rest = &self.rest[end + 1..];
            if !self.rest.starts_with('"') {
                return Ok(cell);
            }
            cell.push('"');
            self.rest = &self.rest[1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let table = Table::from_csv(text).unwrap();
        (0..table.len())
            .map(|row| (0..table.names().len()).map(|column| table.cell(row, column).to_owned()).collect())
            .collect()
    }

    #[test]
    fn quotes_commas_and_lines_inside_a_cell_are_kept() {
        let read = rows("\u{feff}name,label\r\na,\"Jalan \"\"Mawar\"\", 5\"\r\n\r\nb,\"two\nlines\"\nc\n");
        assert_eq!(read, [vec!["a", "Jalan \"Mawar\", 5"], vec!["b", "two\nlines"], vec!["c", ""]]);
    }

    #[test]
    fn a_semicolon_may_stand_between_cells() {
        assert_eq!(rows("name;label\na;x,y\n"), [vec!["a", "x,y"]]);
    }

    #[test]
    fn a_quote_that_is_never_closed_names_its_line() {
        assert_eq!(Table::from_csv("a,b\n1,\"2\n").unwrap_err(), CsvError::OpenQuote(2));
    }
}
