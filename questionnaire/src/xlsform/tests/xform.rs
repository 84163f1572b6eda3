//! What an XForm says of its questions, for comparison.

use std::collections::{BTreeMap, BTreeSet};

/// An XForm as pyxform writes it.
#[derive(Debug, Default)]
pub(super) struct XForm {
    /// Paths of the primary instance, groups and leaves, in the order of the form; `meta` left out.
    pub(super) paths: Vec<String>,
    /// Those that hold others.
    pub(super) branches: BTreeSet<String>,
    /// Those that are asked again.
    pub(super) repeats: BTreeSet<String>,
    /// What the instance holds before anybody answers.
    pub(super) defaults: BTreeMap<String, String>,
    /// Attributes of the bind of each path.
    pub(super) binds: BTreeMap<String, BTreeMap<String, String>>,
    /// Tags of the controls of each path.
    pub(super) controls: BTreeMap<String, String>,
    /// Names of the choices of each secondary instance.
    pub(super) lists: BTreeMap<String, Vec<String>>,
}

impl XForm {
    pub(super) fn read(text: &str) -> Self {
        let root = Element::parse(text);
        let mut form = XForm::default();
        let model = root.find("h:head").and_then(|head| head.find("model")).expect("an XForm has a model");
        for child in &model.children {
            match child.name.as_str() {
                "instance" => form.read_instance(child),
                "bind" => {
                    let path = child.attributes["nodeset"].clone();
                    form.binds.insert(path, child.attributes.clone());
                }
                _ => {}
            }
        }
        form.read_controls(root.find("h:body").expect("an XForm has a body"));
        form
    }

    fn read_instance(&mut self, instance: &Element) {
        match instance.attributes.get("id") {
            None => {
                let root = instance.children.first().expect("the primary instance has a root");
                self.read_node(root, &format!("/{}", root.name), true);
            }
            Some(id) => {
                let Some(root) = instance.children.first() else { return };
                let name = |item: &Element| item.find("name").map_or("", |name| name.text.as_str()).to_owned();
                self.lists.insert(id.clone(), root.children.iter().map(name).collect());
            }
        }
    }

    fn read_node(&mut self, node: &Element, path: &str, is_root: bool) {
        if !is_root && !self.paths.iter().any(|known| known == path) {
            self.paths.push(path.to_owned());
        }
        if !node.children.is_empty() {
            self.branches.insert(path.to_owned());
        } else if !node.text.is_empty() {
            self.defaults.insert(path.to_owned(), node.text.clone());
        }
        for child in node.children.iter().filter(|child| child.name != "meta") {
            self.read_node(child, &format!("{path}/{}", child.name), false);
        }
    }

    fn read_controls(&mut self, element: &Element) {
        if element.name == "repeat" {
            self.repeats.insert(element.attributes["nodeset"].clone());
        }
        let is_action = matches!(element.name.as_str(), "setvalue" | "odk:setgeopoint" | "odk:recordaudio");
        if let Some(path) = element.attributes.get("ref").filter(|path| path.starts_with('/') && !is_action) {
            self.controls.insert(path.clone(), element.name.clone());
        }
        element.children.iter().for_each(|child| self.read_controls(child));
    }
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// Reads XML as pyxform writes it: no comments, no CDATA, double quotes only.
    fn parse(text: &str) -> Self {
        let mut open = vec![Element::default()];
        let mut rest = text;
        while let Some(begin) = rest.find('<') {
            let end = begin + tag_end(&rest[begin..]);
            let inside = rest[..begin].trim();
            open.last_mut().expect("the document is open").text.push_str(&unescaped(inside));
            let tag = &rest[begin + 1..end];
            rest = &rest[end + 1..];
            if tag.starts_with(['?', '!']) {
                continue;
            }
            if tag.starts_with('/') {
                let closed = open.pop().expect("a tag closes what is open");
                open.last_mut().expect("the document is open").children.push(closed);
                continue;
            }
            let element = Element::of(tag.trim_end_matches('/'));
            match tag.ends_with('/') {
                true => open.last_mut().expect("the document is open").children.push(element),
                false => open.push(element),
            }
        }
        let document = open.pop().expect("the document is open to the end");
        document.children.into_iter().next().expect("a document has a root")
    }

    fn of(tag: &str) -> Self {
        let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, after)) = rest.trim_start().split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a value ends");
            attributes.insert(key.trim().to_owned(), unescaped(value));
            rest = after;
        }
        Element { name: name.to_owned(), attributes, ..Element::default() }
    }

    fn find(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Where a tag ends: a `>` inside of quotes does not.
fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (index, char) in text.char_indices() {
        match char {
            '"' => quoted = !quoted,
            '>' if !quoted => return index,
            _ => {}
        }
    }
    panic!("a tag never ends")
}

fn unescaped(text: &str) -> String {
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#10;", "\n"), ("&#9;", "\t"), ("&amp;", "&")];
    plain.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
