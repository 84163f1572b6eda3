//! Forms made ready, kept for the next household: most visits of a day are made with one form.

use std::collections::HashMap;
use std::sync::Arc;

use questionnaire::interview::{Plan, Tables};
use questionnaire::package::Package;
use sync_protocol::exchange::PackageHash;

use crate::store::db::Result;
use crate::store::{Tx, forms};

/// Forms that are kept at once.
const KEPT_MAX: usize = 8;

/// A form and its tables, ready.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) plan: Arc<Plan>,
    pub(super) tables: Tables,
    /// Indexes of the form's languages for Bahasa Indonesia and English, or what comes next to them.
    pub(super) languages: [usize; 2],
}

/// Forms by their packages.
#[derive(Debug, Default)]
pub(super) struct Plans(HashMap<PackageHash, Arc<Ready>>);

impl Plans {
    /// The form of a package; `None` where nobody knows it here.
    pub(super) fn find(&mut self, tx: &Tx<'_>, package: &str) -> Result<Option<Arc<Ready>>> {
        let Ok(hash) = package.parse::<PackageHash>() else { return Ok(None) };
        if let Some(ready) = self.0.get(&hash) {
            return Ok(Some(Arc::clone(ready)));
        }
        let Some(bytes) = forms::find_package(tx, hash)? else { return Ok(None) };
        let Some(ready) = Ready::of(&bytes).map(Arc::new) else {
            tracing::error!(%hash, "a stored form cannot be read");
            return Ok(None);
        };
        if self.0.len() >= KEPT_MAX {
            self.0.clear();
        }
        self.0.insert(hash, Arc::clone(&ready));
        Ok(Some(ready))
    }
}

impl Ready {
    fn of(bytes: &[u8]) -> Option<Ready> {
        let package = Package::from_bytes(bytes).ok()?;
        let tables = package.tables().ok()?;
        let form = &package.form;
        let language = |code: &str, names: &[&str]| {
            let mut languages = form.languages.iter();
            let is_own = |language: &questionnaire::form::Language| {
                let written = language.code.as_deref().unwrap_or("").to_lowercase();
                let name = language.name.to_lowercase();
                written.split('-').next() == Some(code) || names.iter().any(|own| name.starts_with(own))
            };
            languages.position(is_own).unwrap_or(form.default_language)
        };
        let languages = [language("id", &["bahasa", "indonesia"]), language("en", &["english"])];
        Some(Ready { plan: Arc::new(Plan::new(package.form)), tables, languages })
    }
}
