//! Who gets in, and how far.

use serde_json::json;

use super::*;

/// Every address with the least role that may ask there.
const DOORS: [(&str, &str, Role); 30] = [
    ("GET", "/api/v1/me", Role::Enumerator),
    ("GET", "/api/v1/areas", Role::Supervisor),
    ("GET", "/api/v1/areas/x", Role::Supervisor),
    ("GET", "/api/v1/rounds", Role::Supervisor),
    ("GET", "/api/v1/households", Role::Supervisor),
    ("GET", "/api/v1/households/x", Role::Supervisor),
    ("GET", "/api/v1/records/x/history", Role::Supervisor),
    ("GET", "/api/v1/conflicts", Role::Supervisor),
    ("GET", "/api/v1/progress/areas", Role::Supervisor),
    ("GET", "/api/v1/progress/enumerators", Role::Supervisor),
    ("GET", "/api/v1/findings", Role::Supervisor),
    ("GET", "/api/v1/attachments/missing", Role::Supervisor),
    ("GET", "/api/v1/forms", Role::Supervisor),
    ("GET", "/api/v1/forms/x", Role::Supervisor),
    ("POST", "/api/v1/conflicts/settle", Role::Officer),
    ("GET", "/api/v1/exports/answers", Role::Officer),
    ("POST", "/api/v1/forms", Role::Officer),
    ("POST", "/api/v1/forms/bundled/x", Role::Officer),
    ("POST", "/api/v1/forms/x/tables", Role::Officer),
    ("POST", "/api/v1/forms/x/publish", Role::Officer),
    ("POST", "/api/v1/forms/x/retire", Role::Officer),
    ("POST", "/api/v1/forms/x/discard", Role::Officer),
    ("POST", "/api/v1/rounds", Role::Officer),
    ("GET", "/api/v1/users", Role::Officer),
    ("POST", "/api/v1/users/x/codes", Role::Officer),
    ("GET", "/api/v1/devices", Role::Officer),
    ("POST", "/api/v1/devices/x/retire", Role::Officer),
    ("POST", "/api/v1/grants/x/revoke", Role::Officer),
    ("POST", "/api/v1/users/x/disable", Role::Admin),
    ("POST", "/api/v1/users/x/password", Role::Admin),
];

#[test]
fn every_door_opens_from_its_role_up_and_for_nobody_less() {
    let app = TestApp::new();
    let actors = Role::ALL.map(|role| (role, app.signed_in(role.word(), role).1));
    for (method, path, least) in DOORS {
        let ask = |actor: &Actor<'_>| actor.request(method.parse().expect("a method"), path, Body::from("{}"), None);
        assert_eq!(ask(&app.anonymous()).refusal(), (401, "no_token".to_owned()), "{path}");
        for (role, actor) in &actors {
            let answer = ask(actor);
            let shut = answer.refusal() == (403, "forbidden".to_owned());
            assert_eq!(shut, *role < least, "{role} at {method} {path}: {}", answer.status);
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{role} at {path}");
        }
    }
}

#[test]
fn expired_forged_and_foreign_tokens_open_nothing() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let token = officer.token.clone().expect("signed in");
    assert_eq!(officer.get("/api/v1/me").status, 200);
    let other = TestApp::new();
    other.scratch.user("first", Role::Admin);
    let (_, foreign) = other.signed_in("ani", Role::Officer);
    let foreign = app.holding(foreign.token.as_deref().expect("signed in"));
    let mut claims = token.split('.').collect::<Vec<_>>();
    claims[1] = "eyJzdWIiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ";
    for forged in [app.holding(&claims.join(".")), app.holding("x"), foreign] {
        assert_eq!(forged.get("/api/v1/me").refusal(), (401, "bad_token".to_owned()));
    }
    app.scratch.pass(15 * 60_000);
    let late = officer.get("/api/v1/me");
    assert_eq!(late.refusal(), (401, "token_expired".to_owned()));
    assert_eq!(late.headers["www-authenticate"], "Bearer");
}

#[test]
fn signing_out_shuts_the_door_behind_oneself() {
    let app = TestApp::new();
    app.scratch.user("ani", Role::Officer);
    let ask = json!({"name": "ani", "password": PASSWORD});
    let tokens = app.anonymous().post("/auth/v1/sign-in", &ask).json();
    let ani = app.holding(tokens["access"].as_str().expect("a token"));
    assert_eq!(ani.get("/api/v1/me").json()["user"]["name"], "ani");
    assert_eq!(ani.post("/auth/v1/sign-out", &json!({})).status, 204);
    assert_eq!(ani.get("/api/v1/me").refusal(), (401, "sign_in_again".to_owned()));
    let refresh = json!({"refresh": tokens["refresh"]});
    assert_eq!(app.anonymous().post("/auth/v1/refresh", &refresh).refusal(), (401, "sign_in_again".to_owned()));
    let wrong = json!({"name": "ani", "password": "not the one"});
    assert_eq!(app.anonymous().post("/auth/v1/sign-in", &wrong).refusal(), (401, "bad_sign_in".to_owned()));
}

#[test]
fn what_makes_no_sense_is_refused_by_a_code_and_a_sentence() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    for (answer, refusal) in [
        (officer.get("/nowhere"), (404, "not_found")),
        (officer.request(Method::DELETE, "/api/v1/me", Body::empty(), None), (400, "bad_method")),
        (officer.post("/api/v1/users", &json!([])), (400, "malformed")),
        (officer.post("/api/v1/grants", &json!({"user": "x", "area": "y"})), (400, "malformed")),
        (officer.get("/api/v1/households?area=x"), (400, "bad_query")),
        (officer.get("/api/v1/households?text=a+b+c+d+e"), (400, "bad_query")),
        (officer.get("/api/v1/conflicts?after=x"), (400, "bad_query")),
        (officer.get("/api/v1/areas/0190"), (404, "not_found")),
        (officer.post("/auth/v1/enrol", &json!({"code": "x"})), (400, "malformed")),
        (officer.request(Method::POST, "/api/v1/users", Body::from(vec![b' '; 300 << 10]), None), (413, "too_large")),
    ] {
        assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_owned()));
        let message = answer.json()["message"].as_str().expect("a sentence").to_owned();
        assert!(message.ends_with('.'), "{message}");
    }
}
