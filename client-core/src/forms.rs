//! The forms that a device offers: published where a household lives, and fetched whole.

use std::collections::HashSet;

use sync_protocol::AreaId;
use sync_protocol::exchange::PackageHash;

use crate::device::Device;
use crate::error::Result;
use crate::store::forms;

/// A form version as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLine {
    /// Its package: what an interview is begun with.
    pub hash: PackageHash,
    /// The form's id.
    pub form: String,
    /// Its version, as the form writes it.
    pub version: String,
    /// What people call it.
    pub title: String,
    /// Length of its package.
    pub bytes: u64,
    /// How much of it has come.
    pub held: u64,
    /// An interview can be begun with it.
    pub is_here: bool,
}

impl FormLine {
    /// `name@version`, as changesets and visits name it.
    pub fn name(&self) -> String {
        format!("{}@{}", self.form, self.version)
    }
}

impl Device {
    /// The forms to choose from for a household in this area: of each the newest version that is here, or, where none has
    /// come yet, the newest.
    pub fn list_forms(&self, area: AreaId) -> Result<Vec<FormLine>> {
        let published = forms::list_published(self.store(), area)?;
        let here: HashSet<String> =
            published.iter().filter(|line| line.is_here).map(|line| line.form.clone()).collect();
        let mut chosen: Vec<FormLine> = Vec::new();
        for line in published {
            let is_chosen = chosen.iter().any(|other| other.form == line.form);
            if !is_chosen && line.is_here == here.contains(&line.form) {
                chosen.push(line);
            }
        }
        Ok(chosen)
    }
}
