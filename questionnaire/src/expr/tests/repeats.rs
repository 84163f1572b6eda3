//! Expressions in and over repeats.

use super::world::Trees;

fn world() -> Trees {
    Trees::of(
        "<data><total/>
         <row><name>A</name><age>40</age><rowchild><toy>x</toy></rowchild><rowchild><toy>y</toy></rowchild></row>
         <row><name>B</name><age>7</age><rowchild><toy>z</toy></rowchild></row>
         <row><name>C</name><age></age><group><pos/></group></row>
         </data>",
    )
}

fn check(at: &str, table: &[(&str, &str)]) {
    for (expression, expected) in table {
        assert_eq!(world().text_at(at, expression), *expected, "{expression}");
    }
}

#[test]
fn from_outside_a_name_means_every_row() {
    check(
        "/data/total",
        &[
            ("count(${row})", "3"),
            ("sum(${age})", "47"),
            ("join(' ', ${name})", "A B C"),
            ("join(' ', ${toy})", "x y z"),
            ("count-if(${row}, ${age} >= 18)", "1"),
            ("sum-if(${age}, ${name} != 'A')", "7"),
            ("max-if(${age}, true())", "40"),
            ("min-if(${age}, true())", "7"),
            ("join-if(', ', ${name}, ${age} > 0)", "A, B"),
            ("rank-index(2, ${age})", "2"),
            ("rank-index(3, ${age})", "999"),
            ("rank-index-if(2, ${age}, ${age} < 18)", "1"),
            ("rank-index(9, ${age})", "999"),
            ("indexed-repeat(${name}, ${row}, 2)", "B"),
            ("indexed-repeat(${name}, ${row}, 9)", ""),
            ("indexed-repeat(${name}, ${row}, 0)", ""),
            ("indexed-repeat(${toy}, ${row}, 1, ${rowchild}, 2)", "y"),
            ("indexed-repeat(${toy}, ${rowchild}, 2, ${row}, 1)", "y"),
            ("indexed-repeat(/data/row/name, /data/row, 3)", "C"),
            ("index()", ""),
        ],
    );
}

#[test]
fn from_inside_a_name_means_the_own_row() {
    check(
        "/data/row[2]/rowchild[1]/toy",
        &[
            ("${name}", "B"),
            ("sum(${age})", "7"),
            ("indexed-repeat(${name}, ${row}, 1)", "A"),
            ("indexed-repeat(${name}, ${row}, position(../..) - 1)", "A"),
            ("indexed-repeat(${toy}, ${rowchild}, 1)", "z"),
            ("position(..)", "1"),
            ("position(../..)", "2"),
            ("index()", "1"),
            ("sum(../../../row/age)", "47"),
            ("count(${row})", "1"),
        ],
    );
    check("/data/row[3]/group/pos", &[("index()", "3"), ("position(..)", "1"), ("${name}", "C")]);
}
