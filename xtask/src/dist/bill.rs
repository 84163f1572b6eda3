//! The bill of materials: every crate that the shipped programs stand on, as CycloneDX 1.5 in JSON.
//!
//! Format: <https://cyclonedx.org/docs/1.5/json/>. No serial number and no time: the same lock file gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;

/// Packages whose programs are shipped.
const SHIPPED: [&str; 2] = ["server", "tilik"];

/// The bill's text.
pub(crate) fn write(workspace: &Workspace) -> Result<String> {
    let output = workspace.cargo("metadata").args(["--format-version", "1", "--locked"]).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata = serde_json::from_slice(&output.stdout)?;
    let lock = fs::read_to_string(workspace.root().join("Cargo.lock"))?;
    let bill = bill(&metadata, &checksums(&lock))?;
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

fn bill(metadata: &Value, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let needed = needed(metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let mut components: Vec<Value> = packages
        .iter()
        .filter(|package| package["id"].as_str().is_some_and(|id| needed.contains(id)))
        .map(|package| component(package, checksums))
        .collect();
    components.sort_by_key(|component| component["purl"].to_string());
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "tilik", "bom-ref": "tilik"}},
        "components": components,
    }))
}

/// Ids of the packages that the shipped ones need to run or to be built, not to be tested.
fn needed(metadata: &Value) -> Result<BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata resolves dependencies")?;
    let by_id: BTreeMap<&str, &Value> = nodes.iter().filter_map(|node| Some((node["id"].as_str()?, node))).collect();
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let is_shipped =
        |package: &&Value| package["source"].is_null() && SHIPPED.iter().any(|name| package["name"] == *name);
    let mut open: Vec<&str> = packages.iter().filter(is_shipped).filter_map(|package| package["id"].as_str()).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !needed.insert(id.to_owned()) {
            continue;
        }
        let deps = by_id.get(id).and_then(|node| node["deps"].as_array()).into_iter().flatten();
        let runs = |dep: &&Value| {
            dep["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].as_str() != Some("dev"))
        };
        open.extend(deps.filter(runs).filter_map(|dep| dep["pkg"].as_str()));
    }
    Ok(needed)
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Value {
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let (name, version) = (text("name"), text("version"));
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl});
    if let Some(license) = package["license"].as_str() {
        // Old crates write a slash for "or".
        component["licenses"] = json!([{"expression": license.replace('/', " OR ").replace("  ", " ")}]);
    }
    if let Some(sum) = checksums.get(&(name, version)) {
        component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    component
}

/// Name and version of each locked package to the hash that the registry gave it.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
    };
    let entry = |block: &str| Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?));
    lock.split("[[package]]").filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_listed_with_its_hash_and_what_only_tests_use_is_not() {
        let dep = |id: &str, kind: Value| json!({"pkg": id, "dep_kinds": [{"kind": kind}]});
        let package = |name: &str, source: Value| json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source});
        let metadata = json!({
            "packages": [
                package("server", Value::Null), package("used", json!("registry")), package("below", json!("registry")),
                package("tests-only", json!("registry")), package("xtask", Value::Null),
            ],
            "resolve": {"nodes": [
                {"id": "server", "deps": [dep("used", Value::Null), dep("tests-only", json!("dev"))]},
                {"id": "used", "deps": [dep("below", json!("build"))]},
                {"id": "below", "deps": []},
            ]},
        });
        let lock = "[[package]]\nname = \"used\"\nversion = \"1.0.0\"\nsource = \"x\"\nchecksum = \"abc\"\n";
        let bill = bill(&metadata, &checksums(lock)).expect("a bill");
        let components = bill["components"].as_array().expect("a list");
        let names: Vec<&str> = components.iter().filter_map(|component| component["name"].as_str()).collect();
        assert_eq!(names, ["below", "server", "used"]);
        assert_eq!(components[2]["hashes"][0]["content"], "abc");
        assert_eq!(components[2]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    }
}
