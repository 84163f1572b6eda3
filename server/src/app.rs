//! The HTTP face of the server: a router that is a table grouped by who calls, and handlers of one shape
//! (extract, authorise, limit, one transaction, answer).

mod asked;
mod attachments;
mod auth;
mod bundles;
mod entries;
mod exchange;
mod gates;
mod office;
mod openapi;
mod packages;
mod roles;
#[cfg(test)]
mod tests;
mod watching;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;

use crate::checks::Checker;
use crate::error::{self, Error, Result};
use crate::instance::Instance;
use crate::store::{Tx, db};
use crate::sync::Hub;
use gates::Gates;

/// How often files that nobody names are looked for.
const FORGETTING: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Everything a handler may use.
#[derive(Clone, Debug)]
pub struct App {
    /// People, keys, time.
    pub instance: Instance,
    /// The sync path.
    pub hub: Arc<Hub>,
    checker: Arc<Checker>,
    gates: Arc<Gates>,
}

impl App {
    /// The app over an instance; mints the server's writer of this process.
    pub fn start(instance: Instance, exchanges: usize) -> db::Result<App> {
        let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
        Ok(App { instance, hub: Arc::new(hub), checker: Arc::default(), gates: Arc::new(Gates::new(exchanges)) })
    }

    /// Has households that changed checked against their forms while nobody waits for it.
    fn check_later(&self) {
        if !self.checker.ask() {
            return;
        }
        let app = self.clone();
        tokio::runtime::Handle::current().spawn_blocking(move || {
            app.checker.work(&app.instance.store, || app.instance.now());
        });
    }

    /// Forgets attached files that nobody names, now and then once a day, for as long as the server runs.
    async fn forget_daily(self) {
        let mut days = tokio::time::interval(FORGETTING);
        loop {
            days.tick().await;
            if let Err(error) = self.blocking(|app| crate::attachments::forget(&app.instance)).await {
                tracing::error!(error = &error as &dyn std::error::Error, "files that nobody names were not forgotten");
            }
        }
    }

    /// Runs work that blocks where blocking is allowed.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&App) -> Result<T> + Send + 'static) -> Result<T> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || work(&app)).await.map_err(error::internal)?
    }

    /// Reads from one snapshot.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.blocking(move |app| app.instance.store.read(read)).await
    }
}

/// Serves connections until `stop`; requests under way are finished.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // What a stop left unchecked.
    app.check_later();
    let forgetting = tokio::spawn(app.clone().forget_daily());
    // An answer leaves at once: it is written in one piece and nobody waits for a fuller packet.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let served = axum::serve(listener, router(app)).with_graceful_shutdown(stop).await;
    forgetting.abort();
    served
}

/// Every route.
pub fn router(app: App) -> Router {
    // Anybody.
    let open = Router::new()
        .route("/healthz", get(watching::healthz))
        .route("/metrics", get(watching::metrics))
        .route("/api/openapi.json", get(openapi::document))
        .route("/auth/v1/enrol", post(auth::enrol))
        .route("/auth/v1/refresh", post(auth::refresh))
        .route("/auth/v1/resume", post(auth::resume))
        .route("/auth/v1/sign-in", post(auth::sign_in));

    // Whoever is signed in.
    let everybody = Router::new()
        .route("/auth/v1/sign-out", post(auth::sign_out))
        .route("/sync/v1/exchange", post(exchange::exchange))
        .route("/sync/v1/form", post(packages::part))
        .route("/sync/v1/entries", post(entries::take))
        .route("/sync/v1/blobs", post(attachments::deliver))
        .route("/sync/v1/bundle", post(bundles::take_in))
        .route("/api/v1/records/{id}/attachment", get(attachments::one))
        .route("/api/v1/me", get(office::me::me));

    // Supervisors, within the areas granted to them; officers everywhere.
    let supervisors = Router::new()
        .route("/api/v1/areas", get(office::areas::list))
        .route("/api/v1/areas/{id}", get(office::areas::one))
        .route("/api/v1/rounds", get(office::rounds::list).post(office::rounds::create))
        .route("/api/v1/households", get(office::households::search))
        .route("/api/v1/households/{id}", get(office::households::one))
        .route("/api/v1/records/{id}/history", get(office::households::history))
        .route("/api/v1/conflicts", get(office::conflicts::list))
        .route("/api/v1/findings", get(office::findings::list))
        .route("/api/v1/attachments/missing", get(office::attachments::missing))
        .route("/api/v1/forms", get(office::forms::list).post(office::forms::upload))
        .route("/api/v1/forms/{id}", get(office::forms::one))
        .route("/api/v1/progress/areas", get(office::progress::by_area))
        .route("/api/v1/progress/enumerators", get(office::progress::by_enumerator));

    // Officers.
    let officers = Router::new()
        .route("/api/v1/conflicts/settle", post(office::conflicts::settle))
        .route("/api/v1/gaps", get(office::gaps::list))
        .route("/api/v1/gaps/seal", post(office::gaps::seal))
        .route("/api/v1/quarantine", get(office::quarantine::list))
        .route("/api/v1/quarantine/save", get(office::quarantine::one))
        .route("/api/v1/quarantine/release", post(office::quarantine::release))
        .route("/api/v1/quarantine/reject", post(office::quarantine::reject))
        .route("/api/v1/users", get(office::users::list).post(office::users::create))
        .route("/api/v1/users/{id}/codes", post(office::users::give_code))
        .route("/api/v1/devices", get(office::devices::list))
        .route("/api/v1/devices/{id}/retire", post(office::devices::retire))
        .route("/api/v1/devices/{id}/stolen", post(office::devices::stolen))
        .route("/api/v1/grants", get(office::grants::list).post(office::grants::create))
        .route("/api/v1/grants/{id}/revoke", post(office::grants::revoke))
        .route("/api/v1/imports/areas", post(office::imports::areas))
        .route("/api/v1/imports/outlines", post(office::imports::outlines))
        .route("/api/v1/imports/prelist", post(office::imports::prelist))
        .route("/api/v1/imports/prelist/preview", post(office::imports::preview))
        .route("/api/v1/exports/answers", get(office::exports::answers))
        .route("/api/v1/exports/{id}", get(office::exports::table))
        .route("/api/v1/forms/bundled/{id}", post(office::forms::add_bundled))
        .route("/api/v1/forms/{id}/file", get(office::forms::file))
        .route("/api/v1/forms/{id}/tables", post(office::forms::put_table))
        .route("/api/v1/forms/{id}/publish", post(office::forms::publish))
        .route("/api/v1/forms/{id}/retire", post(office::forms::retire))
        .route("/api/v1/forms/{id}/discard", post(office::forms::discard));

    // Admins.
    let admins = Router::new()
        .route("/api/v1/users/{id}/disable", post(office::users::disable))
        .route("/api/v1/users/{id}/password", post(office::users::set_password));

    open.merge(everybody)
        .merge(supervisors)
        .merge(officers)
        .merge(admins)
        .fallback(|| async { error::not_found("address") })
        .method_not_allowed_fallback(|| async { error::bad_request("bad_method", "Not by this method.") })
        .layer(middleware::from_fn_with_state(app.clone(), watching::log))
        .with_state(app)
}

/// Work of the store as an answer of the server.
fn stored<T>(result: db::Result<T>) -> Result<T> {
    result.map_err(Error::from)
}
