//! What each fault is called in English.

use super::{Container, Counted, Fault, FileFault, Said};
use crate::xlsform::parameters::Expected;

pub(super) fn say(fault: &Fault) -> Said {
    let (message, advice) = sheets(fault)
        .or_else(|| survey(fault))
        .or_else(|| choices(fault))
        .or_else(|| formulas(fault))
        .or_else(|| register(fault))
        .expect("every fault has its words: each is tried by a test");
    Said { message, advice }
}

type Words = Option<(String, String)>;

fn words(message: impl Into<String>, advice: impl Into<String>) -> Words {
    Some((message.into(), advice.into()))
}

fn sheets(fault: &Fault) -> Words {
    match fault {
        Fault::SurveyMissing { similar: Some(similar) } => {
            words("There is no sheet called survey.", format!("Rename the sheet {similar} to survey."))
        }
        Fault::SurveyMissing { similar: None } => words(
            "There is no sheet called survey.",
            "Give the workbook a sheet called survey whose first row has the headers type, name and label.",
        ),
        Fault::SheetMisspelled { expected } => words(
            format!("This sheet is not read; its name is close to {expected}."),
            format!("Rename it to {expected}, or put an underscore before its name if it is a note."),
        ),
        Fault::SurveyEmpty => words("The survey asks nothing.", "Write one question a row below the headers."),
        Fault::HeaderMissing { header } => words(
            format!("No column is called {header}."),
            format!("Write the header {header} into the first row of the column that holds it."),
        ),
        Fault::HeadersNotFirst => words(
            "The headers do not stand in the first row; the rows above them are passed over.",
            "Move the headers to the first row, other programs read no others.",
        ),
        Fault::RowsBelowGap => words(
            "Rows below a gap of more than 60 empty rows are not read.",
            "Delete the empty rows, or what stands below them.",
        ),
        Fault::TooMany { what, most } => {
            let what = counted(*what);
            words(format!("There are more than {most} {what}."), "Split the form.")
        }
        Fault::MoreProblems { count } => {
            words(format!("There are {count} more problems."), "Mend those that are shown and check again.")
        }
        Fault::ColumnsIgnored { headers } => {
            words(format!("Columns that are the author's own are not read: {}.", headers.join(", ")), "")
        }
        Fault::ColumnsKept { headers } => {
            words(format!("Columns that other programs act on change nothing here: {}.", headers.join(", ")), "")
        }
        Fault::ColumnForeign => words(
            "This column of SurveyCTO changes nothing here: how long a question took is always recorded.",
            "Look at the times of the interview's record instead.",
        ),
        Fault::ColumnMisspelled { meant } => words(
            "This column is not read; its header is close to one that is.",
            format!("Write {meant} if that is meant."),
        ),
        Fault::ColumnTwice { other } => words(
            format!("This column means the same as {other}, and the two do not say the same; {other} is read."),
            "Remove one of the two columns.",
        ),
        Fault::ColumnUnusable => words(
            "A header with a blank inside cannot be used in a choice_filter.",
            "Replace the blank by an underscore if a filter needs the column.",
        ),
        Fault::FileUnreadable(file) => self::file(file),
        _ => None,
    }
}

fn file(fault: &FileFault) -> Words {
    match fault {
        FileFault::TooLarge { bytes_max } => words(
            format!("The file is larger than {} MiB.", bytes_max >> 20),
            "Remove pictures and sheets that are no part of the form.",
        ),
        FileFault::Unopened => words("The file cannot be opened.", "Check its name, its folder and who may read it."),
        FileFault::Empty => words("The file is empty.", "Export the form again."),
        FileFault::NotAWorkbook => words(
            "The file is neither an XLSX, XLS or ODS workbook nor a CSV or Markdown text.",
            "Open it in a spreadsheet program and save it as .xlsx.",
        ),
        FileFault::Damaged => words(
            "The file is damaged or incomplete.",
            "Open it in a spreadsheet program, save it again and send that.",
        ),
        FileFault::Encrypted => words("The file is protected by a password.", "Save it without a password."),
        FileFault::InflatesTooFar => words(
            "The file unpacks to far more than a form holds.",
            "Copy the sheets of the form into a new workbook and send that.",
        ),
        FileFault::NotUtf8 { line } => {
            words(format!("The text is not in UTF-8, as line {line} shows."), "Save it as \"CSV UTF-8\", or as .xlsx.")
        }
        FileFault::TooManyCells => words(
            "The workbook has more rows, columns or sheets than a form can have.",
            "Remove sheets and rows that are no part of the form.",
        ),
    }
}

fn survey(fault: &Fault) -> Words {
    match fault {
        Fault::TypeMissing => words("The row has no type.", "Write what it asks for into the column type, e.g. text."),
        Fault::TypeUnknown { suggestion: Some(suggestion) } => {
            words("This type is not known.", format!("Did you mean {suggestion}?"))
        }
        Fault::TypeUnknown { suggestion: None } => words(
            "This type is not known.",
            "Write a type of XLSForm, e.g. text, integer, date, select_one list_name or begin_group.",
        ),
        Fault::TypeEmpty { program } => words(
            format!("Only {program} fills a field of this type; here it stays empty."),
            "Remove the row, or whatever relies on its value.",
        ),
        Fault::TypeAsText { program } => {
            words(format!("This type of {program} is asked as text."), "Write text to say the same everywhere.")
        }
        Fault::TypeAsCalculation { program } => words(
            format!("This type of {program} is computed as calculate is: whenever a value that it uses changes."),
            "Write calculate if that is meant; wrap the calculation in once() to compute it a single time.",
        ),
        Fault::TypeRefused { program } => words(
            format!("This type is known to {program} only."),
            "Write its rows as select_one questions inside begin_group and end_group.",
        ),
        Fault::TypeOutdated => words("Phones of today no longer give this value; it stays empty.", "Remove the row."),
        Fault::RowSkipped => words("The row has neither type nor name nor label and is passed over.", ""),
        Fault::NameMissing => words("The row has no name.", "Give it a name, e.g. household_size."),
        Fault::NameInvalid { repaired } => words(
            "This cannot be a name: a name begins with a letter or an underscore and has only letters, digits, \
             underscores, hyphens and points.",
            format!("Write for instance {repaired}."),
        ),
        Fault::NameTaken { row } => {
            words(format!("Row {row} has the same name in the same group."), "Give one of the two another name.")
        }
        Fault::NameDiffersInCapitals { other, row } => words(
            format!("The name differs only in capitals from {other} in row {row}."),
            "Give one of the two another name: many programs that work on the data take them for one.",
        ),
        Fault::NameReserved => words(
            "Other programs keep the name meta to themselves.",
            "Give the row another name if the form is to run there as well.",
        ),
        Fault::RepeatNamedLikeForm => words(
            "The repeat has the name of the form itself.",
            "Give it another name if the form is to run in other programs as well.",
        ),
        Fault::RepeatNameTaken { row } => words(
            format!("The repeat in row {row} has the same name."),
            "Give one of the two another name if the form is to run in other programs as well.",
        ),
        Fault::LabelMissing => {
            words("The row is shown but has no label; its name is shown instead.", "Write what is to be read out.")
        }
        Fault::BigImageAlone => {
            words("There is a big-image but no image to open it from.", "Fill the column image as well.")
        }
        Fault::EndWithoutBegin { container } => {
            let container = kind(*container);
            words(
                format!("This ends a {container} that nothing began."),
                format!("Remove the row, or write begin_{container} above the rows that belong together."),
            )
        }
        Fault::EndOfOther { container, opened, name, row } => {
            let (container, opened) = (kind(*container), kind(*opened));
            words(
                format!("This ends a {container}, but what is open here is the {opened} {name} begun in row {row}."),
                format!("Write end_{opened} for {name} above this row."),
            )
        }
        Fault::NeverEnded { container, name } => {
            let container = kind(*container);
            words(
                format!("The {container} {name} begins here and never ends."),
                format!("Write end_{container} below its last row."),
            )
        }
        Fault::NestedTooDeep { most } => {
            words(format!("Groups stand inside each other more than {most} deep."), "Flatten the form.")
        }
        Fault::LoopListMissing => words(
            "The loop does not say over which list it runs.",
            "Write begin loop over list_name, or begin_repeat if the rows are to be asked freely.",
        ),
        Fault::IncludeUnresolved => words(
            "The row stands for the questions of another file, and that file is not here.",
            "Copy the questions of that form into this sheet instead of the row.",
        ),
        Fault::CascadingSelect => words(
            "This notation for choosing level by level is not read any more.",
            "Write one select_one a level, and a choice_filter such as district = ${district}.",
        ),
        Fault::SearchRead { table } => words(
            format!("The choices are taken from the table {table}.csv, as search() of SurveyCTO says."),
            "Write select_one_from_file to say the same everywhere.",
        ),
        Fault::SearchUnreadable => words(
            "This search() cannot be read; the choices of the sheet are offered as they stand.",
            "Write select_one_from_file with a choice_filter instead.",
        ),
        Fault::AppearanceForeign { word, program } => {
            words(format!("The appearance {word} of {program} changes nothing here."), "")
        }
        Fault::TableListMixed { list, first } => words(
            format!("A table-list shows one list of choices, but after {first} this row uses {list}."),
            format!("Use {first} here as well, or move the row out of the group."),
        ),
        Fault::TableListFilter => words(
            "The first row of a table-list has a choice_filter; the table's header shows all choices of the list.",
            "Remove the choice_filter, or the appearance table-list.",
        ),
        Fault::CalculationMissing => {
            words("The row is to be computed but says nothing to compute.", "Fill the column calculation.")
        }
        Fault::TriggerUnreadable => words(
            "A trigger is one ${name}, or several with commas between.",
            "Write for instance ${village}, or ${village}, ${hamlet}.",
        ),
        Fault::TriggerUnseen { name } => words(
            format!("${{{name}}} is not shown, so that nobody can answer it and set this off."),
            "Name a question that is asked.",
        ),
        Fault::DefaultAsText { why } => words(
            format!("This looks like an expression but cannot be read as one ({why}); it is taken as the text itself."),
            "Mend the expression if one is meant.",
        ),
        Fault::PreloadUnknown => words(
            "This preload is not known; the value stays as it is.",
            "Use a type such as start, today or username.",
        ),
        Fault::GroupCalculated => words("A group or repeat has no value to compute.", "Remove the calculation."),
        Fault::FlatIgnored => words(
            "The setting flat is not followed: groups stay around their questions in the data.",
            "Remove the setting.",
        ),
        _ => None,
    }
}

fn choices(fault: &Fault) -> Words {
    match fault {
        Fault::ListMissing => words(
            "The row does not say which list of choices it offers.",
            "Write the list's name after the type, e.g. select_one yes_no.",
        ),
        Fault::ListUnknown { list, suggestion: Some(suggestion), .. } => {
            words(format!("There is no list of choices called {list}."), format!("Did you mean {suggestion}?"))
        }
        Fault::ListUnknown { list, suggestion: None, has_sheet: true } => words(
            format!("There is no list of choices called {list}."),
            format!("Write its choices on the sheet for them, with {list} in the column list_name."),
        ),
        Fault::ListUnknown { list, suggestion: None, has_sheet: false } => words(
            format!("There is no list of choices called {list}, and no sheet for it."),
            "Add a sheet called choices (external_choices for select_one_external) with the headers list_name, name \
             and label.",
        ),
        Fault::FileNameInvalid { file } => words(
            format!("{file} is not the name of a table: it must end in .csv, .xml or .geojson."),
            "Write for instance select_one_from_file villages.csv.",
        ),
        Fault::ChoiceWithoutList => {
            words("The choice belongs to no list and is passed over.", "Fill the column list_name.")
        }
        Fault::ChoiceNameMissing { list } => words(
            format!("A choice of {list} has no name, so that there is nothing to store."),
            "Fill the column name.",
        ),
        Fault::ChoiceNameWithSpace { list, name, row } => words(
            format!(
                "Choice {name} of {list} (row {row}) has a blank in its name; the answer to a question that takes \
                 several choices could not be taken apart again."
            ),
            "Replace the blank by an underscore.",
        ),
        Fault::ChoiceTwice { list, row } => words(
            format!("{list} has this name in row {row} already, with another meaning."),
            "Give one of the two another name; if both are meant, write yes into the setting allow_choice_duplicates.",
        ),
        Fault::ChoiceTwiceAlike { list, row } => {
            words(format!("The choice repeats row {row} of {list} and is offered once."), "Remove one of the two rows.")
        }
        Fault::ChoiceTwiceFiltered { list, row } => words(
            format!("{list} has this name in row {row} already; both are kept, as every question filters the list."),
            "Make sure that no filter lets both through, and write yes into the setting allow_choice_duplicates.",
        ),
        Fault::ChoiceLabelMissing { list } => {
            words(format!("A choice of {list} has no label; its name is shown."), "Fill the column label.")
        }
        Fault::OrOtherFiltered => words(
            "or_other together with a choice_filter: the added choice other is offered whatever the filter says.",
            "Write the choice other and the question for its text yourself.",
        ),
        Fault::OrOtherUntranslated => words(
            "The choice and the question that or_other adds have words of ours in every language.",
            "Write the choice other and the question for its text yourself to choose the words.",
        ),
        Fault::OrOtherWithoutList => words(
            "or_other adds a choice to a list of the sheet choices, but this row takes its choices from elsewhere.",
            "Remove or_other.",
        ),
        Fault::ParameterUnreadable { part } => {
            words(format!("{part} is not a parameter."), "Write parameters as key=value with blanks between the pairs.")
        }
        Fault::ParameterUnknown { key, suggestion: Some(suggestion), .. } => words(
            format!("This type knows no parameter {key}; it changes nothing."),
            format!("Did you mean {suggestion}?"),
        ),
        Fault::ParameterUnknown { key, accepted, .. } => {
            let advice = match accepted {
                [] => "Remove it: this type takes no parameters.".to_owned(),
                _ => format!("Remove it, or use one of: {}.", accepted.join(", ")),
            };
            words(format!("This type knows no parameter {key}; it changes nothing."), advice)
        }
        Fault::ParameterInvalid { key, value, expected } => {
            words(format!("{value} cannot be the value of {key}."), format!("Write {}.", needed(*expected)))
        }
        Fault::SeedWithoutRandomize => {
            words("A seed without randomize=true changes nothing.", "Add randomize=true, or remove the seed.")
        }
        _ => None,
    }
}

fn formulas(fault: &Fault) -> Words {
    match fault {
        Fault::FormulaUnreadable { why, advice, part } => words(
            format!("The expression cannot be read{}: {why}.", at(part)),
            sentence(advice, "Mend the expression."),
        ),
        Fault::CalculationUnreadable { why, advice, part } => words(
            format!(
                "The calculation cannot be read{}: {why}. Nothing in the form uses its value, so it stays empty.",
                at(part)
            ),
            sentence(advice, "Mend the calculation, or remove the row."),
        ),
        Fault::FormulaRemark { what, advice } => words(sentence(what, ""), sentence(advice, "")),
        Fault::ReferenceBroken => words(
            "A ${ is not followed by a name and }.",
            "Write the name of a question between ${ and }, without blanks.",
        ),
        Fault::NameUnknown { name, suggestion: Some(suggestion) } => {
            words(format!("${{{name}}} names no question of this form."), format!("Did you mean ${{{suggestion}}}?"))
        }
        Fault::NameUnknown { name, suggestion: None } => words(
            format!("${{{name}}} names no question of this form."),
            "Write a name from the column name of the survey sheet.",
        ),
        Fault::NameAmbiguous { name, rows } => {
            let rows: Vec<String> = rows.iter().map(u32::to_string).collect();
            words(
                format!("${{{name}}} may be any of the rows {}.", rows.join(", ")),
                "Give these rows different names.",
            )
        }
        Fault::TableUnknown { name, suggestion } => words(
            format!("There is no list and no table called {name}; nothing is found there."),
            match suggestion {
                Some(suggestion) => format!("Did you mean {suggestion}?"),
                None => format!("Add a row of type csv-external with the name {name}."),
            },
        ),
        Fault::Cycle { names } => words(
            format!("These wait for each other and can never be known: {}.", names.join(" -> ")),
            "Break the circle: take one of the references out of relevant or calculation.",
        ),
        Fault::TranslationsMissing { language, headers } => words(
            format!("{language} has no column for: {}.", headers.join(", ")),
            format!("Add the columns, e.g. {}::{language}; until then another language is shown.", headers[0]),
        ),
        Fault::TextsMissing { language, count } => words(
            format!("{count} texts are missing in {language}, the first of them here."),
            "Translate them; until then another language is shown.",
        ),
        Fault::LanguageUnknown { languages } => {
            words("No column is in this language.", format!("Write one of: {}.", languages.join(", ")))
        }
        Fault::SettingUnknown { suggestion: Some(suggestion) } => {
            words("This setting is not known.", format!("Did you mean {suggestion}?"))
        }
        Fault::SettingUnknown { suggestion: None } => words("This setting is not known.", "Remove the column."),
        Fault::SettingsIgnored { headers } => {
            words(format!("Settings that change nothing here: {}.", headers.join(", ")), "")
        }
        Fault::SettingsBelowFirst => {
            words("Only the first row below the headers of this sheet is read.", "Remove the other rows.")
        }
        _ => None,
    }
}

fn register(fault: &Fault) -> Words {
    match fault {
        Fault::SaveToWithoutEntities => words(
            "The answer is to be saved to a register, but the form declares none.",
            "Add a sheet called entities with the headers list_name and label.",
        ),
        Fault::SaveToOnGroup => {
            words("A group or repeat has no answer that could be saved to a register.", "Move the cell to a question.")
        }
        Fault::SaveToUnreadable => words(
            "This cannot be the name of a register's property.",
            "Write a name, or list_name#name where the form declares several registers.",
        ),
        Fault::SaveToTwice { row } => words(
            format!("Row {row} is saved to the same property already."),
            "Save one of the two to another property.",
        ),
        Fault::SaveToReserved => words(
            "Other programs refuse a property called name or label, or one that begins with two underscores.",
            "Choose another name if the form is to run there as well.",
        ),
        Fault::SaveToWithoutList { lists } => words(
            format!("The form declares several registers: {}.", lists.join(", ")),
            format!("Write which one is meant, e.g. {}#property.", lists[0]),
        ),
        Fault::SaveToElsewhere { list, scope } => words(
            format!(
                "{list} is made by each row of {scope}, but this question stands outside of it or in another repeat."
            ),
            "Copy the value by a calculate into the repeat, and save that.",
        ),
        Fault::EntityListMissing => words("The register has no name.", "Fill the column list_name."),
        Fault::EntityListTwice { row } => {
            words(format!("Row {row} declares the same register."), "Remove one of the two rows.")
        }
        Fault::EntityUnknown { list, suggestion } => words(
            format!("The sheet entities declares no register called {list}."),
            match suggestion {
                Some(suggestion) => format!("Did you mean {suggestion}?"),
                None => "Add a row for it to the sheet entities.".to_owned(),
            },
        ),
        Fault::EntityLabelMissing => {
            words("New entries of the register need a label.", "Fill the column label, e.g. ${name}.")
        }
        Fault::EntityIdMissing => words(
            "Only an entry that is named can be changed, but entity_id is empty.",
            "Fill entity_id, or move the condition to create_if.",
        ),
        Fault::EntityUpdateIfMissing => words(
            "With create_if and entity_id, update_if must say when an entry is changed instead.",
            "Fill update_if, or remove create_if or entity_id.",
        ),
        _ => None,
    }
}

fn kind(container: Container) -> &'static str {
    match container {
        Container::Group => "group",
        Container::Repeat => "repeat",
        Container::Loop => "loop",
    }
}

fn counted(what: Counted) -> &'static str {
    match what {
        Counted::Rows => "rows on the survey sheet",
        Counted::Languages => "languages",
        Counted::Choices => "choices",
        Counted::ExpandedRows => "questions once the loops are written out",
    }
}

fn needed(expected: Expected) -> String {
    match expected {
        Expected::TrueOrFalse => "true or false".to_owned(),
        Expected::Number => "a number".to_owned(),
        Expected::WholeNumber => "a whole number, 0 or more".to_owned(),
        Expected::NumberOrReference => "a number or ${name}".to_owned(),
        Expected::Name => "the name of a column".to_owned(),
        Expected::NotZero => "a number other than 0".to_owned(),
        Expected::NotAboveWidth => "a number no greater than the distance from start to end".to_owned(),
        Expected::OneOf(words) => format!("one of: {words}"),
    }
}

fn at(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!(" at {part}") }
}

/// A sentence with a capital and a full stop, from a phrase without.
fn sentence(phrase: &str, instead: &str) -> String {
    let mut chars = phrase.chars();
    let Some(first) = chars.next() else { return instead.to_owned() };
    let end = if phrase.ends_with(['.', '?', '!']) { "" } else { "." };
    // The name of a function stays as it is written.
    let begins_with_name = phrase.split(' ').next().is_some_and(|word| word.contains('('));
    let first = if begins_with_name { first.to_string() } else { first.to_uppercase().to_string() };
    format!("{first}{}{end}", chars.as_str())
}
