//! The OpenAPI document, generated from the handlers.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{attachments, auth, bundles, entries, exchange, office, packages, watching};

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tilik server", description = "Every error is `{\"code\", \"message\"}`: a stable word and a sentence."),
    modifiers(&Token),
    paths(
        watching::healthz,
        watching::metrics,
        document,
        auth::enrol,
        auth::refresh,
        auth::resume,
        auth::sign_in,
        auth::sign_out,
        exchange::exchange,
        entries::take,
        packages::part,
        attachments::deliver,
        attachments::one,
        bundles::take_in,
        office::me::me,
        office::users::list,
        office::users::create,
        office::users::give_code,
        office::users::disable,
        office::users::set_password,
        office::devices::list,
        office::devices::retire,
        office::devices::stolen,
        office::grants::list,
        office::grants::create,
        office::grants::revoke,
        office::areas::list,
        office::areas::one,
        office::rounds::list,
        office::rounds::create,
        office::households::search,
        office::households::one,
        office::households::history,
        office::conflicts::list,
        office::conflicts::settle,
        office::findings::list,
        office::attachments::missing,
        office::gaps::list,
        office::gaps::seal,
        office::quarantine::list,
        office::quarantine::one,
        office::quarantine::release,
        office::quarantine::reject,
        office::progress::by_area,
        office::progress::by_enumerator,
        office::imports::areas,
        office::imports::outlines,
        office::imports::prelist,
        office::imports::preview,
        office::exports::table,
        office::exports::answers,
        office::forms::list,
        office::forms::upload,
        office::forms::add_bundled,
        office::forms::one,
        office::forms::file,
        office::forms::put_table,
        office::forms::publish,
        office::forms::retire,
        office::forms::discard,
    )
)]
struct Document;

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "watching",
    responses((status = 200, body = serde_json::Value, description = "OpenAPI")))]
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
