//! The floor: the same JSON lines into plain SQLite, as durable as the server is.

use std::path::Path;

use anyhow::Result;

use super::lines::Line;
use crate::watch::Stopwatch;

/// Seconds to insert the lines: one prepared statement, commit and `wal_checkpoint(TRUNCATE)` inside the clock.
pub fn insert_s(folder: &Path, lines: &[Line]) -> Result<f64> {
    let mut connection = rusqlite::Connection::open(folder.join("floor.sqlite"))?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE t (id TEXT PRIMARY KEY, body TEXT)")?;
    let watch = Stopwatch::start();
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO t (id, body) VALUES (?1, ?2)")?;
        for line in lines {
            insert.execute((&line.key, &line.text))?;
        }
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(watch.seconds())
}
