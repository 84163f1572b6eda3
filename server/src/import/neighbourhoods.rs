//! RT and RW as they are written: `02`, `RT 002/RW 01`, `002/001`.

use super::cells::Cell;

/// The numbers found in a cell, either of which may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Neighbourhood {
    /// Rukun tetangga, from 1.
    pub rt: Option<u16>,
    /// Rukun warga, from 1.
    pub rw: Option<u16>,
}

/// Which of the two a column holds where the cell itself does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlabelled {
    /// A column headed RT, or RT/RW.
    RtFirst,
    /// A column headed RW, or RW/RT.
    RwFirst,
}

/// Reads the numbers; `None` where something stands there that is neither.
pub fn read_neighbourhood(cell: &Cell, unlabelled: Unlabelled) -> Option<Neighbourhood> {
    match cell {
        Cell::Empty => Some(Neighbourhood::default()),
        Cell::Text(text) => read_text(text, unlabelled),
        Cell::Number(number) if number.fract() == 0.0 && (0.0..1_000.0).contains(number) => {
            read_text(&format!("{number:.0}"), unlabelled)
        }
        // "2/1" turned into the 2nd of January by a spreadsheet cannot be trusted back.
        _ => None,
    }
}

fn read_text(text: &str, unlabelled: Unlabelled) -> Option<Neighbourhood> {
    let mut found = Neighbourhood::default();
    let mut next = unlabelled;
    let mut numbers = 0;
    for token in tokens(text) {
        match token {
            Token::Word(word) => {
                next = match word.as_str() {
                    "rt" | "rukuntetangga" | "tetangga" => Unlabelled::RtFirst,
                    "rw" | "rukunwarga" | "warga" | "rk" => Unlabelled::RwFirst,
                    "no" | "nomor" | "rukun" => next,
                    _ => return None,
                }
            }
            Token::Number(digits) => {
                let number: u16 = digits.parse().ok().filter(|number| *number < 1_000)?;
                let slot = match next {
                    Unlabelled::RtFirst => &mut found.rt,
                    Unlabelled::RwFirst => &mut found.rw,
                };
                *slot = (number > 0).then_some(number);
                numbers += 1;
                next = match next {
                    Unlabelled::RtFirst => Unlabelled::RwFirst,
                    Unlabelled::RwFirst => Unlabelled::RtFirst,
                };
            }
        }
    }
    (numbers <= 2).then_some(found)
}

enum Token {
    Word(String),
    Number(String),
}

/// Letters and digits apart, so that `RT02` is two tokens; everything else separates.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for sign in text.chars() {
        if sign.is_ascii_digit() {
            match tokens.last_mut() {
                Some((true, Token::Number(digits))) => digits.push(sign),
                _ => tokens.push((true, Token::Number(sign.to_string()))),
            }
        } else if sign.is_alphabetic() {
            match tokens.last_mut() {
                Some((true, Token::Word(word))) => word.extend(sign.to_lowercase()),
                _ => tokens.push((true, Token::Word(sign.to_lowercase().collect()))),
            }
        } else if let Some((is_open, _)) = tokens.last_mut() {
            *is_open = false;
        }
    }
    tokens.into_iter().map(|(_, token)| token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unlabelled: Unlabelled, expected: Option<(u16, u16)>) {
        let found = read_neighbourhood(&Cell::Text(text.to_owned()), unlabelled);
        let numbers = found.map(|found| (found.rt.unwrap_or(0), found.rw.unwrap_or(0)));
        assert_eq!(numbers, expected, "{text}");
    }

    #[test]
    fn every_spelling_of_an_rt_is_read() {
        use Unlabelled::{RtFirst, RwFirst};
        for text in ["02", "2", "002", "RT 02", "RT.02", "rt02", "RT. 002", "No. 2", "'02"] {
            check(text, RtFirst, Some((2, 0)));
        }
        for text in ["RT 002/RW 01", "002/001", "RT02RW01", "RW 01 / RT 002", "RT.02 RW.01", "2/1", "Rt 2, Rw 1"] {
            check(text, RtFirst, Some((2, 1)));
        }
        check("001/002", RwFirst, Some((2, 1)));
        check("03", RwFirst, Some((0, 3)));
        for text in ["", "-", "0", "000", "000/000", "RT -"] {
            check(text, RtFirst, Some((0, 0)));
        }
        for text in ["12A", "dua", "1/2/3", "1571011001"] {
            check(text, RtFirst, None);
        }
    }
}
