//! A server that publishes forms, and hands out one area's rows with them.

use client_core::{Outgoing, Reply};
use sync_protocol::AreaId;
use sync_protocol::exchange::{FormVersion, PackageHash, PackagePart};

use crate::hand::*;

pub(crate) const FORM_PATH: &str = "/sync/v1/form";

/// What a server publishes, and how it hands it out.
pub(crate) struct Publisher {
    pub(crate) packages: Vec<(FormVersion, Vec<u8>)>,
    pub(crate) part: usize,
    pub(crate) asked: Vec<u64>,
    /// Rows of its one area, sent with the directory.
    pub(crate) rows: Vec<String>,
    head: u64,
}

impl Publisher {
    pub(crate) fn of(packages: Vec<(FormVersion, Vec<u8>)>) -> Publisher {
        Publisher { packages, part: 4, asked: vec![], rows: vec![], head: 0 }
    }

    pub(crate) fn serve(&mut self, request: &Outgoing) -> Reply {
        if request.path != FORM_PATH {
            return ok(request, self.exchange());
        }
        let part: PackagePart = serde_json::from_slice(&request.body).expect("a part is asked for");
        self.asked.push(part.from);
        let Some((_, bytes)) = self.packages.iter().find(|(form, _)| form.hash == part.hash) else {
            return refused(request, 404);
        };
        let rest = &bytes[part.from as usize..];
        ok(request, rest[..rest.len().min(self.part)].to_vec())
    }

    /// The directory, and all rows anew.
    fn exchange(&mut self) -> Vec<u8> {
        let mut answer = nothing();
        let mut news = directory(&[RT_1]);
        news.forms = self.packages.iter().map(|(form, _)| form.clone()).collect();
        news.stamp = format!("{:?}", news.forms);
        answer.directory = Some(news);
        if !self.rows.is_empty() {
            self.head += 1;
            answer.areas = vec![page(RT_1, self.head, self.rows.len(), Some(digest_of(&self.rows)), 0)];
        }
        body(&answer, &self.rows)
    }
}

pub(crate) fn version(form: &str, version: &str, area: AreaId, bytes: &[u8]) -> (FormVersion, Vec<u8>) {
    let published = FormVersion {
        areas: vec![area],
        bytes: bytes.len() as u64,
        form: form.to_owned(),
        hash: PackageHash::of(bytes),
        title: form.to_uppercase(),
        version: version.to_owned(),
    };
    (published, bytes.to_vec())
}

/// A form of these sheets, with the hash that names it.
pub(crate) fn drawn(survey: &str, choices: &str, settings: &str, entities: &str) -> (FormVersion, Vec<u8>) {
    let sheets =
        [("survey.csv", survey), ("choices.csv", choices), ("settings.csv", settings), ("entities.csv", entities)];
    let files: Vec<(&str, &[u8])> =
        sheets.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (*name, text.as_bytes())).collect();
    let form = questionnaire::check_set("form", &files).form.expect("a form");
    packed(&questionnaire::package::Package { form, tables: Default::default() })
}

/// A form that comes with the program.
pub(crate) fn bundled(name: &str) -> (FormVersion, Vec<u8>) {
    packed(&questionnaire::bundled::Bundled::find(name).expect("is bundled").package())
}

fn packed(package: &questionnaire::package::Package) -> (FormVersion, Vec<u8>) {
    version(&package.form.id, &package.form.version, VILLAGE, &package.to_bytes())
}
