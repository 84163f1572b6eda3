//! Single values as they are kept: text without stray signs, sex, telephone, decile, degrees.

use super::cells::Cell;

/// Text without control signs and double spaces; `None` for nothing, `-`, and `0`.
pub fn text_of(cell: &Cell) -> Option<String> {
    let kept = kept_text(cell)?;
    (!matches!(kept.as_str(), "0" | "#" | "?") && kept.chars().any(char::is_alphanumeric)).then_some(kept)
}

/// Text like [`text_of`], but a `0` may mean something: for columns nobody here knows.
pub fn kept_text(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Fault(_) => return None,
        Cell::Text(text) => text,
        other => &other.to_text(),
    };
    let text = text.trim().trim_start_matches('\'');
    if matches!(text.to_ascii_lowercase().as_str(), "" | "-" | "--" | "n/a" | "null" | "none" | "nan" | ".") {
        return None;
    }
    if !text.contains(|sign: char| sign.is_control() || sign == '\u{a0}' || sign == '\u{feff}') && !text.contains("  ")
    {
        return Some(text.to_owned());
    }
    let words: Vec<&str> = text
        .split(|sign: char| sign.is_control() || sign.is_whitespace() || sign == '\u{feff}')
        .filter(|word| !word.is_empty())
        .collect();
    Some(words.join(" "))
}

/// `"m"` or `"f"`; `None` where the text says neither. A lone `P` is *perempuan*, a lone `L` *laki-laki*; 1 and 2 are the statistics office's codes.
pub fn sex_of(text: &str) -> Option<&'static str> {
    let word: String = text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match word.as_str() {
        "l" | "lk" | "lakilaki" | "laki" | "pria" | "m" | "male" | "1" => "m",
        "p" | "pr" | "perempuan" | "wanita" | "f" | "female" | "2" => "f",
        _ => return None,
    })
}

/// A telephone number in its national form; the zero that number cells lose is put back.
pub fn phone_of(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 6 {
        return text.to_owned();
    }
    match digits.strip_prefix("62") {
        Some(rest) if digits.len() > 9 => format!("0{rest}"),
        _ if digits.starts_with('8') => format!("0{digits}"),
        _ => digits,
    }
}

/// A decile from 1 to 10, whatever stands around the number.
pub fn decile_of(text: &str) -> Option<u8> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|decile| (1..=10).contains(decile))
}

/// Degrees as decimal text with a point; a comma between digits is one.
pub fn degrees_of(text: &str, most: f64) -> Option<String> {
    let text = text.trim().replace(',', ".");
    let degrees: f64 = text.parse().ok()?;
    (degrees.abs() <= most && degrees != 0.0).then(|| format!("{degrees}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_and_zeros_are_nothing() {
        for text in ["", " ", "-", "--", "0", "n/a", "NULL", "."] {
            assert_eq!(text_of(&Cell::Text(text.to_owned())), None, "{text}");
        }
        assert_eq!(kept_text(&Cell::Text("0".to_owned())).as_deref(), Some("0"));
        assert_eq!(text_of(&Cell::Text(" Moh.\u{a0} Ali\n".to_owned())).as_deref(), Some("Moh. Ali"));
        assert_eq!(text_of(&Cell::Number(12.0)).as_deref(), Some("12"));
    }

    #[test]
    fn sexes_telephones_and_deciles_take_one_form() {
        for (text, sex) in [
            ("L", Some("m")),
            ("Laki-laki", Some("m")),
            ("P", Some("f")),
            ("perempuan", Some("f")),
            ("2", Some("f")),
            ("x", None),
        ] {
            assert_eq!(sex_of(text), sex, "{text}");
        }
        for text in ["081234567890", "81234567890", "+62 812-3456-7890", "6281234567890"] {
            assert_eq!(phone_of(text), "081234567890", "{text}");
        }
        assert_eq!(decile_of("Desil 3"), Some(3));
        assert_eq!(decile_of("11"), None);
        assert_eq!(degrees_of("-1,6101", 90.0).as_deref(), Some("-1.6101"));
        assert_eq!(degrees_of("103.5", 90.0), None);
    }
}
