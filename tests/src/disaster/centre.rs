//! The office: a real data folder with a real server over it, asked without HTTP; it can be destroyed and restored.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use anyhow::{Context, Result, bail};
use client_core::{Outgoing, Reply};
use serde::Serialize;
use server::ambient::Ambient;
use server::backup;
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::areas::{self, Area};
use server::store::{feed, records};
use server::sync::{self, Hub, office, witness};
use sync_protocol::exchange::{AreaLevel, Refusal};
use sync_protocol::{AreaId, Digest, RecordId, Row, Save, UserId};

/// Tuesday 24 November 2026, morning in Jambi.
const BEGINNING_MS: i64 = 1_795_478_400_000;

/// Time and chance of a whole world: every look at the clock lets a millisecond pass.
#[derive(Debug)]
pub struct World {
    now: AtomicI64,
    throws: AtomicU64,
    seed: u64,
}

impl World {
    /// A world of its own.
    pub fn new(seed: u64) -> Arc<World> {
        Arc::new(World { now: AtomicI64::new(BEGINNING_MS), throws: AtomicU64::new(0), seed })
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Relaxed);
    }
}

impl Ambient for World {
    fn now_ms(&self) -> i64 {
        self.now.fetch_add(1, Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) {
        let throw = self.throws.fetch_add(1, Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_be_bytes()).update(&throw.to_be_bytes()).finalize_xof().fill(bytes);
    }
}

/// The server, while it stands.
pub struct Centre {
    world: Arc<World>,
    data: PathBuf,
    instance: Instance,
    hub: Hub,
    /// The person who works in the office.
    pub officer: UserId,
    /// Times that a server was started.
    pub starts: u64,
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Centre({})", self.data.display())
    }
}

impl Centre {
    /// A new server in a folder that is none yet.
    pub fn begin(data: &Path, world: &Arc<World>) -> Result<Centre> {
        let instance = Instance::make(data, "Disaster", Arc::<World>::clone(world))?;
        let officer = user(&instance, "ratna", Role::Officer)?;
        let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
        Ok(Centre { world: Arc::clone(world), data: data.to_owned(), instance, hub, officer, starts: 1 })
    }

    /// Adds an area.
    pub fn add_area(&self, n: u128, parent: Option<AreaId>) -> Result<AreaId> {
        let id = AreaId::from_u128(n);
        let level = if parent.is_some() { AreaLevel::Rt } else { AreaLevel::Village };
        let (code, name) = (n.to_string(), n.to_string());
        let area = Area { id, code, level, name, parent, bps_code: None, valid_from: None, valid_to: None };
        self.instance.store.write(move |tx| areas::put(tx, &area))?;
        Ok(id)
    }

    /// Adds a person who works in an area.
    pub fn add_person(&self, name: &str, area: AreaId) -> Result<UserId> {
        let user = user(&self.instance, name, Role::Enumerator)?;
        people::grant(&self.instance, user, area, Some(0), None, self.officer)?;
        Ok(user)
    }

    /// A code for a person's device.
    pub fn code(&self, user: UserId) -> Result<String> {
        Ok(people::give_code(&self.instance, user, self.officer)?.0.grouped())
    }

    /// The answer to whatever a device sends.
    pub fn answer(&self, sent: &Outgoing) -> Reply {
        let answered = match sent.path {
            "/sync/v1/exchange" => self.exchange(sent),
            "/auth/v1/enrol" => read(&sent.body).and_then(|ask| json(people::enrol(&self.instance, ask))),
            "/auth/v1/refresh" => read(&sent.body).and_then(|ask| json(people::refresh(&self.instance, &ask))),
            "/auth/v1/resume" => read(&sent.body).and_then(|ask| json(people::resume(&self.instance, ask))),
            _ => Err((404, "not_found".to_owned(), String::new())),
        };
        let (status, body) = match answered {
            Ok(body) => (200, body),
            Err((status, code, message)) => {
                (status, serde_json::to_vec(&Refusal { code, message }).expect("a refusal is JSON"))
            }
        };
        Reply { ticket: sent.ticket, status, retry_after: None, body }
    }

    fn exchange(&self, sent: &Outgoing) -> Answered {
        let token = sent.bearer.as_deref().unwrap_or_default();
        let caller = people::caller(&self.instance, token).map_err(refused)?;
        let (body, tally) =
            sync::exchange(&self.hub, sync::Caller { user: caller.user.id }, &sent.body).map_err(|refused| {
                let status = if matches!(refused, sync::Refused::WrongWriter) { 403 } else { 400 };
                (status, refused.code().to_owned(), String::new())
            })?;
        sync::judge_owed(&self.hub, tally.owed).map_err(|_| (500, "internal".to_owned(), String::new()))?;
        Ok(body)
    }

    /// The officer saves.
    pub fn save(&self, saves: Vec<Save>) -> Result<()> {
        let verdicts = office::write(&self.hub, self.officer, saves)?;
        if verdicts.iter().any(|range| !range.verdict.is_applied()) {
            bail!("the office may save everything");
        }
        Ok(())
    }

    /// A record as it stands.
    pub fn find(&self, id: RecordId) -> Result<Option<Row>> {
        let found = self.instance.store.read(|tx| records::find(tx, id))?;
        found.map(|record| Row::parse(&record.doc).context("a stored row")).transpose()
    }

    /// The sum over an area's rows.
    pub fn digest(&self, area: AreaId) -> Result<Digest> {
        Ok(self.instance.store.read(|tx| feed::head(tx, area))?.digest)
    }

    /// Makes a backup.
    pub fn back_up(&self, to: &Path) -> Result<()> {
        backup::make(&self.instance, &self.data, to, 14)?;
        Ok(())
    }

    /// The office decides that what phones still have comes back.
    pub fn take_witnesses(&self) -> Result<witness::Told> {
        Ok(witness::apply(&self.hub)?)
    }

    /// The disk is gone, another one takes its place, and a backup is restored to it.
    pub fn destroy_and_restore(self, from: &Path) -> Result<Centre> {
        let Centre { world, data, instance, hub, officer, starts } = self;
        drop((instance, hub));
        std::fs::remove_dir_all(&data)?;
        let ambient: Arc<dyn Ambient> = Arc::<World>::clone(&world);
        backup::restore(from, &data, &ambient)?;
        let instance = Instance::open(&data, "Disaster", ambient)?;
        let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
        Ok(Centre { world, data, instance, hub, officer, starts: starts + 1 })
    }
}

type Answered = std::result::Result<Vec<u8>, (u16, String, String)>;

fn refused(error: server::error::Error) -> (u16, String, String) {
    (error.status().as_u16(), error.code().to_owned(), error.to_string())
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> std::result::Result<T, (u16, String, String)> {
    serde_json::from_slice(body).map_err(|_| (400, "bad_body".to_owned(), String::new()))
}

fn json<T: Serialize>(told: server::error::Result<T>) -> Answered {
    told.map(|told| serde_json::to_vec(&told).expect("an answer is JSON")).map_err(refused)
}

fn user(instance: &Instance, name: &str, role: Role) -> Result<UserId> {
    let password = (role > Role::Enumerator).then(|| "a long enough password".to_owned());
    let new = NewUser { name: name.into(), display_name: name.into(), role, password };
    Ok(people::add_user(instance, new, None)?.id)
}
