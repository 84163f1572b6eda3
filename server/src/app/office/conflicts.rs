//! Conflicts: listed with both sides, and settled by an ordinary save of the office.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, Value};
use utoipa::ToSchema;

use super::super::App;
use super::super::asked::{Asked, Params};
use super::super::roles::{Officer, Supervisor};
use super::households::within;
use super::pages::{Page, limit};
use super::view::{self, Context, Names, RegisterView};
use crate::error::{Error, Result, bad_request, conflict, internal, not_found};
use crate::store::audit::{self, Deed};
use crate::store::{Tx, conflicts, history, records};
use crate::sync::office::Office;

/// Characters of a reason at most.
const REASON_CHARACTERS_MAX: usize = 2_000;
/// Before the name of the register that was decided on: the register that says why.
const DECISION: &str = "decision/";

/// Which conflicts.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Which {
    /// Only in and below this area.
    area: Option<AreaId>,
    /// `next` of the page before.
    after: Option<String>,
    /// Items of a page.
    limit: Option<u32>,
}

/// A register that holds several values.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct ConflictView {
    /// The record.
    #[schema(value_type = String)]
    record: RecordId,
    /// Its kind.
    #[schema(value_type = String)]
    collection: Collection,
    /// The household.
    #[schema(value_type = String)]
    household: RecordId,
    /// Where it stands.
    #[schema(value_type = String)]
    area: AreaId,
    /// Since when; milliseconds since 1970.
    since: i64,
    /// The register with its values.
    register: RegisterView,
    /// The visit that each value was written with, in the order of the values; absent where there was none.
    #[schema(value_type = Vec<Option<String>>)]
    visits: Vec<Option<RecordId>>,
    /// To be given back with the decision: what was on the screen.
    seen: Context,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Decision {
    /// The record.
    #[schema(value_type = String)]
    record: RecordId,
    /// Its register.
    register: String,
    /// The value chosen, or a third one.
    #[schema(value_type = Object)]
    value: serde_json::Value,
    /// `seen` as it was got: values that came since are not overwritten.
    seen: Context,
    /// Why; it stands in the record for those who read it later.
    reason: String,
}

/// What became of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Decided {
    /// The register as it stands now.
    register: RegisterView,
    /// Whether it holds one value now. If not, another came since the page was got; decide again with the new `seen`.
    settled: bool,
    /// To be given back with the next decision.
    seen: Context,
}

/// Registers that hold several values, the oldest first.
#[utoipa::path(get, path = "/api/v1/conflicts", tag = "records", security(("token" = [])),
    params(("area" = Option<String>, Query), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<ConflictView>)))]
pub(in crate::app) async fn list(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(which): Params<Which>,
) -> Result<Json<Page<ConflictView>>> {
    let within = within(&app, &caller, which.area);
    let after = which.after.as_deref().map(place).transpose()?;
    let limit = limit(which.limit);
    let page = app.read(move |tx| {
        let mut names = Names::new(tx);
        let listed = conflicts::list(tx, within, after, limit + 1)?;
        let views =
            listed.into_iter().map(|listed| conflict_view(tx, listed, &mut names)).collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(Page::of(views, limit, |view| format!("{}~{}~{}", view.since, view.record, view.register.name)))
    });
    Ok(Json(page.await?))
}

fn place(after: &str) -> Result<conflicts::Place> {
    let mut parts = after.splitn(3, '~');
    let place = (|| Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.to_owned())))();
    place.ok_or_else(|| bad_request("bad_query", "Give back `next` as it was got."))
}

fn conflict_view(tx: &Tx<'_>, listed: conflicts::Conflict, names: &mut Names<'_, '_>) -> Result<ConflictView> {
    let record = records::find(tx, listed.record)?.ok_or_else(|| internal("a conflict without its record"))?;
    let row = view::row(&record.doc)?;
    let register = view::register(&row, &listed.register, names)?;
    let visits = register.sides.iter().map(|side| history::find_visit(tx, record.root, side.writer, side.save));
    Ok(ConflictView {
        record: record.id,
        collection: record.collection,
        household: record.root,
        area: record.area,
        since: listed.since,
        visits: visits.collect::<std::result::Result<_, _>>()?,
        register,
        seen: Context::of(&row),
    })
}

/// Decides on a register: an ordinary save of the office that has seen what the page showed.
#[utoipa::path(post, path = "/api/v1/conflicts/settle", tag = "records", security(("token" = [])),
    request_body = Decision, responses((status = 200, body = Decided), (status = 404),
        (status = 409, description = "`quarantined`: the save contradicts what the server knows")))]
pub(in crate::app) async fn settle(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<Decision>,
) -> Result<Json<Decided>> {
    let decided = app.blocking(move |app| {
        let office = Office::at(&app.hub, caller.user.id);
        let deed = Deed::new(&app.instance, Some(caller.user.id), "conflict.settle", ask.record, "");
        app.instance.store.write(move |tx| {
            let decided = decide(tx, &office, &ask)?;
            audit::add(tx, &deed)?;
            Ok::<_, Error>(decided)
        })
    });
    let decided = decided.await?;
    app.check_later();
    Ok(Json(decided))
}

fn decide(tx: &Tx<'_>, office: &Office, ask: &Decision) -> Result<Decided> {
    let record = records::find(tx, ask.record)?.ok_or_else(|| not_found("record"))?;
    let row = view::row(&record.doc)?;
    if !row.registers.contains_key(&ask.register) {
        return Err(not_found("register"));
    }
    let verdicts = office.write(tx, &[Save { records: vec![write(&row, ask)?] }])?;
    if let Some(code) = verdicts.iter().find_map(|range| range.verdict.code()) {
        return Err(conflict("quarantined", code.sentence()));
    }
    let record = records::find(tx, ask.record)?.ok_or_else(|| internal("the record that was just written"))?;
    let row = view::row(&record.doc)?;
    let register = view::register(&row, &ask.register, &mut Names::new(tx))?;
    Ok(Decided { settled: !register.conflict, register, seen: Context::of(&row) })
}

fn write(row: &sync_protocol::Row, ask: &Decision) -> Result<RecordWrite> {
    let reason = ask.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARACTERS_MAX {
        let message = format!("A decision needs a reason of at most {REASON_CHARACTERS_MAX} characters.");
        return Err(bad_request("no_reason", message));
    }
    let value = Value::of(&ask.value).map_err(|e| bad_request("bad_value", format!("The value is {e}.")))?;
    let mut registers =
        BTreeMap::from([(format!("{DECISION}{}", ask.register), Value::text(reason)), (ask.register.clone(), value)]);
    // Every save says that its records exist, unless it says otherwise: deciding on one value brings nothing back.
    if !row.is_alive() {
        registers.entry(reserved::ALIVE.to_owned()).or_insert_with(|| Value::bool(false));
    }
    Ok(RecordWrite { collection: row.collection, id: row.id, context: ask.seen.to_save()?, registers })
}
