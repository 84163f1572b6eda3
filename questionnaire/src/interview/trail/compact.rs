//! The trail as a visit's record keeps it: every word and path once, times as distances from the first.

use serde_json::{Value, json};

use super::{Event, Happening, Trail};

impl Trail {
    /// `{"events", "from", "nodes", "user", "words"}`: `words` and `nodes` are what events point into; an event is
    /// `[word, node, start, end, old, new]`, its times in milliseconds since `from`, without what is absent at its end.
    pub fn to_compact(&self) -> Value {
        let from = self.events.first().map_or(0, |event| event.start);
        let (mut words, mut nodes) = (Vec::new(), Vec::new());
        let events: Vec<Value> = self
            .events
            .iter()
            .map(|event| {
                let mut line = vec![
                    place(&mut words, serde_json::to_value(event.what).expect("a word is JSON")).into(),
                    place(&mut nodes, Value::from(event.node.as_str())).into(),
                    (event.start - from).into(),
                    event.end.map(|end| end - from).into(),
                    event.old.as_deref().into(),
                    event.new.as_deref().into(),
                ];
                while line.last() == Some(&Value::Null) {
                    line.pop();
                }
                Value::Array(line)
            })
            .collect();
        json!({"events": events, "from": from, "nodes": nodes, "user": self.user, "words": words})
    }

    /// Reads what [`Trail::to_compact`] wrote.
    pub fn from_compact(compact: &Value) -> Option<Trail> {
        let from = compact["from"].as_i64()?;
        let (words, nodes) = (&compact["words"], &compact["nodes"]);
        let events = compact["events"].as_array()?.iter().map(|line| {
            let what: Happening = serde_json::from_value(words[line[0].as_u64()? as usize].clone()).ok()?;
            let text = |place: usize| line.get(place).and_then(Value::as_str).map(str::to_owned);
            Some(Event {
                what,
                node: nodes[line[1].as_u64()? as usize].as_str()?.to_owned(),
                start: from + line[2].as_i64()?,
                end: line.get(3).and_then(Value::as_i64).map(|end| from + end),
                old: text(4),
                new: text(5),
            })
        });
        let user = compact["user"].as_str().map(str::to_owned);
        Some(Trail { user, events: events.collect::<Option<_>>()?, open: None })
    }
}

/// Where the value stands in the list; at its end if it is not there yet.
fn place(list: &mut Vec<Value>, value: Value) -> usize {
    list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Moment;

    #[test]
    fn a_trail_comes_back_from_its_compact_form_and_is_small() {
        let mut trail = Trail::of(Some("rina".into()));
        let at = |second: i64| Moment { unix_ms: 1_772_000_000_000 + second * 1_000, offset_min: 420 };
        trail.note(Happening::FormStart, String::new(), at(0));
        for second in 1..200 {
            let node = format!("/data/housing/h{}", 300 + second % 20);
            trail.open(Happening::Question, node.clone(), at(second));
            trail.change(node, "", "complete", at(second));
        }
        trail.leave(at(200));
        let compact = trail.to_compact();
        assert_eq!(Trail::from_compact(&compact), Some(trail.clone()));
        let (small, plain) = (compact.to_string().len(), serde_json::to_string(&trail).unwrap().len());
        assert!(small * 2 < plain, "{small} of {plain}");
        assert_eq!(Trail::from_compact(&json!({"events": [[9, 0, 0]], "from": 0, "nodes": [], "words": []})), None);
        assert_eq!(Trail::from_compact(&Value::Null), None);
    }
}
