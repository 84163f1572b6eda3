//! A whole world in one thread from one seed: devices, a server, a bad network, deaths of processes and wrong clocks, watched
//! by an oracle that knows what every author had on the screen. No HTTP, no wall clock, no waiting.
//!
//! `world` sets the stage and draws the steps; `centre` is the server with its office, `hand` a person with a device,
//! `network`, `requests` and `serving` are what lies between them; `deaths`, `mishaps` and `disk` are what goes wrong, and
//! `fault` counts it; `oracle` knows what must stand, `checks` looks whether it does.

mod centre;
mod checks;
mod deaths;
mod dice;
mod disk;
mod fault;
mod hand;
mod mishaps;
mod network;
mod oracle;
mod requests;
#[cfg(test)]
mod resume;
mod serving;
mod work;
mod world;

pub use fault::{Fault, Faults};

/// A promise that did not hold, or a step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The promise, by the words of docs/protocol.md.
    pub rule: &'static str,
    /// What was seen.
    pub what: String,
}

impl Broken {
    fn failed(error: impl std::fmt::Debug) -> Broken {
        Broken { rule: "a step that must succeed", what: format!("{error:?}") }
    }
}

type Held = Result<(), Broken>;

/// The promises that a world is held to.
mod rules {
    use super::{Broken, Held};

    pub(super) struct Rule(pub(super) &'static str);

    impl Rule {
        pub(super) fn holds(&self, holds: bool, what: impl FnOnce() -> String) -> Held {
            if holds { Ok(()) } else { Err(Broken { rule: self.0, what: what() }) }
        }
    }

    pub(super) const LOST: Rule = Rule("1: a save that was confirmed is never lost");
    pub(super) const DURABLE: Rule = Rule("2: acknowledged means durable on the server");
    pub(super) const REPEAT: Rule = Rule("3: a repeated, reordered or truncated exchange changes nothing");
    pub(super) const SAME: Rule = Rule("4: every device holds what the server holds, digests agree");
    pub(super) const SILENT: Rule =
        Rule("5: nothing is overwritten unseen, nothing comes back, no conflict ends by itself");
    pub(super) const SCOPE: Rule = Rule("7: nobody receives a row outside the areas granted to them");
    pub(super) const ENDS: Rule = Rule("a session comes to its end and understands its answers");
    pub(super) const JUDGED: Rule =
        Rule("every save has its verdict, and only those without a right to it are kept out");
}

/// What happened in a world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Saves that devices sealed.
    pub saves: u64,
    /// Those of them that their author was told of.
    pub acknowledged: u64,
    /// Those of these that lie on the server in the end.
    pub found: u64,
    /// Those that lie there more than once.
    pub doubled: u64,
    /// Saves of the office.
    pub office: u64,
    /// Exchanges that the server answered.
    pub exchanges: u64,
    /// Sessions that came to their end.
    pub syncs: u64,
    /// Saves that met another value.
    pub conflicts: u64,
    /// Saves that the server kept out of its rows.
    pub quarantined: u64,
    /// What went wrong.
    pub faults: Faults,
}

impl Tally {
    /// Saves that their author was told of and that are nowhere.
    pub fn lost(&self) -> u64 {
        self.acknowledged - self.found
    }

    /// Counts another world in.
    pub fn add(&mut self, other: &Tally) {
        self.saves += other.saves;
        self.acknowledged += other.acknowledged;
        self.found += other.found;
        self.doubled += other.doubled;
        self.office += other.office;
        self.exchanges += other.exchanges;
        self.syncs += other.syncs;
        self.conflicts += other.conflicts;
        self.quarantined += other.quarantined;
        self.faults.add(&other.faults);
    }
}

/// A world that was lived through: what happened in it, and the promise that broke, if one did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lived {
    /// What happened.
    pub tally: Tally,
    /// What broke.
    pub broken: Option<Broken>,
}

/// Seeds that broke a promise once. They are lived through again in every run.
pub fn kept_seeds() -> Vec<u64> {
    let lines = include_str!("kept_seeds.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

/// Lives through the world of this seed. `trace` hears of every step.
pub fn run(seed: u64, trace: Option<&mut dyn FnMut(&str)>) -> Lived {
    let mut world = match world::World::new(seed, trace) {
        Ok(world) => world,
        Err(broken) => return Lived { tally: Tally::default(), broken: Some(broken) },
    };
    let lived = world.live().and_then(|()| world.heal()).and_then(|()| world.check_all());
    Lived { tally: world.tally, broken: lived.err() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More of them run in `cargo xtask sim`.
    const WORLDS: u64 = 50;

    #[test]
    fn fifty_worlds_keep_every_promise() {
        for seed in 0..WORLDS {
            assert_eq!(run(seed, None).broken, None, "SIM_SEED={seed}");
        }
    }

    #[test]
    fn a_seed_is_the_same_world_every_time() {
        let live = |lines: &mut Vec<String>| {
            let mut note = |line: &str| lines.push(line.to_owned());
            run(3, Some(&mut note))
        };
        let (mut once, mut again) = (Vec::new(), Vec::new());
        assert_eq!(live(&mut once), live(&mut again));
        assert_eq!(once, again);
    }
}
