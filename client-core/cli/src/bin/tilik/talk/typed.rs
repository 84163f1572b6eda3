//! What a typed line means: a command in either language, or an answer.

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed<'a> {
    /// Nothing: what stands there is right.
    Enter,
    Back,
    Help,
    /// A command with what follows it.
    Command(Command, &'a str),
    /// It looks like a command and is none.
    Unknown,
    /// An answer.
    Text(&'a str),
}

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Jump,
    Language,
    Leave,
    Clear,
    Add,
    Remove,
    End,
}

/// Words of commands; any beginning that no other has will do, too.
const COMMANDS: [(&str, Command); 14] = [
    ("lompat", Command::Jump),
    ("jump", Command::Jump),
    ("bahasa", Command::Language),
    ("language", Command::Language),
    ("keluar", Command::Leave),
    ("quit", Command::Leave),
    ("kosong", Command::Clear),
    ("clear", Command::Clear),
    ("tambah", Command::Add),
    ("add", Command::Add),
    ("hapus", Command::Remove),
    ("remove", Command::Remove),
    ("selesai", Command::End),
    ("end", Command::End),
];

impl Typed<'_> {
    /// Reads a line without spaces around it.
    pub(super) fn read(line: &str) -> Typed<'_> {
        match line {
            "" => Typed::Enter,
            "<" => Typed::Back,
            "?" => Typed::Help,
            // An answer that looks like something else.
            _ if line.starts_with('=') => Typed::Text(line[1..].trim()),
            _ => match line.strip_prefix(':') {
                Some(command) => command_of(command),
                None => Typed::Text(line),
            },
        }
    }
}

fn command_of(line: &str) -> Typed<'_> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let word = word.to_lowercase();
    let mut fits: Vec<Command> =
        COMMANDS.iter().filter(|(known, _)| known.starts_with(&word)).map(|(_, command)| *command).collect();
    fits.dedup();
    match fits.as_slice() {
        [command] if !word.is_empty() => Typed::Command(*command, rest.trim()),
        _ => Typed::Unknown,
    }
}

/// Yes in either language.
pub(super) fn is_yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "y" | "ya" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_in_either_language_or_an_answer() {
        for (line, expected) in [
            ("", Typed::Enter),
            ("<", Typed::Back),
            ("?", Typed::Help),
            (":lompat", Typed::Command(Command::Jump, "")),
            (":jump 4", Typed::Command(Command::Jump, "4")),
            (":lom  blok  IV", Typed::Command(Command::Jump, "blok  IV")),
            (":k", Typed::Unknown),
            (":ke", Typed::Command(Command::Leave, "")),
            (":Kosong", Typed::Command(Command::Clear, "")),
            (":l", Typed::Unknown),
            (":", Typed::Unknown),
            (":nothing", Typed::Unknown),
            ("Jl. Melati: 3", Typed::Text("Jl. Melati: 3")),
            ("=<", Typed::Text("<")),
            ("=:)", Typed::Text(":)")),
        ] {
            assert_eq!(Typed::read(line), expected, "{line}");
        }
    }
}
