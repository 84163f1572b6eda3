//! One column: every different text once, and for each row which of them.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A column of a table.
#[derive(Debug, Default)]
pub(crate) struct Column {
    texts: Vec<Box<str>>,
    symbols: HashMap<Box<str>, u32>,
    cells: Vec<u32>,
    index: OnceLock<Index>,
}

/// Row numbers sorted by symbol: those of symbol `s` stand from `starts[s]` to `starts[s + 1]`.
#[derive(Debug)]
struct Index {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Column {
    pub(crate) fn cell(&self, row: usize) -> &str {
        self.cells.get(row).map_or("", |&symbol| &self.texts[symbol as usize])
    }

    pub(crate) fn rows_with(&self, value: &str) -> &[u32] {
        let Some(&symbol) = self.symbols.get(value) else { return &[] };
        let index = self.index.get_or_init(|| Index::of(&self.cells, self.texts.len()));
        let from = index.starts[symbol as usize] as usize;
        let to = index.starts[symbol as usize + 1] as usize;
        &index.rows[from..to]
    }
}

impl Index {
    fn of(cells: &[u32], symbols: usize) -> Self {
        let mut starts = vec![0u32; symbols + 1];
        for &symbol in cells {
            starts[symbol as usize + 1] += 1;
        }
        for at in 0..symbols {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; cells.len()];
        for (row, &symbol) in (0u32..).zip(cells) {
            rows[next[symbol as usize] as usize] = row;
            next[symbol as usize] += 1;
        }
        Index { starts, rows }
    }
}

/// A column while its rows are read.
#[derive(Debug, Default)]
pub(crate) struct Builder(Column);

impl Builder {
    pub(crate) fn push(&mut self, text: &str) {
        let column = &mut self.0;
        let symbol = match column.symbols.get(text) {
            Some(&symbol) => symbol,
            None => {
                let symbol = u32::try_from(column.texts.len()).expect("a table has fewer than 2^32 rows");
                column.texts.push(text.into());
                column.symbols.insert(text.into(), symbol);
                symbol
            }
        };
        column.cells.push(symbol);
    }

    pub(crate) fn build(self) -> Column {
        self.0
    }
}
