//! Lists that screens begin with: households by area, filter and search, and the areas themselves.

use sync_protocol::AreaId;
use sync_protocol::exchange::AreaNode;

use crate::device::Device;
use crate::error::Result;
use crate::store::households::{self, After, HouseholdLine, ListQuery, PAGE_LINES};
use crate::store::{areas, search};

/// A page of the household list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The lines, by name.
    pub lines: Vec<HouseholdLine>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<After>,
}

/// A node of the administrative tree with what the device holds of it.
#[derive(Debug, Clone)]
pub struct Area {
    /// The node.
    pub node: AreaNode,
    /// Households listed directly in it.
    pub households: u64,
}

impl Device {
    /// One page of the household list, by name.
    pub fn list(&self, wanted: &ListQuery) -> Result<Page> {
        let limit = if wanted.limit == 0 { PAGE_LINES } else { wanted.limit };
        let words = wanted.search.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
        let search = words.map(search::query);
        if search == Some(None) {
            return Ok(Page { lines: Vec::new(), next: None });
        }
        let mut wanted = wanted.clone();
        // All of it is found faster without asking where each household lives.
        if let Some(area) = wanted.area
            && areas::covers_all(self.store(), area)?
        {
            wanted.area = None;
        }
        let mut lines = households::list(self.store(), &wanted, search.flatten().as_deref(), limit)?;
        let next = (lines.len() > limit).then(|| lines[limit - 1].place());
        lines.truncate(limit);
        Ok(Page { lines, next })
    }

    /// The administrative tree as far as this device knows it, by code.
    pub fn areas(&self) -> Result<Vec<Area>> {
        Ok(areas::list(self.store())?.into_iter().map(|(node, households)| Area { node, households }).collect())
    }

    /// Whether this device receives the rows of an area.
    pub fn is_granted(&self, area: AreaId) -> Result<bool> {
        areas::is_granted(self.store(), area)
    }
}
