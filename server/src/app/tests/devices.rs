//! Devices sync through HTTP; whatever arrives, the server answers with a code and stays whole.

use axum::http::header::ACCEPT_ENCODING;
use sync_protocol::exchange::{Received, Request as Control, control_body};
use sync_protocol::version::Window;
use sync_protocol::{WriterId, limits};

use super::*;

fn idle(writer: WriterId) -> String {
    control_body(&Control {
        applied: 0,
        budget: None,
        cursors: vec![],
        decided: vec![],
        directory: None,
        heal: vec![],
        last: None,
        lives: vec![],
        minted: vec![],
        missing: vec![],
        protocol: Window::OURS,
        push: vec![],
        scope: None,
        witness: 0,
        writer,
    })
}

/// A phone: its writer, and who asks with its token.
fn phone(app: &TestApp) -> (WriterId, Actor<'_>) {
    let siti = app.scratch.user("siti", Role::Enumerator);
    let (ask, enrolled) = app.scratch.enrol(siti.id);
    (ask.writer, app.holding(&enrolled.tokens.access))
}

#[test]
fn an_exchange_is_answered_in_every_coding() {
    let app = TestApp::new();
    let (writer, phone) = phone(&app);
    let body = idle(writer).into_bytes();
    for (coding, wire) in [
        (None, body.clone()),
        (Some("zstd"), zstd::bulk::compress(&body, 3).expect("compresses")),
        (
            Some("gzip"),
            super::super::wire::compress([body.clone(), vec![b'\n'; 0]].concat(), Coding::Gzip).expect("ok").0,
        ),
    ] {
        let coding = coding.filter(|_| wire != body);
        let answer = phone.exchange(wire, coding);
        assert_eq!(answer.status, 200, "{coding:?}: {:?}", answer.refusal());
        assert_eq!(answer.headers["content-type"], "application/jsonl");
        Received::parse(&answer.body).expect("an answer of the protocol");
    }
}

use super::super::wire::Coding;

#[test]
fn an_answer_is_compressed_as_the_asker_likes_and_carries_few_headers() {
    let app = TestApp::new();
    let (writer, phone) = phone(&app);
    let request = Request::post("/sync/v1/exchange")
        .header(AUTHORIZATION, format!("Bearer {}", phone.token.as_deref().expect("signed in")))
        .header(ACCEPT_ENCODING, "zstd, gzip")
        .body(Body::from(idle(writer)));
    let answer = app.send(request.expect("a request"));
    assert_eq!(answer.status, 200);
    let mut names: Vec<&str> = answer.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert!(
        names.iter().all(|name| ["content-encoding", "content-length", "content-type"].contains(name)),
        "{names:?}"
    );
    if answer.headers.get(CONTENT_ENCODING).is_some() {
        assert_eq!(answer.headers[CONTENT_ENCODING], "zstd");
    }
}

#[test]
fn bodies_that_are_no_exchange_are_refused_by_a_code() {
    let app = TestApp::new();
    let (writer, phone) = phone(&app);
    let bomb = zstd::bulk::compress(&vec![b' '; 32 << 20], 3).expect("compresses");
    let large = vec![b' '; limits::WIRE_BYTES_MAX + 1];
    let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let mut invalid = idle(writer).into_bytes();
    invalid[3] = 0xff;
    for (body, coding, refusal) in [
        (bomb, Some("zstd"), (413, "ratio")),
        (large, None, (413, "too_large")),
        (b"not zstd".to_vec(), Some("zstd"), (400, "broken_compression")),
        (b"{}".to_vec(), Some("br"), (415, "unsupported")),
        (invalid, None, (400, "bad_body")),
        (deep.into_bytes(), None, (400, "bad_body")),
        (idle(writer).trim_end().as_bytes().to_vec(), None, (400, "bad_body")),
        (vec![], None, (400, "bad_body")),
    ] {
        assert_eq!(phone.exchange(body, coding).refusal(), (refusal.0, refusal.1.to_owned()));
    }
    assert_eq!(phone.exchange(idle(writer), None).status, 200, "the server goes on");
}

#[test]
fn nobody_speaks_for_the_writer_of_somebody_else() {
    let app = TestApp::new();
    let (writer, _) = phone(&app);
    let (_, budi) = app.signed_in("budi", Role::Enumerator);
    assert_eq!(budi.exchange(idle(writer), None).refusal(), (403, "wrong_writer".to_owned()));
    assert_eq!(budi.exchange(idle(WriterId::from_u128(7)), None).refusal(), (403, "wrong_writer".to_owned()));
    assert_eq!(app.anonymous().exchange(idle(writer), None).refusal(), (401, "no_token".to_owned()));
}
