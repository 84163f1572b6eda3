//! Names: what may be one, what was probably meant, and which is nearest.

/// Whether `text` is a name as XML knows it, a prefix allowed.
pub(super) fn is_name(text: &str) -> bool {
    let mut parts = text.split(':');
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    third.is_none() && first.is_some_and(is_plain_name) && second.is_none_or(is_plain_name)
}

/// Whether `text` is a name without a prefix.
pub(super) fn is_plain_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(begins_name) && chars.all(continues_name)
}

fn begins_name(char: char) -> bool {
    matches!(char, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn continues_name(char: char) -> bool {
    begins_name(char)
        || matches!(char, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The nearest text that is a name: `1st floor` becomes `_1st_floor`.
pub(super) fn repaired(text: &str) -> String {
    let text = text.trim();
    let mut name: String = text.chars().map(|char| if continues_name(char) { char } else { '_' }).collect();
    if !name.chars().next().is_some_and(begins_name) {
        name.insert(0, '_');
    }
    name
}

/// The candidate that `name` is probably a slip for.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if name.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let folded = fold(name);
    let farthest = (folded.chars().count() / 3).clamp(1, 3);
    let near =
        candidates.into_iter().filter(|candidate| candidate.len() <= COMPARED_BYTES_MAX).filter_map(|candidate| {
            let distance = distance(&folded, &fold(candidate), farthest)?;
            Some((distance, candidate))
        });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate.to_owned())
}

/// Longer texts are no slips of a pen.
const COMPARED_BYTES_MAX: usize = 100;

/// Capitals, blanks and hyphens are the commonest slips and count as none.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// How many letters must be changed, added, left out or swapped with the next to make `a` into `b`; `None` above
/// `farthest`.
fn distance(a: &str, b: &str, farthest: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > farthest {
        return None;
    }
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let replaced = row[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    Some(row[b.len()]).filter(|distance| *distance <= farthest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_xml() {
        for name in ["a", "_1", "FALSE", "label-test", "a.b", "nom_é", "名前", "ns:local"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "1a", "a b", "-a", "a:b:c", "a:", "(x)", "a/b", "a'"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_can_be_made_one() {
        for (text, expected) in [("1st floor", "_1st_floor"), ("umur?", "umur_"), ("", "_"), ("ok", "ok")] {
            assert_eq!(repaired(text), expected);
            assert!(is_name(expected));
        }
    }

    #[test]
    fn a_slip_finds_what_was_meant() {
        let names = ["household_size", "name", "age", "sex"];
        for (slip, expected) in [
            ("houshold_size", Some("household_size")),
            ("Household Size", Some("household_size")),
            ("aeg", Some("age")),
            ("agee", Some("age")),
            ("zzz", None),
        ] {
            assert_eq!(nearest(slip, names).as_deref(), expected, "{slip}");
        }
    }
}
