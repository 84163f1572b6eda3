//! The words that records are found by.

use rusqlite::{Connection, named_params};

use crate::error::Result;

/// A new record is found by these words.
pub(crate) fn add(store: &Connection, record: i64, words: &str) -> Result<()> {
    store
        .prepare_cached("INSERT INTO search (rowid, words) VALUES ($record, $words)")?
        .execute(named_params! {"$record": record, "$words": words})?;
    Ok(())
}

/// A record is found by these words from now on.
pub(crate) fn replace(store: &Connection, record: i64, words: &str) -> Result<()> {
    store
        .prepare_cached("INSERT OR REPLACE INTO search (rowid, words) VALUES ($record, $words)")?
        .execute(named_params! {"$record": record, "$words": words})?;
    Ok(())
}

/// Forgets all words.
pub(crate) fn clear(store: &Connection) -> Result<()> {
    store.prepare_cached("INSERT INTO search (search) VALUES ('delete-all')")?.execute([])?;
    Ok(())
}

/// What people type as a query: every word must begin a word of the record. `None` if there is no word in it.
pub(crate) fn query(typed: &str) -> Option<String> {
    let words = typed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // Within quotes nothing is an operator; letters and digits need no escapes.
    let query: Vec<String> = words.take(WORDS_MAX).map(|word| format!("\"{word}\"*")).collect();
    (!query.is_empty()).then(|| query.join(" "))
}

/// Words of one search that are looked at.
const WORDS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_never_an_operator() {
        for (typed, expected) in [
            ("siti", Some("\"siti\"*")),
            ("  Jl. Melati-3 ", Some("\"Jl\"* \"Melati\"* \"3\"*")),
            ("\" OR *", Some("\"OR\"*")),
            (" .-\" ", None),
        ] {
            assert_eq!(query(typed).as_deref(), expected, "{typed}");
        }
    }
}
