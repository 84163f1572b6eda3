//! ODK's own engine beside ours: installs what it needs, makes XForms of forms, and runs the comparison.
//!
//! The comparison itself is a test of `questionnaire`; ODK's engine runs in Node (tests/oracle). XForms are made by
//! pyxform, those of our own forms are committed, so that only refreshing them or comparing other forms needs Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;
use crate::workspace::Workspace;

const PYXFORM: &str = "pyxform==4.5.0";
const NODE_MAJOR_MIN: u32 = 20;
/// Forms of the wild, where the data folder lies beside the checkout.
const WILD: &str = "../shared/data/xlsforms";

/// What to compare.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Random interviews for each form
    #[arg(long, default_value_t = 200)]
    sequences: u64,
    /// The first one's seed; the others follow
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Make the committed XForms anew from the sheets of our own forms, and compare nothing
    #[arg(long)]
    refresh: bool,
    /// Workbooks, or folders of CSV sheets; our own forms and those of the data folder unless named
    forms: Vec<PathBuf>,
}

/// Compares the engines.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if arguments.refresh {
        return refresh(workspace);
    }
    install(workspace)?;
    let list = list(workspace, arguments)?;
    let mut test = workspace.cargo("test");
    test.args(["--locked", "--package", "questionnaire", "--features", "workbook", "--test", "oracle"]);
    test.args(["--", "--nocapture"]);
    test.env("ORACLE_SEQUENCES", arguments.sequences.to_string()).env("ORACLE_SEED", arguments.seed.to_string());
    shell::run(test.env("ORACLE_LIST", list))
}

/// Installs the Node side, unless it is there as package-lock.json wants it.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let folder = node_folder(workspace);
    let wanted = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    ensure_node()?;
    println!("installing ODK's engine into {}", folder.join("node_modules").display());
    shell::run(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    fs::write(stamp, wanted).context("npm has made the folder")
}

fn ensure_node() -> Result<()> {
    let version = Command::new("node").arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!("please install Node.js {NODE_MAJOR_MIN} or later with npm, for ODK's engine beside ours"),
    }
}

/// Forms and their XForms, one pair a line.
fn list(workspace: &Workspace, arguments: &Arguments) -> Result<PathBuf> {
    let mut pairs = Vec::new();
    if arguments.forms.is_empty() {
        pairs.extend(own(workspace)?);
    }
    let others = if arguments.forms.is_empty() { wild(workspace)? } else { arguments.forms.clone() };
    pairs.extend(convert(workspace, &others)?);
    let lines: Vec<String> =
        pairs.iter().map(|(form, xform)| format!("{}\t{}", form.display(), xform.display())).collect();
    let list = made(workspace)?.join("list.tsv");
    fs::write(&list, lines.join("\n"))?;
    Ok(list)
}

/// The forms of this repository, with the committed XForms.
fn own(workspace: &Workspace) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut pairs = Vec::new();
    for folder in ["questionnaire/bundled", "tests/oracle/specimens"] {
        for entry in fs::read_dir(workspace.root().join(folder))? {
            let form = entry?.path();
            let name = form.file_name().context("an entry of a folder has a name")?;
            let xform = node_folder(workspace).join("forms").join(name).with_extension("xml");
            pairs.push((form, xform));
        }
    }
    pairs.sort();
    Ok(pairs)
}

/// Workbooks of the data folder, none where it is absent.
fn wild(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let folder = workspace.root().join(WILD);
    let mut forms = Vec::new();
    for folder in [folder.clone(), folder.join("pyxform")] {
        let Ok(entries) = fs::read_dir(&folder) else {
            println!("skipped: there is no {}; only the forms of this repository are compared", folder.display());
            return Ok(Vec::new());
        };
        for entry in entries {
            let file = entry?.path();
            if file.extension().is_some_and(|ending| ending == "xlsx" || ending == "xls") {
                forms.push(file);
            }
        }
    }
    forms.sort();
    Ok(forms)
}

/// XForms of the forms that pyxform takes.
fn convert(workspace: &Workspace, forms: &[PathBuf]) -> Result<Vec<(PathBuf, PathBuf)>> {
    if forms.is_empty() {
        return Ok(Vec::new());
    }
    let folder = made(workspace)?;
    let pairs: Vec<(PathBuf, PathBuf)> = forms
        .iter()
        .map(|form| Ok((std::path::absolute(form)?, folder.join(xform_name(form)))))
        .collect::<Result<_>>()?;
    for (_, xform) in &pairs {
        // One of an earlier run must not stand for a form that is refused today.
        let _ = fs::remove_file(xform);
    }
    make(workspace, &pairs)?;
    Ok(pairs.into_iter().filter(|(_, xform)| xform.is_file()).collect())
}

/// `tutorial.xls` and `tutorial.xlsx` are two forms.
fn xform_name(form: &Path) -> String {
    let stem = form.file_stem().unwrap_or_default().to_string_lossy();
    match form.extension() {
        Some(ending) if ending == "xls" => format!("{stem}_xls.xml"),
        _ => format!("{stem}.xml"),
    }
}

fn refresh(workspace: &Workspace) -> Result<()> {
    make(workspace, &own(workspace)?)
}

fn make(workspace: &Workspace, pairs: &[(PathBuf, PathBuf)]) -> Result<()> {
    let mut command = Command::new(python(workspace)?);
    command.args(["-W", "ignore"]).arg(node_folder(workspace).join("xform.py"));
    pairs.iter().for_each(|(form, xform)| {
        command.args([form, xform]);
    });
    shell::run(&mut command)
}

/// A Python that has pyxform, in an environment of its own below the target folder.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let environment = workspace.target().join("oracle/python");
    let python = environment.join("bin/python");
    if shell::succeeds(Command::new(&python).args(["-c", "import pyxform"])) {
        return Ok(python);
    }
    println!("installing {PYXFORM} into {}", environment.display());
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&environment))
        .context("making XForms needs Python 3 with its venv module")?;
    shell::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PYXFORM]))?;
    Ok(python)
}

fn node_folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("tests/oracle")
}

fn made(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("oracle/forms");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
