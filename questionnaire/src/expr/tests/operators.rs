//! What operators give, kind by kind.

use super::world::Trees;

fn check(table: &[(&str, &str)]) {
    let world = Trees::of(
        "<data><n>5</n><e></e><t>abc</t><d>2024-05-31</d><z>0</z><f>false</f>
         <m>1</m><m>2</m><m>3</m><k>3</k><k>4</k><group><in/></group></data>",
    );
    for (expression, expected) in table {
        assert_eq!(world.text(expression), *expected, "{expression}");
    }
}

#[test]
fn arithmetic_is_that_of_double_precision_and_empty_is_no_number() {
    check(&[
        ("1 + 2 * 3", "7"),
        ("7 div 2", "3.5"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("5.5 mod 2", "1.5"),
        ("1 div 0", "Infinity"),
        ("-1 div 0", "-Infinity"),
        ("0 div 0", ""),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("10 - 2 - 3", "5"),
        ("-n", "-5"),
        ("--n", "5"),
        ("n + e", ""),
        ("n + t", ""),
        ("n - 1", "4"),
        ("'5' + '6'", "11"),
        ("true() + 1", "2"),
        ("- 0", "0"),
        ("1000000 * 1000000 * 1000000 * 1000000", "1000000000000000000000000"),
        ("1 div 10000000", "0.0000001"),
        ("5.0", "5"),
        ("'1e3' + 1", ""),
        ("' 5 ' + 1", "6"),
        ("'+5' + 1", ""),
        ("'-5' + 1", "-4"),
        ("'5-5' + 1", ""),
    ]);
}

#[test]
fn equality_compares_as_the_kinds_ask() {
    check(&[
        ("n = 5", "true"),
        ("n = '5'", "true"),
        ("n = '5.0'", "false"),
        ("n = 5.0", "true"),
        ("n != 5", "false"),
        ("e = ''", "true"),
        ("e != ''", "false"),
        ("e = 0", "false"),
        ("e != 0", "true"),
        ("nowhere = ''", "false"),
        ("nowhere != ''", "false"),
        ("t = 'abc'", "true"),
        ("'a' = 'A'", "false"),
        ("true() = 'x'", "true"),
        ("true() = ''", "false"),
        ("f = true()", "true"),
        ("1 = true()", "true"),
        ("m = 2", "true"),
        ("m != 2", "true"),
        ("m = k", "true"),
        ("m != m", "true"),
        ("n != n", "false"),
        ("k = 9", "false"),
        ("d = '2024-05-31'", "true"),
        ("d = 19874", "true"),
        ("'NaN' = 'NaN'", "true"),
        ("number('x') = number('x')", "false"),
    ]);
}

#[test]
fn order_compares_numbers_and_dates_in_days() {
    check(&[
        ("n < 10", "true"),
        ("'9' < '10'", "true"),
        ("e < 10", "false"),
        ("e >= 0", "false"),
        ("t < 10", "false"),
        ("m > 2", "true"),
        ("m > 3", "false"),
        ("m < k", "true"),
        ("m >= k", "true"),
        ("m > k", "false"),
        ("d <= today()", "true"),
        ("d < today()", "false"),
        ("d < now()", "true"),
        ("d > '2024-05-30'", "true"),
        ("d > date('2024-02-29')", "true"),
        ("d - 1 = date('2024-05-30')", "true"),
        ("1 < 2 = true()", "true"),
        ("3 > 2 > 1", "false"),
    ]);
}

#[test]
fn truth_of_an_answer_is_that_it_is_not_empty() {
    check(&[
        ("n and true()", "true"),
        ("e or false()", "false"),
        ("z and true()", "true"),
        ("0 or false()", "false"),
        ("f and true()", "true"),
        ("nowhere or false()", "false"),
        ("group and true()", "true"),
        ("not(e)", "true"),
        ("not(group)", "false"),
        ("boolean('false')", "true"),
        ("boolean(number(''))", "false"),
        ("true() or nowhere/nothing", "true"),
        ("false() and t", "false"),
        ("false() or false() or true()", "true"),
    ]);
}
