//! How far the work has come, by area and by enumerator. Counts only.

use serde::Serialize;
use sync_protocol::{AreaId, UserId};
use utoipa::ToSchema;

use super::db::{Result, Tx};
use super::households::{Within, is_within};
use crate::args;

/// How far one area has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaProgress {
    /// The area.
    #[schema(value_type = String)]
    pub area: AreaId,
    /// Households that stand there.
    pub households: u64,
    /// Those with at least one visit.
    pub visited: u64,
    /// Registers that hold several values.
    pub conflicts: u64,
}

/// How far one person has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonProgress {
    /// The person.
    #[schema(value_type = String)]
    pub user: UserId,
    /// Saves that the server holds.
    pub saves: u64,
    /// Visits.
    pub visits: u64,
    /// Households among those visited.
    pub households: u64,
    /// When the server last got something; milliseconds since 1970.
    pub last_received: Option<i64>,
}

/// Every area of `within` where a household stands.
pub fn by_area(tx: &Tx<'_>, within: Within) -> Result<Vec<AreaProgress>> {
    let (user, at, area) = within.texts();
    tx.rows(
        concat!(
            "SELECT area, count(CASE WHEN collection = 'household' THEN 1 END),
                    count(DISTINCT CASE WHEN collection = 'visit' THEN root END),
                    (SELECT count(*) FROM conflicts WHERE conflicts.area = records.area)
               FROM records WHERE collection IN ('household', 'visit') AND ",
            is_within!(),
            " GROUP BY area ORDER BY area LIMIT 100000"
        ),
        args![user.as_ref(), at, area.as_ref()],
        |row| {
            Ok(AreaProgress {
                area: row.parsed(0)?,
                households: row.number(1)?,
                visited: row.number(2)?,
                conflicts: row.number(3)?,
            })
        },
    )
}

/// Everybody who saved or visited something; visits are counted within `within`.
pub fn by_person(tx: &Tx<'_>, within: Within) -> Result<Vec<PersonProgress>> {
    let (user, at, area) = within.texts();
    tx.rows(
        concat!(
            "WITH visits (id, root, person) AS (
                 SELECT DISTINCT v.id, v.root, w.user_id
                   FROM (SELECT id, root, area FROM records WHERE collection = 'visit' AND ",
            is_within!(),
            ") v JOIN touches t ON t.record = v.id JOIN writers w ON w.id = t.writer WHERE w.user_id IS NOT NULL),
             sent (person, saves, last) AS (
                 SELECT w.user_id, sum(c.seq - c.first + 1), max(c.received)
                   FROM changesets c JOIN writers w ON w.id = c.writer WHERE w.user_id IS NOT NULL GROUP BY w.user_id)
             SELECT s.person, s.saves, s.last, (SELECT count(DISTINCT id) FROM visits v WHERE v.person = s.person),
                    (SELECT count(DISTINCT root) FROM visits v WHERE v.person = s.person)
               FROM sent s ORDER BY s.person LIMIT 10000"
        ),
        args![user.as_ref(), at, area.as_ref()],
        |row| {
            Ok(PersonProgress {
                user: row.parsed(0)?,
                saves: row.number(1)?,
                last_received: row.opt_int(2)?,
                visits: row.number(3)?,
                households: row.number(4)?,
            })
        },
    )
}
