//! A whole sync fails at its k-th call, for every k and in every way, and goes on: what it comes to is always the same.

use client_core::{Error, Outgoing, Reply, Session, Step};
use sync_protocol::exchange::PackagePart;

use super::hand::tokens;
use super::network::{EXCHANGE_PATH, FORM_PATH, REFRESH_PATH, UNNUMBERED, reply};
use super::world::World;
use super::{Broken, Held};

/// A world in which everybody may write everywhere, so that no save depends on when it comes.
const SEED: u64 = 2;
/// Bytes of rows in a page, and of a form in a part: small, so that there are many calls.
const PAGE_BYTES: usize = 1_500;
const PART_BYTES: u64 = 6_000;
/// Calls after which a sync must have come to its end.
const CALLS_MAX: usize = 100;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    BeforeItIsSent,
    AfterTheServersCommit,
    HalfOfTheRequest,
    HalfOfTheAnswer,
}

const FLAVOURS: [Flavour; 4] =
    [Flavour::BeforeItIsSent, Flavour::AfterTheServersCommit, Flavour::HalfOfTheRequest, Flavour::HalfOfTheAnswer];

/// What goes on after a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    TheSameSession,
    AnotherSession,
    AnotherProcess,
}

const THENS: [Then; 3] = [Then::TheSameSession, Then::AnotherSession, Then::AnotherProcess];

/// A device with saves to send and rows, members and a form to fetch.
fn ready() -> Result<World<'static>, Broken> {
    let mut world = World::new(SEED, None)?;
    world.calm_network = true;
    assert!(world.open && world.hands[0].may_die(), "another seed is needed");
    for _ in 0..3 {
        world.make(1)?;
        world.add_child(1)?;
    }
    world.sync_to_the_end(1)?;
    world.office_opens()?;
    world.office_writes()?;
    for _ in 0..2 {
        world.make(0)?;
        world.save_many(0)?;
    }
    Ok(world)
}

/// Syncs the device; its call `fail.0` fails. Returns how many calls there were, and what the device holds in the end.
fn sync(fail: Option<(usize, Flavour, Then)>) -> Result<(usize, Vec<String>), Broken> {
    let mut world = ready()?;
    let mut has_expired = false;
    for call in 0..CALLS_MAX {
        let hand = &mut world.hands[0];
        let mut session = hand.session.take().unwrap_or_else(|| Session::start(&mut hand.device));
        let Step::Send(mut outgoing) = session.next(&mut hand.device).map_err(Broken::failed)? else {
            world.heal()?;
            world.check_all()?;
            return Ok((call, world.picture_of_all(0)?));
        };
        if outgoing.path == EXCHANGE_PATH {
            world.hands[0].budget = Some(PAGE_BYTES);
            world.rework(0, &mut outgoing)?;
        }
        match fail.filter(|(at, _, _)| *at == call) {
            Some((_, flavour, then)) => fail_call(&mut world, session, &outgoing, flavour, then)?,
            None => {
                let answer = answer(&mut world, &outgoing, &mut has_expired)?;
                session.answer(&mut world.hands[0].device, &answer).map_err(Broken::failed)?;
                world.hands[0].session = Some(session);
            }
        }
    }
    Err(Broken::failed("the sync does not come to its end"))
}

fn fail_call(world: &mut World<'_>, mut session: Session, outgoing: &Outgoing, flavour: Flavour, then: Then) -> Held {
    match flavour {
        Flavour::BeforeItIsSent => drop(session.failed(Error::Offline)),
        Flavour::AfterTheServersCommit => {
            answer(world, outgoing, &mut true)?;
            drop(session.failed(Error::Offline));
        }
        Flavour::HalfOfTheRequest => {
            if outgoing.path == EXCHANGE_PATH {
                world.cut_request(0, outgoing)?;
            }
            drop(session.failed(Error::Offline));
        }
        Flavour::HalfOfTheAnswer => {
            let mut half = answer(world, outgoing, &mut true)?;
            half.body.truncate(half.body.len() / 2);
            // Half of a form's part is a part; half of anything else is an error.
            let answered = session.answer(&mut world.hands[0].device, &half);
            assert_eq!(answered.is_ok(), outgoing.path == FORM_PATH, "{}", outgoing.path);
        }
    }
    match then {
        Then::TheSameSession => world.hands[0].session = Some(session),
        Then::AnotherSession => {}
        Then::AnotherProcess => world.hands[0].die(None, &mut world.dice)?,
    }
    Ok(())
}

/// What the server answers; the device's first token has run out.
fn answer(world: &mut World<'_>, outgoing: &Outgoing, has_expired: &mut bool) -> Result<Reply, Broken> {
    match outgoing.path {
        EXCHANGE_PATH if !std::mem::replace(has_expired, true) => Ok(reply(outgoing, 401, vec![])),
        EXCHANGE_PATH => world.serve(0, outgoing, UNNUMBERED),
        REFRESH_PATH => Ok(reply(outgoing, 200, serde_json::to_vec(&tokens()).map_err(Broken::failed)?)),
        _ => {
            let asked: PackagePart = serde_json::from_slice(&outgoing.body).map_err(Broken::failed)?;
            let part = world.centre()?.part_of_form(world.hands[0].user, asked, PART_BYTES)?;
            Ok(reply(outgoing, 200, part.ok_or_else(|| Broken::failed("no such form"))?))
        }
    }
}

#[test]
fn a_sync_that_fails_at_any_call_in_any_way_comes_to_the_same_in_the_end() {
    let (calls, undisturbed) = sync(None).unwrap();
    assert!(calls >= 6, "only {calls} calls: a whole sync has a renewal, pushes, pages and parts of a form");
    for call in 0..calls {
        for flavour in FLAVOURS {
            for then in THENS {
                let (_, held) = sync(Some((call, flavour, then)))
                    .unwrap_or_else(|broken| panic!("call {call} failed {flavour:?}, then {then:?}: {broken:?}"));
                assert_eq!(held, undisturbed, "call {call} failed {flavour:?}, then {then:?}");
            }
        }
    }
}
