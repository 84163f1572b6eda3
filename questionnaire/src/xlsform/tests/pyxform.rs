//! Forms read as pyxform 4.5.0 reads them: ours with its XForms beside them, and the form files of the wild where they
//! lie beside the checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::xlsform::tests::agreement::differences;
use crate::xlsform::tests::xform::XForm;

/// Where `cargo xtask oracle` puts a Python that has pyxform.
const PYTHON: &str = "oracle/python/bin/python";

const SCRIPT: &str = "
import sys, pathlib
from pyxform.xls2xform import convert
out = pathlib.Path(sys.argv[1])
for path in sys.argv[2:]:
    name = pathlib.Path(path).name
    try:
        (out / (name + '.xml')).write_text(convert(path, validate=False).xform, encoding='utf-8')
    except Exception as error:
        (out / (name + '.refused')).write_text(str(error), encoding='utf-8')
";

/// Forms whose paths differ on purpose: the setting `flat` is not followed.
const FLAT: &[&str] = &["pyxform_flat_xlsform_test.xlsx"];

/// Forms of ours and what pyxform made of them: `xls2xform --skip_validate golden/x.csv golden/x.xml` makes them anew.
const GOLDEN: &[(&str, &str, &str)] = &[
    ("types.csv", include_str!("golden/types.csv"), include_str!("golden/types.xml")),
    ("groups.csv", include_str!("golden/groups.csv"), include_str!("golden/groups.xml")),
    ("selects.csv", include_str!("golden/selects.csv"), include_str!("golden/selects.xml")),
    ("register.csv", include_str!("golden/register.csv"), include_str!("golden/register.xml")),
];

#[test]
fn forms_of_ours_are_read_as_pyxform_reads_them() {
    for (name, sheets, xform) in GOLDEN {
        let checked = crate::check(name, sheets.as_bytes());
        let form = checked.form.unwrap_or_else(|| panic!("{name}: {:#?}", checked.problems));
        assert_eq!(differences(&form, &XForm::read(xform)), [""; 0], "{name}");
    }
}

fn shared_forms() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/xlsforms");
    let mut forms = Vec::new();
    for folder in [folder.clone(), folder.join("pyxform")] {
        for entry in std::fs::read_dir(folder).ok()? {
            let path = entry.expect("the folder can be listed").path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if matches!(ending, "xlsx" | "xls") {
                forms.push(path);
            }
        }
    }
    forms.sort();
    Some(forms)
}

fn python() -> Option<PathBuf> {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().map(|folder| folder.join(PYTHON)).find(|python| python.is_file())
}

#[test]
fn forms_of_the_wild_are_read_as_pyxform_reads_them() {
    let Some(forms) = shared_forms() else {
        println!("skipped: there is no folder ../shared/data/xlsforms beside the checkout");
        return;
    };
    let Some(python) = python() else {
        println!("skipped: there is no {PYTHON} in the target folder; `cargo xtask oracle` installs it");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder for the XForms");
    let status = Command::new(python).args(["-W", "ignore", "-c", SCRIPT]).arg(folder.path()).args(&forms).status();
    assert!(status.expect("python runs").success());
    let mut wrong = Vec::new();
    for form in &forms {
        let name = form.file_name().and_then(|name| name.to_str()).expect("the names are plain");
        let checked = crate::check(name, &std::fs::read(form).expect("the file can be read"));
        let Ok(xform) = std::fs::read_to_string(folder.path().join(format!("{name}.xml"))) else { continue };
        match &checked.form {
            Some(form) if !FLAT.contains(&name) => {
                let differences = differences(form, &XForm::read(&xform));
                wrong.extend(differences.into_iter().map(|difference| format!("{name}: {difference}")));
            }
            Some(_) => {}
            None => wrong.push(format!("{name}: refused here, accepted there: {:#?}", checked.problems)),
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_refused_form_of_the_wild_says_what_to_do() {
    for form in shared_forms().unwrap_or_default() {
        let name = form.file_name().and_then(|name| name.to_str()).expect("the names are plain");
        let checked = crate::check(name, &std::fs::read(&form).expect("the file can be read"));
        let errors = checked.problems.iter().filter(|problem| problem.severity == crate::xlsform::Severity::Error);
        assert_eq!(checked.is_accepted(), errors.clone().count() == 0);
        for problem in errors {
            assert!(!problem.in_english().advice.is_empty() && !problem.spot.sheet.is_empty(), "{name}: {problem}");
        }
    }
}
