//! Somebody with a device: an encrypted store of their own, and a link to the server when there is a network.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use client_core::{Area, Device, Error, HouseholdLine, ListQuery, Place, Report, Status};
use sync_protocol::AreaId;
use tilik::http::Counters;
use tilik::keys::StoreFolder;
use tilik::{Link, Machine, Patience};

use crate::demo::cast::Person;

/// Lines asked for at once.
const PAGE_LINES: usize = 500;

/// A person, their device, and what its syncs have moved.
pub(super) struct Enumerator {
    pub(super) person: Person,
    pub(super) device: Device,
    /// Bytes and requests of every sync so far.
    pub(super) moved: Counters,
    /// Of the last sync.
    pub(super) last: Report,
}

/// A household on the device's list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) line: HouseholdLine,
    pub(super) area_code: String,
}

impl Enumerator {
    /// Makes the store and enrols it with a one-time code.
    pub(super) fn enrol(person: &Person, folder: PathBuf, url: &str, code: &str) -> Result<Enumerator> {
        let folder = StoreFolder::new(folder);
        let key = folder.key(&Machine)?;
        let mut device = Device::open(Place::File(folder.store()), &key, Box::new(Machine))?;
        let link = Link::new(url)?;
        link.enrol(&mut device, code, &format!("HP {}", person.display_name))?;
        Ok(Enumerator { person: person.clone(), device, moved: link.counters(), last: Report::default() })
    }

    /// Syncs to the end over a link of its own.
    pub(super) fn sync(&mut self, url: &str) -> Result<Counters> {
        let link = Link::new(url)?;
        let report = link.run(&mut self.device).with_context(|| format!("{} cannot sync", self.person.display_name))?;
        let moved = link.counters();
        self.last = report;
        self.moved.bytes_up += moved.bytes_up;
        self.moved.bytes_down += moved.bytes_down;
        self.moved.requests += moved.requests;
        Ok(moved)
    }

    /// Tries once to sync where nobody listens; answers what the person is told.
    pub(super) fn try_sync(&mut self, url: &str) -> Result<Error> {
        let hasty = Patience { pause: |_| (), connect: Duration::from_secs(2), ..Patience::default() };
        match Link::with(url, hasty)?.run(&mut self.device) {
            Ok(_) => anyhow::bail!("a device synced with a server that is down"),
            Err(e) => Ok(e),
        }
    }

    pub(super) fn status(&self) -> Result<Status> {
        Ok(self.device.status()?)
    }

    /// The areas whose rows the device receives.
    pub(super) fn granted(&self) -> Result<Vec<Area>> {
        Ok(self.device.areas()?.into_iter().filter(|area| area.node.granted).collect())
    }

    /// The area of this code.
    pub(super) fn area(&self, code: &str) -> Result<AreaId> {
        let areas = self.device.areas()?;
        let area = areas.iter().find(|area| area.node.code == code);
        Ok(area.with_context(|| format!("{} has no area {code}", self.person.display_name))?.node.id)
    }

    /// Every household on the device, neighbours together.
    pub(super) fn list(&self) -> Result<Vec<Listed>> {
        let codes: HashMap<AreaId, String> =
            self.device.areas()?.into_iter().map(|area| (area.node.id, area.node.code)).collect();
        let mut all = Vec::new();
        let mut wanted = ListQuery { limit: PAGE_LINES, ..ListQuery::default() };
        loop {
            let page = self.device.list(&wanted)?;
            all.extend(page.lines.into_iter().filter_map(|line| {
                let area_code = codes.get(&line.area?)?.clone();
                Some(Listed { line, area_code })
            }));
            match page.next {
                Some(next) => wanted.after = Some(next),
                None => break,
            }
        }
        all.sort_by(|a, b| (&a.area_code, &a.line.address).cmp(&(&b.area_code, &b.line.address)));
        Ok(all)
    }
}
