//! How clerks, censuses and the people themselves spell one name in different ways.

use crate::seed::Seed;

/// Forms that stand for each other, whole word by whole word.
const SAME_WORD: [&[&str]; 9] = [
    &["Muhammad", "Mohammad", "Mochammad", "Muhamad", "Muh.", "Moh.", "Mhd.", "M."],
    &["Ahmad", "Achmad", "Akhmad"],
    &["Abdurrahman", "Abdul Rahman", "Abd. Rahman"],
    &["Siti", "St.", "Sitti"],
    &["Nurhayati", "Nur Hayati", "Noerhajati"],
    &["Zainuddin", "Jainudin", "Zainudin"],
    &["Yusuf", "Jusuf", "Yusup"],
    &["Sa'diah", "Sadiah", "Sakdiah"],
    &["Raden", "Rd."],
];

/// Letters that stand for each other; the left side is today's spelling.
const SAME_LETTERS: [(&str, &str); 10] = [
    ("u", "oe"),
    ("j", "dj"),
    ("y", "j"),
    ("c", "tj"),
    ("sy", "sj"),
    ("f", "p"),
    ("z", "j"),
    ("dd", "d"),
    ("kh", "h"),
    ("i", "ie"),
];

/// The same name as somebody else might have written it; where no rule fits, as it is.
pub fn spelling_variant(seed: &mut Seed, name: &str) -> String {
    let start = seed.index(5);
    (0..5)
        .filter_map(|step| match (start + step) % 5 {
            0 => other_word(seed, name),
            1 => other_letters(seed, name),
            2 => title_lost_or_gained(name),
            3 => name.contains('\'').then(|| name.replace('\'', "")),
            _ => second_word_shortened(name),
        })
        .next()
        .unwrap_or_else(|| name.to_owned())
}

/// A form in which names that are usually meant as one are equal: for tests, never for matching people.
pub fn letters_alike(name: &str) -> String {
    let lower = name.to_lowercase();
    let modern = [("oe", "u"), ("tj", "c"), ("dj", "j"), ("sj", "sy")]
        .iter()
        .fold(lower, |text, (old, new)| text.replace(old, new));
    modern.chars().filter(|letter| letter.is_alphabetic()).collect()
}

fn other_word(seed: &mut Seed, name: &str) -> Option<String> {
    let forms = SAME_WORD.iter().find(|forms| name.split(' ').any(|word| word == forms[0]))?;
    let other = seed.pick(&forms[1..]);
    Some(name.replacen(forms[0], other, 1))
}

fn other_letters(seed: &mut Seed, name: &str) -> Option<String> {
    let fitting: Vec<_> = SAME_LETTERS.iter().filter(|(new, _)| name.contains(new)).collect();
    if fitting.is_empty() {
        return None;
    }
    let (new, old) = fitting[seed.index(fitting.len())];
    Some(name.replacen(new, old, 1))
}

fn title_lost_or_gained(name: &str) -> Option<String> {
    let bare = name.strip_prefix("H. ").or_else(|| name.strip_prefix("Hj. "))?;
    Some(bare.to_owned())
}

fn second_word_shortened(name: &str) -> Option<String> {
    let (first, rest) = name.split_once(' ')?;
    let initial = rest.chars().next()?;
    (first.len() > 3 && rest.len() > 4).then(|| format!("{first} {initial}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn muhammad_is_written_in_many_ways() {
        let mut seed = Seed::new(2);
        let variants: std::collections::BTreeSet<_> =
            (0..200).filter_map(|_| other_word(&mut seed, "Muhammad Ridwan")).collect();
        assert_eq!(variants.len(), 7);
        assert!(variants.contains("M. Ridwan") && variants.contains("Mochammad Ridwan"));
    }

    #[test]
    fn old_and_new_spelling_are_alike() {
        assert_eq!(letters_alike("Soeparman"), letters_alike("Suparman"));
        assert_eq!(letters_alike("TJANDRA"), letters_alike("Candra"));
        assert_eq!(letters_alike("Sa'diah"), letters_alike("Sadiah"));
    }

    #[test]
    fn a_variant_is_another_writing_of_most_names() {
        let mut seed = Seed::new(4);
        for name in ["Hj. Nurjanah", "Sa'diah", "Budi Santoso", "Slamet Riyanto"] {
            assert_ne!(spelling_variant(&mut seed, name), name);
        }
    }
}
