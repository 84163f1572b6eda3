//! Tables beside the form: columns of short texts, each text held once, found by value without looking at every row.
//!
//! Shaped for what forms do with them: `pulldata` finds a row by a key, a `choice_filter` finds the rows of a district.

mod column;
mod csv;

use std::collections::BTreeMap;
use std::sync::Arc;

use column::Column;
pub use csv::CsvError;

/// A table that cannot be changed any more.
#[derive(Debug, Default)]
pub struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table of these columns; a row's missing cells are empty, its superfluous ones are passed over.
    pub fn new<R, C>(names: Vec<String>, rows: R) -> Self
    where
        R: IntoIterator<Item = C>,
        C: IntoIterator,
        C::Item: AsRef<str>,
    {
        let mut builders: Vec<column::Builder> = names.iter().map(|_| column::Builder::default()).collect();
        let mut count = 0;
        for row in rows {
            let mut cells = row.into_iter();
            for builder in &mut builders {
                match cells.next() {
                    Some(cell) => builder.push(cell.as_ref()),
                    None => builder.push(""),
                }
            }
            count += 1;
        }
        Table { names, columns: builders.into_iter().map(column::Builder::build).collect(), rows: count }
    }

    /// The columns' names in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The index of the column of that name.
    pub fn find_column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The cell; empty where there is none.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| column.cell(row))
    }

    /// The rows whose cell in `column` is exactly `value`, in order.
    pub fn rows_with(&self, column: usize, value: &str) -> &[u32] {
        self.columns.get(column).map_or(&[], |column| column.rows_with(value))
    }
}

/// The tables beside a form, by the name that `instance()` and `pulldata()` use.
#[derive(Debug, Default, Clone)]
pub struct Tables(BTreeMap<String, Arc<Table>>);

impl Tables {
    /// No table at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `table` under `name`, in the place of one that was there.
    pub fn insert(&mut self, name: impl Into<String>, table: Arc<Table>) {
        self.0.insert(name.into(), table);
    }

    /// The table of that name.
    pub fn find(&self, name: &str) -> Option<&Arc<Table>> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Table>)> {
        self.0.iter().map(|(name, table)| (name.as_str(), table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_a_cell_in_their_order() {
        let table = Table::new(
            vec!["kelurahan".into(), "district".into()],
            [["Kenali", "01"], ["Legok", "02"], ["Rawasari", "01"], ["Odd", ""]],
        );
        assert_eq!(table.rows_with(1, "01"), [0, 2]);
        assert_eq!(table.rows_with(1, "02"), [1]);
        assert_eq!(table.rows_with(1, ""), [3]);
        assert!(table.rows_with(1, "03").is_empty());
        assert!(table.rows_with(9, "01").is_empty());
        assert_eq!(table.cell(2, 0), "Rawasari");
    }
}
