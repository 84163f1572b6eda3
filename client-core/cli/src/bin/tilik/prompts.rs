//! Asking a person: questions go to stderr, answers come from stdin, so that stdout stays what was asked for.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::Path;

use crate::exit::Failure;
use crate::paper::Paper;
use crate::words::Word;

/// Bytes of a file of answers.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Whether there is a person to ask.
pub(crate) fn is_somebody_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// One line of answer; `None` at the end of input.
pub(crate) fn ask(question: &str) -> Result<Option<String>, Failure> {
    let mut err = std::io::stderr();
    // Not locked while somebody thinks: an interrupt has something to say, too.
    write!(err, "{question} ").and_then(|()| err.flush()).map_err(Failure::Output)?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).map_err(Failure::Input)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// The number that a person chose from a list counted from 1, as an index; `None` at the end of input or for an empty line.
pub(crate) fn choose(paper: &Paper, question: &str, among: usize) -> Result<Option<usize>, Failure> {
    loop {
        let Some(answer) = ask(question)?.filter(|answer| !answer.is_empty()) else { return Ok(None) };
        match answer.parse().ok().and_then(|number: usize| number.checked_sub(1)).filter(|at| *at < among) {
            Some(at) => return Ok(Some(at)),
            None => tell(&paper.say(Word::OneOfThem, &[("n", &among)]))?,
        }
    }
}

/// Says something to the person who is asked.
pub(crate) fn tell(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stderr().lock(), "{text}").map_err(Failure::Output)
}

/// Yes or no; the end of input is no.
pub(crate) fn confirm(paper: &Paper, question: &str) -> Result<bool, Failure> {
    let answer = ask(&format!("{question} [{}]", paper.word(Word::YesOrNo)))?.unwrap_or_default().to_lowercase();
    Ok(matches!(answer.as_str(), "y" | "ya" | "yes"))
}

/// The text of a file, or of standard input where it is called `-`.
pub(crate) fn text_of(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(Failure::Input)?;
    Ok(text)
}
