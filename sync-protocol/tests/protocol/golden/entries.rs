//! Entries of an outbox file over a session: which of them are asked about, and how they stand.

use sync_protocol::carriage::{Carriage, Carried, Standing};
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::control_body;

use super::Golden;
use super::example::ANI;

pub(super) fn list() -> Vec<Golden> {
    let ask = Carriage { ask: (1..=5).map(|seq| (ANI, seq, ChangesetHash([seq as u8; 32]))).collect() };
    let entries = vec![Standing::Here, Standing::BackedUp, Standing::Wanted, Standing::Refused, Standing::Foreign];
    vec![
        ("entries-ask.jsonl", control_body(&ask), read_ask),
        ("entries-stand.jsonl", control_body(&Carried { entries }), read_stand),
    ]
}

fn read_ask(text: &str) -> String {
    let (carriage, brought) = Carriage::parse(text.as_bytes()).unwrap();
    assert!(brought.is_empty());
    control_body(&carriage)
}

fn read_stand(text: &str) -> String {
    control_body(&serde_json::from_str::<Carried>(text).unwrap())
}
