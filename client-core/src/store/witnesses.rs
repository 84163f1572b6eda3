//! Rows set aside because a restored server has lost something of them.

use rusqlite::{Connection, named_params};
use sync_protocol::{RecordId, RowHash};

use super::ids::Key;
use crate::error::Result;

/// Sets a row aside, to be sent; one that was set aside before is sent again.
pub(crate) fn add(store: &Connection, id: RecordId, text: &str) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT INTO witnesses (id, hash, text) VALUES ($id, $hash, $text)
         ON CONFLICT (id, hash) DO UPDATE SET sent = 0",
    )?;
    let hash = RowHash::of(text).0.to_be_bytes();
    statement.execute(named_params! {"$id": id.key(), "$hash": hash, "$text": text})?;
    Ok(())
}

/// The server may have lost what it was sent: all of it goes again.
pub(crate) fn send_all_again(store: &Connection) -> Result<()> {
    store.prepare_cached("UPDATE witnesses SET sent = 0 WHERE sent = 1")?.execute([])?;
    Ok(())
}

/// The next rows to be sent, about `bytes` of them, with their places.
pub(crate) fn next_unsent(store: &Connection, bytes: usize) -> Result<Vec<(i64, String)>> {
    let mut query = store.prepare_cached("SELECT witness, text FROM witnesses WHERE sent = 0 ORDER BY witness")?;
    let (mut next, mut taken) = (Vec::new(), 0);
    let mut rows = query.query([])?;
    while taken < bytes
        && let Some(row) = rows.next()?
    {
        let text: String = row.get(1)?;
        taken += text.len();
        next.push((row.get(0)?, text));
    }
    Ok(next)
}

/// The server keeps the row, or does not need it.
pub(crate) fn mark_sent(store: &Connection, witness: i64) -> Result<()> {
    store
        .prepare_cached("UPDATE witnesses SET sent = 1 WHERE witness = $witness")?
        .execute(named_params! {"$witness": witness})?;
    Ok(())
}

/// Whether any row is still to be sent.
pub(crate) fn has_unsent(store: &Connection) -> Result<bool> {
    let mut query = store.prepare_cached("SELECT EXISTS (SELECT 1 FROM witnesses WHERE sent = 0)")?;
    Ok(query.query_row([], |row| row.get(0))?)
}
