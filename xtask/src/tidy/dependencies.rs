//! Rules about which crate may know which, ours and foreign.

use super::Finding;
use super::checkout::{Checkout, Package};

/// Which of our crates a crate may use; `tests` may use all.
const ARROWS: &[(&str, &[&str])] = &[
    ("sync-protocol", &[]),
    ("questionnaire", &[]),
    ("client-core", &["sync-protocol", "questionnaire"]),
    ("server", &["sync-protocol", "questionnaire"]),
    ("tilik", &["client-core", "sync-protocol", "questionnaire"]),
    ("xtask", &[]),
];
const SEES_ALL: &str = "tests";

/// Foreign crates that bring what a crate must do without; tests of the crate may use them.
const IMPURE: &[(&str, &[&str])] = &[
    ("sync-protocol", &["axum", "getrandom", "hyper", "rand", "reqwest", "rusqlite", "tokio", "ureq"]),
    ("questionnaire", &["axum", "getrandom", "hyper", "rand", "reqwest", "rusqlite", "tokio", "ureq"]),
    ("client-core", &["axum", "getrandom", "hyper", "indicatif", "rand", "reqwest", "tokio", "ureq"]),
];

pub(super) fn forbidden_arrows(checkout: &Checkout) -> Vec<Finding> {
    checkout.packages.iter().filter(|package| package.name != SEES_ALL).flat_map(arrows_of).collect()
}

fn arrows_of(package: &Package) -> Vec<Finding> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
        return vec![Finding::new(&package.name, "is a new crate: say in xtask/src/tidy what it may know")];
    };
    let ours = package.dependencies.iter().filter(|dependency| dependency.ours);
    let forbidden = ours.filter(|dependency| !allowed.contains(&dependency.name.as_str()));
    forbidden.map(|dependency| Finding::new(&package.name, format!("must not know {}", dependency.name))).collect()
}

pub(super) fn impure_dependencies(checkout: &Checkout) -> Vec<Finding> {
    checkout.packages.iter().flat_map(impure_of).collect()
}

fn impure_of(package: &Package) -> Vec<Finding> {
    let impure = IMPURE.iter().find(|(name, _)| *name == package.name).map_or(&[][..], |(_, impure)| impure);
    let built_in = package.dependencies.iter().filter(|dependency| !dependency.development);
    let forbidden = built_in.filter(|dependency| impure.contains(&dependency.name.as_str()));
    forbidden.map(|dependency| Finding::new(&package.name, format!("must do without {}", dependency.name))).collect()
}

pub(super) fn versions_in_members(checkout: &Checkout) -> Vec<Finding> {
    checkout.packages.iter().flat_map(versions_of).collect()
}

fn versions_of(package: &Package) -> Vec<Finding> {
    let mut in_dependencies = false;
    let mut findings = Vec::new();
    for line in package.manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') && !line.contains("workspace = true")
        {
            let name = line.split(['=', '.']).next().unwrap_or_default().trim();
            findings.push(Finding::new(&package.name, format!("declares its own version of {name}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::checkout::Dependency;
    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|&(name, ours, development)| Dependency { name: name.to_owned(), development, ours })
            .collect();
        Package { name: name.to_owned(), manifest: String::new(), dependencies }
    }

    #[test]
    fn device_and_server_never_meet_not_even_in_a_test() {
        let server = package("server", &[("sync-protocol", true, false), ("client-core", true, true)]);
        assert_eq!(arrows_of(&server), [Finding::new("server", "must not know client-core")]);
        let device = package("client-core", &[("server", true, false)]);
        assert_eq!(arrows_of(&device), [Finding::new("client-core", "must not know server")]);
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_a_finding() {
        assert_eq!(arrows_of(&package("surprise", &[])).len(), 1);
    }

    #[test]
    fn a_pure_crate_may_use_randomness_in_its_tests_only() {
        assert!(impure_of(&package("sync-protocol", &[("rand", false, true)])).is_empty());
        assert_eq!(impure_of(&package("sync-protocol", &[("rand", false, false)])).len(), 1);
    }

    #[test]
    fn a_version_in_a_member_is_found_and_a_feature_is_not() {
        let mut member = package("server", &[]);
        member.manifest = "[features]\nx = []\n[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"c\"] }\nd = \"1\"\n".to_owned();
        assert_eq!(versions_of(&member), [Finding::new("server", "declares its own version of d")]);
    }
}
