//! Grants: given and ended by the office.

use sync_protocol::{AreaId, UserId};

use crate::error::{Error, Result, bad_request, not_found};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::grants::{self, Grant};
use crate::store::{areas, users};

/// Lets a person work in an area and all below it, from `starts` on (now, where absent).
pub fn grant(
    instance: &Instance,
    user: UserId,
    area: AreaId,
    starts: Option<i64>,
    ends: Option<i64>,
    by: UserId,
) -> Result<Grant> {
    let starts = starts.unwrap_or_else(|| instance.now());
    if ends.is_some_and(|ends| ends < starts) {
        return Err(bad_request("bad_time", "The grant would end before it starts."));
    }
    let (at, random) = instance.ambient.id_parts();
    let id = uuid::Builder::from_unix_timestamp_millis(at, &random).into_uuid().to_string();
    let deed = Deed::new(instance, Some(by), "grant.add", &id, &format!("user {user} area {area}"));
    instance.store.write(move |tx| {
        users::find(tx, user)?.ok_or_else(|| not_found("person"))?;
        areas::find(tx, area)?.ok_or_else(|| not_found("area"))?;
        let grant = Grant { id, user, area, starts, ends, granted_by: by };
        grants::add(tx, &grant)?;
        audit::add(tx, &deed)?;
        Ok(grant)
    })
}

/// Ends a grant now.
pub fn revoke(instance: &Instance, id: &str, by: Option<UserId>) -> Result<()> {
    let deed = Deed::new(instance, by, "grant.end", id, "");
    let (id, now) = (id.to_owned(), instance.now());
    instance.store.write(move |tx| {
        grants::find(tx, &id)?.ok_or_else(|| not_found("grant"))?;
        if grants::end(tx, &id, now)? {
            audit::add(tx, &deed)?;
        }
        Ok::<_, Error>(())
    })
}
