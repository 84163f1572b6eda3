//! Finding a household by words of itself, its families and its members.

use sync_protocol::{RecordId, Row};

use super::db::{Result, Tx};
use crate::args;

/// Registers whose values are words to search by, verified or imported.
const SEARCHED: [&str; 5] = ["address", "card_number", "head_name", "name", "nik"];

/// What the names of imported registers begin with.
const IMPORTED: &str = "source/";

/// The words of a row: lower case, one space between, empty if it has none.
pub fn words(row: &Row) -> String {
    let verified = SEARCHED.iter().filter_map(|name| row.registers.get(*name));
    let imported = row
        .registers
        .range(IMPORTED.to_owned()..)
        .take_while(|(name, _)| name.starts_with(IMPORTED))
        .filter(|(name, _)| SEARCHED.iter().any(|plain| name.rsplit('/').next() == Some(plain)))
        .map(|(_, register)| register);
    let mut words = String::new();
    for text in verified.chain(imported).flat_map(|register| &register.siblings).filter_map(|s| s.value.as_text()) {
        let text = text.to_lowercase();
        if !words.contains(&text) {
            words.push(' ');
            words.push_str(&text);
        }
    }
    words
}

/// Stores the words of a record, which stood with `before` until now. A record without words is not listed.
pub fn set(tx: &Tx<'_>, record: RecordId, before: Option<RecordId>, root: RecordId, words: &str) -> Result<()> {
    if let Some(before) = before.filter(|before| *before != root) {
        tx.run("DELETE FROM words WHERE root = $1 AND record = $2", args![&before.to_string(), &record.to_string()])?;
    }
    if words.is_empty() {
        return Ok(());
    }
    tx.run(
        "INSERT INTO words (root, record, words) VALUES ($1, $2, $3)
         ON CONFLICT (root, record) DO UPDATE SET words = excluded.words",
        args![&root.to_string(), &record.to_string(), words],
    )?;
    Ok(())
}
