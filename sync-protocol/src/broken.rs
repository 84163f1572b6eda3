//! Rules that the simulator breaks on purpose, one at a time, to see that it would notice.
//!
//! Without the feature `broken-on-purpose`, which only the simulator's build asks for, nothing here can be switched and
//! [`is_broken`] is `false` at compile time: no shipped program holds a switch.

/// A rule that can be broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
    /// A write removes nothing that its author had not seen.
    MergeUnseen = 1,
    /// A write removes what its author had seen.
    MergeSeen,
    /// A merged save counts as seen by whoever edits the record next.
    MergeContext,
    /// Every save says that the records it touches live.
    MergeAlive,
    /// A writer's saves are applied without a gap.
    PrefixGap,
    /// What was applied once is not applied again.
    PrefixMoves,
    /// A move leaves an eviction where the record stood.
    EvictionMove,
    /// An eviction removes a record only where it still stands.
    EvictionElsewhere,
    /// A record goes only when one's own saves on it are decided.
    EvictionUndecided,
    /// What an author had no right to is not merged.
    QuarantineGrant,
    /// A save that is kept out stays on its author's screen.
    QuarantineShown,
    /// What stands on a save that is kept out waits for it.
    QuarantineParks,
    /// Contexts name a save by the name under which it was released.
    ReleaseNames,
    /// A device sends again what the server has lost.
    RefillAsked,
    /// A server that was rewound knows which cursors it never gave out.
    RewindTold,
    /// Rows that others changed are sent, though the device wrote them last.
    PullOthers,
    /// The server's digest follows its rows.
    DigestKept,
    /// A device drops the areas that it is no longer granted.
    ScopeLost,
    /// New rows leave one's own waiting saves on the screen.
    OverlayKept,
    /// A row whose effective clock is not the authored one is sent to its author.
    ConfirmClock,
}

impl Rule {
    /// Every rule with its name and what goes wrong.
    pub const ALL: &'static [(&'static str, Rule, &'static str)] = &[
        ("merge-unseen", Rule::MergeUnseen, "a write removes every sibling, seen or not"),
        ("merge-seen", Rule::MergeSeen, "a write leaves what its author had seen"),
        ("merge-context", Rule::MergeContext, "a merged save is not added to the record's context"),
        ("merge-alive", Rule::MergeAlive, "an edit does not say that its record lives"),
        ("prefix-gap", Rule::PrefixGap, "saves are applied over a gap before them"),
        ("prefix-moves", Rule::PrefixMoves, "the applied prefix is forgotten"),
        ("eviction-move", Rule::EvictionMove, "a move leaves no eviction behind"),
        ("eviction-elsewhere", Rule::EvictionElsewhere, "an eviction takes a record from another area as well"),
        ("eviction-undecided", Rule::EvictionUndecided, "an eviction takes undecided own saves along"),
        ("quarantine-grant", Rule::QuarantineGrant, "nobody's grant is asked for"),
        ("quarantine-shown", Rule::QuarantineShown, "a save that is kept out leaves its author's screen"),
        ("quarantine-parks", Rule::QuarantineParks, "what stands on a save that is kept out does not wait for it"),
        ("release-names", Rule::ReleaseNames, "a released save is named by its old name only"),
        ("refill-asked", Rule::RefillAsked, "a device does not send again what the server has lost"),
        ("rewind-told", Rule::RewindTold, "a rewound server takes cursors that it never gave out"),
        ("pull-others", Rule::PullOthers, "a row that others changed is taken for the device's own"),
        ("digest-kept", Rule::DigestKept, "the server's digest misses new rows"),
        ("scope-lost", Rule::ScopeLost, "a device keeps areas that it is no longer granted"),
        ("overlay-kept", Rule::OverlayKept, "a new row takes waiting own saves off the screen"),
        ("confirm-clock", Rule::ConfirmClock, "a device is not told that its clock was not believed"),
    ];

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.iter().find(|(known, _, _)| *known == name).map(|(_, rule, _)| *rule)
    }
}

#[cfg(feature = "broken-on-purpose")]
static BROKEN: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Breaks a rule for this whole process.
#[cfg(feature = "broken-on-purpose")]
pub fn break_on_purpose(rule: Rule) {
    BROKEN.store(rule as u8, std::sync::atomic::Ordering::Relaxed);
}

/// Whether the rule is broken on purpose.
#[cfg(feature = "broken-on-purpose")]
pub fn is_broken(rule: Rule) -> bool {
    BROKEN.load(std::sync::atomic::Ordering::Relaxed) == rule as u8
}

/// Whether the rule is broken on purpose: never.
#[cfg(not(feature = "broken-on-purpose"))]
pub const fn is_broken(_: Rule) -> bool {
    false
}
