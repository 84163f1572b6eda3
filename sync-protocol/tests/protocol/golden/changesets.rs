//! Changesets as they stand in a request, and the chain's numbers beside them.

use serde::{Deserialize, Serialize};
use sync_protocol::Header;
use sync_protocol::changeset::{ChangesetHash, Links, WriterKey, erased_line};
use sync_protocol::exchange::Push;

use super::Golden;
use super::example::{Made, first, key_of, retold, second};

/// Line 1 as in a request's `push`, then the lines; at the end what a reader must compute.
#[derive(Serialize, Deserialize)]
struct Computed {
    hash: ChangesetHash,
    key: WriterKey,
    tags: Vec<u32>,
}

pub(super) fn list() -> Vec<Golden> {
    let mut erased = second();
    let computed = text(&erased).lines().last().unwrap().to_owned();
    erased.sealed.saves[0] = erased_line(&erased.sealed.saves[0]);
    let erased = text(&erased);
    assert_eq!(erased.lines().last().unwrap(), computed, "erasing changes neither hash nor tags");
    vec![
        ("changeset-single.jsonl", text(&first()), read),
        ("changeset-many.jsonl", text(&second()), read),
        ("changeset-origin.jsonl", text(&retold()), read),
        ("changeset-erased.jsonl", erased, read),
    ]
}

pub(super) fn push_of(made: &[&Made]) -> Push {
    let sealed = made.iter().map(|made| (made.sealed.signature, made.sealed.saves.len())).collect();
    Push { after: made[0].after, sealed, writer: made[0].writer }
}

/// The lines that stand for it in a request.
pub(super) fn lines_of(made: &Made) -> String {
    format!("{}\n{}\n", made.sealed.header, made.sealed.saves.join("\n"))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn text(made: &Made) -> String {
    let computed = Computed {
        hash: made.sealed.links.hash,
        key: key_of(made.writer).key(),
        tags: made.sealed.links.tags.iter().map(|tag| tag.0).collect(),
    };
    format!("{}\n{}{}\n", json(&push_of(&[made])), lines_of(made), json(&computed))
}

fn read(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let [push, header, saves @ .., computed] = lines.as_slice() else { panic!("too few lines") };
    let push: Push = serde_json::from_str(push).unwrap();
    let stated: Computed = serde_json::from_str(computed).unwrap();
    let links = Links::over(push.after, header, saves).unwrap();
    links.verify(&stated.key, &push.sealed[0].0).unwrap();
    assert_eq!(links.hash, stated.hash);
    assert_eq!(links.tags.iter().map(|tag| tag.0).collect::<Vec<_>>(), stated.tags);
    let header = Header::parse(header, push.writer, saves.len()).unwrap();
    let again = saves.iter().map(|save| match save.starts_with('!') {
        true => (*save).to_owned(),
        false => sync_protocol::Save::parse(save).unwrap().to_line(),
    });
    let again: Vec<String> = again.collect();
    format!("{}\n{}\n{}\n{}\n", json(&push), header.to_line(), again.join("\n"), json(&stated))
}
