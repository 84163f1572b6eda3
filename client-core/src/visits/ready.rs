//! A form made ready to be asked, kept for the next visit: most visits of a day are made with one form.

use std::sync::Arc;

use questionnaire::interview::{Plan, Tables};
use questionnaire::package::{BadPackage, Package};
use sync_protocol::exchange::PackageHash;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::store::forms;

/// A form and its tables, ready.
pub(crate) struct Ready {
    pub(crate) plan: Arc<Plan>,
    pub(crate) tables: Tables,
}

impl Device {
    /// The form of a package that is here.
    pub(super) fn ready(&mut self, hash: PackageHash) -> Result<Arc<Ready>> {
        if let Some((last, ready)) = self.last_form()
            && *last == hash
        {
            return Ok(Arc::clone(ready));
        }
        let bytes = forms::find_whole(self.store(), hash)?.ok_or(Error::NotFound("form"))?;
        let ready = Arc::new(Ready::of(&bytes).map_err(|bad| match bad {
            // Its hash is right, so it is as the server sent it.
            BadPackage::Unreadable => Error::AppTooOld,
            BadPackage::Table(..) => Error::BadAnswer("a form whose table cannot be read"),
        })?);
        self.set_last_form(hash, Arc::clone(&ready));
        Ok(ready)
    }
}

impl Ready {
    fn of(bytes: &[u8]) -> std::result::Result<Ready, BadPackage> {
        let package = Package::from_bytes(bytes)?;
        let tables = package.tables()?;
        Ok(Ready { plan: Arc::new(Plan::new(package.form)), tables })
    }
}
