//! Where a form and pyxform's XForm of the same sheets must say the same.

use std::collections::BTreeSet;

use crate::expr::Formula;
use crate::form::{Background, Form, Initial, Kind, Node, NodeId};
use crate::xlsform::tests::xform::XForm;

/// Everything in which the two differ, one line each.
pub(super) fn differences(form: &Form, xform: &XForm) -> Vec<String> {
    let mut differences = Vec::new();
    let ours: Vec<(NodeId, String)> =
        form.ids().skip(1).filter(|&id| !is_meta(form.node(id))).map(|id| (id, form.path(id))).collect();
    let our_paths: Vec<&str> = ours.iter().map(|(_, path)| path.as_str()).collect();
    // A group without anything inside is a leaf to whoever sees the instance only.
    let their_paths: Vec<&str> = xform.paths.iter().map(String::as_str).collect();
    if our_paths != their_paths {
        let (one, other): (BTreeSet<_>, BTreeSet<_>) = (our_paths.iter().collect(), their_paths.iter().collect());
        differences.extend(one.difference(&other).map(|path| format!("{path}: only ours")));
        differences.extend(other.difference(&one).map(|path| format!("{path}: only theirs")));
        if differences.is_empty() {
            differences.push("the order of the questions".to_owned());
        }
    }
    for (id, path) in &ours {
        differences.extend(compare(form.node(*id), path, xform).into_iter().map(|what| format!("{path}: {what}")));
    }
    compare_lists(form, xform, &mut differences);
    differences
}

/// ODK keeps the recording of the interview's course in a place of its own.
fn is_meta(node: &Node) -> bool {
    node.kind == Kind::Background(Background::Audit)
}

fn compare(node: &Node, path: &str, xform: &XForm) -> Vec<String> {
    let mut differences = Vec::new();
    let is_branch = matches!(node.kind, Kind::Group | Kind::Repeat { .. });
    if is_branch && !xform.branches.contains(path) && xform.binds.contains_key(path) {
        differences.push("a group to us only".to_owned());
    }
    if matches!(node.kind, Kind::Repeat { .. }) != xform.repeats.contains(path) {
        differences.push("a repeat to one only".to_owned());
    }
    let empty = Default::default();
    let bind = xform.binds.get(path).unwrap_or(&empty);
    if !is_branch && let Some(theirs) = bind.get("type") {
        let control = xform.controls.get(path).map_or("", String::as_str);
        // Choices of the sheet external_choices are looked up by what is typed.
        let control = if control == "input" && matches!(node.kind, Kind::SelectOne(_)) { "select1" } else { control };
        let expected = kind_name(&node.kind);
        if expected != (theirs.as_str(), control) && !(control.is_empty() && expected.0 == theirs) {
            differences.push(format!("type {expected:?}, theirs {theirs} {control}"));
        }
    }
    let computed = node.calculation.as_ref().filter(|_| node.trigger.is_empty());
    for (attribute, ours) in [
        ("relevant", &node.relevant),
        ("constraint", &node.constraint),
        ("required", &node.required),
        ("calculate", &computed.cloned()),
    ] {
        let ours = ours.as_ref().map(|formula| flat(formula.text()));
        let theirs =
            bind.get(attribute).map(|text| flat(text)).filter(|text| !(attribute == "required" && text == "false()"));
        if ours != theirs && !(attribute == "calculate" && is_left_out(&ours, &theirs)) {
            differences.push(format!("{attribute} {ours:?}, theirs {theirs:?}"));
        }
    }
    if let Some(Initial::Fixed(ours)) = &node.default {
        let theirs = xform.defaults.get(path).map(|text| text.strip_prefix("jr://images/").unwrap_or(text));
        if theirs.is_some_and(|theirs| flat(theirs) != flat(ours)) {
            differences.push(format!("default {ours:?}, theirs {theirs:?}"));
        }
    }
    differences
}

/// A calculation that is no expression has none here, whatever theirs says.
fn is_left_out(ours: &Option<String>, theirs: &Option<String>) -> bool {
    ours.is_none() && theirs.as_ref().is_some_and(|text| Formula::parse(text).is_err())
}

fn compare_lists(form: &Form, xform: &XForm, differences: &mut Vec<String>) {
    for list in &form.lists {
        let Some(theirs) = xform.lists.get(&list.name).filter(|theirs| !theirs.is_empty()) else { continue };
        let ours: Vec<&str> = list.choices.iter().map(|choice| choice.name.as_str()).collect();
        if ours != *theirs {
            differences.push(format!("list {}: {ours:?}, theirs {theirs:?}", list.name));
        }
    }
}

/// The type and the control of an XForm.
fn kind_name(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Group | Kind::Repeat { .. } => ("", ""),
        Kind::Note | Kind::Text => ("string", "input"),
        Kind::Integer => ("int", "input"),
        Kind::Decimal => ("decimal", "input"),
        Kind::Date => ("date", "input"),
        Kind::Time => ("time", "input"),
        Kind::DateTime => ("dateTime", "input"),
        Kind::SelectOne(_) => ("string", "select1"),
        Kind::SelectMultiple(_) => ("string", "select"),
        Kind::Rank(_) => ("odk:rank", "odk:rank"),
        Kind::Range(range) if range.decimal => ("decimal", "range"),
        Kind::Range(_) => ("int", "range"),
        Kind::Acknowledge => ("string", "trigger"),
        Kind::Geopoint => ("geopoint", "input"),
        Kind::Geotrace => ("geotrace", "input"),
        Kind::Geoshape => ("geoshape", "input"),
        Kind::Image | Kind::Audio | Kind::Video | Kind::File => ("binary", "upload"),
        Kind::Barcode => ("barcode", "input"),
        Kind::Calculate | Kind::Hidden => ("string", ""),
        Kind::Background(background) => match background {
            Background::Start | Background::End => ("dateTime", ""),
            Background::Today => ("date", ""),
            Background::Audit | Background::BackgroundAudio => ("binary", ""),
            Background::StartGeopoint | Background::BackgroundGeopoint => ("geopoint", ""),
            _ => ("string", ""),
        },
    }
}

/// An expression with every path cut to its last name: pyxform puts paths where the sheet has `${name}`.
fn flat(text: &str) -> String {
    let text = text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"");
    let text = text.replace("current()/", "").replace("instance('__last-saved')", "");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(char) = rest.chars().next() {
        if let Some(reference) = rest.strip_prefix("${")
            && let Some(end) = reference.find('}')
        {
            out.push_str(reference[..end].trim().trim_start_matches("last-saved#"));
            rest = &reference[end + 1..];
            continue;
        }
        let is_path = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | ':');
        let length = rest.find(|char| !is_path(char)).unwrap_or(rest.len());
        if length == 0 {
            if !char.is_whitespace() {
                out.push(char);
            }
            rest = &rest[char.len_utf8()..];
            continue;
        }
        let path = &rest[..length];
        out.push_str(path.rsplit('/').next().unwrap_or(path));
        rest = &rest[length..];
    }
    out
}

#[test]
fn a_path_and_a_reference_are_flat_alike() {
    for (sheet, xform) in [
        ("${a} > 5 and selected(${b}, 'x')", " /data/g/a  > 5 and selected( ../b , 'x')"),
        ("jr:choice-name(${a}, '${a}')", "jr:choice-name( /data/a , ' /data/a ')"),
        ("instance('l')/root/item[name = ${a}]/label", "instance('l')/root/item[name =  current()/../a ]/label"),
    ] {
        assert_eq!(flat(sheet), flat(xform));
    }
}
