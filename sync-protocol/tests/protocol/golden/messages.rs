//! Requests, answers, and the messages of enrolment and sign-in.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::{
    Answer, AreaLevel, AreaNode, AreaPage, Cursor, Decision, Directory, FormVersion, HealAsk, HealSums, Incoming, Life,
    PackageHash, PageLine, Pull, Received, Refusal, Request, Round, Salt, ScopeStamp, VerdictRange, WriterState,
    control_body,
};
use sync_protocol::session::{Certificate, Enrol, Enrolled, Minted, Refresh, SignIn, Tokens};
use sync_protocol::version::Window;
use sync_protocol::{AreaId, Code, Digest, Row, Verdict, WriterId};

use super::Golden;
use super::changesets::{lines_of, push_of};
use super::example::{
    ANI, ANI_AGAIN, AREA, BUDI, DEVICE, NINE, OTHER_AREA, PERSON, ROUND, USER_ANI, USER_BUDI, first, key_of, others,
    retold, root, second,
};
use super::rows;

/// A writer that the server minted to release saves of Ani's.
const RELEASER: WriterId = WriterId::from_u128(0x0193_6f00_0000_7000_8000_0000_000b_0009);
const SALT: Salt = Salt(0x0123_4567_89ab_cdef);

pub(super) fn list() -> Vec<Golden> {
    [requests(), answers(), sessions()].concat()
}

fn blank_request() -> Request {
    Request {
        applied: 3,
        budget: None,
        cursors: vec![],
        decided: vec![],
        directory: Some("a51d5f3c2b7e9046".to_owned()),
        heal: vec![],
        last: Some((3, second().sealed.links.hash)),
        lives: vec![],
        minted: vec![],
        missing: vec![],
        protocol: Window::OURS,
        push: vec![],
        scope: Some((ScopeStamp::over([(AREA, 3, SALT)]), 41)),
        witness: 0,
        writer: ANI,
    }
}

fn requests() -> Vec<Golden> {
    let (one, two, other) = (first(), second(), others());
    let push = Request { applied: 0, push: vec![push_of(&[&one, &two])], ..blank_request() };
    let cursor = |seq, since| Cursor { seq, salt: SALT, since };
    let pull = Request {
        budget: Some(262_144),
        cursors: vec![(AREA, cursor(3, 3)), (OTHER_AREA, cursor(900, 0))],
        decided: vec![],
        directory: None,
        scope: None,
        ..blank_request()
    };
    let carried = Request { budget: Some(0), push: vec![push_of(&[&other])], ..blank_request() };
    let decided = Request { decided: vec![(ANI, 1_793_584_900_000)], ..blank_request() };
    let life = retold();
    let lives = Request {
        applied: 0,
        last: Some((2, life.sealed.links.hash)),
        lives: vec![Life { applied: 1, last: Some((1, one.sealed.links.hash)), missing: vec![], writer: ANI }],
        minted: vec![Minted::sign(ANI, &key_of(ANI), ANI_AGAIN, key_of(ANI_AGAIN).key())],
        push: vec![push_of(&[&life])],
        writer: ANI_AGAIN,
        ..blank_request()
    };
    let witness = Request { witness: 2, ..blank_request() };
    let ask = |prefix: &str, rows| HealAsk { area: AREA, prefix: prefix.to_owned(), rows };
    let heal = Request { heal: vec![ask("", false), ask("01", false)], ..blank_request() };
    let rows = Request { heal: vec![ask("0193", true)], ..blank_request() };
    let missing = Request { missing: vec![(2, 3)], ..blank_request() };
    let lost = Life { applied: 0, last: Some((4, one.sealed.links.hash)), missing: vec![(1, 2)], writer: ANI_AGAIN };
    let lost = Request { lives: vec![lost], ..blank_request() };
    let fresh = Request { applied: 0, directory: None, last: None, scope: None, ..blank_request() };
    let witnesses = format!("{}\n{}\n", rows::one_dot().to_text(), rows::conflict().to_text());
    vec![
        ("request-fresh.jsonl", control_body(&fresh), read_request),
        ("request-idle.jsonl", control_body(&blank_request()), read_request),
        ("request-push.jsonl", control_body(&push) + &lines_of(&one) + &lines_of(&two), read_request),
        ("request-pull.jsonl", control_body(&pull), read_request),
        ("request-carried.jsonl", control_body(&carried) + &lines_of(&other), read_request),
        ("request-decided.jsonl", control_body(&decided), read_request),
        ("request-lives.jsonl", control_body(&lives) + &lines_of(&life), read_request),
        ("request-witness.jsonl", control_body(&witness) + &witnesses, read_request),
        ("request-heal.jsonl", control_body(&heal), read_request),
        ("request-heal-rows.jsonl", control_body(&rows), read_request),
        ("request-missing.jsonl", control_body(&missing), read_request),
        ("request-lives-missing.jsonl", control_body(&lost), read_request),
    ]
}

fn read_request(text: &str) -> String {
    let incoming = Incoming::parse(text.as_bytes()).unwrap();
    let mut after: std::collections::BTreeMap<WriterId, ChangesetHash> = Default::default();
    let mut body = control_body(&incoming.control);
    for (push, signature, lines) in incoming.changesets() {
        let saves = incoming.saves(lines);
        let after = after.entry(push.writer).or_insert(push.after);
        let links = sync_protocol::changeset::Links::over(*after, lines.header, saves).unwrap();
        links.verify(&key_of(push.writer).key(), signature).unwrap();
        *after = links.hash;
        body += &format!("{}\n{}\n", lines.header, saves.join("\n"));
    }
    for row in &incoming.witness {
        body += &(Row::parse(row).unwrap().to_text() + "\n");
    }
    body
}

fn blank_state(writer: WriterId, applied: u64) -> WriterState {
    WriterState {
        applied,
        backed_up: 0,
        decided: 0,
        decisions: vec![],
        push_from: None,
        refused: vec![],
        rotate: vec![],
        verdicts: vec![],
        waiting: vec![],
        writer,
    }
}

fn blank_answer() -> Answer {
    Answer {
        areas: vec![],
        cursors_wanted: false,
        directory: None,
        heal: vec![],
        mark: None,
        minted: vec![],
        more: false,
        pull: Pull::Open,
        restored: None,
        time: NINE + 90_000,
        witnessed: 0,
        writers: vec![blank_state(ANI, 3)],
    }
}

fn answers() -> Vec<Golden> {
    let range = |first, last, verdict| VerdictRange { first, last, verdict };
    let own = WriterState {
        backed_up: 1,
        push_from: Some(5),
        refused: vec![(2, Code::BadSignature)],
        verdicts: vec![
            range(1, 1, Verdict::Applied),
            range(2, 2, Verdict::AppliedWithConflict),
            range(3, 3, Verdict::Quarantined(Code::NotGranted)),
            range(4, 4, Verdict::Parked),
        ],
        waiting: vec![(6, 9), (12, 12)],
        ..blank_state(ANI, 4)
    };
    let carried = WriterState { refused: vec![(0, Code::UnknownWriter)], ..blank_state(BUDI, 0) };
    let verdicts = Answer { more: true, writers: vec![own, carried], ..blank_answer() };
    let decided = WriterState {
        decided: 1_793_584_900_003,
        decisions: vec![
            Decision { under: Some((RELEASER, 1)), verdict: range(1, 2, Verdict::Applied) },
            Decision { under: None, verdict: range(3, 3, Verdict::Rejected(Code::Stolen)) },
        ],
        ..blank_state(ANI, 3)
    };
    let decided = Answer { writers: vec![decided], ..blank_answer() };
    let rotate = vec![(1, first().sealed.links.hash), (3, second().sealed.links.hash)];
    let rotate = Answer { writers: vec![WriterState { rotate, ..blank_state(ANI, 3) }], ..blank_answer() };
    let minted = Answer { minted: vec![(ANI_AGAIN, Code::BadSignature)], ..blank_answer() };
    let directory = Answer { directory: Some(directory()), mark: Some(42), ..blank_answer() };
    let form = FormVersion {
        areas: vec![AREA],
        bytes: 20,
        form: "verifikasi".to_owned(),
        hash: PackageHash::of(b"{\"form\":1,\"tables\":2}"),
        title: "Verifikasi keluarga".to_owned(),
        version: "2026.1".to_owned(),
    };
    let mut with_forms = directory.clone();
    with_forms.directory.as_mut().expect("has one").forms = vec![form];
    let sums = vec![(0x01, Digest(7)), (0xff, Digest(u128::MAX))];
    let heal = vec![HealSums { area: AREA, cursor: None, prefix: "01".to_owned(), sums }];
    let cursor = Some(Cursor { seq: 5, salt: SALT, since: 5 });
    let root = HealSums { area: AREA, cursor, prefix: "0193".to_owned(), sums: vec![(0x6f, Digest(7))] };
    let restored = Some(vec![(ANI, 2)]);
    let restored = Answer { pull: Pull::Rewound, restored, ..blank_answer() };
    vec![
        ("answer-idle.jsonl", control_body(&blank_answer()), read_answer),
        ("answer-verdicts.jsonl", control_body(&verdicts), read_answer),
        ("answer-pages.jsonl", pages(), read_answer),
        ("answer-decided.jsonl", control_body(&decided), read_answer),
        ("answer-rotate.jsonl", control_body(&rotate), read_answer),
        ("answer-minted.jsonl", control_body(&minted), read_answer),
        ("answer-rewound.jsonl", control_body(&Answer { pull: Pull::Rewound, ..blank_answer() }), read_answer),
        ("answer-upgrade.jsonl", control_body(&Answer { pull: Pull::Upgrade, ..blank_answer() }), read_answer),
        (
            "answer-cursors-wanted.jsonl",
            control_body(&Answer { cursors_wanted: true, more: true, ..blank_answer() }),
            read_answer,
        ),
        ("answer-directory.jsonl", control_body(&directory), read_answer),
        ("answer-directory-forms.jsonl", control_body(&with_forms), read_answer),
        ("answer-heal.jsonl", control_body(&Answer { heal, ..blank_answer() }), read_answer),
        ("answer-heal-root.jsonl", control_body(&Answer { heal: vec![root], ..blank_answer() }), read_answer),
        ("answer-healed.jsonl", healed(), read_answer),
        ("answer-restored.jsonl", control_body(&restored), read_answer),
        ("answer-witnessed.jsonl", control_body(&Answer { witnessed: 2, ..blank_answer() }), read_answer),
    ]
}

/// One area whole to its head, with a whole row, a partial one and an eviction; one area cut by the budget.
fn pages() -> String {
    let mut digest = Digest::default();
    digest.add(rows::conflict().hash());
    let head = Cursor { seq: 5, salt: SALT, since: 5 };
    let cut = Cursor { seq: 902, salt: Salt(0xfedc_ba98_7654_3210), since: 3 };
    let page = |area, cursor, digest, rows| AreaPage { area, cursor, digest, healed: vec![], own: 3, rows };
    let areas = vec![page(AREA, head, Some(digest), 3), page(OTHER_AREA, cut, None, 0)];
    let answer = Answer { areas, more: true, ..blank_answer() };
    format!("{}{}\n{}\n\"{PERSON}\"\n", control_body(&answer), rows::one_dot().to_text(), rows::part())
}

/// All rows below two prefixes: there is one.
fn healed() -> String {
    let cursor = Cursor { seq: 5, salt: SALT, since: 5 };
    let healed = vec!["0193".to_owned(), "ff".to_owned()];
    let page = AreaPage { area: AREA, cursor, digest: None, healed, own: 3, rows: 1 };
    format!("{}{}\n", control_body(&Answer { areas: vec![page], ..blank_answer() }), rows::one_dot().to_text())
}

fn directory() -> Directory {
    let node = |code: &str, granted, id, level, name: &str, parent| AreaNode {
        code: code.to_owned(),
        granted,
        id,
        level,
        name: name.to_owned(),
        parent,
    };
    let village = AreaId::from_u128(0x0193_6f00_0000_7000_8000_0000_000a_0100);
    Directory {
        areas: vec![
            node("15.71.01.1001.001", true, AREA, AreaLevel::Rt, "RT 001", Some(village)),
            node("15.71.01.1001", false, village, AreaLevel::Village, "Beringin", None),
        ],
        forms: vec![],
        round: Some(Round {
            from: "2026-11-01".to_owned(),
            id: ROUND,
            name: "Verifikasi 2026".to_owned(),
            to: Some("2026-12-31".to_owned()),
        }),
        people: vec![(USER_ANI, "Ani".to_owned()), (USER_BUDI, "Budi".to_owned())],
        stamp: "a51d5f3c2b7e9046".to_owned(),
    }
}

fn read_answer(text: &str) -> String {
    let received = Received::parse(text.as_bytes()).unwrap();
    let mut body = control_body(&received.control);
    for line in received.pages().flat_map(|(_, lines)| lines.iter().copied()) {
        match PageLine::parse(line).unwrap() {
            PageLine::Gone(id) => body += &format!("\"{id}\"\n"),
            PageLine::Row(row) => {
                let (read, is_part) = Row::parse_any(row).unwrap();
                body += &if is_part { row.to_owned() } else { read.to_text() };
                body.push('\n');
            }
        }
    }
    body
}

fn certificate() -> Certificate {
    Certificate::issue(&root(), ANI, key_of(ANI).key(), USER_ANI, DEVICE, NINE)
}

fn sessions() -> Vec<Golden> {
    let tokens =
        Tokens { access: "eyJ.claims.mac".to_owned(), refresh: "cmVmcmVzaA".to_owned(), recipient: None, seconds: 900 };
    let enrol = Enrol {
        app: "tilik 0.1.0".to_owned(),
        code: "7K3M-9XQ2-B4TD".to_owned(),
        device: DEVICE,
        key: key_of(ANI).key(),
        name: "HP Ani".to_owned(),
        writer: ANI,
    };
    let enrolled = Enrolled {
        certificate: certificate(),
        root: root().key(),
        project: "Kota Jambi".to_owned(),
        time: NINE,
        tokens: tokens.clone(),
        user_name: "Ani".to_owned(),
    };
    let refusal = Refusal {
        code: "sign_in_again".to_owned(),
        message: "The session has ended; sign in again. What was saved is safe.".to_owned(),
    };
    let sign_in = SignIn { name: "officer".to_owned(), password: "correct horse".to_owned() };
    vec![
        ("enrol.jsonl", control_body(&enrol), again::<Enrol>),
        ("enrolled.jsonl", control_body(&enrolled), read_enrolled),
        ("certificate.jsonl", control_body(&certificate()), read_certificate),
        ("tokens.jsonl", control_body(&tokens), again::<Tokens>),
        ("refresh.jsonl", control_body(&Refresh { refresh: "cmVmcmVzaA".to_owned() }), again::<Refresh>),
        ("sign-in.jsonl", control_body(&sign_in), again::<SignIn>),
        ("refusal.jsonl", control_body(&refusal), again::<Refusal>),
    ]
}

fn again<T: Serialize + DeserializeOwned>(text: &str) -> String {
    control_body(&serde_json::from_str::<T>(text).unwrap())
}

fn read_enrolled(text: &str) -> String {
    let enrolled: Enrolled = serde_json::from_str(text).unwrap();
    assert!(enrolled.certificate.is_from(&enrolled.root));
    again::<Enrolled>(text)
}

fn read_certificate(text: &str) -> String {
    let certificate: Certificate = serde_json::from_str(text).unwrap();
    assert!(certificate.is_from(&root().key()));
    again::<Certificate>(text)
}
