//! What a form compares answers with: numbers and texts in its formulas make better answers than chance does.

use std::collections::{BTreeMap, BTreeSet};

use questionnaire::form::Form;

/// Numbers and texts that stand in the formulas of a form.
pub(crate) struct Literals {
    pub(crate) numbers: Vec<i64>,
    pub(crate) texts: Vec<String>,
    /// By the name of a question: what stands behind it, as `1` in `${owns} = '1'`. Such answers open what is skipped.
    behind: BTreeMap<String, Vec<String>>,
}

impl Literals {
    pub(crate) fn of(form: &Form) -> Self {
        let (mut numbers, mut texts) = (BTreeSet::from([0, 1, 2, 5, 12, 35, 70]), BTreeSet::new());
        let mut behind = BTreeMap::new();
        for formula in formulas(form) {
            read(&formula, &mut numbers, &mut texts);
            read_behind(&formula, &mut behind);
        }
        Literals { numbers: numbers.into_iter().collect(), texts: texts.into_iter().collect(), behind }
    }

    /// What formulas compare this question with.
    pub(crate) fn behind(&self, question: &str) -> &[String] {
        self.behind.get(question).map_or(&[], Vec::as_slice)
    }
}

/// Texts of all formulas on the survey sheet.
pub(crate) fn formulas(form: &Form) -> Vec<String> {
    form.nodes
        .iter()
        .flat_map(|node| [&node.relevant, &node.constraint, &node.required, &node.read_only, &node.calculation])
        .flatten()
        .map(|formula| formula.to_string())
        .collect()
}

fn read(formula: &str, numbers: &mut BTreeSet<i64>, texts: &mut BTreeSet<String>) {
    for (index, part) in formula.split(['\'', '"']).enumerate() {
        if index % 2 == 1 {
            // Patterns are no answers; patterns of digits stand for as many digits.
            if part.chars().all(|sign| sign.is_alphanumeric() || " ._-".contains(sign)) && !part.is_empty() {
                texts.insert(part.to_owned());
            }
            continue;
        }
        for word in part.split(|sign: char| !(sign.is_alphanumeric() || sign == '_' || sign == '.')) {
            if let Ok(number) = word.parse::<i64>()
                && number.abs() < 1_000_000
            {
                numbers.extend([number - 1, number, number + 1]);
            }
        }
    }
}

fn read_behind(formula: &str, behind: &mut BTreeMap<String, Vec<String>>) {
    for part in formula.split("${").skip(1) {
        let Some((name, rest)) = part.split_once('}') else { continue };
        let quoted = rest.split(['\'', '"']).skip(1).step_by(2).map(str::to_owned);
        let bare = rest.split(|sign: char| !sign.is_ascii_digit()).filter(|word| !word.is_empty()).map(str::to_owned);
        behind.entry(name.trim().to_owned()).or_default().extend(quoted.chain(bare));
    }
}
