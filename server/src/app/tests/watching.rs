//! Health, counters, and the document of the API.

use super::*;

#[test]
fn anybody_may_ask_whether_the_server_lives_and_what_it_counts() {
    let app = TestApp::new();
    app.signed_in("ani", Role::Officer);
    assert_eq!(app.anonymous().get("/healthz").json()["status"], "ok");
    let metrics = app.anonymous().get("/metrics");
    let text = String::from_utf8(metrics.body).expect("text");
    assert!(text.contains("tilik_sign_ins_total{outcome=\"accepted\"} 1\n"), "{text}");
    assert!(text.contains("tilik_conflicts 0\n"), "{text}");
}

#[test]
fn the_document_names_every_route_of_the_router() {
    let app = TestApp::new();
    let document = app.anonymous().get("/api/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    let source = include_str!("../../app.rs");
    let routes: Vec<&str> = source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(routes.len() > 20);
    for route in routes {
        assert!(paths.contains_key(route), "{route} is not described");
    }
    assert!(document["components"]["schemas"].as_object().is_some_and(|schemas| schemas.contains_key("User")));
}
