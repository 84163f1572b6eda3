//! One-time enrolment codes: read aloud, typed on a phone, so no letter looks like a digit.

/// Milliseconds for which a code may be used.
pub const CODE_MS: i64 = 15 * 60 * 1_000;

/// Crockford's base 32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 12;
const GROUP: usize = 4;

/// A code in its one spelling: 12 digits of base 32, 60 random bits.
#[derive(PartialEq, Eq)]
pub struct EnrolmentCode(String);

impl std::fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentCode(…)")
    }
}

impl EnrolmentCode {
    /// The code of these random bytes.
    pub fn random(random: [u8; 8]) -> EnrolmentCode {
        let bits = u64::from_be_bytes(random);
        let digit = |place: usize| char::from(DIGITS[(bits >> (5 * place) & 31) as usize]);
        EnrolmentCode((0..LENGTH).map(digit).collect())
    }

    /// Reads what a person typed: case, spaces and hyphens do not count, look-alikes are forgiven.
    pub fn typed(text: &str) -> Option<EnrolmentCode> {
        let digits: Option<String> = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(LENGTH + 1)
            .map(|c| match c.to_ascii_uppercase() {
                'O' => Some('0'),
                'I' | 'L' => Some('1'),
                c => DIGITS.contains(&u8::try_from(c).ok()?).then_some(c),
            })
            .collect();
        digits.filter(|digits| digits.len() == LENGTH).map(EnrolmentCode)
    }

    /// The code in groups, for a person to read.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH / GROUP).map(|i| &self.0[i * GROUP..(i + 1) * GROUP]).collect();
        groups.join("-")
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> String {
        blake3::hash(self.0.as_bytes()).to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_read_aloud_and_typed() {
        let code = EnrolmentCode::random([0x08, 0x42, 0x10, 0x84, 0x21, 0x00, 0x40, 0x21]);
        assert_eq!(code.grouped().len(), 14);
        for spelling in
            [code.grouped(), code.grouped().to_lowercase(), format!(" {} ", code.grouped().replace('-', " "))]
        {
            assert_eq!(EnrolmentCode::typed(&spelling).as_ref(), Some(&code), "{spelling}");
        }
        let alike = code.grouped().replace('1', "l").replace('0', "o");
        assert_eq!(EnrolmentCode::typed(&alike), Some(code));
    }

    #[test]
    fn what_is_no_code_is_not_looked_up() {
        for text in ["", "ABCD-EFGH", "ABCD-EFGH-JKMU", "ABCD-EFGH-JKMN-P", "ÅBCD-EFGH-JKMN"] {
            assert_eq!(EnrolmentCode::typed(text), None, "{text}");
        }
    }
}
