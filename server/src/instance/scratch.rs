//! An instance for one test: a folder that goes when it goes, a clock that stands still until told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};

use sync_protocol::exchange::AreaLevel;
use sync_protocol::ids::DeviceId;
use sync_protocol::session::{Enrol, Enrolled};
use sync_protocol::{AreaId, Signer, UserId, WriterId};

use super::Instance;
use crate::ambient::Ambient;
use crate::attachments::Attachments;
use crate::people::{self, NewUser, Role};
use crate::secrets::keys::Keys;
use crate::store::Store;
use crate::store::areas::{self, Area};
use crate::store::users::User;

/// When every test begins: 2023-11-14.
pub(crate) const START: i64 = 1_700_000_000_000;

/// A clock to set and numbers that only look random.
pub(crate) struct Still {
    now: AtomicI64,
}

/// Shared by all, so that two instances of one test are not twins.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Ambient for Still {
    fn now_ms(&self) -> i64 {
        self.now.load(SeqCst)
    }

    fn fill(&self, bytes: &mut [u8]) {
        let seed = NEXT.fetch_add(1, SeqCst);
        blake3::Hasher::new().update(&seed.to_be_bytes()).finalize_xof().fill(bytes);
    }
}

/// The instance with its folder and clock.
pub(crate) struct Scratch {
    pub(crate) instance: Instance,
    clock: Arc<Still>,
    _folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Still { now: AtomicI64::new(START) });
        let ambient: Arc<dyn Ambient> = Arc::<Still>::clone(&clock);
        let store = Store::open(&folder.path().join("scratch.sqlite")).expect("opens");
        let instance = Instance::of(store, Keys::ephemeral(ambient.as_ref()), "Scratch", ambient);
        let attachments = Attachments::within(folder.path());
        let instance = Instance { incoming: folder.path().join("incoming").into(), attachments, ..instance };
        Scratch { instance, clock, _folder: folder }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.now.fetch_add(ms, SeqCst);
    }

    /// Somebody of this role; the password is [`PASSWORD`].
    pub(crate) fn user(&self, name: &str, role: Role) -> User {
        let display_name = name.to_uppercase();
        let password = (role > Role::Enumerator).then(|| PASSWORD.to_owned());
        let new = NewUser { name: name.to_owned(), display_name, role, password };
        people::add_user(&self.instance, new, None).expect("a fresh name")
    }

    /// A device of this person, made known.
    pub(crate) fn enrol(&self, user: UserId) -> (Enrol, Enrolled) {
        let ask = self.ask(user);
        let enrolled = people::enrol(&self.instance, ask.clone()).expect("a fresh code");
        (ask, enrolled)
    }

    /// What a device sends to become known.
    pub(crate) fn ask(&self, user: UserId) -> Enrol {
        let (code, _) = people::give_code(&self.instance, user, user).expect("somebody known");
        let ambient = self.instance.ambient.as_ref();
        Enrol {
            app: "tilik 0.1".to_owned(),
            code: code.grouped(),
            device: DeviceId::random(ambient.random()),
            key: Signer::from_secret(&ambient.random()).key(),
            name: "HP 1".to_owned(),
            writer: WriterId::random(ambient.random()),
        }
    }

    /// An area below another.
    pub(crate) fn area(&self, code: &str, level: AreaLevel, parent: Option<AreaId>) -> AreaId {
        let (at, random) = self.instance.ambient.id_parts();
        let area = Area {
            id: AreaId::minted(at, random),
            code: code.to_owned(),
            level,
            name: format!("Area {code}"),
            parent,
            bps_code: None,
            valid_from: None,
            valid_to: None,
        };
        self.instance.store.write(move |tx| areas::put(tx, &area)).expect("put")
    }
}

/// The password of everybody who has one.
pub(crate) const PASSWORD: &str = "a long password";
