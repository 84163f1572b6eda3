//! Texts: what is written reads back as itself, is canonical, and survives a store.

use proptest::prelude::*;
use sync_protocol::canonical::{self, Value};
use sync_protocol::{Row, RowHash, Save};

use super::history::{histories, histories_with_copies, line_of, orders, parts};
use super::replica::Replica;
use super::{CASES, FEWER_CASES, cases};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn a_row_reads_back_as_itself(history in histories_with_copies(), parts in parts(), order in orders()) {
        for row in Replica::after(history.deliver(&order, &parts)).rows.values() {
            let text = row.to_text();
            let read = Row::parse(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            prop_assert_eq!(&read, row, "{}", text);
            prop_assert_eq!(read.to_text(), text);
        }
    }
}

proptest! {
    #![proptest_config(cases(FEWER_CASES))]

    #[test]
    fn rows_kept_as_text_between_saves_come_out_the_same(
        history in histories_with_copies(), parts in parts(), order in orders(),
    ) {
        let saves = history.deliver(&order, &parts);
        let kept = Replica::after(saves.iter().copied());
        let mut stored = Replica::default();
        for save in saves {
            stored.take(save);
            for row in stored.rows.values_mut() {
                *row = Row::parse(&row.to_text()).unwrap();
            }
        }
        prop_assert_eq!(kept.texts(), stored.texts());
    }

    #[test]
    fn a_saves_line_is_canonical_and_reads_back(history in histories()) {
        for save in history.all() {
            let line = line_of(&save.writes);
            prop_assert_eq!(canonical::check(&line), Ok(()));
            let read = Save::parse(&line).unwrap();
            prop_assert_eq!(read.to_line(), line);
            for (read, write) in read.records.iter().zip(&save.writes) {
                prop_assert_eq!((&read.context, &read.registers), (&write.context, &write.registers));
            }
        }
    }

    #[test]
    fn any_value_has_one_canonical_text(json in json()) {
        let Ok(value) = Value::of(&json) else {
            // Keys that need an escape have no canonical form.
            return Ok(());
        };
        prop_assert_eq!(canonical::check(value.as_str()), Ok(()));
        prop_assert_eq!(Value::of(&value.json()).unwrap(), value);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,60}", json in json()) {
        for text in [text, json.to_string()] {
            let _ = canonical::check(&text);
            let _ = Save::parse(&text);
            let _ = Row::parse_any(&text);
        }
    }

    #[test]
    fn a_row_cut_or_changed_anywhere_is_another_row_or_none(
        history in histories(), at in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8,
    ) {
        let saves = history.all();
        prop_assume!(!saves.is_empty());
        let text = Replica::after(saves).texts().remove(0);
        let at = at.index(text.len());
        prop_assert!(Row::parse(&text[..at]).is_err());
        let mut changed = text.clone().into_bytes();
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(changed == text || RowHash::of(&changed) != RowHash::of(&text));
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-zé\\n]{0,3}", inner, 0..4)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn the_deepest_value_that_a_save_may_hold_stands_in_a_row_too() {
    use super::history::{AUTHOR, RECORDS};
    use sync_protocol::merge::Trusting;
    use sync_protocol::save::RecordWrite;
    use sync_protocol::{Clock, Collection, Context, Dot, Stamp, Tag, Write, WriterId};

    let deepest = (1..100).map(|n| "[".repeat(n) + &"]".repeat(n)).take_while(|text| Value::new(text).is_ok());
    let deepest = Value::new(&deepest.last().unwrap()).unwrap();
    let registers: std::collections::BTreeMap<_, _> = [("name".to_owned(), deepest)].into();
    let write = RecordWrite {
        collection: Collection::Household,
        id: RECORDS[0],
        context: Context::new(),
        registers: registers.clone(),
    };
    let save = Save { records: vec![write] };
    assert_eq!(Save::parse(&save.to_line()), Ok(save));
    let mut row = Row::new(Collection::Household, RECORDS[0]);
    for writer in [1, 2] {
        let dot = Dot { writer: WriterId::from_u128(writer), save: 1 };
        let stamp = Stamp { clock: Clock(1), author: AUTHOR };
        let context = Context::new();
        row.merge(&Write { dot, tag: Tag(1), stamp, context: &context, registers: &registers }, &Trusting);
    }
    assert_eq!(Row::parse(&row.to_text()).unwrap(), row);
}
