//! A hand of a simulated world: a person with a device, its drafts and its deaths.

use std::collections::BTreeMap;
use std::path::PathBuf;

use client_core::{Device, DraftId, Place, Reply, Session, StoreKey, Visit};
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{AreaId, Collection, RecordId, Signer, UserId, WriterId};

use super::centre::Centre;
use super::dice::Wrist;
use super::disk::{Disk, Position};
use super::oracle::{Screens, screen};
use super::{Broken, Held, rules};
use crate::seed::Seed;

/// The database file within a device's folder.
const FILE: &str = "device.sqlite";
const KEY: [u8; 32] = [7; 32];
const ROOT: [u8; 32] = [9; 32];

pub(super) struct Hand {
    pub(super) user: UserId,
    pub(super) writer: WriterId,
    pub(super) device: Device,
    pub(super) wrist: Wrist,
    /// None for a device in memory, which never dies.
    disk: Option<Disk>,
    /// Where its log ended before the first answer that it took in without flushing.
    pub(super) unflushed: Option<Position>,
    /// Counts the device's processes.
    pub(super) life: u32,
    pub(super) drafts: Vec<Draft>,
    pub(super) session: Option<Session>,
    /// Bytes of rows that this session asks for at most.
    pub(super) budget: Option<usize>,
    /// Requests built, and the newest of them that the server has worked on.
    pub(super) built: u64,
    pub(super) served: u64,
    pub(super) saves: u64,
    /// Hash of the line of each save.
    pub(super) sealed: Vec<blake3::Hash>,
    /// Numbers of the saves that their author was told of.
    pub(super) confirmed: Vec<u64>,
    /// It runs an app that the server no longer answers with rows.
    pub(super) is_old: bool,
    /// There is little room left on its disk.
    pub(super) is_full: bool,
    /// Its access token was not used yet.
    pub(super) just_signed_in: bool,
}

/// A visit under way as its author remembers it.
pub(super) struct Draft {
    pub(super) visit: Visit,
    pub(super) screens: Screens,
    /// Answers by the paths of their questions.
    pub(super) answers: BTreeMap<String, String>,
}

impl Hand {
    /// A new device, enrolled with the server.
    pub(super) fn enrol(centre: &Centre, user: UserId, wrist: Wrist, folder: Option<PathBuf>) -> Result<Hand, Broken> {
        let disk = folder.map(|folder| Disk::new(folder, FILE)).transpose().map_err(Broken::failed)?;
        let mut device = open(disk.as_ref(), &wrist)?;
        let request = device.enrol_request("code", "phone", "sim").map_err(Broken::failed)?;
        let ask: Enrol = serde_json::from_slice(&request.body).map_err(Broken::failed)?;
        let (root, now) = (Signer::from_secret(&ROOT), centre.hub.now_ms());
        let answer = Enrolled {
            certificate: Certificate::issue(&root, ask.writer, ask.key.clone(), user, ask.device, now),
            root: root.key(),
            project: "sim".to_owned(),
            time: now,
            tokens: tokens(),
            user_name: "enumerator".to_owned(),
        };
        let (writer, key) = (ask.writer, ask.key);
        centre.write(move |tx| server::store::writers::add(tx, writer, &key, Some((user, ask.device)), now))?;
        let body = serde_json::to_vec(&answer).map_err(Broken::failed)?;
        let reply = Reply { ticket: request.ticket, status: 200, retry_after: None, body };
        device.enrol_answer(&reply).map_err(Broken::failed)?;
        Ok(Hand {
            user,
            writer,
            device,
            wrist,
            disk,
            unflushed: None,
            life: 0,
            drafts: vec![],
            session: None,
            budget: None,
            built: 0,
            served: 0,
            saves: 0,
            sealed: vec![],
            confirmed: vec![],
            is_old: false,
            is_full: false,
            just_signed_in: false,
        })
    }

    pub(super) fn may_die(&self) -> bool {
        self.disk.is_some()
    }

    /// Where the device's log ends; none for a device that never dies.
    pub(super) fn position(&self) -> Result<Option<Position>, Broken> {
        self.disk.as_ref().map(Disk::position).transpose().map_err(Broken::failed)
    }

    /// Something was flushed since the log ended `before`, and with it all that was not flushed yet.
    pub(super) fn note_flush(&mut self, before: Option<Position>) -> Held {
        if self.unflushed.is_some() && before != self.position()? {
            self.unflushed = None;
        }
        Ok(())
    }

    /// Kills the device's process: now, or at some moment since its log ended `since`. It starts on what was on the disk,
    /// with the visits that its author knows of.
    pub(super) fn die(&mut self, since: Option<Position>, dice: &mut Seed) -> Held {
        let Some(disk) = &self.disk else { return Ok(()) };
        let end = since.map(|since| disk.ends_since(since)).transpose().map_err(Broken::failed)?;
        let end = end.map(|ends| dice.between(*ends.start() as i64, *ends.end() as i64) as usize);
        disk.stage(end).map_err(Broken::failed)?;
        self.device = open(None, &self.wrist)?;
        disk.settle().map_err(Broken::failed)?;
        self.device = open(Some(disk), &self.wrist)?;
        (self.life, self.session, self.unflushed, self.is_full) = (self.life + 1, None, None, false);
        for draft in &mut self.drafts {
            draft.visit = self.device.resume_visit(draft.visit.draft()).map_err(Broken::failed)?;
        }
        for save in 1..=self.saves {
            let kept = self.device.save_state(save).is_ok();
            rules::LOST.holds(kept, || format!("save {save} is gone after the device was killed"))?;
        }
        Ok(())
    }

    /// Leaves room for so many more pages on the device's disk, or for as many as it likes.
    #[cfg(feature = "broken-on-purpose")]
    pub(super) fn leave_room(&mut self, pages: Option<u32>) -> Held {
        self.is_full = pages.is_some();
        self.device.leave_room(pages).map_err(Broken::failed)
    }

    /// A build without the switch has room for everything.
    #[cfg(not(feature = "broken-on-purpose"))]
    pub(super) fn leave_room(&mut self, _: Option<u32>) -> Held {
        Ok(())
    }

    /// All that the device shows and holds.
    pub(super) fn picture(&self, records: &[(RecordId, Collection)], areas: &[AreaId]) -> Result<Vec<String>, Broken> {
        let mut picture = Vec::new();
        for (id, _) in records {
            picture.extend(self.device.load(*id).ok().map(|loaded| loaded.row.to_text()));
        }
        for area in areas {
            let texts = self.device.base_texts(*area).map_err(Broken::failed)?;
            picture.extend(texts.into_iter().map(|(_, text)| format!("{area} {text}")));
        }
        let status = self.device.status().map_err(Broken::failed)?;
        picture.push(format!("{} {} {}", status.saves, status.unsent, status.judged));
        for draft in &self.drafts {
            let held = draft.visit.interview().save();
            picture.push(format!("{:?} {} {:?}", draft.visit.draft(), held.answers, held.touched));
        }
        Ok(picture)
    }

    /// What a visit just begun, or shown newer values, has on its screen.
    pub(super) fn look_at(&self, id: DraftId) -> Result<Screens, Broken> {
        let shown = self.device.draft_view(id).map_err(Broken::failed)?;
        Ok(shown.iter().filter_map(|record| Some((record.id, screen(record.shown.as_ref()?)))).collect())
    }

    /// Reads back that the visit on the device is the visit that its author remembers.
    pub(super) fn check_draft(&self, draft: &Draft) -> Held {
        let interview = draft.visit.interview();
        let wrong = draft.answers.iter().find(|(path, text)| interview.value(path) != Some(text.as_str()));
        rules::LOST.holds(wrong.is_none(), || format!("{:?} is not what was answered: {wrong:?}", draft.visit))?;
        let now = self.look_at(draft.visit.draft())?;
        rules::SILENT.holds(now == draft.screens, || format!("{:?} shows other values", draft.visit))
    }
}

pub(super) fn tokens() -> Tokens {
    Tokens { access: "access".to_owned(), refresh: "refresh".to_owned(), recipient: None, seconds: 900 }
}

fn open(disk: Option<&Disk>, wrist: &Wrist) -> Result<Device, Broken> {
    let place = disk.map_or(Place::Memory, |disk| Place::File(disk.file()));
    Device::open(place, &StoreKey::new(KEY), Box::new(wrist.clone())).map_err(Broken::failed)
}
