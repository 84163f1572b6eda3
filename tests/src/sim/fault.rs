//! Everything that goes wrong in simulated worlds, and how often it did.

/// One kind of mishap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The network loses a request.
    RequestLost,
    /// The server commits, the network loses its answer.
    AnswerLost,
    /// Half of a request arrives.
    RequestCut,
    /// Half of an answer arrives.
    AnswerCut,
    /// A request arrives twice.
    Duplicate,
    /// A request or an answer arrives after newer ones.
    Reorder,
    /// An access token has run out.
    TokenExpired,
    /// The server asks for patience.
    ServerBusy,
    /// The server's process is killed between two requests.
    ServerKilled,
    /// The server's process is killed at one of the commits of an exchange, before it or after it.
    ServerKilledAtCommit,
    /// The server's process is killed while office work commits.
    ServerKilledAtOffice,
    /// A device's process is killed.
    DeviceKilled,
    /// A device's process is killed while a save commits.
    DeviceKilledAtSave,
    /// A device's process is killed while it takes an answer in.
    DeviceKilledAtAnswer,
    /// The battery is taken out: what a device had not flushed is gone.
    DevicePowerCut,
    /// A device's clock is off, by up to ten years.
    DeviceClock,
    /// The server's clock is off, by up to ten years.
    ServerClock,
    /// A grant is given in the middle of the field work.
    GrantGiven,
    /// A grant ends.
    GrantEnded,
    /// A household moves to another area.
    HouseholdMoved,
    /// An area is added.
    AreaAdded,
    /// A device speaks a protocol that the server no longer answers with rows.
    OldProtocol,
    /// A device carries changesets of another.
    Carried,
    /// What is carried comes before what precedes it.
    Gap,
    /// The server's disk is gone, and an older backup is restored.
    ServerRewound,
    /// Saves are kept out of the rows.
    Quarantined,
    /// The office releases a save that was kept out.
    Released,
    /// There is no room left on a device's disk.
    DeviceFull,
    /// There is no room left on the server's disk.
    ServerFull,
}

impl Fault {
    /// Every fault with its name, in the order of the enum.
    pub const ALL: &'static [(Fault, &'static str)] = &[
        (Fault::RequestLost, "request lost"),
        (Fault::AnswerLost, "answer lost after commit"),
        (Fault::RequestCut, "request cut in half"),
        (Fault::AnswerCut, "answer cut in half"),
        (Fault::Duplicate, "request twice"),
        (Fault::Reorder, "out of order"),
        (Fault::TokenExpired, "token expired"),
        (Fault::ServerBusy, "server busy"),
        (Fault::ServerKilled, "server killed"),
        (Fault::ServerKilledAtCommit, "server killed at a commit"),
        (Fault::ServerKilledAtOffice, "server killed at office work"),
        (Fault::DeviceKilled, "device killed"),
        (Fault::DeviceKilledAtSave, "device killed at a save"),
        (Fault::DeviceKilledAtAnswer, "device killed at an answer"),
        (Fault::DevicePowerCut, "device without power"),
        (Fault::DeviceClock, "device clock wrong"),
        (Fault::ServerClock, "server clock wrong"),
        (Fault::GrantGiven, "grant given"),
        (Fault::GrantEnded, "grant ended"),
        (Fault::HouseholdMoved, "household moved"),
        (Fault::AreaAdded, "area added"),
        (Fault::OldProtocol, "old protocol"),
        (Fault::Carried, "carried by another"),
        (Fault::Gap, "carried with a gap"),
        (Fault::ServerRewound, "server rewound to a backup"),
        (Fault::Quarantined, "save quarantined"),
        (Fault::Released, "save released"),
        (Fault::DeviceFull, "device disk full"),
        (Fault::ServerFull, "server disk full"),
    ];

    /// Whether this build can do it: a disk is filled by a switch that the product's own build has not.
    pub fn is_possible(self) -> bool {
        cfg!(feature = "broken-on-purpose") || !matches!(self, Fault::DeviceFull | Fault::ServerFull)
    }

    /// A process was killed.
    fn is_kill(self) -> bool {
        use Fault::*;
        matches!(
            self,
            ServerKilled
                | ServerKilledAtCommit
                | ServerKilledAtOffice
                | DeviceKilled
                | DeviceKilledAtSave
                | DeviceKilledAtAnswer
                | DevicePowerCut
        )
    }
}

/// How often each fault fired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults([u64; Fault::ALL.len()]);

impl Faults {
    /// One more.
    pub(super) fn note(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// Counts another world in.
    pub(super) fn add(&mut self, other: &Faults) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, others)| *mine += others);
    }

    /// Each fault's name and how often it fired.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, &'static str, u64)> {
        Fault::ALL.iter().map(|(fault, name)| (*fault, *name, self.0[*fault as usize]))
    }

    /// Processes killed.
    pub fn kills(&self) -> u64 {
        self.iter().filter(|(fault, _, _)| fault.is_kill()).map(|(_, _, times)| times).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_stands_in_the_list_at_its_place() {
        for (at, (fault, name)) in Fault::ALL.iter().enumerate() {
            assert_eq!(*fault as usize, at, "{name}");
        }
    }
}
