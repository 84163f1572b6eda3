//! Forms: told of in the directory, fetched after rows part by part, used when they are whole, kept while needed.

use client_core::{Device, Error, FormLine, Place, Session, Step};
use sync_protocol::AreaId;
use sync_protocol::exchange::PackagePart;

use crate::hand::*;
use crate::publisher::{FORM_PATH, Publisher, version};

fn here(device: &Device, area: AreaId) -> Vec<String> {
    let forms = device.list_forms(area).expect("lists");
    forms.iter().filter(|form| form.is_here).map(FormLine::name).collect()
}

#[test]
fn forms_come_in_parts_after_the_rows_and_are_offered_where_they_are_published() {
    let mut device = device();
    let mut publisher = Publisher::of(vec![
        version("survey", "2", VILLAGE, b"0123456789"),
        version("survey", "1", VILLAGE, b"old"),
        version("ppi", "1", RT_2, b"ppi"),
    ]);
    let report = sync(&mut device, |request| publisher.serve(request));
    assert_eq!((report.forms_fetched, report.forms_missing), (3, 0));
    assert_eq!(publisher.asked, [0, 4, 8, 0, 0]);
    assert_eq!(here(&device, RT_1), ["survey@2"], "published for the kelurahan above, the newest alone");
    assert_eq!(here(&device, RT_2), ["survey@2", "ppi@1"]);
    let again = sync(&mut device, |request| publisher.serve(request));
    assert_eq!((again.requests, again.forms_fetched), (1, 0), "nothing is fetched twice");
}

#[test]
fn a_download_goes_on_at_the_byte_where_it_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("device.db"));
    let hands = Hands::at(NOON);
    let mut device = enrolled(&place, &hands);
    let mut publisher = Publisher::of(vec![version("survey", "1", RT_1, b"0123456789")]);
    publisher.part = 3;
    let mut session = Session::start(&mut device);
    for _ in 0..3 {
        let Step::Send(request) = session.next(&mut device).expect("a step") else { panic!("it ends too early") };
        let reply = publisher.serve(&request);
        session.answer(&mut device, &reply).expect("lands");
    }
    drop((session, device));
    let mut device = open(&place, &hands);
    let form = device.list_forms(RT_1).expect("lists").remove(0);
    assert_eq!((form.held, form.bytes, form.is_here), (6, 10, false));
    sync(&mut device, |request| publisher.serve(request));
    assert_eq!(publisher.asked, [0, 3, 6, 9]);
    assert_eq!(here(&device, RT_1), ["survey@1"]);
}

#[test]
fn a_wrong_package_is_thrown_away_and_asked_for_anew() {
    let mut device = device();
    let mut publisher = Publisher::of(vec![version("survey", "1", RT_1, b"01234567")]);
    let right = publisher.packages[0].1.clone();
    publisher.packages[0].1[5] = b'x';
    let report = sync(&mut device, |request| publisher.serve(request));
    assert_eq!(publisher.asked, [0, 4, 0, 4], "anew once, then in the next session");
    assert_eq!((report.forms_fetched, report.forms_missing), (0, 1));
    assert!(here(&device, RT_1).is_empty());
    publisher.packages[0].1 = right;
    sync(&mut device, |request| publisher.serve(request));
    assert_eq!(here(&device, RT_1), ["survey@1"]);
}

#[test]
fn a_form_that_cannot_be_had_keeps_nothing_from_going() {
    let publisher = || Publisher::of(vec![version("gone", "1", RT_1, b"gone"), version("survey", "1", RT_1, b"here")]);
    for status in [403, 404, 429, 500, 503] {
        let mut device = device();
        device.save(new_household(RT_1, 1, "Siti")).expect("saved");
        let mut publisher = publisher();
        let missing = publisher.packages[0].0.hash;
        let report = sync(&mut device, |request| {
            let part: Option<PackagePart> = serde_json::from_slice(&request.body).ok();
            match part.is_some_and(|part| part.hash == missing) {
                true => refused(request, status),
                false => publisher.serve(request),
            }
        });
        let others = usize::from(status < 429);
        assert_eq!((report.forms_fetched as usize, report.forms_missing as usize), (others, 2 - others), "{status}");
        assert!(device.status().expect("reads").synced_ms.is_some());
    }
}

#[test]
fn a_network_that_fails_over_forms_alone_is_no_failure_of_the_session() {
    let mut device = device();
    let mut publisher = Publisher::of(vec![version("survey", "1", RT_1, b"0123")]);
    let mut session = Session::start(&mut device);
    let mut told = 0;
    let report = loop {
        match session.next(&mut device).expect("a step") {
            Step::Done(report) => break report,
            Step::Send(request) if request.path == FORM_PATH => {
                told += usize::from(session.failed(Error::Offline).is_err());
            }
            Step::Send(request) => {
                let reply = publisher.serve(&request);
                session.answer(&mut device, &reply).expect("lands");
            }
        }
    };
    assert_eq!((told, report.forms_missing), (2, 1));
    let mut session = Session::start(&mut device);
    assert!(matches!(session.next(&mut device), Ok(Step::Send(_))));
    assert!(session.failed(Error::Offline).is_err(), "without rows and saves there is no session");
}

#[test]
fn a_form_that_is_published_no_more_goes() {
    let mut device = device();
    let mut publisher = Publisher::of(vec![version("survey", "1", RT_1, b"0123")]);
    sync(&mut device, |request| publisher.serve(request));
    publisher.packages = vec![version("survey", "2", RT_1, b"4567")];
    sync(&mut device, |request| publisher.serve(request));
    assert_eq!(here(&device, RT_1), ["survey@2"]);
    publisher.packages.clear();
    sync(&mut device, |request| publisher.serve(request));
    assert!(device.list_forms(RT_1).expect("lists").is_empty());
}

#[test]
fn forms_beyond_the_bounds_are_not_fetched() {
    let mut device = device();
    let mut large = version("large", "1", RT_1, b"0123");
    large.0.bytes = sync_protocol::limits::PACKAGE_BYTES_MAX as u64 + 1;
    let mut publisher = Publisher::of(vec![large, version(&"n".repeat(200), "1", RT_1, b"4567")]);
    let report = sync(&mut device, |request| publisher.serve(request));
    assert_eq!((report.forms_missing, publisher.asked.len()), (0, 0));
}
