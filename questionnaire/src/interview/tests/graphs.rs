//! Which forms turn in circles.

use super::plan;

#[track_caller]
fn check(rows: &str, cycles: &[&[&str]]) {
    let plan = plan(rows);
    let name = |node: &crate::form::NodeId| plan.form().node(*node).name.clone();
    let mut found: Vec<Vec<String>> = plan.cycles().iter().map(|cycle| cycle.iter().map(name).collect()).collect();
    found.iter_mut().for_each(|cycle| cycle.sort());
    assert_eq!(found, cycles);
}

#[test]
fn questions_that_need_each_other_are_named() {
    check(
        "calculate a | calculation: ${b} + 1\n calculate b | calculation: ${a} + 1\n calculate c | calculation: ${a}",
        &[&["a", "b"]],
    );
    check("text a | relevant: ${a} = ''", &[&["a"]]);
    check("group g | relevant: ${a} = ''\n text a\n end", &[&["a", "g"]]);
}

#[test]
fn counting_ones_own_rows_is_no_circle() {
    check("repeat r | count: ${n}\n text t\n end\n calculate n | calculation: count(${r}) + 1", &[]);
}

#[test]
fn looking_at_oneself_through_rows_or_a_point_is_no_circle() {
    check("calculate a | calculation: if(. = '', 1, .)\n text b | constraint: ${b} != 'x'", &[]);
    check(
        "repeat r\n calculate place | calculation: position(..)\n calculate n | calculation: count(../../r)\n end",
        &[],
    );
    check("repeat r\n text a | relevant: position(..) = 1 or ../preceding-sibling::r/a != ''\n end", &[]);
}
