//! Area names as people spell them: prefixes, Roman numerals, old spelling and single slips forgiven.

/// A name reduced to what spellings of it share: `Kel. Simpang IV Sipin` and `simpang 4 sipin` are one.
pub fn area_name_key(name: &str) -> String {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> =
        lower.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && is_kind(words[0]) {
        words.remove(0);
    }
    let joined: String = words.into_iter().map(arabic).collect();
    joined.replace("oe", "u").replace("dj", "j").replace("tj", "c").replace("sy", "s")
}

fn is_kind(word: &str) -> bool {
    matches!(
        word,
        "kelurahan" | "kel" | "desa" | "ds" | "kecamatan" | "kec" | "kota" | "kabupaten" | "kab" | "provinsi" | "prov"
    )
}

fn arabic(word: &str) -> &str {
    match word {
        "i" => "1",
        "ii" => "2",
        "iii" => "3",
        "iv" => "4",
        "v" => "5",
        "vi" => "6",
        "vii" => "7",
        "viii" => "8",
        "ix" => "9",
        "x" => "10",
        _ => word,
    }
}

/// How many slips a name of this length is forgiven: none in the shortest, two in the longest.
pub fn slips_forgiven(key: &str) -> usize {
    match key.chars().count() {
        0..=4 => 0,
        5..=10 => 1,
        _ => 2,
    }
}

/// Single-letter slips between two keys, a swap of neighbours being one; `None` beyond `slips_max` or where a digit differs, since "4" is not a misspelt "3".
pub fn slips(left: &str, right: &str, slips_max: usize) -> Option<usize> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(left) != digits(right) {
        return None;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > slips_max {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let changed = above[column] + usize::from(letter != other);
            let mut cost = changed.min(above[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other;
            if swapped {
                cost = cost.min(before[column - 1] + 1);
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().filter(|cost| *cost <= slips_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for spelling in ["Simpang IV Sipin", "KEL. SIMPANG IV SIPIN", "simpang 4 sipin", "Kelurahan Simpang-IV  Sipin"]
        {
            assert_eq!(area_name_key(spelling), "simpang4sipin");
        }
        assert_eq!(area_name_key("Tandjoeng Raden"), area_name_key("Tanjung Raden"));
        assert_eq!(area_name_key("Desa"), "desa");
    }

    #[test]
    fn slips_are_counted_but_numbers_never_forgiven() {
        assert_eq!(slips("mayangmangurai", "mayangmanguari", 2), Some(1));
        assert_eq!(slips("telanaipura", "telanipura", 2), Some(1));
        assert_eq!(slips("simpang3sipin", "simpang4sipin", 2), None);
        assert_eq!(slips("legok", "sungaiputri", 2), None);
    }
}
