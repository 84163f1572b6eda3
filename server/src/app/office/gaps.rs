//! Gaps: of which devices something waits for what is missing, and the sealing of what will not come.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sync_protocol::WriterId;
use utoipa::ToSchema;

use super::super::App;
use super::super::asked::Asked;
use super::super::roles::Officer;
use crate::error::Result;
use crate::gaps::{self, Gap};

/// Which gap.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::app) struct Seal {
    /// The writer.
    #[schema(value_type = String)]
    writer: WriterId,
    /// Last save of its first gap.
    last: u64,
    /// Why, for the audit.
    reason: String,
}

/// A gap that was sealed.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Sealed {
    /// First save.
    first: u64,
    /// Last save.
    last: u64,
}

/// Devices of which something waits for what is missing before it.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "quarantine", security(("token" = [])),
    responses((status = 200, body = [Gap])))]
pub(in crate::app) async fn list(State(app): State<App>, _: Officer) -> Result<Json<Vec<Gap>>> {
    Ok(Json(app.read(gaps::list).await?))
}

/// Seals the first gap of a device that is gone: what waits behind it is judged.
#[utoipa::path(post, path = "/api/v1/gaps/seal", tag = "quarantine", security(("token" = [])),
    request_body = Seal, responses((status = 200, body = Sealed), (status = 404),
        (status = 409, description = "`other_gap`: the first gap is another one")))]
pub(in crate::app) async fn seal(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<Seal>,
) -> Result<Json<Sealed>> {
    let by = caller.user.id;
    let sealed = app.blocking(move |app| gaps::seal(&app.instance, &app.hub, ask.writer, ask.last, by, &ask.reason));
    let (first, last) = sealed.await?;
    app.check_later();
    Ok(Json(Sealed { first, last }))
}
