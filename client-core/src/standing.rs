//! How the device stands: what is saved, sent and judged, and what a person has to look at.

use sync_protocol::exchange::Round;
use sync_protocol::{Code, Save, Verdict, limits};

use crate::device::{self, Device};
use crate::error::{Error, Result};
use crate::store::lives::{self, Life};
use crate::store::meta::{self, Name};
use crate::store::{attachments, drafts, households, outbox, records, verdicts};

/// How the device stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Households listed.
    pub households: u64,
    /// Of those that nobody need go to again.
    pub done: u64,
    /// Records with a conflict.
    pub conflicts: u64,
    /// Drafts not saved yet.
    pub drafts: u64,
    /// Saves sealed so far.
    pub saves: u64,
    /// Saves that the server has not stored yet.
    pub unsent: u64,
    /// Saves that the server has judged.
    pub judged: u64,
    /// Saves covered by every backup that the server keeps.
    pub backed_up: u64,
    /// Saves that met another value.
    pub met: u64,
    /// Files of saves that the server lacks.
    pub files_waiting: u64,
    /// Bytes of these.
    pub file_bytes_waiting: u64,
    /// Files that the server does not take.
    pub files_refused: u64,
    /// What a person has to look at.
    pub attention: Vec<Attention>,
    /// Device time of the last sync that came to its end.
    pub synced_ms: Option<i64>,
    /// Server time minus device time at the last answer, milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// The difference is large enough to tell the person.
    pub clock_is_wrong: bool,
    /// The round under way.
    pub round: Option<Round>,
}

/// Saves that were not merged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// `quarantined`, `rejected`, `parked` or `refused`.
    pub word: &'static str,
    /// Why, for programs.
    pub code: Option<Code>,
    /// Why, for people.
    pub sentence: &'static str,
}

/// One line of the outbox: what was sealed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLine {
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// When, device time.
    pub sealed_ms: i64,
    /// The server has said that it stored it.
    pub stored: bool,
    /// The server has judged all of it.
    pub judged: bool,
    /// Why the server did not store it.
    pub refused: Option<Code>,
    /// Verdicts of its saves that are not a plain "applied".
    pub verdicts: Vec<(u64, Verdict)>,
}

/// A changeset in the exact texts that were sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedText {
    /// Place of its first save.
    pub first: u64,
    /// Its header line.
    pub header: String,
    /// Its save lines.
    pub saves: Vec<String>,
    /// It was sealed again under a later writer and stands for nothing any more.
    pub retold: bool,
}

/// How one save stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveState {
    /// On this device only.
    Unsent,
    /// Stored by the server, not judged yet.
    Stored,
    /// Judged.
    Judged(Verdict),
}

impl Device {
    /// How the device stands.
    pub fn status(&self) -> Result<Status> {
        let store = self.store();
        let (households, done) = households::count(store)?;
        let skew: Option<i64> = meta::find(store, Name::Skew)?;
        let round: Option<String> = meta::find(store, Name::Round)?;
        let lives: Vec<Life> = match device::me(store) {
            Ok(_) => lives::list(store)?.iter().copied().collect(),
            Err(_) => Vec::new(),
        };
        let (files_waiting, file_bytes_waiting, files_refused) = attachments::count_waiting(store)?;
        Ok(Status {
            files_waiting,
            file_bytes_waiting,
            files_refused,
            households,
            done,
            conflicts: records::list_in_conflict(store)?.len() as u64,
            drafts: drafts::list(store)?.len() as u64,
            saves: outbox::count_saves(store)?,
            unsent: outbox::unsent_saves(store)?,
            judged: lives.iter().map(|life| life.number(life.applied)).sum(),
            backed_up: lives.iter().map(|life| life.number(life.backed_up)).sum(),
            met: verdicts::conflicts(store)?,
            attention: self.attention()?,
            synced_ms: meta::find(store, Name::SyncedAt)?,
            clock_skew_ms: skew,
            clock_is_wrong: skew.is_some_and(|skew| skew.abs() > limits::CLOCK_AHEAD_MS_MAX),
            round: round.and_then(|round| serde_json::from_str(&round).ok()),
        })
    }

    /// What a person has to look at: saves that were not merged and changesets that were not stored.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        let refused = outbox::list_refused(self.store())?.into_iter().map(|(first, last, code)| Attention {
            first,
            last,
            word: "refused",
            code: Some(code),
            sentence: code.sentence(),
        });
        let judged = verdicts::list_attention(self.store())?.into_iter().map(|(save, verdict)| Attention {
            first: save,
            last: save,
            word: verdict.word(),
            code: verdict.code(),
            sentence: verdict.code().map_or("The save waits for something that it stands on.", Code::sentence),
        });
        Ok(refused.chain(judged).collect())
    }

    /// How one of the device's own saves stands.
    pub fn save_state(&self, save: u64) -> Result<SaveState> {
        let store = self.store();
        let Some(holding) =
            outbox::find_holding(store, save)?.filter(|found| (found.first..=found.seq).contains(&save))
        else {
            return Err(Error::NotFound("save"));
        };
        if save <= lives::list(store)?.of(save)?.applied {
            return Ok(SaveState::Judged(verdicts::find(store, save)?.unwrap_or(Verdict::Applied)));
        }
        Ok(if outbox::is_stored(store, holding.seq)? { SaveState::Stored } else { SaveState::Unsent })
    }

    /// What one of the device's own saves wrote, as it was sealed.
    pub fn own_save(&self, save: u64) -> Result<Save> {
        let packed = outbox::find_holding(self.store(), save)?.filter(|found| found.first <= save);
        let packed = packed.ok_or(Error::NotFound("save"))?;
        let line = packed.payload.split('\n').nth((save - packed.first) as usize).ok_or(Error::FileDamaged)?;
        Save::parse(line).map_err(|_| Error::FileDamaged)
    }

    /// Everything that was ever sealed on this device, the earliest first, for tools that hold it against something else.
    pub fn list_sealed(&self) -> Result<Vec<SealedText>> {
        outbox::list_texts(self.store())
    }

    /// What was sealed, the newest first, before a save number (`None`: from the newest on).
    pub fn outbox(&self, before: Option<u64>, limit: usize) -> Result<Vec<SealedLine>> {
        let store = self.store();
        let lines = outbox::list_before(store, before.unwrap_or(u64::MAX), limit)?;
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let lives = lives::list(store)?;
        let lines = lines.into_iter().map(|line| {
            Ok(SealedLine {
                first: line.first,
                last: line.last,
                sealed_ms: line.sealed_ms,
                stored: line.stored,
                judged: line.last <= lives.of(line.last)?.applied,
                refused: line.refused,
                verdicts: verdicts::list_special(store, line.first, line.last)?,
            })
        });
        lines.collect()
    }
}
