//! The app as its callers see it: anonymous, enumerator, supervisor, officer, admin. No port is opened.

mod access;
mod attachments;
mod bundles;
mod conflicts;
mod devices;
mod files;
mod findings;
mod forms;
mod people;
mod quarantine;
mod watching;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value as Json;
use sync_protocol::session::SignIn;
use tower::ServiceExt as _;

use super::{App, router};
use crate::instance::scratch::{PASSWORD, Scratch};
use crate::people::Role;
use crate::store::users::User;

/// A server for one test.
struct TestApp {
    scratch: Scratch,
    app: App,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Status and code of a refusal; the code is empty where the answer is none.
    fn refusal(&self) -> (u16, String) {
        let code =
            serde_json::from_slice::<Json>(&self.body).ok().and_then(|json| Some(json["code"].as_str()?.to_owned()));
        (self.status.as_u16(), code.unwrap_or_default())
    }
}

/// Somebody who asks.
struct Actor<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

impl TestApp {
    fn new() -> TestApp {
        let scratch = Scratch::new();
        let app = App::start(scratch.instance.clone(), 2).expect("starts");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        TestApp { scratch, router: router(app.clone()), app, runtime }
    }

    fn anonymous(&self) -> Actor<'_> {
        Actor { app: self, token: None }
    }

    fn holding(&self, token: &str) -> Actor<'_> {
        Actor { app: self, token: Some(token.to_owned()) }
    }

    /// A fresh person of this role, signed in: by password where they have one, else by a device.
    fn signed_in(&self, name: &str, role: Role) -> (User, Actor<'_>) {
        let user = self.scratch.user(name, role);
        let access = if role == Role::Enumerator {
            self.scratch.enrol(user.id).1.tokens.access
        } else {
            let ask = SignIn { name: name.to_owned(), password: PASSWORD.to_owned() };
            crate::people::sign_in(&self.scratch.instance, ask).expect("known").access
        };
        (user, self.holding(&access))
    }

    fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("the router always answers");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body");
            Answer { status: parts.status, headers: parts.headers, body: body.to_vec() }
        })
    }
}

impl Actor<'_> {
    fn request(&self, method: Method, path: &str, body: Body, coding: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(coding) = coding {
            request = request.header(CONTENT_ENCODING, coding);
        }
        self.app.send(request.body(body).expect("a request"))
    }

    fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, Body::empty(), None)
    }

    fn post(&self, path: &str, body: &Json) -> Answer {
        self.request(Method::POST, path, Body::from(body.to_string()), None)
    }

    fn post_file(&self, path: &str, bytes: impl Into<Body>) -> Answer {
        self.request(Method::POST, path, bytes.into(), None)
    }

    fn exchange(&self, body: impl Into<Body>, coding: Option<&str>) -> Answer {
        self.request(Method::POST, "/sync/v1/exchange", body.into(), coding)
    }
}
