//! What people and devices may count on, and what they may not.

use sync_protocol::exchange::AreaLevel;
use sync_protocol::session::{Refresh, SignIn};

use super::*;
use crate::instance::scratch::{PASSWORD, START, Scratch};
use crate::secrets::codes::CODE_MS;
use crate::store::{devices, grants as stored};

const DAY_MS: i64 = 86_400_000;

fn code<T>(result: crate::error::Result<T>) -> String {
    result.err().map_or_else(|| "fine".to_owned(), |e| e.code().to_owned())
}

#[test]
fn a_device_whose_answer_was_lost_enrols_again_with_the_same_code() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (ask, first) = scratch.enrol(user.id);
    assert!(first.certificate.is_from(&first.root));
    scratch.pass(60_000);
    let again = enrol(&scratch.instance, ask).expect("the same device and writer");
    assert_eq!(again.certificate, first.certificate);
    assert!(caller(&scratch.instance, &again.tokens.access).is_ok());
    assert_eq!(code(caller(&scratch.instance, &first.tokens.access)), "sign_in_again");
}

#[test]
fn a_code_works_once_and_for_minutes() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (used, _) = scratch.enrol(user.id);
    let thief = sync_protocol::session::Enrol { code: used.code, ..scratch.ask(user.id) };
    assert_eq!(code(enrol(&scratch.instance, thief)), "bad_code");
    let late = scratch.ask(user.id);
    scratch.pass(CODE_MS);
    assert_eq!(code(enrol(&scratch.instance, late.clone())), "bad_code");
    assert_eq!(code(enrol(&scratch.instance, sync_protocol::session::Enrol { code: "0".into(), ..late })), "bad_code");
}

#[test]
fn a_writer_of_somebody_else_cannot_be_enrolled() {
    let scratch = Scratch::new();
    let (siti, budi) = (scratch.user("siti", Role::Enumerator), scratch.user("budi", Role::Enumerator));
    let (known, _) = scratch.enrol(siti.id);
    let ask = sync_protocol::session::Enrol { writer: known.writer, ..scratch.ask(budi.id) };
    assert_eq!(code(enrol(&scratch.instance, ask)), "writer_taken");
}

#[test]
fn an_access_token_is_good_for_minutes_and_a_forged_one_never() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (_, enrolled) = scratch.enrol(user.id);
    let access = enrolled.tokens.access;
    assert_eq!(caller(&scratch.instance, &access).expect("fresh").user.id, user.id);
    assert_eq!(code(caller(&scratch.instance, &format!("{access}x"))), "bad_token");
    assert_eq!(code(caller(&scratch.instance, "")), "bad_token");
    scratch.pass(15 * 60_000);
    assert_eq!(code(caller(&scratch.instance, &access)), "token_expired");
}

#[test]
fn a_refresh_token_used_twice_ends_the_session() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (_, enrolled) = scratch.enrol(user.id);
    let old = Refresh { refresh: enrolled.tokens.refresh };
    let new = refresh(&scratch.instance, &old).expect("works once");
    caller(&scratch.instance, &new.access).expect("its answer has arrived");
    assert_eq!(code(refresh(&scratch.instance, &old)), "sign_in_again");
    assert_eq!(code(caller(&scratch.instance, &new.access)), "sign_in_again");
    assert_eq!(code(refresh(&scratch.instance, &Refresh { refresh: new.refresh })), "sign_in_again");
}

#[test]
fn a_phone_whose_refresh_answer_was_lost_comes_back_days_later() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (_, enrolled) = scratch.enrol(user.id);
    let old = Refresh { refresh: enrolled.tokens.refresh };
    refresh(&scratch.instance, &old).expect("the answer is lost");
    scratch.pass(3 * DAY_MS);
    let tokens = refresh(&scratch.instance, &old).expect("nobody used what was lost");
    assert!(caller(&scratch.instance, &tokens.access).is_ok());
}

#[test]
fn a_session_left_alone_ends() {
    let scratch = Scratch::new();
    let officer = scratch.user("ani", Role::Officer);
    let signed = sign_in(&scratch.instance, SignIn { name: "Ani ".into(), password: PASSWORD.into() }).expect("known");
    let (_, enrolled) = scratch.enrol(officer.id);
    scratch.pass(DAY_MS);
    assert_eq!(code(refresh(&scratch.instance, &Refresh { refresh: signed.refresh })), "sign_in_again");
    assert!(
        refresh(&scratch.instance, &Refresh { refresh: enrolled.tokens.refresh }).is_ok(),
        "a phone may rest longer"
    );
}

#[test]
fn a_wrong_password_a_wrong_name_and_a_disabled_person_look_the_same() {
    let scratch = Scratch::new();
    let gone = scratch.user("gone", Role::Officer);
    scratch.user("ani", Role::Officer);
    scratch.user("siti", Role::Enumerator);
    disable_user(&scratch.instance, gone.id, None).expect("disabled");
    for (name, password) in [("ani", "wrong password"), ("nobody", PASSWORD), ("gone", PASSWORD), ("siti", PASSWORD)] {
        let ask = SignIn { name: name.into(), password: password.into() };
        assert_eq!(code(sign_in(&scratch.instance, ask)), "bad_sign_in", "{name}");
    }
}

#[test]
fn a_disabled_person_and_a_retired_device_are_out_at_once() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (ask, one) = scratch.enrol(user.id);
    let (_, other) = scratch.enrol(user.id);
    retire_device(&scratch.instance, ask.device, None).expect("retired");
    assert_eq!(code(caller(&scratch.instance, &one.tokens.access)), "sign_in_again");
    assert!(caller(&scratch.instance, &other.tokens.access).is_ok());
    disable_user(&scratch.instance, user.id, None).expect("disabled");
    assert_eq!(code(caller(&scratch.instance, &other.tokens.access)), "sign_in_again");
}

#[test]
fn a_new_password_ends_what_the_old_one_opened() {
    let scratch = Scratch::new();
    let user = scratch.user("ani", Role::Officer);
    let ask = SignIn { name: "ani".into(), password: PASSWORD.into() };
    let tokens = sign_in(&scratch.instance, ask.clone()).expect("known");
    set_password(&scratch.instance, user.id, "another password", None).expect("long enough");
    assert_eq!(code(caller(&scratch.instance, &tokens.access)), "sign_in_again");
    assert_eq!(code(sign_in(&scratch.instance, ask)), "bad_sign_in");
    assert_eq!(code(set_password(&scratch.instance, user.id, "short", None)), "bad_password");
}

#[test]
fn a_name_is_taken_once_whatever_its_case() {
    let scratch = Scratch::new();
    scratch.user("siti", Role::Enumerator);
    for (name, expected) in [("Siti", "name_taken"), ("", "bad_name"), ("a b", "bad_name"), ("é", "bad_name")] {
        let new = NewUser { name: name.into(), display_name: "X".into(), role: Role::Enumerator, password: None };
        assert_eq!(code(add_user(&scratch.instance, new, None)), expected, "{name}");
    }
}

#[test]
fn a_grant_covers_what_lies_below_until_it_is_revoked() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let village = scratch.area("15.71.01.1001", AreaLevel::Village, None);
    let rt = scratch.area("15.71.01.1001.01", AreaLevel::Rt, Some(village));
    let given = grant(&scratch.instance, user.id, village, None, None, user.id).expect("known");
    let areas = |at| scratch.instance.store.read(|tx| stored::list_areas(tx, user.id, at)).expect("reads");
    let mut both = vec![village, rt];
    both.sort_unstable();
    assert_eq!(areas(START), both);
    scratch.pass(1_000);
    revoke(&scratch.instance, &given.id, None).expect("known");
    assert_eq!(areas(START + 1_000), vec![]);
    assert_eq!(areas(START + 999), both, "what was authored before still counts");
    assert_eq!(code(revoke(&scratch.instance, "nothing", None)), "not_found");
    assert_eq!(code(grant(&scratch.instance, user.id, rt, Some(2), Some(1), user.id)), "bad_time");
}

#[test]
fn an_idle_device_is_seen_to_within_minutes() {
    let scratch = Scratch::new();
    let user = scratch.user("siti", Role::Enumerator);
    let (ask, enrolled) = scratch.enrol(user.id);
    let seen = || {
        let device = scratch.instance.store.read(|tx| devices::find(tx, ask.device)).expect("reads");
        device.expect("enrolled").last_seen
    };
    scratch.pass(60_000);
    caller(&scratch.instance, &enrolled.tokens.access).expect("fresh");
    assert_eq!(seen(), START);
    scratch.pass(11 * 60_000);
    caller(&scratch.instance, &enrolled.tokens.access).expect("fresh");
    assert_eq!(seen(), START + 12 * 60_000);
}

#[test]
fn a_stolen_device_is_signed_out_and_what_came_since_the_theft_is_listed() {
    let scratch = Scratch::new();
    let siti = scratch.user("siti", Role::Enumerator);
    let (ask, enrolled) = scratch.enrol(siti.id);
    let (device, theft) = (ask.device, scratch.instance.now());
    assert!(report_stolen(&scratch.instance, device, theft + 1, None).is_err(), "a theft that lies ahead");
    scratch.pass(1_000);
    assert_eq!(report_stolen(&scratch.instance, device, theft, None).expect("reported"), []);
    assert_eq!(caller(&scratch.instance, &enrolled.tokens.access).expect_err("signed out").code(), "sign_in_again");
    let writer = scratch.instance.store.read(|tx| crate::store::writers::find(tx, ask.writer)).expect("reads");
    assert_eq!(writer.expect("known").stolen, Some(theft + 1_000));
    // Reported again, the first report counts.
    scratch.pass(1_000);
    report_stolen(&scratch.instance, device, theft, None).expect("reported");
    let writer = scratch.instance.store.read(|tx| crate::store::writers::find(tx, ask.writer)).expect("reads");
    assert_eq!(writer.expect("known").stolen, Some(theft + 1_000));
}
