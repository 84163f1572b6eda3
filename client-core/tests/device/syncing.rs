//! Sync against answers made by hand: what lands, what is confirmed, what is refused, and what a repetition changes.

use client_core::{Device, Error, Outgoing, Reply, SaveState, Session, Step};
use sync_protocol::exchange::{Answer, Cursor, Incoming, Pull, Request, VerdictRange};
use sync_protocol::{AreaId, Code, Collection, Context, RecordId, Row, Verdict};

use crate::hand::*;

fn control(request: &Outgoing) -> Request {
    Incoming::parse(&request.body).expect("a request").control
}

fn base(device: &Device, area: AreaId) -> Vec<String> {
    device.base_texts(area).expect("reads").into_iter().map(|(_, text)| text).collect()
}

/// The own writer's saves up to `applied` are judged by these ranges.
fn judged(device: &Device, applied: u64, ranges: &[(u64, u64, Verdict)]) -> Answer {
    let mut state = writer_state(writer(device), applied);
    state.verdicts = ranges.iter().map(|&(first, last, verdict)| VerdictRange { first, last, verdict }).collect();
    Answer { writers: vec![state], ..nothing() }
}

fn send(device: &mut Device, session: &mut Session) -> Outgoing {
    match session.next(device).expect("a step") {
        Step::Send(request) => request,
        Step::Done(report) => panic!("done too early: {report:?}"),
    }
}

#[test]
fn a_first_pull_brings_rows_directory_and_mark() {
    let mut device = device();
    let rows = vec![household(RT_1, 1, "Siti", "Jl. A"), household(RT_1, 2, "Budi", "Jl. B")];
    let texts: Vec<String> = rows.iter().map(Row::to_text).collect();
    let report = fill(&mut device, &[(RT_1, rows)]);
    assert_eq!((report.requests, report.rows_received, report.mismatched.len()), (1, 2, 0));
    assert_eq!(base(&device, RT_1), texts);
    let mut session = Session::start(&mut device);
    let next = control(&send(&mut device, &mut session));
    assert!(next.cursors.is_empty());
    assert_eq!(next.scope.expect("a mark is known").1, 1);
    assert_eq!(next.directory, Some(directory(&[RT_1]).stamp));
}

#[test]
fn own_saves_are_confirmed_without_their_rows() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    device.save(new_household(RT_1, 2, "Budi")).expect("saved");
    edit(&mut device, 1, "head_name", "Siti A.");
    let views: Vec<String> =
        [1, 2].iter().map(|id| device.load(RecordId::from_u128(*id)).expect("is here").row.to_text()).collect();
    let mut answer = judged(&device, 2, &[(1, 2, Verdict::Applied)]);
    answer.areas = vec![page(RT_1, 3, 0, Some(digest_of(&views)), 2)];
    answer.mark = Some(2);
    let mut asked = Vec::new();
    let report = sync(&mut device, |request| {
        asked.push(pushed(request));
        ok(request, body(&answer, &[]))
    });
    assert_eq!(asked, [[1, 1]]);
    assert_eq!((report.saves_sent, report.confirmed, report.mismatched.len()), (2, 2, 0));
    assert_eq!(base(&device, RT_1), views);
    assert_eq!(device.status().expect("reads").unsent, 0);
    assert!(!device.list(&Default::default()).expect("lists").lines.iter().any(|line| line.unsent));
}

#[test]
fn a_save_that_waits_for_a_person_stays_visible_to_its_author() {
    let mut device = device();
    let row = household(RT_1, 1, "Siti", "Jl. A");
    fill(&mut device, &[(RT_1, vec![row.clone()])]);
    edit(&mut device, 1, "head_name", "Siti A.");
    edit(&mut device, 1, "address", "Jl. B");
    let full = device.load(RecordId::from_u128(1)).expect("is here").row;
    let mut merged = full.clone();
    merged.registers.insert("head_name".to_owned(), row.registers["head_name"].clone());
    let stamp = row.stamps.iter().next().expect("one");
    merged.stamps.insert(*stamp.0, *stamp.1);
    merged.stamps.retain(|dot, _| dot.writer == OFFICE || dot.save == 2);
    let text = merged.to_text();
    let mut answer = judged(&device, 2, &[(1, 1, Verdict::Quarantined(Code::NotGranted)), (2, 2, Verdict::Applied)]);
    answer.areas = vec![page(RT_1, 2, 1, Some(digest_of(std::slice::from_ref(&text))), 2)];
    let report = sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&text))));
    assert_eq!((report.attention, report.mismatched.len()), (1, 0));
    assert_eq!(base(&device, RT_1), [text]);
    assert_eq!(shown(&device, 1, "head_name").as_deref(), Some("Siti A."));
    assert_eq!(shown(&device, 1, "address").as_deref(), Some("Jl. B"));
    let attention = device.attention().expect("reads");
    assert_eq!((attention[0].first, attention[0].code), (1, Some(Code::NotGranted)));
    assert_eq!(device.save_state(2).expect("reads"), SaveState::Judged(Verdict::Applied));
}

#[test]
fn an_answer_from_before_takes_no_verdict_back() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    edit(&mut device, 1, "head_name", "Siti A.");
    let mut sessions = [Session::start(&mut device), Session::start(&mut device)];
    let requests = [0, 1].map(|n| send(&mut device, &mut sessions[n]));
    // The later request is answered first: the save is judged. The earlier one was answered when it was only stored.
    let later = judged(&device, 1, &[(1, 1, Verdict::Applied)]);
    sessions[1].answer(&mut device, &ok(&requests[1], body(&later, &[]))).expect("lands");
    let mut earlier = judged(&device, 0, &[]);
    earlier.writers[0].waiting = vec![(1, 1)];
    sessions[0].answer(&mut device, &ok(&requests[0], body(&earlier, &[]))).expect("lands");
    assert_eq!(device.save_state(1).expect("reads"), SaveState::Judged(Verdict::Applied));
}

#[test]
fn a_confirmation_reaches_only_as_far_as_it_says() {
    let mut device = device();
    let row = household(RT_1, 1, "Siti", "Jl. A");
    fill(&mut device, &[(RT_1, vec![row])]);
    edit(&mut device, 1, "head_name", "Siti A.");
    let first = device.load(RecordId::from_u128(1)).expect("is here").row.to_text();
    let mut session = Session::start(&mut device);
    let request = send(&mut device, &mut session);
    edit(&mut device, 1, "address", "Jl. B");
    let mut answer = judged(&device, 1, &[(1, 1, Verdict::Applied)]);
    answer.areas = vec![page(RT_1, 2, 0, Some(digest_of(std::slice::from_ref(&first))), 1)];
    session.answer(&mut device, &ok(&request, body(&answer, &[]))).expect("lands");
    assert_eq!(base(&device, RT_1), [first]);
    assert_eq!(shown(&device, 1, "address").as_deref(), Some("Jl. B"));
    assert_eq!(pushed(&send(&mut device, &mut session)), [1]);
}

#[test]
fn a_new_record_is_confirmed_only_where_the_sums_say_it_stands() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    device.save(new_household(RT_1, 2, "Budi")).expect("saved");
    let texts = [1, 2].map(|id| device.load(RecordId::from_u128(id)).expect("is here").row.to_text());
    // Somebody has moved the second one: its row comes with the last answer.
    let mut moved = device.load(RecordId::from_u128(2)).expect("is here").row;
    let seen = moved.context.clone();
    office_write(&mut moved, 1, &seen, &[("_area", &RT_2.to_string())]);
    let moved = moved.to_text();
    let mut round = 0;
    let report = sync(&mut device, |request| {
        round += 1;
        let mut answer = judged_by(request, 2);
        answer.directory = Some(directory(&[RT_1, RT_2]));
        if round == 1 {
            answer.areas = vec![page(RT_1, 2, 0, Some(digest_of(&texts[..1])), 2)];
            answer.more = true;
            return ok(request, body(&answer, &[]));
        }
        answer.areas = vec![page(RT_2, 2, 1, Some(digest_of(std::slice::from_ref(&moved))), 2)];
        answer.mark = Some(1);
        ok(request, body(&answer, std::slice::from_ref(&moved)))
    });
    assert_eq!((round, report.mismatched.len()), (2, 0));
    assert_eq!((base(&device, RT_1), base(&device, RT_2)), (vec![texts[0].clone()], vec![moved]));
}

#[test]
fn what_is_unsent_outlives_every_answer() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let text = device.load(RecordId::from_u128(1)).expect("is here").row.to_text();
    let mut session = Session::start(&mut device);
    let request = send(&mut device, &mut session);
    device.save(new_household(RT_1, 2, "Budi")).expect("saved");
    let mut answer = judged_by(&request, 1);
    answer.areas = vec![page(RT_1, 1, 0, Some(digest_of(std::slice::from_ref(&text))), 1)];
    answer.mark = Some(1);
    session.answer(&mut device, &ok(&request, body(&answer, &[]))).expect("lands");
    assert_eq!(shown(&device, 2, "head_name").as_deref(), Some("Budi"));
    let both = [1, 2].map(|id| device.load(RecordId::from_u128(id)).expect("is here").row.to_text());
    let request = send(&mut device, &mut session);
    let mut answer = judged_by(&request, 2);
    answer.areas = vec![page(RT_1, 2, 0, Some(digest_of(&both)), 2)];
    answer.mark = Some(2);
    session.answer(&mut device, &ok(&request, body(&answer, &[]))).expect("lands");
    assert_eq!(base(&device, RT_1), both);
}

#[test]
fn a_partial_row_changes_what_it_names() {
    let mut device = device();
    let mut row = household(RT_1, 1, "Siti", "Jl. A");
    fill(&mut device, &[(RT_1, vec![row.clone()])]);
    let seen = row.context.clone();
    office_write(&mut row, 2, &seen, &[("phone", "0741")]);
    let part = row.part_to_text(&["_alive", "phone"], &[OFFICE]);
    let text = row.to_text();
    let answer = Answer { areas: vec![page(RT_1, 2, 1, Some(digest_of(std::slice::from_ref(&text))), 0)], ..nothing() };
    let report = sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&part))));
    assert_eq!(base(&device, RT_1), [text]);
    assert!(report.mismatched.is_empty());
}

#[test]
fn an_eviction_takes_the_record_away_but_never_undecided_work() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A"), household(RT_1, 2, "Budi", "Jl. B")])]);
    edit(&mut device, 2, "phone", "0741");
    let gone: Vec<String> = [1, 2].iter().map(|id| format!("\"{}\"", RecordId::from_u128(*id))).collect();
    let mut answer = judged(&device, 1, &[(1, 1, Verdict::Quarantined(Code::NotGranted))]);
    answer.areas = vec![page(RT_1, 2, 2, Some(digest_of(&[])), 1)];
    answer.mark = Some(2);
    let report = sync(&mut device, |request| ok(request, body(&answer, &gone)));
    assert_eq!((report.evicted, report.mismatched.len()), (1, 0));
    assert_eq!(base(&device, RT_1), Vec::<String>::new());
    assert_eq!(shown(&device, 1, "head_name"), None);
    assert_eq!(shown(&device, 2, "phone").as_deref(), Some("0741"));
}

#[test]
fn a_new_member_is_not_confirmed_where_its_household_no_longer_stands() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    let parent = ("_parent", RecordId::from_u128(1).to_string());
    let member = one_write(Collection::Person, RecordId::from_u128(2), Context::new(), &[parent]);
    device.save(member).expect("saved");
    let mut answer = judged(&device, 1, &[(1, 1, Verdict::Applied)]);
    answer.areas = vec![page(RT_1, 2, 1, Some(digest_of(&[])), 1)];
    answer.mark = Some(2);
    let gone = format!("\"{}\"", RecordId::from_u128(1));
    let report = sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&gone))));
    assert_eq!((report.requests, report.mismatched.len()), (1, 0));
    assert_eq!(base(&device, RT_1), [""; 0]);
    assert!(device.load(RecordId::from_u128(2)).is_err(), "the server holds it in an area of others");
}

#[test]
fn a_record_that_moved_within_the_scope_is_not_lost_whatever_comes_first() {
    for eviction_first in [true, false] {
        let mut device = device();
        fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")]), (RT_2, vec![])]);
        let row = household(RT_2, 1, "Siti", "Jl. A").to_text();
        let gone = format!("\"{}\"", RecordId::from_u128(1));
        let mut pages = vec![
            (page(RT_1, 2, 1, Some(digest_of(&[])), 0), gone),
            (page(RT_2, 2, 1, Some(digest_of(std::slice::from_ref(&row))), 0), row.clone()),
        ];
        if !eviction_first {
            pages.reverse();
        }
        let (areas, lines): (Vec<_>, Vec<_>) = pages.into_iter().unzip();
        let answer = Answer { areas, ..nothing() };
        let report = sync(&mut device, |request| ok(request, body(&answer, &lines)));
        assert!(report.mismatched.is_empty(), "eviction first: {eviction_first}");
        assert_eq!(base(&device, RT_2), [row]);
        assert_eq!(base(&device, RT_1), Vec::<String>::new());
    }
}

#[test]
fn an_answer_that_comes_late_or_twice_changes_nothing() {
    let mut device = device();
    let rows = [household(RT_1, 1, "Siti", "Jl. A"), household(RT_1, 1, "Siti B.", "Jl. A")].map(|row| row.to_text());
    let answer = |seq: u64, text: &String| {
        let mut answer = nothing();
        answer.areas = vec![page(RT_1, seq, 1, Some(digest_of(std::slice::from_ref(text))), 0)];
        body(&answer, std::slice::from_ref(text))
    };
    let mut slow = Session::start(&mut device);
    let asked = send(&mut device, &mut slow);
    let mut quick = Session::start(&mut device);
    let request = send(&mut device, &mut quick);
    let reply = ok(&request, answer(2, &rows[1]));
    quick.answer(&mut device, &reply).expect("lands");
    quick.answer(&mut device, &reply).expect("ignored");
    slow.answer(&mut device, &ok(&asked, answer(1, &rows[0]))).expect("ignored");
    assert_eq!(base(&device, RT_1), [rows[1].clone()]);
    // What it missed is asked for again, from where the device stands now.
    assert_eq!(control(&send(&mut device, &mut slow)).cursors, [(RT_1, page(RT_1, 2, 0, None, 0).cursor)]);
}

#[test]
fn a_pull_in_pages_goes_on_from_its_cursor() {
    let mut device = device();
    let texts: Vec<String> = (1..=3).map(|id| household(RT_1, id, "Siti", "Jl. A").to_text()).collect();
    let mut asked = Vec::new();
    let report = sync(&mut device, |request| {
        let at = control(request).cursors.first().map_or(0, |(_, cursor)| cursor.seq as usize);
        asked.push(at);
        let mut answer = nothing();
        let last = at == 2;
        let mut page = page(RT_1, at as u64 + 1, 1, last.then(|| digest_of(&texts)), 0);
        page.cursor.since = if last { 3 } else { 0 };
        answer.areas = vec![page];
        answer.more = !last;
        answer.mark = last.then_some(3);
        ok(request, body(&answer, &texts[at..=at]))
    });
    assert_eq!((asked, report.rows_received, report.mismatched.len()), (vec![0, 1, 2], 3, 0));
    assert_eq!(base(&device, RT_1), texts);
}

#[test]
fn an_area_that_differs_is_pulled_again_whole_where_the_server_tells_no_sums_and_twice_a_day_at_most() {
    let mut device = device();
    let ours = vec![household(RT_1, 1, "Siti", "Jl. A"), household(RT_1, 2, "Budi", "Jl. B")];
    fill(&mut device, &[(RT_1, ours)]);
    let theirs = [household(RT_1, 1, "Siti", "Jl. A").to_text()];
    let mut asked = Vec::new();
    let mut heal = |device: &mut Device, broken: bool| {
        sync(device, |request| {
            let cursor = control(request).cursors.first().map(|(_, cursor)| *cursor);
            asked.push(cursor);
            let mut answer = nothing();
            let digest = if broken { digest_of(&[]) } else { digest_of(&theirs) };
            if cursor == Some(Cursor::default()) {
                answer.areas = vec![page(RT_1, 2, 1, Some(digest), 0)];
                answer.mark = Some(3);
                return ok(request, body(&answer, &theirs));
            }
            answer.areas = vec![page(RT_1, 2, 0, Some(digest), 0)];
            answer.mark = Some(2);
            ok(request, body(&answer, &[]))
        })
    };
    assert!(heal(&mut device, false).mismatched.is_empty());
    assert_eq!(base(&device, RT_1), theirs);
    assert_eq!(heal(&mut device, true).mismatched, [RT_1]);
    assert_eq!(heal(&mut device, true).mismatched, [RT_1]);
    // This server does not answer when it is asked for sums first.
    let anew = Some(Cursor::default());
    assert_eq!(asked, [None, None, anew, None, None, anew, None]);
    assert_eq!(base(&device, RT_1), theirs);
}

#[test]
fn a_whole_pull_asks_for_what_only_this_device_wrote_too() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    edit(&mut device, 1, "phone", "0741");
    let text = device.load(RecordId::from_u128(1)).expect("is here").row.to_text();
    let mut asked = Vec::new();
    let report = sync(&mut device, |request| {
        asked.push(control(request).cursors);
        let mut answer = judged_by(request, 2);
        answer.directory = Some(directory(&[RT_1]));
        // The first digest is wrong, and sums are not told: the area is pulled again, listed at the beginning of its history.
        let whole = asked.len() == 3;
        let rows = if whole { vec![text.clone()] } else { vec![] };
        answer.areas = vec![page(RT_1, 2, rows.len(), Some(digest_of(&rows)), 2)];
        answer.mark = Some(1);
        ok(request, body(&answer, &rows))
    });
    assert_eq!(asked, [vec![], vec![], vec![(RT_1, Cursor::default())]]);
    assert!(report.mismatched.is_empty());
    assert_eq!(base(&device, RT_1), [text]);
}

fn judged_by(request: &Outgoing, applied: u64) -> Answer {
    let mut state = writer_state(control(request).writer, applied);
    state.verdicts = vec![VerdictRange { first: 1, last: applied, verdict: Verdict::Applied }];
    Answer { writers: vec![state], ..nothing() }
}

#[test]
fn a_lost_area_is_hidden_at_once_and_its_rows_go() {
    let mut device = device();
    fill(
        &mut device,
        &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")]), (RT_2, vec![household(RT_2, 2, "Budi", "")])],
    );
    device.save(new_household(RT_1, 3, "Ani")).expect("saved");
    let change = |device: &mut Device, granted: &[AreaId], applied: u64| {
        let granted = directory(granted);
        sync(device, |request| {
            let mut answer = judged_by(request, applied);
            answer.directory = Some(granted.clone());
            answer.mark = Some(9);
            ok(request, body(&answer, &[]))
        })
    };
    let names = |device: &Device| -> Vec<String> {
        device.list(&Default::default()).expect("lists").lines.into_iter().map(|line| line.name).collect()
    };
    change(&mut device, &[RT_2], 0);
    assert_eq!(names(&device), ["Budi"]);
    assert_eq!(shown(&device, 1, "head_name"), None);
    assert_eq!(shown(&device, 3, "head_name").as_deref(), Some("Ani"));
    change(&mut device, &[RT_2], 1);
    assert_eq!(shown(&device, 3, "head_name"), None);
    // The area comes back: it is asked for from its very beginning, own rows included.
    let row = household(RT_1, 3, "Ani", "").to_text();
    let mut asked = Vec::new();
    sync(&mut device, |request| {
        let listed = control(request).cursors;
        let mut answer = nothing();
        answer.directory = Some(directory(&[RT_1, RT_2]));
        answer.more = asked.is_empty();
        let rows = if listed.is_empty() { vec![] } else { vec![row.clone()] };
        answer.areas = rows.iter().map(|_| page(RT_1, 5, 1, Some(digest_of(&rows)), 1)).collect();
        asked.push(listed);
        ok(request, body(&answer, &rows))
    });
    assert_eq!(asked, [vec![], vec![(RT_1, Cursor::default())]]);
    assert_eq!(names(&device), ["Ani", "Budi"]);
}

#[test]
fn what_is_unsent_goes_in_order_and_from_where_the_server_asks() {
    let mut device = device();
    for id in 1..=4 {
        device.save(new_household(RT_1, id, "Siti")).expect("saved");
    }
    let sent = |request: &Outgoing| (control(request).push.first().map(|push| push.after), pushed(request));
    let mut asked = Vec::new();
    let report = sync(&mut device, |request| {
        asked.push(sent(request).1);
        let mut state = writer_state(control(request).writer, 4);
        if asked.len() == 1 {
            // It lost the last but one.
            state.applied = 2;
            state.push_from = Some(3);
            state.waiting = vec![(4, 4)];
        }
        state.verdicts = vec![VerdictRange { first: 1, last: state.applied, verdict: Verdict::Applied }];
        ok(request, body(&Answer { writers: vec![state], ..nothing() }, &[]))
    });
    assert_eq!(asked, [vec![1, 1, 1, 1], vec![1]]);
    assert_eq!((report.saves_sent, device.status().expect("reads").unsent), (4, 0));
}

#[test]
fn a_refused_changeset_never_holds_up_the_rest() {
    let mut device = device();
    for id in 1..=3 {
        device.save(new_household(RT_1, id, "Siti")).expect("saved");
    }
    let mut asked = Vec::new();
    let report = sync(&mut device, |request| {
        asked.push(pushed(request));
        let mut state = writer_state(control(request).writer, 1);
        state.refused = vec![(1, Code::BadSignature)];
        state.waiting = vec![(3, 3)];
        state.verdicts = vec![VerdictRange { first: 1, last: 1, verdict: Verdict::Applied }];
        ok(request, body(&Answer { writers: vec![state], ..nothing() }, &[]))
    });
    assert_eq!((asked, report.attention), (vec![vec![1, 1, 1]], 1));
    let attention = &device.attention().expect("reads")[0];
    assert_eq!((attention.first, attention.word, attention.code), (2, "refused", Some(Code::BadSignature)));
    assert_eq!(device.save_state(3).expect("reads"), SaveState::Stored);
    let outbox = device.outbox(None, 2).expect("lists");
    let lines: Vec<_> = outbox.iter().map(|line| (line.first, line.stored, line.judged, line.refused)).collect();
    assert_eq!(lines, [(3, true, false, None), (2, false, false, Some(Code::BadSignature))]);
    edit(&mut device, 1, "phone", "1");
    let mut session = Session::start(&mut device);
    assert_eq!(pushed(&send(&mut device, &mut session)), [1]);
}

#[test]
fn a_server_that_stores_nothing_is_not_asked_for_ever() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let report = sync(&mut device, |request| ok(request, body(&nothing(), &[])));
    assert_eq!((report.requests, report.saves_sent), (1, 0));
    assert_eq!(device.status().expect("reads").unsent, 1);
}

#[test]
fn an_expired_token_is_renewed_once_and_on_goes_the_sync() {
    let mut device = device();
    let mut paths = Vec::new();
    sync(&mut device, |request| {
        paths.push((request.path, request.bearer.clone()));
        match (request.path, request.bearer.as_deref()) {
            ("/auth/v1/refresh", _) => {
                ok(request, br#"{"access":"access 2","refresh":"refresh 2","seconds":900}"#.to_vec())
            }
            (_, Some("access 2")) => ok(request, body(&nothing(), &[])),
            _ => refused(request, 401),
        }
    });
    assert_eq!(
        paths.iter().map(|(path, _)| *path).collect::<Vec<_>>(),
        ["/sync/v1/exchange", "/auth/v1/refresh", "/sync/v1/exchange"]
    );
}

#[test]
fn a_session_may_outlive_several_access_tokens() {
    let mut device = device();
    let mut paths = Vec::new();
    sync(&mut device, |request| {
        paths.push(request.path);
        match paths.len() {
            1 | 4 => refused(request, 401),
            2 | 5 => ok(request, br#"{"access":"access","refresh":"refresh","seconds":900}"#.to_vec()),
            3 => ok(request, body(&Answer { more: true, directory: Some(directory(&[RT_1])), ..nothing() }, &[])),
            _ => ok(request, body(&nothing(), &[])),
        }
    });
    assert_eq!(paths.len(), 6);
}

#[test]
fn a_late_answer_does_not_hold_up_what_was_saved_since() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let answer = body(&judged(&device, 1, &[(1, 1, Verdict::Applied)]), &[]);
    let mut slow = Session::start(&mut device);
    let request = send(&mut device, &mut slow);
    sync(&mut device, |request| ok(request, answer.clone()));
    edit(&mut device, 1, "head_name", "Siti A.");
    slow.answer(&mut device, &ok(&request, answer)).expect("lands");
    assert_eq!(pushed(&send(&mut device, &mut slow)), [1]);
}

#[test]
fn every_refusal_has_its_remedy() {
    fn outcome(statuses: &[u16]) -> Error {
        let mut device = device();
        let mut session = Session::start(&mut device);
        for status in statuses {
            let request = send(&mut device, &mut session);
            let reply: Reply = refused(&request, *status);
            if let Err(e) = session.answer(&mut device, &reply) {
                return e;
            }
        }
        panic!("no refusal");
    }
    assert!(matches!(outcome(&[401, 401, 401]), Error::SignInAgain));
    assert!(matches!(outcome(&[426]), Error::AppTooOld));
    assert!(matches!(outcome(&[429]), Error::Busy { retry_after: Some(7) }));
    assert!(matches!(outcome(&[503]), Error::Busy { retry_after: Some(7) }));
    assert!(matches!(outcome(&[403, 403]), Error::SignInAgain));
    assert!(matches!(outcome(&[422]), Error::Refused { .. }));
}

#[test]
fn an_app_too_old_to_pull_still_pushes() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let report = sync(&mut device, |request| {
        let mut answer = judged_by(request, 1);
        answer.pull = Pull::Upgrade;
        ok(request, body(&answer, &[]))
    });
    assert_eq!((report.saves_sent, report.upgrade), (1, true));
}

#[test]
fn a_server_that_lost_track_is_told_all_cursors() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    let mut asked = Vec::new();
    sync(&mut device, |request| {
        let control = control(request);
        asked.push((control.scope.is_some(), control.cursors.len()));
        let mut answer = nothing();
        answer.cursors_wanted = asked.len() == 1;
        answer.mark = (asked.len() == 2).then_some(7);
        ok(request, body(&answer, &[]))
    });
    assert_eq!(asked, [(true, 0), (false, 1)]);
}

#[test]
fn half_an_answer_changes_nothing() {
    let mut device = device();
    let text = household(RT_1, 1, "Siti", "Jl. A").to_text();
    let whole = body(&Answer { areas: vec![page(RT_1, 1, 1, None, 0)], ..nothing() }, std::slice::from_ref(&text));
    for cut in [0, 10, whole.len() - text.len(), whole.len() - 1] {
        let mut session = Session::start(&mut device);
        let request = send(&mut device, &mut session);
        assert!(session.answer(&mut device, &ok(&request, whole[..cut].to_vec())).is_err(), "cut at {cut}");
        assert!(base(&device, RT_1).is_empty());
    }
}
