//! `form preview`: a version as a person reads it.

use anyhow::{Context, Result, bail};
use clap::Args;
use questionnaire::package::Package;
use serde_json::json;
use server::forms::{Line, Outline};
use server::instance::Instance;
use server::store::forms;

use super::forms::form_named;
use super::output::{Output, say};

/// Show a version: questions, skips and checks.
#[derive(Args)]
pub(super) struct Preview {
    /// `form@version`, a form's id for its newest version, or the beginning of the hash.
    form: String,
    /// Language of the texts, by code or name; the form's own where absent.
    #[arg(long)]
    language: Option<String>,
}

impl Preview {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        let version = form_named(instance, &self.form)?;
        let bytes = instance.store.read(|tx| forms::find_package(tx, version.hash))?.context("the package is gone")?;
        let outline = Outline::of(&Package::from_bytes(&bytes)?);
        if output.json {
            return output.one(&json!({ "version": version, "outline": outline }), "");
        }
        let language = self.language(&outline)?;
        say(&format!("{} ({}@{}, {})", version.title, version.form, version.version, version.state.word()))?;
        let text = |texts: &[String]| texts.get(language).cloned().unwrap_or_default();
        for line in &outline.lines {
            let indent = "  ".repeat(line.depth + 1);
            say(&format!("{indent}{} [{}] {}", line.name, kind(line), text(&line.label)))?;
            for (what, value) in rules(line) {
                say(&format!("{indent}    {what}: {value}"))?;
            }
        }
        for (name, choices) in &outline.lists {
            let choices = choices.iter().map(|choice| format!("{} {}", choice.name, text(&choice.label)));
            say(&format!("list {name}: {}", choices.collect::<Vec<_>>().join(" | ")))?;
        }
        for table in &outline.tables {
            let rows = table.rows.map_or_else(|| "missing".to_owned(), |rows| format!("{rows} rows"));
            say(&format!("table {}: {rows}", table.file))?;
        }
        Ok(())
    }

    fn language(&self, outline: &Outline) -> Result<usize> {
        let Some(wanted) = &self.language else { return Ok(outline.default_language) };
        let is_wanted = |code: &Option<String>, name: &str| {
            code.as_ref().is_some_and(|code| code.eq_ignore_ascii_case(wanted)) || name.eq_ignore_ascii_case(wanted)
        };
        let found = outline.languages.iter().position(|own| is_wanted(&own.code, &own.name));
        let Some(found) = found else {
            let names: Vec<&str> = outline.languages.iter().map(|own| own.name.as_str()).collect();
            bail!("the form has no language {wanted}; it has {}", names.join(", "));
        };
        Ok(found)
    }
}

fn kind(line: &Line) -> String {
    match &line.choices {
        Some(list) => format!("{} {list}", line.kind),
        None => line.kind.to_owned(),
    }
}

fn rules(line: &Line) -> impl Iterator<Item = (&'static str, &String)> {
    let rules = [
        ("only if", &line.relevant),
        ("needed if", &line.required),
        ("must be", &line.constraint),
        ("should be", &line.warning),
        ("computed", &line.calculation),
        ("begins with", &line.default),
        ("shown only if", &line.read_only),
        ("offers", &line.choice_filter),
        ("rows", &line.repeat_count),
        ("fills", &line.save_to),
    ];
    rules.into_iter().filter_map(|(what, value)| Some((what, value.as_ref()?)))
}
