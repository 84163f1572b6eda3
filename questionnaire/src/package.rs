//! A form version as it travels and is kept: the form and the tables beside it, in one text that never changes.
//!
//! Its bytes are its identity: whoever names a package by their hash means this form with these tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::form::Form;
use crate::interview::{Table, Tables};

/// A form and the tables beside it, as CSV by the name that `instance()` and `pulldata()` use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// The form.
    pub form: Form,
    /// CSV texts, the first row naming the columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, String>,
}

/// Why bytes are no package.
#[derive(Debug, thiserror::Error)]
pub enum BadPackage {
    /// Written by a newer version, or by nobody.
    #[error("the bytes are not a form as this version knows it")]
    Unreadable,
    /// A table is not CSV.
    #[error("the table `{0}` is not CSV: {1}")]
    Table(String, crate::interview::CsvError),
}

impl Package {
    /// The package's bytes; the same package gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a form is JSON")
    }

    /// Reads a package's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Package, BadPackage> {
        serde_json::from_slice(bytes).map_err(|_| BadPackage::Unreadable)
    }

    /// The tables made ready for an interview.
    pub fn tables(&self) -> Result<Tables, BadPackage> {
        let mut tables = Tables::new();
        for (name, text) in &self.tables {
            let table = Table::from_csv(text).map_err(|why| BadPackage::Table(name.clone(), why))?;
            tables.insert(name.as_str(), Arc::new(table));
        }
        Ok(tables)
    }

    /// Tables that the form asks for and the package has not.
    pub fn missing_tables(&self) -> Vec<&str> {
        let wanted = self.form.tables.iter().map(|table| table.name.as_str());
        wanted.filter(|name| !self.tables.contains_key(*name)).collect()
    }
}
