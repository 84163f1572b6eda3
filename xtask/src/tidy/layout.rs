//! Rules about files and folders as such.

use super::Finding;
use super::checkout::Checkout;

const TOP_LEVEL: &[&str] =
    &[".cargo", ".ci", "client-core", "docs", "questionnaire", "server", "sync-protocol", "tests", "web", "xtask"];

const LINES_WORTH_A_LOOK: usize = 400;

pub(super) fn files_without_a_first_line(checkout: &Checkout) -> Vec<Finding> {
    let lacking = checkout.sources.iter().filter(|source| !says_what_it_is_for(&source.text));
    lacking.map(|source| Finding::new(format!("{}:1", source.path), "begins without `//! …`")).collect()
}

fn says_what_it_is_for(text: &str) -> bool {
    text.strip_prefix("//! ").is_some_and(|rest| !rest.lines().next().unwrap_or_default().trim().is_empty())
}

pub(super) fn unknown_top_level_folders(checkout: &Checkout) -> Vec<Finding> {
    let unknown = checkout.folders.iter().filter(|folder| !TOP_LEVEL.contains(&folder.as_str()));
    unknown.map(|folder| Finding::new(folder, "is no agreed top-level folder")).collect()
}

pub(super) fn long_files(checkout: &Checkout) -> Vec<Finding> {
    let lengths = checkout.sources.iter().map(|source| (&source.path, source.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LINES_WORTH_A_LOOK);
    long.map(|(path, lines)| Finding::new(path, format!("{lines} lines"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_must_say_something() {
        for (text, expected) in [("//! Households.\n", true), ("//!\n", false), ("//! \n", false), ("use x;\n", false)]
        {
            assert_eq!(says_what_it_is_for(text), expected, "{text:?}");
        }
    }
}
