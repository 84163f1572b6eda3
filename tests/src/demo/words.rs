//! Numbers as people read them.

/// 20000 as `20,000`.
pub(super) fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or_default().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as B, kB or MB.
pub(super) fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}

/// Milliseconds as seconds.
pub(super) fn seconds(ms: i64) -> String {
    format!("{:.1} s", ms as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(["0", "999", "1,000", "20,000", "1,234,567"], [0, 999, 1_000, 20_000, 1_234_567].map(count_of));
    }

    fn count_of(number: u64) -> String {
        count(number)
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_is_short() {
        assert_eq!([850, 1_500, 2_345_678].map(bytes), ["850 B", "1.5 kB", "2.3 MB"]);
    }
}
