//! The quarantine: saves that were judged and not merged, and what an officer decides of them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::App;
use super::super::asked::{Asked, Params};
use super::super::roles::Officer;
use super::pages::{Page, limit};
use crate::error::{Error, Result, bad_request};
use crate::quarantine::{self, HeldSave, Shown};
use crate::store::held::HeldId;
use crate::sync::quarantine::{Dependants, Outcome};

/// Which page.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Which {
    /// `next` of the page before.
    after: Option<String>,
    /// Items of a page.
    limit: Option<u32>,
}

/// Which save.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct One {
    /// As it is listed.
    save: HeldId,
}

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::app) struct Decide {
    /// The held saves, as they are listed.
    #[schema(value_type = Vec<String>)]
    saves: Vec<HeldId>,
    /// Why, for the audit.
    reason: String,
    /// Of a rejection: what becomes of what waits for them. Absent where nothing does.
    dependants: Option<Fate>,
}

/// What becomes of saves that wait for a rejected one.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Fate {
    /// They are rejected with it.
    Reject,
    /// They go on without it.
    Release,
}

/// What became of each save, those that waited for them too.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Outcomes {
    outcomes: Vec<Outcome>,
}

/// Held saves that nothing is decided of, the oldest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "quarantine", security(("token" = [])),
    params(("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<HeldSave>)))]
pub(in crate::app) async fn list(
    State(app): State<App>,
    _: Officer,
    Params(which): Params<Which>,
) -> Result<Json<Page<HeldSave>>> {
    let after = which.after.as_deref().map(place).transpose()?;
    let limit = limit(which.limit);
    let page = app.read(move |tx| {
        let listed = quarantine::list(tx, after.as_ref(), limit + 1)?;
        Ok::<_, Error>(Page::of(listed, limit, |held| format!("{}~{}", held.since, held.save)))
    });
    Ok(Json(page.await?))
}

fn place(after: &str) -> Result<(i64, HeldId)> {
    let place = after.split_once('~').and_then(|(since, id)| Some((since.parse().ok()?, id.parse().ok()?)));
    place.ok_or_else(|| bad_request("bad_query", "Give back `next` as it was got."))
}

/// One held save: what it says, and what waits for it.
#[utoipa::path(get, path = "/api/v1/quarantine/save", tag = "quarantine", security(("token" = [])),
    params(("save" = String, Query)), responses((status = 200, body = Shown), (status = 404)))]
pub(in crate::app) async fn one(State(app): State<App>, _: Officer, Params(which): Params<One>) -> Result<Json<Shown>> {
    Ok(Json(app.read(move |tx| quarantine::show(tx, &which.save)).await?))
}

/// Releases held saves: they are merged under new names, may meet other values and overwrite nothing.
#[utoipa::path(post, path = "/api/v1/quarantine/release", tag = "quarantine", security(("token" = [])),
    request_body = Decide, responses((status = 200, body = Outcomes), (status = 404)))]
pub(in crate::app) async fn release(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<Decide>,
) -> Result<Json<Outcomes>> {
    let by = caller.user.id;
    let decided = app.blocking(move |app| quarantine::release(&app.instance, &app.hub, ask.saves, by, &ask.reason));
    let outcomes = decided.await?;
    app.check_later();
    Ok(Json(Outcomes { outcomes }))
}

/// Rejects held saves; what waits for them is rejected with them or goes on.
#[utoipa::path(post, path = "/api/v1/quarantine/reject", tag = "quarantine", security(("token" = [])),
    request_body = Decide, responses((status = 200, body = Outcomes), (status = 404),
        (status = 409, description = "`dependants`: saves wait for it, and it was not said what becomes of them")))]
pub(in crate::app) async fn reject(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<Decide>,
) -> Result<Json<Outcomes>> {
    let by = caller.user.id;
    let dependants = ask.dependants.map(|fate| match fate {
        Fate::Reject => Dependants::Reject,
        Fate::Release => Dependants::Release,
    });
    let decided =
        app.blocking(move |app| quarantine::reject(&app.instance, &app.hub, ask.saves, dependants, by, &ask.reason));
    let outcomes = decided.await?;
    app.check_later();
    Ok(Json(Outcomes { outcomes }))
}
