//! Several devices' rows of one record become one: a value stays if the other row has it too, or has not seen it.

use sync_protocol::{Context, Dot, Row, Seen, Sibling};

/// Joins another row of the same record into this one.
pub(super) fn join(into: &mut Row, other: Row) {
    let (ours, theirs) = (into.context.clone(), &other.context);
    for (name, register) in &mut into.registers {
        let beside = other.registers.get(name).map_or(&[][..], |register| &register.siblings);
        register.siblings.retain(|sibling| beside.contains(sibling) || !covers(theirs, &ours, sibling.dot));
    }
    for (name, register) in other.registers {
        let mine = into.registers.entry(name).or_default();
        for sibling in register.siblings {
            if !mine.siblings.contains(&sibling) && !covers(&ours, &other.context, sibling.dot) {
                let at = mine.siblings.partition_point(|s| s.dot < sibling.dot);
                mine.siblings.insert(at, sibling);
            }
        }
    }
    into.stamps.extend(other.stamps);
    for (writer, seen) in other.context {
        let entry = into.context.entry(writer).or_insert(seen);
        if seen.save > entry.save {
            *entry = seen;
        }
    }
}

/// Whether a row of this context has seen the dot, which stands in a row of the context `of`. In doubt it has not.
fn covers(context: &Context, of: &Context, dot: Dot) -> bool {
    let other_life = |seen: &Seen| of.get(&dot.writer).is_some_and(|o| o.save == seen.save && o.tag != seen.tag);
    context.get(&dot.writer).is_some_and(|seen| seen.save >= dot.save && !other_life(seen))
}

/// The siblings of a register.
pub(super) fn siblings<'r>(row: &'r Row, name: &str) -> &'r [Sibling] {
    row.registers.get(name).map_or(&[], |register| &register.siblings)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sync_protocol::merge::Trusting;
    use sync_protocol::{Clock, Collection, RecordId, Stamp, Tag, UserId, Value, Write, WriterId};

    use super::*;

    fn put(row: &mut Row, writer: u128, save: u64, context: &Context, value: &str) {
        let registers = BTreeMap::from([("head_name".to_owned(), Value::text(value))]);
        let stamp = Stamp { clock: Clock(save as i64), author: UserId::from_u128(9) };
        let dot = Dot { writer: WriterId::from_u128(writer), save };
        row.merge(&Write { dot, tag: Tag(save as u32), stamp, context, registers: &registers }, &Trusting);
    }

    fn values(row: &Row) -> Vec<&str> {
        siblings(row, "head_name").iter().map(|sibling| sibling.value.as_str()).collect()
    }

    #[test]
    fn what_one_had_seen_goes_and_what_none_had_seen_stays() {
        let mut old = Row::new(Collection::Household, RecordId::from_u128(1));
        put(&mut old, 1, 1, &Context::new(), "first");
        let (mut left, mut right) = (old.clone(), old.clone());
        put(&mut left, 2, 1, &old.context, "left");
        put(&mut right, 3, 1, &old.context, "right");
        for rows in [[&old, &left, &right], [&right, &old, &left], [&left, &right, &old]] {
            let mut joined = rows[0].clone();
            rows[1..].iter().for_each(|row| join(&mut joined, (*row).clone()));
            assert_eq!(values(&joined), ["\"left\"", "\"right\""]);
            assert_eq!(joined.context.len(), 3);
        }
    }
}
