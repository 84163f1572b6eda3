//! Findings: what of visits and merged households does not fit their form, with where the values came from.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sync_protocol::exchange::PackageHash;
use sync_protocol::{AreaId, RecordId, UserId, WriterId};
use utoipa::ToSchema;

use super::super::App;
use super::super::asked::Params;
use super::super::roles::Supervisor;
use super::households::within;
use super::pages::{Page, limit};
use super::view::Names;
use crate::error::{Error, Result, bad_request};
use crate::forms::Both;
use crate::store::findings::{self, Finding, Kind, Place};
use crate::store::{Tx, forms, history};

/// Which findings.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Which {
    /// Only in and below this area.
    area: Option<AreaId>,
    /// `next` of the page before.
    after: Option<String>,
    /// Items of a page.
    limit: Option<u32>,
}

/// A rule of a form that is broken.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct FindingView {
    /// The household.
    #[schema(value_type = String)]
    household: RecordId,
    /// Where it stands; absent in a household's own page.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<AreaId>,
    /// The visit, or the household as it was merged.
    #[schema(value_type = String)]
    record: RecordId,
    /// Which of the two.
    kind: Kind,
    /// The form, `name@version`; absent where the server does not know it.
    form: Option<String>,
    /// The question; rows by their place, counted from 1. Empty where the whole visit is meant.
    path: String,
    /// `kind`, `constraint`, `required`, `warning`, `choice`, `skipped`, `unknown`, `calculation`, `unknown_form`,
    /// `unreadable` or `unchecked`.
    rule: String,
    /// What the question is called.
    label: Both,
    /// What is wrong.
    message: Both,
    /// The saves that the values came from.
    sources: Vec<SourceView>,
    /// Since when it is known; milliseconds since 1970.
    since: i64,
}

/// A save that a value came from.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct SourceView {
    /// Whose writer.
    #[schema(value_type = String)]
    writer: WriterId,
    /// Which of its saves.
    save: u64,
    /// The visit that it wrote, if it wrote one.
    #[schema(value_type = Option<String>)]
    visit: Option<RecordId>,
    /// Who made it.
    #[schema(value_type = Option<String>)]
    author: Option<UserId>,
    /// Their name.
    author_name: String,
    /// When; milliseconds since 1970.
    at: Option<i64>,
    /// The registers that it wrote of those at stake.
    registers: Vec<String>,
}

/// What does not fit its form, the oldest finding first.
#[utoipa::path(get, path = "/api/v1/findings", tag = "records", security(("token" = [])),
    params(("area" = Option<String>, Query), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<FindingView>)))]
pub(in crate::app) async fn list(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(which): Params<Which>,
) -> Result<Json<Page<FindingView>>> {
    let within = within(&app, &caller, which.area);
    let after = which.after.as_deref().map(place).transpose()?;
    let limit = limit(which.limit);
    let page = app.read(move |tx| {
        let mut names = Names::new(tx);
        let listed = findings::list(tx, within, after.as_ref(), limit + 1)?;
        let views = listed
            .into_iter()
            .map(|listed| Ok(FindingView { area: Some(listed.area), ..view(tx, listed.finding, &mut names)? }));
        let views = views.collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(Page::of(views, limit, |view| {
            format!("{}~{}~{}~{}~{}", view.since, view.household, view.record, view.rule, view.path)
        }))
    });
    Ok(Json(page.await?))
}

fn place(after: &str) -> Result<Place> {
    let mut parts = after.splitn(5, '~');
    let place = (|| {
        Some(Place {
            since: parts.next()?.parse().ok()?,
            root: parts.next()?.parse().ok()?,
            record: parts.next()?.parse().ok()?,
            rule: parts.next()?.to_owned(),
            path: parts.next()?.to_owned(),
        })
    })();
    place.ok_or_else(|| bad_request("bad_query", "Give back `next` as it was got."))
}

/// The findings of one household.
pub(super) fn findings_of_root(tx: &Tx<'_>, root: RecordId, names: &mut Names<'_, '_>) -> Result<Vec<FindingView>> {
    findings::list_of_root(tx, root)?.into_iter().map(|finding| view(tx, finding, names)).collect()
}

fn view(tx: &Tx<'_>, finding: Finding, names: &mut Names<'_, '_>) -> Result<FindingView> {
    let hash = finding.package.parse::<PackageHash>().ok();
    let version = hash.map(|hash| forms::find(tx, hash)).transpose()?.flatten();
    let mut sources = Vec::with_capacity(finding.sources.len());
    for source in finding.sources {
        let written = history::find_author(tx, source.writer, source.save)?;
        sources.push(SourceView {
            writer: source.writer,
            save: source.save,
            visit: source.visit,
            author: written.map(|written| written.0),
            author_name: written.map(|written| names.person(written.0)).transpose()?.unwrap_or_default(),
            at: written.map(|written| written.1),
            registers: source.registers,
        });
    }
    let both = |[id, en]: [String; 2]| Both { id, en };
    Ok(FindingView {
        household: finding.root,
        area: None,
        record: finding.record,
        kind: finding.kind,
        form: version.map(|version| format!("{}@{}", version.form, version.version)),
        path: finding.path,
        rule: finding.rule,
        label: both(finding.label),
        message: both(finding.message),
        sources,
        since: finding.since,
    })
}
