//! Values that wait for each other: found when a form is read, so that no interview ever meets them.

use crate::form::Form;
use crate::interview::graph::Graph;
use crate::interview::layout::Layout;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// Tells of every knot of values, each by one way around it.
pub(super) fn check(form: &Form, sheet: &str, report: &mut Report) {
    let graph = Graph::new(form, &Layout::new(form));
    for cycle in graph.cycles() {
        let mut names: Vec<String> = cycle.iter().map(|&node| form.node(node).name.clone()).collect();
        names.push(names[0].clone());
        report.error(&Spot::row(sheet, form.node(cycle[0]).place.row), Fault::Cycle { names });
    }
}

#[cfg(test)]
mod tests {
    use crate::sheet::Workbook;
    use crate::xlsform::problem::Fault;

    #[track_caller]
    fn check(rows: &str, expected: &[&str]) {
        let header = "| survey | type | name | label | relevant | calculation |\n";
        let reading = crate::xlsform::read(&Workbook::drawn(&format!("{header}{rows}")), "t");
        let circles: Vec<String> = reading
            .problems
            .iter()
            .filter_map(|problem| match &problem.fault {
                Fault::Cycle { names } => Some(names.join(" -> ")),
                _ => None,
            })
            .collect();
        assert_eq!(circles, expected);
        assert_eq!(reading.form.is_none(), !expected.is_empty(), "{:#?}", reading.problems);
    }

    #[test]
    fn values_that_wait_for_each_other_are_named() {
        check(
            "| | calculate | a | | | ${b} |\n| | calculate | b | | | ${c} |\n| | calculate | c | | | ${a} |",
            &["a -> b -> c -> a"],
        );
        check("| | calculate | a | | | ${a} + 1 |", &["a -> a"]);
        check("| | text | a | A | ${b} = '' | |\n| | text | b | B | ${a} = '' | |", &["a -> b -> a"]);
        check("| | text | a | A | ../b = '' | |\n| | text | b | B | /data/a = '' | |", &["a -> b -> a"]);
    }

    #[test]
    fn a_group_that_waits_for_what_it_holds_is_a_circle() {
        check(
            "| | begin group | g | G | ${a} = 'x' | |\n| | text | a | A | | |\n| | end group | | | | |",
            &["g -> a -> g"],
        );
    }

    #[test]
    fn a_chain_is_no_circle() {
        check(
            "| | text | a | A | | |\n| | text | b | B | ${a} = '' | |\n| | calculate | c | | ${b} = '' | ${a} |",
            &[],
        );
        check(
            "| | begin repeat | r | R | | |\n| | integer | n | N | | |\n| | calculate | sum | | | ${n} + indexed-repeat(${sum}, ${r}, position(..) - 1) |\n| | end repeat | | | | |",
            &[],
        );
    }
}
