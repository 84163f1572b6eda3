//! The programs of `tests`: built together with the binaries they start, found where cargo says it put them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;
use crate::workspace::Workspace;

/// A binary of the package `tests`.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    name: &'static str,
    profile: &'static str,
    companions: &'static [Companion],
    /// Features of `tests` that only this program's build has.
    features: &'static [&'static str],
}

/// A binary of the product that a program starts, and the variable that tells it where it is.
struct Companion {
    package: &'static str,
    binary: &'static str,
    variable: &'static str,
}

const PRODUCT: &[Companion] = &[
    Companion { package: "server", binary: "tilik-server", variable: "TILIK_SERVER_BIN" },
    Companion { package: "tilik", binary: "tilik", variable: "TILIK_BIN" },
];

impl Program {
    pub(crate) const DEMO: Self = Self { name: "demo", profile: "dev", companions: PRODUCT, features: &[] };
    pub(crate) const SIM: Self =
        Self { name: "sim", profile: "dev", companions: &[], features: &["broken-on-purpose"] };
    pub(crate) const CRASH: Self = Self { name: "crash", profile: "dev", companions: PRODUCT, features: &[] };
    pub(crate) const BENCH: Self = Self { name: "bench", profile: "release", companions: PRODUCT, features: &[] };
    pub(crate) const PHOTOS: Self = Self { name: "photos", profile: "release", companions: &[], features: &[] };
    /// Builds everything needed in one cargo call and returns the command that starts the program.
    pub(crate) fn command(self, workspace: &Workspace, arguments: &[OsString]) -> Result<Command> {
        let executables = self.build(workspace)?;
        let path_of = |binary: &str| {
            executables.get(binary).with_context(|| format!("cargo built no executable named `{binary}`"))
        };
        let mut command = Command::new(path_of(self.name)?);
        command.args(arguments);
        for companion in self.companions {
            command.env(companion.variable, path_of(companion.binary)?);
        }
        Ok(command)
    }

    fn build(self, workspace: &Workspace) -> Result<BTreeMap<String, PathBuf>> {
        let mut build = workspace.cargo("build");
        build.args(["--locked", "--message-format=json-render-diagnostics", "--profile", self.profile]);
        build.args(["--package", "tests", "--bin", self.name]);
        if !self.features.is_empty() {
            build.args(["--features", &self.features.join(",")]);
        }
        for companion in self.companions {
            build.args(["--package", companion.package, "--bin", companion.binary]);
        }
        let built = build
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("could not start `{}`", shell::line(&build)))?;
        if !built.status.success() {
            bail!("`{}` ended with {}", shell::line(&build), built.status);
        }
        Ok(executables(&String::from_utf8_lossy(&built.stdout)))
    }
}

/// Picks the executables, by target name, out of cargo's messages (one JSON value a line).
fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|message| serde_json::from_str::<serde_json::Value>(message).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, PathBuf::from(message["executable"].as_str()?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_found_among_all_of_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"build-script-executed","package_id":"x"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"server"},"executable":null}"#,
            "\n",
            "not JSON at all\n",
            r#"{"reason":"compiler-artifact","target":{"name":"tilik-server"},"executable":"/far/away/tilik-server"}"#,
            "\n",
        );
        let expected = BTreeMap::from([("tilik-server".to_owned(), PathBuf::from("/far/away/tilik-server"))]);
        assert_eq!(executables(messages), expected);
    }
}
