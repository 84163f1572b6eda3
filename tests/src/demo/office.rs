//! The office at its browser: the JSON API over HTTP, signed in with name and password.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync_protocol::session::{SignIn, Tokens};
use sync_protocol::{AreaId, RecordId};
use ureq::Agent;
use ureq::http::Response;

use crate::demo::cast::Person;

/// Somebody signed in at the office.
pub(super) struct Office {
    agent: Agent,
    url: String,
    bearer: String,
}

/// A register that holds several values, as the office lists it.
#[derive(Debug, Deserialize)]
pub(super) struct Disputed {
    pub(super) record: RecordId,
    pub(super) register: Register,
    /// Given back with the decision.
    seen: Value,
}

/// Its name and its values, the shown one first.
#[derive(Debug, Deserialize)]
pub(super) struct Register {
    pub(super) name: String,
    pub(super) sides: Vec<Side>,
}

/// One value, and who wrote it.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    pub(super) value: Value,
    pub(super) author_name: String,
}

/// How far an area is.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    area: AreaId,
    pub(super) households: usize,
    pub(super) visited: usize,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Disputed>,
    next: Option<String>,
}

impl Office {
    pub(super) fn sign_in(url: &str, person: &Person) -> Result<Office> {
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut office = Office { agent, url: url.to_owned(), bearer: String::new() };
        let ask = SignIn { name: person.name.to_owned(), password: person.password.clone() };
        let tokens: Tokens = office.post("/auth/v1/sign-in", &ask)?;
        office.bearer = format!("Bearer {}", tokens.access);
        Ok(office)
    }

    /// Makes an account; answers its id.
    pub(super) fn add_user(&self, person: &Person) -> Result<String> {
        let user: Value = self.post(
            "/api/v1/users",
            &json!({
                "name": person.name,
                "display_name": person.display_name,
                "role": person.role,
                "password": person.password,
            }),
        )?;
        text(&user, "id")
    }

    /// Lets a person work in an area and all below it.
    pub(super) fn grant(&self, user: &str, area: &str) -> Result<()> {
        let _: Value = self.post("/api/v1/grants", &json!({"user": user, "area": area}))?;
        Ok(())
    }

    /// A one-time code for a device of this person.
    pub(super) fn give_code(&self, user: &str) -> Result<String> {
        let given: Value = self.post(&format!("/api/v1/users/{user}/codes"), &json!({}))?;
        text(&given, "code")
    }

    /// Opens a round in an area.
    pub(super) fn add_round(&self, name: &str, first_day: &str, area: &str) -> Result<()> {
        let ask = json!({"name": name, "first_day": first_day, "area": area});
        let _: Value = self.post("/api/v1/rounds", &ask)?;
        Ok(())
    }

    /// The id of every area by its code.
    pub(super) fn areas(&self) -> Result<HashMap<String, String>> {
        let areas: Vec<Value> = self.get("/api/v1/areas")?;
        areas.iter().map(|area| Ok((text(area, "code")?, text(area, "id")?))).collect()
    }

    /// How far each area is, by its id.
    pub(super) fn progress(&self) -> Result<HashMap<AreaId, Progress>> {
        let areas: Vec<Progress> = self.get("/api/v1/progress/areas")?;
        Ok(areas.into_iter().map(|progress| (progress.area, progress)).collect())
    }

    /// Every register that holds several values.
    pub(super) fn conflicts(&self) -> Result<Vec<Disputed>> {
        let mut all = Vec::new();
        let mut path = "/api/v1/conflicts".to_owned();
        loop {
            let page: Page = self.get(&path)?;
            all.extend(page.items);
            match page.next {
                Some(next) => path = format!("/api/v1/conflicts?after={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Decides on a register; answers whether it holds one value now.
    pub(super) fn settle(&self, disputed: &Disputed, value: &Value, reason: &str) -> Result<bool> {
        let decision = json!({
            "record": disputed.record,
            "register": disputed.register.name,
            "value": value,
            "seen": disputed.seen,
            "reason": reason,
        });
        let decided: Value = self.post("/api/v1/conflicts/settle", &decision)?;
        Ok(decided["settled"] == json!(true))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("authorization", &self.bearer);
        read(path, request.call()?)
    }

    fn post<T: DeserializeOwned>(&self, path: &str, ask: &impl Serialize) -> Result<T> {
        let mut request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        if !self.bearer.is_empty() {
            request = request.header("authorization", &self.bearer);
        }
        read(path, request.send(serde_json::to_vec(ask)?)?)
    }
}

fn read<T: DeserializeOwned>(path: &str, mut response: Response<ureq::Body>) -> Result<T> {
    let status = response.status();
    let body = response.body_mut().read_to_string()?;
    if !status.is_success() {
        bail!("{path} was answered with {status}: {body}");
    }
    let body = if body.is_empty() { "null" } else { &body };
    serde_json::from_str(body).with_context(|| format!("the answer of {path} is not the JSON expected: {body}"))
}

fn text(object: &Value, field: &str) -> Result<String> {
    let text = object[field].as_str().with_context(|| format!("the answer has no `{field}`: {object}"))?;
    Ok(text.to_owned())
}
