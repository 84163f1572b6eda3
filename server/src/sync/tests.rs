//! The exchange as a device sees it, without HTTP: one actor per device, hand-made changesets.

mod lives;
mod release;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sync_protocol::changeset::{ChangesetHash, Signer};
use sync_protocol::exchange::{Answer, AreaLevel, Cursor, Push, Received, Request, control_body};
use sync_protocol::ids::{DeviceId, Seen};
use sync_protocol::save::{Context, RecordWrite, reserved};
use sync_protocol::version::Window;
use sync_protocol::{
    AreaId, Clock, Code, Collection, Header, RecordId, Row, Save, Sealed, UserId, Value, Verdict, WriterId,
};

use super::{Caller, Hub, Refused, exchange};
use crate::ambient::Ambient;
use crate::people::Role;
use crate::store::areas::{self, Area};
use crate::store::grants::{self, Grant};
use crate::store::households::{self, Within};
use crate::store::users::{self, User};
use crate::store::{Store, Tx, db, writers};

mod gaps;
mod held;

struct Invented {
    now: AtomicI64,
    next: AtomicU64,
}

impl Ambient for Invented {
    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    fn fill(&self, to: &mut [u8]) {
        for chunk in to.chunks_mut(8) {
            let n = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
        }
    }
}

const T0: i64 = 1_764_000_000_000;
const USER: [UserId; 2] = [UserId::from_u128(0xa1), UserId::from_u128(0xa2)];
const AREA: [AreaId; 2] = [AreaId::from_u128(0xb1), AreaId::from_u128(0xb2)];

struct World {
    hub: Hub,
    ambient: Arc<Invented>,
    _folder: tempfile::TempDir,
}

/// Two people; both are granted area 0, the first area 1 too.
fn world() -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("t.sqlite")).expect("opens");
    store.write(set_up).expect("sets up");
    let ambient = Arc::new(Invented { now: AtomicI64::new(T0), next: AtomicU64::new(1) });
    World { hub: Hub::start(store, ambient.clone()).expect("starts"), ambient, _folder: folder }
}

fn set_up(tx: &Tx<'_>) -> db::Result<()> {
    for id in USER {
        let name = id.to_string();
        let display_name = name.clone();
        users::add(
            tx,
            &User { id, name, display_name, role: Role::Enumerator, created_at: 0, disabled_at: None },
            None,
        )?;
    }
    for id in AREA {
        let (code, name, level) = (id.to_string(), id.to_string(), AreaLevel::Rt);
        areas::put(
            tx,
            &Area { id, code, level, name, parent: None, bps_code: None, valid_from: None, valid_to: None },
        )?;
        for user in USER.into_iter().filter(|user| *user == USER[0] || id == AREA[0]) {
            let grant = format!("{user}{id}");
            grants::add(tx, &Grant { id: grant, user, area: id, starts: 0, ends: None, granted_by: user })?;
        }
    }
    Ok(())
}

/// A device's hand: seals saves and asks for rows.
struct Hand {
    user: UserId,
    writer: WriterId,
    signer: Signer,
    sealed: Vec<(u64, Sealed, ChangesetHash)>,
    cursors: BTreeMap<AreaId, Cursor>,
}

impl Hand {
    fn enrolled(world: &World, who: usize, n: u8) -> Hand {
        let (writer, signer) = (WriterId::from_u128(u128::from(n) << 8), Signer::from_secret(&[n; 32]));
        let (user, key) = (USER[who], signer.key());
        let of = Some((user, DeviceId::from_u128(u128::from(n))));
        world.hub.store.write(move |tx| writers::add(tx, writer, &key, of, T0)).expect("adds");
        Hand { user, writer, signer, sealed: vec![], cursors: BTreeMap::new() }
    }

    fn seal_as(&mut self, author: UserId, lines: Vec<String>) -> Context {
        let (last, after) = self.sealed.last().map_or((0, ChangesetHash::NONE), |s| (s.0, s.1.links.hash));
        let seq = last + lines.len() as u64;
        let header = Header {
            author,
            clock: Clock(T0 + seq as i64),
            forms: vec![],
            origin: None,
            protocol: 1,
            seq,
            writer: self.writer,
        };
        let sealed = self.signer.seal(after, &header, lines);
        let seen = sealed.links.last_seen(seq);
        self.sealed.push((seq, sealed, after));
        Context::from([(self.writer, seen)])
    }

    /// One save in a changeset of its own; returns what has then been seen of its records.
    fn save(&mut self, records: Vec<RecordWrite>) -> Context {
        self.seal_as(self.user, vec![Save { records }.to_line()])
    }

    fn request(&self, from: usize) -> (Request, String) {
        let sent = &self.sealed[from.min(self.sealed.len())..];
        let push = Push {
            after: sent.first().map_or(ChangesetHash::NONE, |s| s.2),
            sealed: sent.iter().map(|s| (s.1.signature, s.1.saves.len())).collect(),
            writer: self.writer,
        };
        let lines = sent.iter().map(|s| format!("{}\n{}\n", s.1.header, s.1.saves.join("\n"))).collect();
        let request = Request {
            applied: 0,
            budget: None,
            cursors: self.cursors.iter().map(|(a, c)| (*a, *c)).collect(),
            decided: vec![],
            directory: None,
            heal: vec![],
            last: self.sealed.last().map(|s| (s.0, s.1.links.hash)),
            lives: vec![],
            minted: vec![],
            missing: vec![],
            protocol: Window::OURS,
            push: if sent.is_empty() { vec![] } else { vec![push] },
            scope: None,
            witness: 0,
            writer: self.writer,
        };
        (request, lines)
    }

    fn send(&mut self, world: &World, request: &Request, lines: &str) -> (Answer, Vec<String>) {
        let body = control_body(request) + lines;
        let (body, _) = exchange(&world.hub, Caller { user: self.user }, body.as_bytes()).expect("answered");
        let received = Received::parse(&body).expect("an answer");
        let lines = received.pages().flat_map(|(_, lines)| lines.iter().map(|l| (*l).to_owned())).collect();
        for page in &received.control.areas {
            self.cursors.insert(page.area, page.cursor);
        }
        (received.control, lines)
    }

    fn sync(&mut self, world: &World) -> (Answer, Vec<String>) {
        let (request, lines) = self.request(0);
        self.send(world, &request, &lines)
    }
}

fn household(id: u128, area: AreaId, head: &str, context: &Context) -> RecordWrite {
    let mut registers = BTreeMap::from([("head_name".to_owned(), Value::text(head))]);
    if context.is_empty() {
        registers.insert(reserved::AREA.to_owned(), Value::text(&area.to_string()));
    }
    RecordWrite { collection: Collection::Household, id: RecordId::from_u128(id), context: context.clone(), registers }
}

fn verdicts(answer: &Answer) -> Vec<(u64, u64, Verdict)> {
    answer.writers[0].verdicts.iter().map(|v| (v.first, v.last, v.verdict)).collect()
}

fn quarantined(code: Code) -> Verdict {
    Verdict::Quarantined(code)
}

#[test]
fn what_one_device_saves_another_receives_and_its_author_need_not() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (answer, lines) = a.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::Applied)]);
    assert_eq!((lines, answer.areas[0].own), (vec![], 1));
    let (answer, lines) = b.sync(&world);
    let row = Row::parse(&lines[0]).expect("a row");
    assert_eq!(row.value("head_name"), Some(&Value::text("Siti")));
    let mut digest = sync_protocol::Digest::default();
    digest.add(row.hash());
    assert_eq!(answer.areas[0].digest, Some(digest));
}

#[test]
fn a_repeat_changes_nothing() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let first = a.sync(&world).0.areas[0].clone();
    a.cursors.clear();
    let (answer, _) = a.sync(&world);
    assert_eq!((answer.areas[0].digest, answer.areas[0].cursor), (first.digest, first.cursor));
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::Applied)]);
}

#[test]
fn an_edit_travels_as_the_registers_that_changed() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let (_, whole) = b.sync(&world);
    a.save(vec![household(1, AREA[0], "Siti A.", &seen)]);
    a.sync(&world);
    let (answer, lines) = b.sync(&world);
    assert!(lines[0].contains("\"part\":1") && !lines[0].contains("_area"), "{}", lines[0]);
    let mut row = Row::parse(&whole[0]).expect("a row");
    row.patch(Row::parse_any(&lines[0]).expect("a part").0);
    let mut digest = sync_protocol::Digest::default();
    digest.add(row.hash());
    assert_eq!(answer.areas[0].digest, Some(digest));
}

#[test]
fn two_who_had_not_seen_each_other_make_a_conflict() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    a.save(vec![household(1, AREA[0], "Siti Aminah", &seen)]);
    b.save(vec![household(1, AREA[0], "Sitti", &seen)]);
    a.sync(&world);
    let (answer, lines) = b.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::AppliedWithConflict)]);
    let row = Row::parse(&lines[0]).expect("a row");
    assert_eq!(row.conflicts().collect::<Vec<_>>(), ["head_name"]);
}

#[test]
fn a_gap_waits_and_is_told() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    for n in 1..=3 {
        a.save(vec![household(n, AREA[0], "Siti", &Context::new())]);
    }
    let (request, lines) = a.request(1);
    let (answer, _) = a.send(&world, &request, &lines);
    let state = &answer.writers[0];
    assert_eq!((state.applied, state.waiting.clone(), state.push_from), (0, vec![(2, 3)], Some(1)));
    let (answer, _) = a.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 3, Verdict::Applied)]);
}

#[test]
fn another_history_under_the_same_numbers_is_a_fork_and_blocks_nothing() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let mut restored = Hand { sealed: vec![], cursors: BTreeMap::new(), ..Hand::enrolled(&world, 0, 1) };
    restored.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    let (answer, _) = restored.sync(&world);
    let state = &answer.writers[0];
    assert_eq!((state.applied, state.refused.clone()), (1, vec![(0, Code::Fork)]));
    assert_eq!(state.rotate.len(), 1);
    let mut b = Hand::enrolled(&world, 1, 2);
    assert_eq!(b.sync(&world).1.len(), 1);
}

#[test]
fn bad_saves_are_kept_with_a_code_and_the_rest_goes_on() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let none = Context::new();
    let own = Context::from([(b.writer, Seen { save: 99, tag: sync_protocol::Tag(1) })]);
    let orphan = RecordWrite {
        collection: Collection::Person,
        registers: BTreeMap::from([(reserved::PARENT.to_owned(), Value::text(&RecordId::from_u128(404).to_string()))]),
        ..household(7, AREA[0], "x", &none)
    };
    b.save(vec![household(1, AREA[1], "no grant", &none)]);
    b.save(vec![household(2, AreaId::from_u128(0xdead), "no area", &none)]);
    b.save(vec![orphan]);
    b.save(vec![household(3, AREA[0], "claims", &own)]);
    b.seal_as(b.user, vec!["{\"not\": \"canonical\"}".into()]);
    b.seal_as(b.user, vec!["{}".into()]);
    b.seal_as(USER[0], vec![Save { records: vec![household(4, AREA[0], "author", &none)] }.to_line()]);
    b.save(vec![household(5, AREA[0], "good", &none)]);
    let (answer, _) = b.sync(&world);
    let expected = [
        Code::NotGranted,
        Code::UnknownArea,
        Code::UnknownParent,
        Code::BadContext,
        Code::NotCanonical,
        Code::Malformed,
        Code::WrongAuthor,
    ];
    let mut expected: Vec<_> = (1..).zip(expected).map(|(n, code)| (n, n, quarantined(code))).collect();
    expected.push((8, 8, Verdict::Applied));
    assert_eq!(verdicts(&answer), expected);
}

#[test]
fn a_save_is_merged_whole_or_not_at_all() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let none = Context::new();
    b.save(vec![household(1, AREA[0], "good", &none), household(2, AREA[1], "no grant", &none)]);
    b.sync(&world);
    assert_eq!(Hand::enrolled(&world, 0, 1).sync(&world).1, Vec::<String>::new());
}

#[test]
fn a_wrong_signature_takes_no_number() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (mut request, lines) = a.request(0);
    request.push[0].sealed[0].0.0[0] ^= 1;
    let (answer, _) = a.send(&world, &request, &lines);
    assert_eq!(answer.writers[0].refused, [(0, Code::BadSignature)]);
    assert_eq!(answer.writers[0].applied, 0);
    assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, Verdict::Applied)]);
}

#[test]
fn a_carrier_cannot_erase_what_it_carries() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (request, lines) = a.request(0);
    let (header, save) = lines.trim_end().split_once('\n').expect("a header and a save");
    let erased = format!("{header}\n{}\n", sync_protocol::changeset::erased_line(save));
    let (answer, _) = a.send(&world, &request, &erased);
    assert_eq!(answer.writers[0].refused, [(0, Code::Malformed)]);
    assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, Verdict::Applied)]);
}

#[test]
fn a_device_speaks_for_its_own_writer_and_may_carry_for_others() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (request, lines) = a.request(0);
    let body = control_body(&request) + &lines;
    assert!(matches!(exchange(&world.hub, Caller { user: b.user }, body.as_bytes()), Err(Refused::WrongWriter)));
    let (mut carried, _) = b.request(0);
    carried.push = request.push;
    let (answer, rows) = b.send(&world, &carried, &lines);
    assert_eq!(answer.writers[1].applied, 1);
    assert_eq!(rows.len(), 1);
}

#[test]
fn a_household_that_moves_leaves_an_eviction_and_takes_its_members_along() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let member = RecordWrite {
        collection: Collection::Person,
        registers: BTreeMap::from([(reserved::PARENT.to_owned(), Value::text(&RecordId::from_u128(1).to_string()))]),
        ..household(2, AREA[0], "x", &Context::new())
    };
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new()), member]);
    a.sync(&world);
    assert_eq!(b.sync(&world).1.len(), 2);
    let mut moving = household(1, AREA[1], "Siti", &seen);
    moving.registers.insert(reserved::AREA.to_owned(), Value::text(&AREA[1].to_string()));
    a.save(vec![moving]);
    let (answer, lines) = a.sync(&world);
    assert_eq!(lines.len(), 4, "its author gets both rows and both evictions");
    assert_eq!(answer.areas.len(), 2);
    let (answer, lines) = b.sync(&world);
    let gone = [2, 1].map(|n| format!("\"{}\"", RecordId::from_u128(n)));
    assert_eq!(lines.len(), 2);
    assert!(gone.iter().all(|line| lines.contains(line)), "{lines:?}");
    assert_eq!(answer.areas[0].digest, Some(sync_protocol::Digest::default()));
}

#[test]
fn an_area_that_comes_back_brings_what_its_author_had_saved_there() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    a.cursors.clear();
    let (mut request, lines) = a.request(1);
    assert_eq!(a.send(&world, &request, &lines).1.len(), 0, "a first sync");
    a.cursors.clear();
    request.directory = Some("of other areas".to_owned());
    assert_eq!(a.send(&world, &request, &lines).1.len(), 1);
}

fn member(id: u128, household: u128) -> RecordWrite {
    let parent = Value::text(&RecordId::from_u128(household).to_string());
    let registers = BTreeMap::from([(reserved::PARENT.to_owned(), parent)]);
    let (collection, id) = (Collection::Person, RecordId::from_u128(id));
    RecordWrite { collection, id, context: Context::new(), registers }
}

#[test]
fn a_new_member_of_a_household_that_ever_moved_comes_back_to_its_author() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let mut moving = household(1, AREA[1], "Siti", &seen);
    moving.registers.insert(reserved::AREA.to_owned(), Value::text(&AREA[1].to_string()));
    a.save(vec![moving]);
    a.save(vec![member(2, 1)]);
    let (_, lines) = a.sync(&world);
    let rows: Vec<RecordId> = lines.iter().filter_map(|line| Row::parse(line).ok()).map(|row| row.id).collect();
    assert_eq!(rows, [1, 2].map(RecordId::from_u128), "its device believes it in the old area");
}

#[test]
fn a_record_whose_making_was_rejected_comes_back_to_its_author_when_an_edit_goes_on() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let seen = b.save(vec![household(1, AREA[1], "no grant", &Context::new())]);
    let mut moving = household(1, AREA[0], "granted", &seen);
    moving.registers.insert(reserved::AREA.to_owned(), Value::text(&AREA[0].to_string()));
    b.save(vec![moving]);
    let (answer, _) = b.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, quarantined(Code::NotGranted)), (2, 2, Verdict::Parked)]);
    let making = sync_protocol::Dot { writer: b.writer, save: 1 };
    world.reject(&[crate::store::held::HeldId::of(making)], super::quarantine::Dependants::Release);
    let (_, lines) = b.sync(&world);
    assert_eq!(lines.len(), 1, "its device believes it in the area of its making");
}

#[test]
fn a_revoked_grant_hides_at_once_and_still_takes_what_was_authored_before() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    b.save(vec![household(1, AREA[0], "before", &Context::new())]);
    world.ambient.now.store(T0 + 1_000_000, Ordering::Relaxed);
    let grant = format!("{}{}", USER[1], AREA[0]);
    world.hub.store.write(move |tx| grants::end(tx, &grant, T0 + 500_000)).expect("revokes");
    let (answer, lines) = b.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::Applied)]);
    assert!(lines.is_empty() && answer.areas.is_empty());
}

#[test]
fn nothing_is_answered_that_a_power_cut_could_take_back() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    let mut b = Hand::enrolled(&world, 1, 2);
    for name in ["Siti", "Siti Aminah"] {
        a.save(vec![household(1, AREA[0], name, &Context::new())]);
        a.sync(&world);
        assert!(world.hub.store.is_flushed());
    }
    // What the host judges at its leisure is flushed by whoever is told of it first.
    a.save(vec![household(2, AREA[0], "Ani", &Context::new())]);
    let (request, lines) = a.request(0);
    a.send(&world, &Request { budget: Some(0), ..request }, &lines);
    crate::sync::judge_owed(&world.hub, vec![a.writer]).expect("judges");
    assert!(!world.hub.store.is_flushed());
    assert_eq!(b.sync(&world).1.len(), 2);
    assert!(world.hub.store.is_flushed());
}

#[test]
fn a_cursor_that_the_server_never_gave_is_noticed() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let cursor = a.cursors.get_mut(&AREA[0]).expect("a cursor");
    cursor.salt.0 ^= 1;
    let (answer, _) = a.sync(&world);
    assert_eq!(answer.pull, sync_protocol::exchange::Pull::Rewound);
}

#[test]
fn a_page_that_was_cut_names_the_commit_that_it_was_read_at() {
    let world = world();
    let (mut a, mut b) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2));
    for id in 1..=4 {
        a.save(vec![household(id, AREA[0], "Siti", &Context::new())]);
        a.sync(&world);
    }
    let head = a.cursors[&AREA[0]];
    let (request, lines) = b.request(0);
    let (cut, first) = b.send(&world, &Request { budget: Some(1), ..request }, &lines);
    // What moved behind its end by then is not in it: after a restore of what was there before, it is worth nothing.
    assert_eq!((cut.areas[0].cursor.seq, cut.areas[0].cursor.salt), (1, head.salt));
    let (rest, others) = b.sync(&world);
    assert_eq!(rest.pull, sync_protocol::exchange::Pull::Open);
    assert_eq!((first.len(), others.len()), (1, 3));
}

#[test]
fn a_cursor_of_an_area_where_nothing_ever_happened_is_noticed() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.cursors.insert(AREA[1], Cursor { seq: 3, salt: sync_protocol::exchange::Salt(7), since: 3 });
    let (answer, _) = a.sync(&world);
    assert_eq!(answer.pull, sync_protocol::exchange::Pull::Rewound);
}

#[test]
fn an_idle_exchange_is_told_by_one_stamp() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (answer, _) = a.sync(&world);
    let stamp = sync_protocol::exchange::ScopeStamp::over(a.cursors.iter().map(|(a, c)| (*a, c.seq, c.salt)));
    let directory = answer.directory.expect("a directory").stamp;
    let (mut request, _) = a.request(1);
    request.cursors.clear();
    request.applied = 1;
    request.directory = Some(directory);
    request.scope = answer.mark.map(|mark| (stamp, mark));
    let (answer, lines) = a.send(&world, &request, "");
    assert!(lines.is_empty() && answer.areas.is_empty() && !answer.more && answer.directory.is_none());
    // Someone else's change is told from the same stamp.
    let mut b = Hand::enrolled(&world, 1, 2);
    b.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    b.sync(&world);
    let (answer, lines) = a.send(&world, &request, "");
    assert_eq!((lines.len(), answer.more, answer.cursors_wanted), (1, false, false));
}

#[test]
fn a_directory_is_told_again_after_every_change_of_it_and_only_then() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let mut known = None;
    let mut told = |now_ms: i64| {
        world.ambient.now.store(now_ms, Ordering::Relaxed);
        let (mut request, lines) = b.request(1);
        request.directory = known.take();
        let told = b.send(&world, &request, &lines).0.directory;
        known = told.as_ref().map(|directory| directory.stamp.clone()).or(request.directory);
        told.map(|directory| directory.areas.iter().filter(|area| area.granted).map(|area| area.id).collect::<Vec<_>>())
    };
    assert_eq!(told(T0), Some(vec![AREA[0]]));
    assert_eq!(told(T0 + 1), None);
    let granted = Grant {
        id: "later".to_owned(),
        user: USER[1],
        area: AREA[1],
        starts: T0 + 1_000,
        ends: Some(T0 + 2_000),
        granted_by: USER[0],
    };
    world.hub.store.write(move |tx| grants::add(tx, &granted)).expect("grants");
    assert_eq!(told(T0 + 2), None, "nothing that it tells is another yet");
    assert_eq!(told(T0 + 1_000), Some(AREA.to_vec()), "a grant begins by itself");
    assert_eq!(told(T0 + 1_999), None);
    assert_eq!(told(T0 + 2_000), Some(vec![AREA[0]]), "and ends by itself");
    world.hub.store.write(|tx| grants::end(tx, &format!("{}{}", USER[1], AREA[0]), T0 + 2_001)).expect("revokes");
    assert_eq!(told(T0 + 2_001), Some(vec![]));
}

#[test]
fn words_find_a_household_where_it_stands_now() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    let mut named = member(2, 1);
    named.registers.insert("name".to_owned(), Value::text("Dewi"));
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new()), named]);
    let mut moving = household(1, AREA[1], "Siti", &seen);
    moving.registers.insert(reserved::AREA.to_owned(), Value::text(&AREA[1].to_string()));
    let found = |world: &World, area: AreaId| {
        let within = Within { granted: None, area: Some(area) };
        let words = ["dewi".to_owned()];
        world.hub.store.read(|tx| households::search(tx, within, &words, None, 10)).expect("searches").len()
    };
    a.sync(&world);
    assert_eq!((found(&world, AREA[0]), found(&world, AREA[1])), (1, 0));
    a.save(vec![moving]);
    a.sync(&world);
    assert_eq!((found(&world, AREA[0]), found(&world, AREA[1])), (0, 1));
}

#[test]
fn a_clock_ten_years_ahead_wins_nothing() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let header = Header {
        author: b.user,
        clock: Clock(T0 + 315_360_000_000),
        forms: vec![],
        origin: None,
        protocol: 1,
        seq: 1,
        writer: b.writer,
    };
    let save = Save { records: vec![household(1, AREA[0], "far ahead", &seen)] };
    let sealed = b.signer.seal(ChangesetHash::NONE, &header, vec![save.to_line()]);
    b.sealed.push((1, sealed, ChangesetHash::NONE));
    b.sync(&world);
    world.ambient.now.store(T0 + 3_600_000, Ordering::Relaxed);
    let next = Header { clock: Clock(T0 + 3_600_000), seq: 2, writer: a.writer, author: a.user, ..header };
    let save = Save { records: vec![household(1, AREA[0], "an hour later", &seen)] };
    let after = a.sealed[0].1.links.hash;
    let sealed = a.signer.seal(after, &next, vec![save.to_line()]);
    a.sealed.push((2, sealed, after));
    let (_, lines) = a.sync(&world);
    let (row, _) = Row::parse_any(&lines[0]).expect("a row");
    assert_eq!(row.value("head_name"), Some(&Value::text("an hour later")));
    assert_eq!(row.registers["head_name"].siblings.len(), 2);
}

#[test]
fn bytes_that_a_crash_left_unjudged_are_judged_at_the_next_start() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let (request, lines) = a.request(0);
    let body = control_body(&request) + &lines;
    let incoming = sync_protocol::exchange::Incoming::parse(body.as_bytes()).expect("a request");
    let known = world.hub.store.read(|tx| super::senders(tx, &incoming.control)).expect("reads");
    super::deposit::deposit(&world.hub, &incoming, &known).expect("deposits");
    let World { hub, ambient, _folder } = world;
    let hub = Hub::start(hub.store, ambient.clone()).expect("starts again");
    let world = World { hub, ambient, _folder };
    assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, Verdict::Applied)]);
}
