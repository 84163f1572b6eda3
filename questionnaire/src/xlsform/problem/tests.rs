//! Every fault has its words, in both languages.

use super::*;

/// One example of each fault; the match makes sure that none is forgotten.
macro_rules! examples {
    ($($pattern:pat => $example:expr),* $(,)?) => {
        fn examples() -> Vec<Fault> {
            let list = vec![$($example),*];
            list.iter().for_each(is_listed);
            list
        }

        fn is_listed(fault: &Fault) {
            match fault { $($pattern => {}),* }
        }
    };
}

fn s(text: &str) -> String {
    text.to_owned()
}

examples! {
    Fault::SurveyMissing { .. } => Fault::SurveyMissing { similar: Some(s("surveys")) },
    Fault::SheetMisspelled { .. } => Fault::SheetMisspelled { expected: "choices" },
    Fault::SurveyEmpty => Fault::SurveyEmpty,
    Fault::HeaderMissing { .. } => Fault::HeaderMissing { header: "type" },
    Fault::HeadersNotFirst => Fault::HeadersNotFirst,
    Fault::RowsBelowGap => Fault::RowsBelowGap,
    Fault::TooMany { .. } => Fault::TooMany { what: Counted::Languages, most: 100 },
    Fault::MoreProblems { .. } => Fault::MoreProblems { count: 3 },
    Fault::ColumnsIgnored { .. } => Fault::ColumnsIgnored { headers: vec![s("notes")] },
    Fault::ColumnsKept { .. } => Fault::ColumnsKept { headers: vec![s("autoplay")] },
    Fault::ColumnForeign => Fault::ColumnForeign,
    Fault::ColumnMisspelled { .. } => Fault::ColumnMisspelled { meant: s("relevant") },
    Fault::ColumnTwice { .. } => Fault::ColumnTwice { other: s("relevant") },
    Fault::ColumnUnusable => Fault::ColumnUnusable,
    Fault::TypeMissing => Fault::TypeMissing,
    Fault::TypeUnknown { .. } => Fault::TypeUnknown { suggestion: None },
    Fault::TypeEmpty { .. } => Fault::TypeEmpty { program: "SurveyCTO" },
    Fault::TypeAsText { .. } => Fault::TypeAsText { program: "CHT" },
    Fault::TypeAsCalculation { .. } => Fault::TypeAsCalculation { program: "SurveyCTO" },
    Fault::TypeRefused { .. } => Fault::TypeRefused { program: "KoboToolbox" },
    Fault::TypeOutdated => Fault::TypeOutdated,
    Fault::RowSkipped => Fault::RowSkipped,
    Fault::NameMissing => Fault::NameMissing,
    Fault::NameInvalid { .. } => Fault::NameInvalid { repaired: s("a_b") },
    Fault::NameTaken { .. } => Fault::NameTaken { row: 2 },
    Fault::NameDiffersInCapitals { .. } => Fault::NameDiffersInCapitals { other: s("A"), row: 2 },
    Fault::NameReserved => Fault::NameReserved,
    Fault::RepeatNamedLikeForm => Fault::RepeatNamedLikeForm,
    Fault::RepeatNameTaken { .. } => Fault::RepeatNameTaken { row: 2 },
    Fault::LabelMissing => Fault::LabelMissing,
    Fault::BigImageAlone => Fault::BigImageAlone,
    Fault::EndWithoutBegin { .. } => Fault::EndWithoutBegin { container: Container::Loop },
    Fault::EndOfOther { .. } => {
        Fault::EndOfOther { container: Container::Group, opened: Container::Repeat, name: s("g"), row: 2 }
    },
    Fault::NeverEnded { .. } => Fault::NeverEnded { container: Container::Group, name: s("g") },
    Fault::NestedTooDeep { .. } => Fault::NestedTooDeep { most: 60 },
    Fault::LoopListMissing => Fault::LoopListMissing,
    Fault::IncludeUnresolved => Fault::IncludeUnresolved,
    Fault::CascadingSelect => Fault::CascadingSelect,
    Fault::SearchRead { .. } => Fault::SearchRead { table: s("plots") },
    Fault::SearchUnreadable => Fault::SearchUnreadable,
    Fault::AppearanceForeign { .. } => Fault::AppearanceForeign { word: s("ex:a"), program: "ODK Collect" },
    Fault::TableListMixed { .. } => Fault::TableListMixed { list: s("b"), first: s("a") },
    Fault::TableListFilter => Fault::TableListFilter,
    Fault::CalculationMissing => Fault::CalculationMissing,
    Fault::TriggerUnreadable => Fault::TriggerUnreadable,
    Fault::TriggerUnseen { .. } => Fault::TriggerUnseen { name: s("a") },
    Fault::DefaultAsText { .. } => Fault::DefaultAsText { why: s("it ends too early") },
    Fault::PreloadUnknown => Fault::PreloadUnknown,
    Fault::GroupCalculated => Fault::GroupCalculated,
    Fault::FlatIgnored => Fault::FlatIgnored,
    Fault::ListMissing => Fault::ListMissing,
    Fault::ListUnknown { .. } => Fault::ListUnknown { list: s("a"), suggestion: None, has_sheet: false },
    Fault::FileNameInvalid { .. } => Fault::FileNameInvalid { file: s("a.txt") },
    Fault::ChoiceWithoutList => Fault::ChoiceWithoutList,
    Fault::ChoiceNameMissing { .. } => Fault::ChoiceNameMissing { list: s("a") },
    Fault::ChoiceNameWithSpace { .. } => Fault::ChoiceNameWithSpace { list: s("a"), name: s("b c"), row: 2 },
    Fault::ChoiceTwice { .. } => Fault::ChoiceTwice { list: s("a"), row: 2 },
    Fault::ChoiceTwiceAlike { .. } => Fault::ChoiceTwiceAlike { list: s("a"), row: 2 },
    Fault::ChoiceTwiceFiltered { .. } => Fault::ChoiceTwiceFiltered { list: s("a"), row: 2 },
    Fault::ChoiceLabelMissing { .. } => Fault::ChoiceLabelMissing { list: s("a") },
    Fault::OrOtherFiltered => Fault::OrOtherFiltered,
    Fault::OrOtherUntranslated => Fault::OrOtherUntranslated,
    Fault::OrOtherWithoutList => Fault::OrOtherWithoutList,
    Fault::ParameterUnreadable { .. } => Fault::ParameterUnreadable { part: s("a") },
    Fault::ParameterUnknown { .. } => Fault::ParameterUnknown { key: s("a"), accepted: &["rows"], suggestion: None },
    Fault::ParameterInvalid { .. } => {
        Fault::ParameterInvalid { key: s("step"), value: s("0"), expected: Expected::NotZero }
    },
    Fault::SeedWithoutRandomize => Fault::SeedWithoutRandomize,
    Fault::FormulaUnreadable { .. } => {
        Fault::FormulaUnreadable { why: s("it ends too early"), advice: s(""), part: s("+") }
    },
    Fault::CalculationUnreadable { .. } => {
        Fault::CalculationUnreadable { why: s("it ends too early"), advice: s("finish it"), part: s("") }
    },
    Fault::FormulaRemark { .. } => Fault::FormulaRemark { what: s("duration() is empty"), advice: s("remove it") },
    Fault::ReferenceBroken => Fault::ReferenceBroken,
    Fault::NameUnknown { .. } => Fault::NameUnknown { name: s("a"), suggestion: None },
    Fault::NameAmbiguous { .. } => Fault::NameAmbiguous { name: s("a"), rows: vec![2, 3] },
    Fault::TableUnknown { .. } => Fault::TableUnknown { name: s("a"), suggestion: None },
    Fault::Cycle { .. } => Fault::Cycle { names: vec![s("a"), s("b"), s("a")] },
    Fault::TranslationsMissing { .. } => {
        Fault::TranslationsMissing { language: s("English"), headers: vec![s("label")] }
    },
    Fault::TextsMissing { .. } => Fault::TextsMissing { language: s("English"), count: 3 },
    Fault::LanguageUnknown { .. } => Fault::LanguageUnknown { languages: vec![s("English")] },
    Fault::SettingUnknown { .. } => Fault::SettingUnknown { suggestion: Some(s("form_title")) },
    Fault::SettingsIgnored { .. } => Fault::SettingsIgnored { headers: vec![s("public_key")] },
    Fault::SettingsBelowFirst => Fault::SettingsBelowFirst,
    Fault::SaveToWithoutEntities => Fault::SaveToWithoutEntities,
    Fault::SaveToOnGroup => Fault::SaveToOnGroup,
    Fault::SaveToUnreadable => Fault::SaveToUnreadable,
    Fault::SaveToTwice { .. } => Fault::SaveToTwice { row: 2 },
    Fault::SaveToReserved => Fault::SaveToReserved,
    Fault::SaveToWithoutList { .. } => Fault::SaveToWithoutList { lists: vec![s("household"), s("person")] },
    Fault::SaveToElsewhere { .. } => Fault::SaveToElsewhere { list: s("person"), scope: s("member") },
    Fault::EntityListMissing => Fault::EntityListMissing,
    Fault::EntityListTwice { .. } => Fault::EntityListTwice { row: 2 },
    Fault::EntityUnknown { .. } => Fault::EntityUnknown { list: s("persn"), suggestion: Some(s("person")) },
    Fault::EntityLabelMissing => Fault::EntityLabelMissing,
    Fault::EntityIdMissing => Fault::EntityIdMissing,
    Fault::EntityUpdateIfMissing => Fault::EntityUpdateIfMissing,
    Fault::FileUnreadable(_) => Fault::FileUnreadable(FileFault::Damaged),
}

#[test]
fn every_fault_is_said_in_both_languages() {
    let file_faults = [
        FileFault::TooLarge { bytes_max: 1 << 20 },
        FileFault::Unopened,
        FileFault::Empty,
        FileFault::NotAWorkbook,
        FileFault::Encrypted,
        FileFault::InflatesTooFar,
        FileFault::NotUtf8 { line: 3 },
        FileFault::TooManyCells,
    ];
    for fault in examples().into_iter().chain(file_faults.map(Fault::FileUnreadable)) {
        let (english, indonesian) = (english::say(&fault), indonesian::say(&fault));
        for Said { message, advice } in [&english, &indonesian] {
            assert!(message.ends_with(['.', '?']), "{message}");
            assert!(advice.is_empty() || advice.ends_with(['.', '?']), "{advice}");
            assert!(!format!("{message}{advice}").contains("  "), "{message} {advice}");
        }
        assert_ne!(english.message, indonesian.message);
        assert_eq!(english.advice.is_empty(), indonesian.advice.is_empty(), "{fault:?}");
    }
}

#[test]
fn an_error_always_says_what_to_do() {
    // Faults that are remarks by nature may stand without advice.
    let remarks = |fault: &Fault| {
        matches!(
            fault,
            Fault::ColumnsIgnored { .. }
                | Fault::ColumnsKept { .. }
                | Fault::RowSkipped
                | Fault::SettingsIgnored { .. }
                | Fault::AppearanceForeign { .. }
        )
    };
    for fault in examples().iter().filter(|fault| !remarks(fault)) {
        assert!(!english::say(fault).advice.is_empty(), "{fault:?}");
    }
}

#[test]
fn a_problem_says_where_what_and_what_to_do() {
    let problem = Problem {
        severity: Severity::Error,
        spot: Spot::cell("survey", 12, "relevant", 5, "${aeg} > 5"),
        fault: Fault::NameUnknown { name: "aeg".into(), suggestion: Some("age".into()) },
    };
    assert_eq!(
        problem.to_string(),
        "error: survey F12 (relevant): ${aeg} names no question of this form. Did you mean ${age}?"
    );
    assert_eq!(problem.in_indonesian().advice, "Apakah maksudnya ${age}?");
}

#[test]
fn a_long_cell_is_shown_cut() {
    let spot = Spot::cell("survey", 1, "label", 0, &"é".repeat(1_000));
    assert_eq!(spot.cell.chars().count(), CELL_CHARS_SHOWN_MAX + 1);
}
