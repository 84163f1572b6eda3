//! Roles as extractors: a handler that takes `Officer` cannot be reached by anybody less.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::App;
use crate::error::{Error, Result, forbidden, unauthorized};
use crate::people::{self, Caller, Role};

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name(pub(super) Caller);

        impl FromRequestParts<App> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
                at_least(Role::$name, parts, app).await.map($name)
            }
        }
    )*};
}

roles! {
    /// Anybody who is signed in.
    Enumerator
    /// A supervisor or more.
    Supervisor
    /// An officer or more.
    Officer
    /// An admin.
    Admin
}

async fn at_least(role: Role, parts: &Parts, app: &App) -> Result<Caller> {
    let token = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    let token = token.ok_or_else(|| unauthorized("no_token", "Sign in first: the request carries no access token."))?;
    let token = token.to_owned();
    let caller = app.blocking(move |app| people::caller(&app.instance, &token)).await?;
    if caller.is_at_least(role) {
        return Ok(caller);
    }
    Err(forbidden(format!("This is for a person whose role is {role} or more.")))
}
