//! A server of this process with one RT, a form of four photos, and an enumerator with a device.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use client_core::{About, Device, Ending, Place, StoreKey};
use server::ambient::Machine as Clock;
use server::app::{self, App};
use server::forms::{self, Upload};
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::areas::{self, Area};
use server::store::blobs;
use sync_protocol::AreaId;
use sync_protocol::exchange::{AreaLevel, PackageHash};
use tilik::env::Machine;
use tilik::http::Link;

const FORM: &str = "| survey |\n| | type | name | label |\n| | file | p1 | P1 |\n| | file | p2 | P2 |\n\
    | | file | p3 | P3 |\n| | file | p4 | P4 |\n| settings |\n| | form_id | version |\n| | photos | 1 |\n";
const AREA: AreaId = AreaId::from_u128(7);
const QUESTIONS: [&str; 4] = ["p1", "p2", "p3", "p4"];

/// The town.
pub struct Town {
    folder: tempfile::TempDir,
    instance: Instance,
    url: String,
    code: String,
    form: PackageHash,
    _runtime: tokio::runtime::Runtime,
}

impl std::fmt::Debug for Town {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Town({})", self.url)
    }
}

impl Town {
    /// Builds it in a folder that goes with it.
    pub fn build() -> Result<Town> {
        let folder = tempfile::tempdir()?;
        let instance = Instance::make(&folder.path().join("server"), "photos", Arc::new(Clock))?;
        let user = |name: &str, role| {
            let new = NewUser { name: name.into(), display_name: name.into(), role, password: None };
            people::add_user(&instance, new, None).map(|user| user.id)
        };
        let (admin, siti) = (user("admin", Role::Admin)?, user("siti", Role::Enumerator)?);
        let area = Area {
            id: AREA,
            code: "1".into(),
            level: AreaLevel::Rt,
            name: "RT 1".into(),
            parent: None,
            bps_code: None,
            valid_from: None,
            valid_to: None,
        };
        instance.store.write(move |tx| areas::put(tx, &area))?;
        people::grant(&instance, siti, AREA, Some(0), None, admin)?;
        let code = people::give_code(&instance, siti, admin)?.0.grouped();
        let upload =
            Upload::of_file("photos.md", FORM.as_bytes().to_vec()).map_err(|why| anyhow::anyhow!("{why:?}"))?;
        let report = forms::add(&instance, upload, Some(admin))?;
        let form = report.stored.context("the form is in order")?.hash;
        forms::publish(&instance, form, vec![AREA], Some(admin))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = App::start(instance.clone(), 2)?;
        runtime.spawn(app::serve(listener, app, std::future::pending()));
        Ok(Town { folder, instance, url, code, form, _runtime: runtime })
    }

    /// Where the server listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The enumerator's device, enrolled and with the form.
    pub fn device(&self) -> Result<Device> {
        let place = Place::File(self.folder.path().join("siti.tilik"));
        let mut device = Device::open(place, &StoreKey::new([7; 32]), Box::new(Machine))?;
        let link = Link::new(&self.url)?;
        link.enrol(&mut device, &self.code, "HP 1")?;
        let report = link.run(&mut device)?;
        ensure!(report.forms_missing == 0, "the form did not come");
        Ok(device)
    }

    /// Visits a new household and takes these photos there.
    pub fn visit(&self, device: &mut Device, photos: Vec<Vec<u8>>) -> Result<()> {
        let mut visit = device.begin_visit(About::NewIn(AREA), self.form)?;
        for (question, photo) in QUESTIONS.into_iter().zip(photos) {
            let (wanted, scaling) = super::wanted(question);
            let name = device.attach(&visit, photo, &wanted, scaling)?.named.name;
            let path = format!("/data/{question}");
            let answered = device.visit_step(&mut visit, |interview| interview.answer(&path, name.as_str()))?;
            ensure!(answered.is_ok(), "{path} is no question");
        }
        match device.finish_visit(&mut visit)? {
            Ending::Saved(_) => Ok(()),
            Ending::Problems(problems) => bail!("{} problems", problems.len()),
        }
    }

    /// Checks that the server holds so many files and misses none.
    pub fn holds(&self, files: usize) -> Result<()> {
        let (here, _, missing) = self.instance.store.read(blobs::count)?;
        ensure!((here, missing) == (files as u64, 0), "{here} files are here, {missing} missing");
        Ok(())
    }
}
