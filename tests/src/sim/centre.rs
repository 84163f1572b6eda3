//! The centre of a simulated world: the server's process, its file, the people it knows, and the officer's desk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::ambient::Ambient;
use server::args;
use server::people::Role;
use server::store::areas::{self, Area};
use server::store::forms::{self, State, Version};
use server::store::grants::{self, Grant};
use server::store::users::{self, User};
use server::store::{Store, backups, db};
use server::sync::Hub;
use sync_protocol::exchange::{AreaLevel, PackageHash, PackagePart};
use sync_protocol::{AreaId, Dot, RecordId, Row, UserId, Verdict, WriterId};

use super::dice::{Room, Time};
use super::disk::{Disk, Position};
use super::{Broken, Held};
use crate::seed::Seed;

/// The database file within the server's folder.
const FILE: &str = "tilik.sqlite";

/// A record as the server holds it.
pub(super) struct Standing {
    pub(super) area: AreaId,
    pub(super) text: String,
}

pub(super) struct Centre {
    disk: Disk,
    /// Where the log ended when this process began.
    pub(super) started: Position,
    room: Arc<Room>,
    pub(super) hub: Hub,
    /// With the area above each.
    pub(super) areas: BTreeMap<AreaId, Option<AreaId>>,
    pub(super) people: Vec<UserId>,
    /// As the oracle keeps them: the server's table is not asked.
    grants: Vec<Grant>,
    /// Rows that the officer has open on the screen.
    pub(super) desk: Vec<Row>,
    /// The form that visits are made with.
    pub(super) form: PackageHash,
    /// There is little room left on its disk.
    pub(super) is_full: bool,
}

impl Centre {
    /// A server with an empty database.
    pub(super) fn start(folder: &Path, time: &Time, dice: Seed) -> Result<Centre, Broken> {
        let room = Arc::new(Room::new(time, dice));
        let disk = Disk::new(folder.join("server"), FILE).map_err(Broken::failed)?;
        let started = disk.position().map_err(Broken::failed)?;
        let hub = open(&disk, &room)?;
        let (areas, people, grants, desk) = (BTreeMap::new(), vec![], vec![], vec![]);
        let form = PackageHash::of(&form());
        Ok(Centre { disk, started, room, hub, areas, people, grants, desk, form, is_full: false })
    }

    /// The officer, who may write anything.
    pub(super) fn officer(&self) -> UserId {
        self.people[0]
    }

    pub(super) fn add_person(&mut self, id: UserId) -> Held {
        let role = if self.people.is_empty() { Role::Officer } else { Role::Enumerator };
        let (name, display_name) = (id.to_string(), id.to_string());
        let user = User { id, name, display_name, role, created_at: 0, disabled_at: None };
        self.write(move |tx| users::add(tx, &user, None))?;
        self.people.push(id);
        Ok(())
    }

    pub(super) fn add_area(&mut self, id: AreaId, parent: Option<AreaId>) -> Held {
        let (code, name) = (id.to_string(), id.to_string());
        let level = if parent.is_some() { AreaLevel::Rt } else { AreaLevel::Village };
        let area = Area { id, code, level, name, parent, bps_code: None, valid_from: None, valid_to: None };
        self.write(move |tx| areas::put(tx, &area))?;
        self.areas.insert(id, parent);
        Ok(())
    }

    /// Publishes the world's form in these areas.
    pub(super) fn publish(&self, areas: Vec<AreaId>) -> Held {
        let (hash, package) = (self.form, form());
        let version = Version {
            hash,
            form: "sim".to_owned(),
            version: "1".to_owned(),
            title: "sim".to_owned(),
            state: State::Draft,
            bytes: package.len() as u64,
            questions: 0,
            groups: 0,
            repeats: 0,
            languages: 1,
            uploaded_by: None,
            uploaded_at: 0,
            published_at: None,
            retired_at: None,
            areas: vec![],
        };
        self.write(move |tx| {
            forms::add(tx, &version, &package, &[])?;
            forms::publish(tx, hash, &areas, 0)
        })
    }

    /// A part of a form's package, as the server hands it out.
    pub(super) fn part_of_form(&self, user: UserId, part: PackagePart, most: u64) -> Result<Option<Vec<u8>>, Broken> {
        let now = self.hub.now_ms();
        let read = self.hub.store.read(|tx| match forms::is_known_to(tx, part.hash, user, now)? {
            true => forms::find_part(tx, part.hash, part.from, most),
            false => Ok(None),
        });
        read.map_err(|e: db::Error| Broken::failed(e))
    }

    pub(super) fn grant(&mut self, user: UserId, area: AreaId, starts: i64) -> Held {
        let id = format!("grant {}", self.grants.len());
        let grant = Grant { id, user, area, starts, ends: None, granted_by: self.officer() };
        self.grants.push(grant.clone());
        self.write(move |tx| grants::add(tx, &grant))
    }

    /// Ends one of the grants that still stand.
    pub(super) fn revoke(&mut self, dice: &mut Seed) -> Held {
        let now = self.room.now_ms();
        let mut open: Vec<&mut Grant> = self.grants.iter_mut().filter(|grant| grant.ends.is_none()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let at = dice.index(open.len());
        open[at].ends = Some(now);
        let id = open[at].id.clone();
        self.write(move |tx| grants::end(tx, &id, now).map(drop))
    }

    /// Whether a grant covers the area now.
    pub(super) fn is_granted(&self, user: UserId, area: AreaId) -> bool {
        let now = self.room.now_ms();
        let above = std::iter::successors(Some(area), |area| self.areas.get(area).copied().flatten());
        let mut grants = self.grants.iter().filter(|grant| grant.user == user && grant.starts <= now);
        let above: Vec<AreaId> = above.collect();
        grants.any(|grant| grant.ends.is_none_or(|ends| ends > now) && above.contains(&grant.area))
    }

    /// Whether a grant of the person ever covered the area.
    pub(super) fn was_granted(&self, user: UserId, area: AreaId) -> bool {
        let above = std::iter::successors(Some(area), |area| self.areas.get(area).copied().flatten());
        let above: Vec<AreaId> = above.collect();
        self.grants.iter().any(|grant| grant.user == user && above.contains(&grant.area))
    }

    /// Areas that a person may see now.
    pub(super) fn granted(&self, user: UserId) -> Vec<AreaId> {
        self.areas.keys().copied().filter(|area| self.is_granted(user, *area)).collect()
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&server::store::Tx<'_>) -> db::Result<T> + Send + 'static,
    ) -> Result<T, Broken> {
        self.hub.store.write(f).map_err(Broken::failed)
    }

    /// Every record as it stands.
    pub(super) fn standing(&self) -> Result<BTreeMap<RecordId, Standing>, Broken> {
        let read = self.hub.store.read(|tx| {
            tx.rows("SELECT id, area, doc FROM records", args![], |row| {
                Ok((row.parsed(0)?, Standing { area: row.parsed(1)?, text: row.string(2)? }))
            })
        });
        Ok(read.map_err(|e: db::Error| Broken::failed(e))?.into_iter().collect())
    }

    /// Every row.
    pub(super) fn rows(&self) -> Result<BTreeMap<RecordId, Row>, Broken> {
        let parse = |standing: &Standing| Row::parse(&standing.text).map_err(Broken::failed);
        self.standing()?.iter().map(|(id, standing)| Ok((*id, parse(standing)?))).collect()
    }

    /// All that the server holds, as one hash over the bytes of its file.
    pub(super) fn fingerprint(&self) -> Result<[u8; 32], Broken> {
        self.hub.store.checkpoint().map_err(Broken::failed)?;
        let bytes = std::fs::read(self.disk.file()).map_err(Broken::failed)?;
        Ok(*blake3::hash(&bytes).as_bytes())
    }

    /// What the server holds of a writer's changesets: first save and save lines of each.
    pub(super) fn stored(&self, writer: WriterId) -> Result<Vec<(u64, String)>, Broken> {
        let read = self.hub.store.read(|tx| {
            tx.rows("SELECT first, payload FROM changesets WHERE writer = $1", args![&writer.to_string()], |row| {
                Ok((row.number(0)?, row.string(1)?))
            })
        });
        read.map_err(|e: db::Error| Broken::failed(e))
    }

    /// Verdicts of saves of a writer that were kept out at first.
    pub(super) fn decided(&self, writer: WriterId) -> Result<Vec<(u64, Verdict)>, Broken> {
        let read = self.hub.store.read(|tx| {
            tx.rows(
                "SELECT save, word, code FROM held WHERE writer = $1 AND life = ''",
                args![&writer.to_string()],
                |row| {
                    let code = row.opt_text(2)?.and_then(|code| code.parse().ok());
                    let verdict = Verdict::from_parts(row.text(1)?, code).ok_or(db::Error::Stored("a verdict"))?;
                    Ok((row.number(0)?, verdict))
                },
            )
        });
        read.map_err(|e: db::Error| Broken::failed(e))
    }

    /// Saves that the server saved again: their new names and their first ones.
    pub(super) fn renamed(&self) -> Result<Vec<(Dot, Dot)>, Broken> {
        let read = self.hub.store.read(|tx| {
            tx.rows(
                "SELECT under_writer, under_save, writer, save FROM held WHERE under_writer IS NOT NULL
                 UNION SELECT as_writer, as_save, writer, save FROM reissues",
                args![],
                |row| {
                    let new = Dot { writer: row.parsed(0)?, save: row.number(1)? };
                    Ok((new, Dot { writer: row.parsed(2)?, save: row.number(3)? }))
                },
            )
        });
        read.map_err(|e: db::Error| Broken::failed(e))
    }

    /// Makes a backup, as far as it matters here: the file as it is.
    pub(super) fn back_up(&self) -> Held {
        self.hub.store.checkpoint().map_err(Broken::failed)?;
        std::fs::copy(self.disk.file(), self.backup()).map_err(Broken::failed)?;
        Ok(())
    }

    fn backup(&self) -> PathBuf {
        self.disk.beside("backup")
    }

    /// Whether there is a backup.
    pub(super) fn has_backup(&self) -> bool {
        self.backup().exists()
    }

    /// The disk is gone, and the backup is restored. It is used up by that.
    pub(super) fn rewind(self) -> Result<Centre, Broken> {
        let backup = self.backup();
        let Centre { disk, room, hub, areas, people, grants, form, .. } = self;
        drop(hub);
        disk.replace(&backup).map_err(Broken::failed)?;
        let store = Store::open(&disk.file()).map_err(Broken::failed)?;
        let now = room.now_ms();
        store.write(move |tx| backups::note_restore(tx, now, now)).map_err(Broken::failed)?;
        drop(store);
        let started = disk.position().map_err(Broken::failed)?;
        let hub = open(&disk, &room)?;
        Ok(Centre { disk, started, room, hub, areas, people, grants, desk: vec![], form, is_full: false })
    }

    /// Where the server's log ends.
    pub(super) fn position(&self) -> Result<Position, Broken> {
        self.disk.position().map_err(Broken::failed)
    }

    /// Ends the server in good order and starts it again.
    pub(super) fn restart(self) -> Result<Centre, Broken> {
        let Centre { disk, room, hub, areas, people, grants, desk, form, .. } = self;
        drop(hub);
        let started = disk.position().map_err(Broken::failed)?;
        let hub = open(&disk, &room)?;
        Ok(Centre { disk, started, room, hub, areas, people, grants, desk, form, is_full: false })
    }

    /// Kills the server's process: now, or at some moment since its log ended `since`. It starts on what was on the disk.
    pub(super) fn kill(self, since: Option<Position>, dice: &mut Seed) -> Result<Centre, Broken> {
        let end = since.map(|since| self.disk.ends_since(since)).transpose().map_err(Broken::failed)?;
        let end = end.map(|ends| dice.between(*ends.start() as i64, *ends.end() as i64) as usize);
        self.disk.stage(end).map_err(Broken::failed)?;
        let Centre { disk, room, hub, areas, people, grants, desk, form, .. } = self;
        drop(hub);
        disk.settle().map_err(Broken::failed)?;
        let started = disk.position().map_err(Broken::failed)?;
        let hub = open(&disk, &room)?;
        Ok(Centre { disk, started, room, hub, areas, people, grants, desk, form, is_full: false })
    }

    /// Sets the server's clock off by so many milliseconds.
    pub(super) fn set_clock_wrong_by(&self, ms: i64) {
        self.room.set_wrong_by(ms);
    }

    /// Leaves room for so many more pages on the server's disk, or for as many as it likes.
    #[cfg(feature = "broken-on-purpose")]
    pub(super) fn leave_room(&mut self, pages: Option<u32>) -> Held {
        self.is_full = pages.is_some();
        self.hub.store.leave_room(pages).map_err(Broken::failed)
    }

    /// A build without the switch has room for everything.
    #[cfg(not(feature = "broken-on-purpose"))]
    pub(super) fn leave_room(&mut self, _: Option<u32>) -> Held {
        Ok(())
    }
}

/// What a visit asks: three registers of the household and of each member.
fn form() -> Vec<u8> {
    let sheets: [(&str, &[u8]); 3] = [
        ("survey.csv", include_bytes!("form/survey.csv")),
        ("settings.csv", b"form_id,version,form_title\nsim,1,sim"),
        ("entities.csv", b"list_name,label\nhousehold,'household'\nperson,'member'"),
    ];
    let form = questionnaire::check_set("sim", &sheets).form.expect("the form of the simulator is one");
    questionnaire::package::Package { form, tables: BTreeMap::new() }.to_bytes()
}

fn open(disk: &Disk, room: &Arc<Room>) -> Result<Hub, Broken> {
    let store = Store::open(&disk.file()).map_err(Broken::failed)?;
    Hub::start(store, room.clone()).map_err(Broken::failed)
}
