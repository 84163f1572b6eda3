//! Rounds of data collection.

use serde::Serialize;
use sync_protocol::AreaId;
use sync_protocol::ids::RoundId;
use utoipa::ToSchema;

use crate::args;
use crate::store::db::{Columns, Result, Tx};
use crate::store::scope;

/// A round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Round {
    /// The round.
    #[schema(value_type = String)]
    pub id: RoundId,
    /// Its name.
    pub name: String,
    /// First day, ISO 8601.
    pub first_day: String,
    /// Last day, ISO 8601; absent while open.
    pub last_day: Option<String>,
    /// Where: the area and all below it.
    #[schema(value_type = String)]
    pub area: AreaId,
}

fn round(row: &Columns<'_>) -> Result<Round> {
    Ok(Round {
        id: row.parsed(0)?,
        name: row.string(1)?,
        first_day: row.string(2)?,
        last_day: row.opt_string(3)?,
        area: row.parsed(4)?,
    })
}

/// Adds a round; false if its name is taken.
pub fn add(tx: &Tx<'_>, round: &Round) -> Result<bool> {
    scope::directory_changed(tx)?;
    let added = tx.run(
        "INSERT INTO rounds (id, name, first_day, last_day, area) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING",
        args![
            round.id.to_string().as_str(),
            &round.name,
            &round.first_day,
            round.last_day.as_ref(),
            round.area.to_string().as_str()
        ],
    )?;
    Ok(added > 0)
}

/// Every round, the newest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Round>> {
    tx.rows(
        "SELECT id, name, first_day, last_day, area FROM rounds ORDER BY first_day DESC, id LIMIT 1000",
        args![],
        round,
    )
}
