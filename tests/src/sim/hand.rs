//! A hand of a simulated world: a person with a device, its drafts and its deaths.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use client_core::{Device, DraftId, Place, Reply, Session, StoreKey, Visit};
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{AreaId, Collection, RecordId, Signer, UserId, WriterId};

use super::centre::{Centre, copy_as_it_lies};
use super::dice::Wrist;
use super::oracle::{Screens, screen};
use super::{Broken, Held, rules};

const KEY: [u8; 32] = [7; 32];
const ROOT: [u8; 32] = [9; 32];

pub(super) struct Hand {
    pub(super) user: UserId,
    pub(super) writer: WriterId,
    pub(super) device: Device,
    pub(super) wrist: Wrist,
    /// The folder of its file; none for a device in memory, which never dies.
    folder: Option<PathBuf>,
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
        let mut device = open(folder.as_deref(), 0, &wrist)?;
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
            folder,
            life: 0,
            drafts: vec![],
            session: None,
            budget: None,
            built: 0,
            served: 0,
            saves: 0,
            just_signed_in: false,
        })
    }

    pub(super) fn may_die(&self) -> bool {
        self.folder.is_some()
    }

    /// Kills the device's process and starts it again on what was on the disk.
    pub(super) fn die(&mut self, records: &[(RecordId, Collection)], areas: &[AreaId]) -> Held {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let before = self.picture(records, areas)?;
        copy_as_it_lies(&file(&folder, self.life), &file(&folder, self.life + 1)).map_err(Broken::failed)?;
        self.life += 1;
        self.session = None;
        self.device = open(Some(&folder), self.life, &self.wrist)?;
        for draft in &mut self.drafts {
            draft.visit = self.device.resume_visit(draft.visit.draft()).map_err(Broken::failed)?;
        }
        std::fs::remove_file(file(&folder, self.life - 1)).map_err(Broken::failed)?;
        rules::LOST.holds(before == self.picture(records, areas)?, || "a device came back as another".to_owned())?;
        for save in 1..=self.saves {
            let kept = self.device.save_state(save).is_ok();
            rules::LOST.holds(kept, || format!("save {save} is gone after the device was killed"))?;
        }
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
    Tokens { access: "access".to_owned(), refresh: "refresh".to_owned(), seconds: 900 }
}

fn file(folder: &Path, life: u32) -> PathBuf {
    folder.join(format!("life-{life}.sqlite"))
}

fn open(folder: Option<&Path>, life: u32, wrist: &Wrist) -> Result<Device, Broken> {
    let place = folder.map_or(Place::Memory, |folder| Place::File(file(folder, life)));
    Device::open(place, &StoreKey::new(KEY), Box::new(wrist.clone())).map_err(Broken::failed)
}
