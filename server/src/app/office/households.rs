//! Households: found, read with all that belongs to them, and their history.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sync_protocol::ids::DeviceId;
use sync_protocol::{AreaId, RecordId, Row, Save, UserId, WriterId};
use utoipa::ToSchema;

use super::super::asked::{Id, Params};
use super::super::roles::Supervisor;
use super::super::{App, stored};
use super::attachments::{self, MissingView};
use super::findings::{FindingView, findings_of_root};
use super::pages::{Page, limit};
use super::view::{self, Names, RecordView};
use crate::error::{Error, Result, bad_request, not_found};
use crate::people::{Caller, Role};
use crate::store::areas::Area;
use crate::store::households::{self, Within};
use crate::store::{Tx, areas, blobs, history, records, scope};

/// Registers of a household that tell it apart in a list.
const SUMMARY: [&str; 3] = ["head_name", "address", "status"];
/// Saves of one history at most.
const HISTORY_MAX: u32 = 500;

/// What is looked for.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Looking {
    /// Words of names, address, NIK or card number; all of them must occur.
    text: Option<String>,
    /// Only in and below this area.
    area: Option<AreaId>,
    /// `next` of the page before.
    after: Option<RecordId>,
    /// Items of a page.
    limit: Option<u32>,
}

/// A household in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct HouseholdLine {
    /// The household.
    #[schema(value_type = String)]
    id: RecordId,
    /// Where it stands.
    #[schema(value_type = String)]
    area: AreaId,
    /// Whether it is shown as existing.
    alive: bool,
    /// The registers that tell it apart: the verified value, else one that was imported.
    #[schema(value_type = BTreeMap<String, Object>)]
    summary: BTreeMap<&'static str, serde_json::Value>,
    /// Registers, its own and of what belongs to it, that hold several values.
    conflicts: u64,
}

/// A household with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct HouseholdDetail {
    /// The area where it stands and everything above it, from the area up.
    area: Vec<Area>,
    /// The household, its families, members and visits, by id.
    records: Vec<RecordView>,
    /// What of its visits, or of it as it was merged, does not fit the form.
    findings: Vec<FindingView>,
    /// Files that its records name and that are not here: a visit that names one is not complete yet.
    missing: Vec<MissingView>,
}

/// One save of a record's history.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct SaveLine {
    /// When; milliseconds since 1970.
    at: i64,
    /// When the server got it; milliseconds since 1970.
    received: i64,
    /// Who.
    #[schema(value_type = String)]
    author: UserId,
    /// Their name.
    author_name: String,
    /// On what; absent for the office.
    #[schema(value_type = Option<String>)]
    device: Option<DeviceId>,
    /// Its name.
    device_name: Option<String>,
    /// Whose writer.
    #[schema(value_type = String)]
    writer: WriterId,
    /// Which of its saves.
    save: u64,
    /// What the server decided.
    verdict: &'static str,
    /// What it wrote on the record; absent if the save was erased.
    #[schema(value_type = Option<BTreeMap<String, Object>>)]
    wrote: Option<BTreeMap<String, serde_json::Value>>,
}

/// Where a caller may look: supervisors within their grants, officers everywhere.
pub(in crate::app) fn within(app: &App, caller: &Caller, area: Option<AreaId>) -> Within {
    let granted = (!caller.is_at_least(Role::Officer)).then(|| (caller.user.id, app.instance.now()));
    Within { granted, area }
}

/// Households that hold all the words, a page at a time.
#[utoipa::path(get, path = "/api/v1/households", tag = "records", security(("token" = [])),
    params(("text" = Option<String>, Query), ("area" = Option<String>, Query), ("after" = Option<String>, Query),
        ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<HouseholdLine>)))]
pub(in crate::app) async fn search(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(looking): Params<Looking>,
) -> Result<Json<Page<HouseholdLine>>> {
    let within = within(&app, &caller, looking.area);
    let words: Vec<String> = looking.text.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if words.len() > households::WORDS_MAX || words.iter().any(|word| word.len() > 64) {
        return Err(bad_request("bad_query", "Look for at most four words of at most 64 letters."));
    }
    let limit = limit(looking.limit);
    let page = app.read(move |tx| {
        let found = households::search(tx, within, &words, looking.after, limit + 1)?;
        let lines = found.into_iter().map(line).collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(Page::of(lines, limit, |line| line.id.to_string()))
    });
    Ok(Json(page.await?))
}

fn line(found: households::Found) -> Result<HouseholdLine> {
    let row = view::row(&found.doc)?;
    let summary = SUMMARY.iter().filter_map(|name| Some((*name, verified_or_imported(&row, name)?))).collect();
    Ok(HouseholdLine { id: found.id, area: found.area, alive: row.is_alive(), summary, conflicts: found.conflicts })
}

fn verified_or_imported(row: &Row, name: &str) -> Option<serde_json::Value> {
    let imported =
        || row.registers.keys().find(|key| key.starts_with("source/") && key.rsplit('/').next() == Some(name));
    row.value(name).or_else(|| row.value(imported()?)).map(sync_protocol::Value::json)
}

/// The household of a record, if the caller may see it.
fn root(tx: &Tx<'_>, within: Within, id: RecordId) -> Result<RecordId> {
    let record = records::find(tx, id)?.ok_or_else(|| not_found("record"))?;
    if let Some((user, at)) = within.granted
        && !scope::covers(tx, user, record.area, at)?
    {
        return Err(not_found("record"));
    }
    Ok(record.root)
}

/// A household with its families, members and visits; every value with who, when and on what.
#[utoipa::path(get, path = "/api/v1/households/{id}", tag = "records", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = HouseholdDetail), (status = 404)))]
pub(in crate::app) async fn one(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Id(id): Id<RecordId>,
) -> Result<Json<HouseholdDetail>> {
    let within = within(&app, &caller, None);
    let detail = app.read(move |tx| {
        let root = root(tx, within, id)?;
        let mut names = Names::new(tx);
        let stored = records::list_of_root(tx, root)?;
        let area = stored.first().map(|record| areas::list_ancestry(tx, record.area)).transpose()?;
        let records = stored.iter().map(|record| view::record(&view::row(&record.doc)?, &mut names));
        let records = records.collect::<Result<_>>()?;
        let findings = findings_of_root(tx, root, &mut names)?;
        let missing = blobs::list_missing_of_root(tx, root)?;
        let missing =
            missing.into_iter().map(|missing| attachments::view(missing, &mut names)).collect::<Result<_>>()?;
        Ok::<_, Error>(HouseholdDetail { area: area.unwrap_or_default(), records, findings, missing })
    });
    Ok(Json(detail.await?))
}

/// The saves that touched a record, the newest first: who, when, on what, and what they wrote.
#[utoipa::path(get, path = "/api/v1/records/{id}/history", tag = "records", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = [SaveLine]), (status = 404)))]
pub(in crate::app) async fn history(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Id(id): Id<RecordId>,
) -> Result<Json<Vec<SaveLine>>> {
    let within = within(&app, &caller, None);
    let lines = app.read(move |tx| {
        root(tx, within, id)?;
        let mut names = Names::new(tx);
        let touches = stored(history::list(tx, id, HISTORY_MAX))?;
        touches.into_iter().map(|touch| save_line(touch, id, &mut names)).collect::<Result<Vec<_>>>()
    });
    Ok(Json(lines.await?))
}

fn save_line(touch: history::Touch, id: RecordId, names: &mut Names<'_, '_>) -> Result<SaveLine> {
    let wrote = Save::parse(&touch.line).ok().and_then(|save| save.records.into_iter().find(|write| write.id == id));
    let wrote = wrote.map(|write| write.registers.into_iter().map(|(name, value)| (name, value.json())).collect());
    let verdict = touch.verdicts.iter().find(|range| (range.first..=range.last).contains(&touch.save));
    let device = names.device(touch.writer)?;
    Ok(SaveLine {
        at: touch.clock,
        received: touch.received,
        author: touch.author,
        author_name: names.person(touch.author)?,
        device: device.as_ref().map(|device| device.0),
        device_name: device.map(|device| device.1),
        writer: touch.writer,
        save: touch.save,
        verdict: verdict.map_or("applied", |range| range.verdict.word()),
        wrote,
    })
}
