//! The link: what it counts, what it refuses, and when it tries again.

use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::time::Duration;

use client_core::{Error, Outgoing};
use sync_protocol::limits;
use tilik::{Counters, Link, Patience};

use crate::http::{Answered, Server};
use crate::office::{Mood, Office};
use crate::store::device;

fn exchange(body: &[u8]) -> Outgoing {
    Outgoing { ticket: 7, path: "/sync/v1/exchange", bearer: Some("token".into()), body: body.to_vec() }
}

/// Waits for nothing between tries.
fn hasty() -> Patience {
    Patience { pause: |_| {}, ..Patience::default() }
}

#[test]
fn every_byte_of_the_socket_is_counted_and_one_connection_serves_all() {
    let server = Server::start(|asked| Some(Answered::ok(asked.body)));
    let link = Link::new(&server.address).unwrap();
    for body in [vec![b'x'; 50], vec![b'y'; 300_000], vec![]] {
        let reply = link.send(&exchange(&body)).unwrap();
        assert_eq!((reply.ticket, reply.status, reply.body), (7, 200, body));
    }
    let seen = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::SeqCst);
    let expected = Counters { bytes_up: seen(&server.seen.came), bytes_down: seen(&server.seen.went), requests: 3 };
    assert_eq!(link.counters(), expected);
    assert_eq!(seen(&server.seen.connections), 1);
    assert!(expected.bytes_up < 2_000, "a large body is compressed: {expected:?}");
}

#[test]
fn a_request_says_no_more_than_it_has_to() {
    let server = Server::start(|asked| Some(Answered::ok(asked.headers.join("\n").into_bytes())));
    let reply = Link::new(&server.address).unwrap().send(&exchange(b"{}\n")).unwrap();
    let headers = String::from_utf8(reply.body).unwrap();
    let mut names: Vec<&str> = headers.lines().filter_map(|line| line.split(':').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept-encoding", "authorization", "content-length", "host"]);
}

#[test]
fn an_answer_that_unpacks_without_end_is_refused() {
    let bombs: [fn() -> Answered; 3] = [
        || {
            let body = zstd::bulk::compress(&vec![b' '; limits::BODY_BYTES_MAX + 1], 3).unwrap();
            Answered { headers: vec!["content-encoding: zstd".into()], ..Answered::ok(body) }
        },
        || Answered::ok(vec![b' '; limits::BODY_BYTES_MAX + 1]),
        || Answered { headers: vec!["content-encoding: br".into()], ..Answered::ok(vec![1, 2, 3]) },
    ];
    for bomb in bombs {
        let server = Server::start(move |_| Some(bomb()));
        let failed = Link::new(&server.address).unwrap().send(&exchange(b"{}\n"));
        assert!(matches!(failed, Err(Error::BadAnswer(_))), "{failed:?}");
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    // Its backlog takes the connection; nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let patience = Patience { silence: Duration::from_millis(20), ..hasty() };
    let link = Link::with(&format!("http://{}", listener.local_addr().unwrap()), patience).unwrap();
    assert!(matches!(link.run(&mut device()), Err(Error::Offline)));
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let office = Office::without_forms();
    let (inner, mut drops) = (office.server.address.clone(), 2);
    // A bad network in between: it swallows the first requests and passes the others on.
    let network = Server::start(move |asked| {
        drops -= 1;
        if drops >= 0 {
            return None;
        }
        let reply = Link::new(&inner).unwrap().send(&exchange(&asked.body)).unwrap();
        Some(Answered::ok(reply.body))
    });
    let link = Link::with(&network.address, hasty()).unwrap();
    let report = link.run(&mut device()).unwrap();
    assert_eq!((report.requests, report.rows_received, link.counters().requests), (1, 3, 3));
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_so_soon() {
    let office = Office::without_forms();
    let link = Link::with(&office.server.address, hasty()).unwrap();
    office.set(Mood::BusyOnce);
    assert_eq!(link.run(&mut device()).unwrap().rows_received, 3);
    assert_eq!(link.counters().requests, 2);
    office.set(Mood::Busy);
    assert!(matches!(link.run(&mut device()), Err(Error::Busy { retry_after: Some(3600) })));
    assert_eq!(link.counters().requests, 3);
}

#[test]
fn nobody_is_followed_to_another_server_with_the_token() {
    let server = Server::start(|_| {
        Some(Answered { status: 307, headers: vec!["location: http://127.0.0.1:1/".into()], body: vec![] })
    });
    let reply = Link::new(&server.address).unwrap().send(&exchange(b"{}\n")).unwrap();
    assert_eq!(reply.status, 307);
}

#[test]
fn what_is_not_http_is_told_from_no_network() {
    use std::io::Write;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"SSH-2.0-somebody else\r\n\r\n").unwrap());
    let failed = Link::new(&address).unwrap().send(&exchange(b"{}\n"));
    assert!(matches!(failed, Err(Error::BadAnswer(_) | Error::Offline)), "{failed:?}");
}
