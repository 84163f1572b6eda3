//! Answers as people type them: choices by number or by a word of theirs, dates as they are said, positions with commas.

use questionnaire::interview::{Answer, Offer, Question};

use super::typed::is_yes;
use crate::words::Word;

/// Why a line is no answer yet.
#[derive(Debug, PartialEq)]
pub(super) enum Retry {
    /// Several choices fit; they are listed, and numbers mean these.
    Among(Vec<Offer>),
    /// A number that no choice has; there are so many.
    NoSuchNumber(usize),
    /// Something else.
    Say(Word),
}

/// The answer that a line means; `listed` are the choices on the screen.
pub(super) fn answer_of(question: &Question, listed: &[Offer], line: &str) -> Result<Answer, Retry> {
    match question.kind {
        "select_one" => one(question, listed, line).map(Answer::Text),
        "select_multiple" | "rank" => several(question, listed, line).map(Answer::Choices),
        "acknowledge" if is_yes(line) => Ok(Answer::Text("OK".to_owned())),
        "acknowledge" => Err(Retry::Say(Word::TypeYes)),
        "date" => Ok(Answer::Text(date(line).unwrap_or_else(|| line.to_owned()))),
        "geopoint" => Ok(Answer::Text(position(line))),
        _ => Ok(Answer::Text(line.to_owned())),
    }
}

fn several(question: &Question, listed: &[Offer], line: &str) -> Result<Vec<String>, Retry> {
    let numbers: Vec<&str> = line.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    if numbers.iter().all(|part| part.parse::<usize>().is_ok()) {
        return numbers.iter().map(|part| one(question, listed, part)).collect();
    }
    one(question, listed, line).map(|name| vec![name])
}

fn one(question: &Question, listed: &[Offer], line: &str) -> Result<String, Retry> {
    if let Ok(number) = line.parse::<usize>() {
        let chosen = number.checked_sub(1).and_then(|at| listed.get(at));
        return chosen.map(|offer| offer.name.clone()).ok_or(Retry::NoSuchNumber(listed.len()));
    }
    let word = line.to_lowercase();
    let exact = |offer: &&Offer| offer.label.to_lowercase() == word || offer.name == line;
    if let Some(offer) = question.choices.iter().find(exact) {
        return Ok(offer.name.clone());
    }
    let mut fits: Vec<Offer> =
        question.choices.iter().filter(|offer| offer.label.to_lowercase().contains(&word)).cloned().collect();
    match fits.len() {
        0 => Err(Retry::Say(Word::NoSuchChoice)),
        1 => Ok(fits.remove(0).name),
        _ => Err(Retry::Among(fits)),
    }
}

/// `17-8-2026`, `17/8/2026`, `17.8.2026`; `8-2026` for a month.
fn date(line: &str) -> Option<String> {
    let parts: Vec<u32> = line.split(['-', '/', '.', ' ']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (day, month, year) = match parts.as_slice() {
        [day, month, year] if *year >= 1000 => (*day, *month, *year),
        [month, year] if *year >= 1000 => (1, *month, *year),
        _ => return None,
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn position(line: &str) -> String {
    let parts: Vec<&str> = line.split([',', ' ', ';']).filter(|part| !part.is_empty()).collect();
    let beyond = ["0", "0"];
    match parts.len() {
        2 | 3 => parts.iter().copied().chain(beyond).take(4).collect::<Vec<_>>().join(" "),
        _ => parts.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers() -> Vec<Offer> {
        let offer =
            |name: &str, label: &str| Offer { name: name.into(), label: label.into(), media: Default::default() };
        vec![offer("01", "Air kemasan"), offer("02", "Air isi ulang"), offer("03", "Leding")]
    }

    fn question(kind: &'static str) -> Question {
        let plan = std::sync::Arc::new(questionnaire::interview::Plan::new(form()));
        let still = questionnaire::interview::Still::new(questionnaire::expr::Moment { unix_ms: 0, offset_min: 0 });
        let interview = questionnaire::interview::Interview::begin(
            plan,
            &Default::default(),
            std::sync::Arc::new(still),
            Default::default(),
        );
        let questionnaire::interview::Shows::Questions(mut questions) = interview.screen().shows else { panic!() };
        Question { kind, choices: offers(), ..questions.remove(0) }
    }

    fn form() -> questionnaire::form::Form {
        let sheets: [(&str, &[u8]); 1] = [("survey.csv", b"type,name,label\ntext,a,A")];
        questionnaire::check_set("form", &sheets).form.unwrap()
    }

    #[test]
    fn a_choice_is_named_by_its_number_or_a_word_of_it() {
        let check = |line: &str, expected: Result<&str, Retry>| {
            let answer = answer_of(&question("select_one"), &offers(), line);
            assert_eq!(answer, expected.map(|name| Answer::Text(name.into())), "{line}");
        };
        check("2", Ok("02"));
        check("led", Ok("03"));
        check("AIR KEMASAN", Ok("01"));
        check("air", Err(Retry::Among(offers()[..2].to_vec())));
        check("4", Err(Retry::NoSuchNumber(3)));
        check("0", Err(Retry::NoSuchNumber(3)));
        check("sumur", Err(Retry::Say(Word::NoSuchChoice)));
        let several = answer_of(&question("select_multiple"), &offers(), "3, 1");
        assert_eq!(several, Ok(Answer::Choices(vec!["03".into(), "01".into()])));
    }

    #[test]
    fn dates_and_positions_are_taken_as_they_are_said() {
        let check = |kind, line: &str, expected: &str| {
            assert_eq!(answer_of(&question(kind), &[], line), Ok(Answer::Text(expected.into())), "{line}");
        };
        check("date", "17-8-2026", "2026-08-17");
        check("date", "1/2/1990", "1990-02-01");
        check("date", "8-2026", "2026-08-01");
        check("date", "2026-08-17", "2026-08-17");
        check("date", "kemarin", "kemarin");
        check("geopoint", "-1.61, 103.61", "-1.61 103.61 0 0");
        check("geopoint", "-1.61 103.61 12 5", "-1.61 103.61 12 5");
        check("text", "2", "2");
    }
}
