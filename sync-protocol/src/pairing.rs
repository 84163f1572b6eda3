//! Pairing: a carrier and the devices of its team know each other by a short code, which never travels (section 18).
//!
//! It keeps strangers from filling a carrier's disk, and a device from giving to the wrong one. What is carried needs no
//! such protection: parcels are read by the server alone, and receipts are signed by it.

use crate::entry::Recipient;

const CONTEXT: &str = "tilik 2026 carry code 1";
/// Digits of a code.
pub const CODE_DIGITS: usize = 8;
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A nonce of either side.
pub type Nonce = [u8; 32];

/// What both sides know: the code, and the server that they work for.
#[derive(Clone)]
pub struct Pairing([u8; 32]);

impl std::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pairing(…)")
    }
}

/// Which side proves that it knows the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The device that gives.
    Giver,
    /// The one that carries.
    Carrier,
}

/// A fresh code, as people read it to each other.
pub fn code(random: [u8; CODE_DIGITS]) -> String {
    let digits = random.map(|byte| char::from(DIGITS[usize::from(byte) % DIGITS.len()]));
    let text: String = digits.iter().collect();
    format!("{}-{}", &text[..CODE_DIGITS / 2], &text[CODE_DIGITS / 2..])
}

impl Pairing {
    /// With a code as typed: case, spaces and hyphens do not count, `O` is read as 0, `I` and `L` as 1. `None` if it is none.
    pub fn of(typed: &str, recipient: Recipient) -> Option<Pairing> {
        let mut digits = Vec::with_capacity(CODE_DIGITS);
        for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let digit = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            digits.push(u8::try_from(digit).ok().filter(|digit| DIGITS.contains(digit))?);
        }
        let known = [digits.as_slice(), &recipient.0].concat();
        (digits.len() == CODE_DIGITS).then(|| Pairing(blake3::derive_key(CONTEXT, &known)))
    }

    /// The proof that a side knows the code, for these nonces only.
    pub fn proof(&self, side: Side, carrier: &Nonce, giver: &Nonce) -> [u8; 32] {
        *self.keyed(side, carrier, giver).as_bytes()
    }

    /// Whether the other side knows it.
    pub fn is_proof(&self, side: Side, carrier: &Nonce, giver: &Nonce, proof: &[u8; 32]) -> bool {
        // Compared in constant time.
        self.keyed(side, carrier, giver) == *proof
    }

    fn keyed(&self, side: Side, carrier: &Nonce, giver: &Nonce) -> blake3::Hash {
        let side = match side {
            Side::Giver => b'g',
            Side::Carrier => b'c',
        };
        blake3::keyed_hash(&self.0, &[[side].as_slice(), carrier, giver].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_know_a_code_however_it_is_typed_and_no_other_proves_anything() {
        let (server, other) = (Recipient([1; 32]), Recipient([2; 32]));
        let code = code([0, 1, 2, 31, 32, 9, 10, 255]);
        assert_eq!(code, "012Z-09AZ");
        let pairing = Pairing::of(&code, server).expect("a code");
        let typed = Pairing::of(" o1 2z09az ", server).expect("a code");
        let (a, b) = ([3; 32], [4; 32]);
        let proof = typed.proof(Side::Giver, &a, &b);
        assert!(pairing.is_proof(Side::Giver, &a, &b, &proof));
        assert!(!pairing.is_proof(Side::Carrier, &a, &b, &proof) && !pairing.is_proof(Side::Giver, &b, &a, &proof));
        for (typed, server) in [("012Z-09AY", server), ("012Z-09AZ", other)] {
            let wrong = Pairing::of(typed, server).expect("a code");
            assert!(!wrong.is_proof(Side::Giver, &a, &b, &proof));
        }
        for none in ["", "012Z", "012Z-09AZ-1", "012Z-09AU"] {
            assert!(Pairing::of(none, server).is_none(), "{none}");
        }
    }
}
