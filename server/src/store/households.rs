//! Households as the office looks for them: by words, by area, a page at a time.

use sync_protocol::{AreaId, RecordId, UserId};

use super::db::{Result, Tx};
use crate::args;

/// Words of one search; further ones are not looked at.
pub const WORDS_MAX: usize = 4;

/// Where somebody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Within {
    /// Only what is granted to this person at that time (milliseconds since 1970); everything where absent.
    pub granted: Option<(UserId, i64)>,
    /// Only this area and all below it.
    pub area: Option<AreaId>,
}

impl Within {
    /// The parameters `$1`, `$2`, `$3` of [`is_within`].
    pub(super) fn texts(&self) -> (Option<String>, i64, Option<String>) {
        let (user, at) = self.granted.map_or((None, 0), |(user, at)| (Some(user.to_string()), at));
        (user, at, self.area.map(|area| area.to_string()))
    }
}

/// A condition on the column `area`: granted to person `$1` at time `$2` (anything where `$1` is NULL), and in or below
/// area `$3` (anywhere where it is NULL).
macro_rules! is_within {
    () => {
        "(CAST($1 AS TEXT) IS NULL OR area IN (
             WITH RECURSIVE scope (id) AS (
                 SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
                 UNION SELECT areas.id FROM areas JOIN scope ON areas.parent = scope.id)
             SELECT id FROM scope))
         AND (CAST($3 AS TEXT) IS NULL OR area IN (
             WITH RECURSIVE below (id) AS (
                 SELECT id FROM areas WHERE id = $3
                 UNION SELECT areas.id FROM areas JOIN below ON areas.parent = below.id)
             SELECT id FROM below))"
    };
}
pub(super) use is_within;

/// A household that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The household.
    pub id: RecordId,
    /// Where it stands.
    pub area: AreaId,
    /// Its row's canonical text.
    pub doc: String,
    /// Registers of the household and all that belongs to it that hold several values.
    pub conflicts: u64,
}

/// Households after `after` by id, at most `most`, all of whose `words` occur in them, their families or members.
pub fn search(tx: &Tx<'_>, within: Within, words: &[String], after: Option<RecordId>, most: u32) -> Result<Vec<Found>> {
    let (user, at, area) = within.texts();
    let after = after.map_or_else(String::new, |id| id.to_string());
    let read = |row: &super::db::Columns<'_>| {
        Ok(Found { id: row.parsed(0)?, area: row.parsed(1)?, doc: row.string(2)?, conflicts: row.number(3)? })
    };
    if words.is_empty() {
        return tx.rows(
            concat!(
                "SELECT id, area, doc, (SELECT count(*) FROM conflicts WHERE conflicts.root = records.id) FROM records
                  WHERE collection = 'household' AND id > $4 AND ",
                is_within!(),
                " ORDER BY id LIMIT $5"
            ),
            args![user.as_ref(), at, area.as_ref(), &after, i64::from(most)],
            read,
        );
    }
    let patterns: Vec<String> =
        (0..WORDS_MAX).map(|n| words.get(n).map_or_else(|| "%".to_owned(), |word| like(word))).collect();
    tx.rows(
        concat!(
            "SELECT id, area, doc, (SELECT count(*) FROM conflicts WHERE conflicts.root = records.id) FROM records
              WHERE id IN (SELECT root FROM words w WHERE words LIKE $6 ESCAPE '\\' AND root > $4
                  AND EXISTS (SELECT 1 FROM words o WHERE o.root = w.root AND o.words LIKE $7 ESCAPE '\\')
                  AND EXISTS (SELECT 1 FROM words o WHERE o.root = w.root AND o.words LIKE $8 ESCAPE '\\')
                  AND EXISTS (SELECT 1 FROM words o WHERE o.root = w.root AND o.words LIKE $9 ESCAPE '\\'))
                AND ",
            is_within!(),
            " ORDER BY id LIMIT $5"
        ),
        args![
            user.as_ref(),
            at,
            area.as_ref(),
            &after,
            i64::from(most),
            &patterns[0],
            &patterns[1],
            &patterns[2],
            &patterns[3]
        ],
        read,
    )
}

/// A word anywhere within, as a pattern; what is special in patterns stands for itself.
fn like(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
