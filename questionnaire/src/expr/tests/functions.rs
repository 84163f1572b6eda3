//! What functions give, family by family.

use super::world::Trees;

fn check(table: &[(&str, &str)]) {
    let world = Trees::of(
        "<data><n>5</n><e></e><t> two  words </t><sex>2</sex><many>a b c</many><own>kept</own><skipped/>
         <v>3</v><v>1</v><v></v><v>2</v>
         <at>-1.6101 103.6131 10 5</at><to>-1.6101 103.6231 0 0</to>
         <shape>0 0;0 1;1 1;1 0;0 0</shape></data>",
    );
    for (expression, expected) in table {
        assert_eq!(world.text(expression), *expected, "{expression}");
    }
}

#[test]
fn text_functions() {
    check(&[
        ("string(n)", "5"),
        ("string(1 div 3)", "0.3333333333333333"),
        ("string(true())", "true"),
        ("concat('a', n, 1 + 1, v)", "a52312"),
        ("concat()", ""),
        ("join('-', 'x', v)", "x-3-1--2"),
        ("join(', ', nowhere)", ""),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substr('abcdef', 4)", "ef"),
        ("substr('abcdef', -2)", "ef"),
        ("substring('12345', 2, 3)", "234"),
        ("substring-before('2024-05', '-')", "2024"),
        ("substring-after('2024--05', '--')", "05"),
        ("substring-after('abc', 'x')", ""),
        ("substring-after('abc', '')", "abc"),
        ("translate('2.5', '.', ',')", "2,5"),
        ("string-length('Fünf')", "4"),
        ("string-length(e)", "0"),
        ("normalize-space(t)", "two words"),
        ("contains('abc', 'b')", "true"),
        ("contains('abc', '')", "true"),
        ("starts-with('abc', 'ab')", "true"),
        ("ends-with('abc', 'ab')", "false"),
        ("string-length(uuid())", "36"),
        ("string-length(uuid(10))", "10"),
        ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest('abc', 'MD5')", "kAFQmDzST7DWlj99KOF/cg=="),
        ("digest('abc', 'nothing')", ""),
        ("base64-decode('RsO8bmY=')", "Fünf"),
        ("base64-decode('?')", ""),
        ("concat(upper('é'), lower('É'), linebreak())", "Éé\n"),
        ("version()", "2024.1"),
        ("property('nothing')", ""),
        ("device-info()", ""),
    ]);
}

#[test]
fn truth_functions() {
    check(&[
        ("if(n > 3, 'many', 'few')", "many"),
        ("if(e, 1, 2) + 1", "3"),
        ("sum(if(true(), v, nowhere))", "6"),
        ("coalesce(e, 'b')", "b"),
        ("coalesce(n, 'b')", "5"),
        ("coalesce(e, nowhere)", ""),
        ("coalesce(e, '', 'c')", "c"),
        ("not(n = 5)", "false"),
        ("boolean-from-string('true')", "true"),
        ("boolean-from-string('1')", "true"),
        ("boolean-from-string('yes')", "false"),
        ("regex('081234567', '[0-9]+')", "true"),
        ("regex('a1', '[0-9]+')", "false"),
        ("regex('ab', 'a|b')", "false"),
        ("regex('12345-6789', '^\\d{5}(-\\d{4})?$')", "true"),
        ("regex('x', '(')", "false"),
        ("regex('x', concat('[', 'x]'))", "true"),
        ("regex(e, '.*')", "true"),
        ("checklist(1, 2, true(), false(), true())", "true"),
        ("checklist(1, 1, true(), true())", "false"),
        ("checklist(-1, -1, false())", "true"),
        ("checklist(3, -1, v)", "true"),
        ("weighted-checklist(3, 5, true(), 2, false(), 9, true(), 1.5)", "true"),
        ("weighted-checklist(4, 5, true(), 2)", "false"),
        ("empty(e)", "true"),
        ("relevant(n)", "true"),
        ("relevant(skipped)", "false"),
    ]);
}

#[test]
fn number_functions() {
    check(&[
        ("number('12.50')", "12.5"),
        ("number('1,5')", ""),
        ("number(true())", "1"),
        ("number('2024-05-31')", "19874"),
        ("number('2024-02-30')", ""),
        ("int('39.9')", "39"),
        ("int(-1.9)", "-1"),
        ("int('x')", ""),
        ("round(2.567, 1)", "2.6"),
        ("round(-2.5)", "-2"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.2)", "2"),
        ("sum(v)", "6"),
        ("sum(nowhere)", "0"),
        ("max(v)", "3"),
        ("min(v)", "1"),
        ("max(1, n, 3)", "5"),
        ("max(v, 9)", "9"),
        ("min(nowhere)", ""),
        ("pow(2, 10)", "1024"),
        ("sqrt(-1)", ""),
        ("round(log(10), 4)", "2.3026"),
        ("log10(1000)", "3"),
        ("abs(-3)", "3"),
        ("exp10(2)", "100"),
        ("round(exp(1), 3)", "2.718"),
        ("round(pi(), 4)", "3.1416"),
        ("round(sin(pi() div 2), 3)", "1"),
        ("round(atan2(1, 1), 3)", "0.785"),
        ("random() < 1", "true"),
    ]);
}

#[test]
fn select_functions() {
    check(&[
        ("selected(many, 'b')", "true"),
        ("selected(many, 'd')", "false"),
        ("selected(n, 5)", "true"),
        ("selected-at(many, 1)", "b"),
        ("selected-at(many, 3)", ""),
        ("count-selected(many)", "3"),
        ("count-selected(e)", "0"),
        ("jr:choice-name(sex, '${sex}')", "Perempuan"),
        ("jr:choice-name('1', '/data/sex')", "Laki-laki"),
        ("jr:choice-name('9', '${sex}')", ""),
        ("choice-label(${sex}, ${sex})", "Perempuan"),
        ("choice-label(/data/sex, '1 2')", "Laki-laki, Perempuan"),
    ]);
}

#[test]
fn node_functions() {
    check(&[
        ("count(v)", "4"),
        ("count-non-empty(v)", "3"),
        ("position(v[3])", "3"),
        ("position(nowhere)", ""),
        ("position()", "1"),
        ("last()", "1"),
        ("local-name(n)", "n"),
        ("join('', randomize(v, 1))", "123"),
        ("count(randomize(v))", "4"),
        ("count('text')", "0"),
        ("name(current())", "data"),
    ]);
    let world = Trees::of("<data><own>kept</own><e/></data>");
    assert_eq!(world.text_at("/data/own", "once('new')"), "kept");
    assert_eq!(world.text_at("/data/e", "once(1 + 1)"), "2");
    assert_eq!(world.text_at("/data/own", "string-length()"), "4");
}

#[test]
fn date_functions() {
    check(&[
        ("today()", "2024-05-31"),
        ("now()", "2024-05-31T08:30:00.250+07:00"),
        ("date('2024-5-1')", "2024-05-01"),
        ("date('2024-05-31T23:30:00Z')", "2024-06-01"),
        ("date('2024-05-31T23:30:00')", "2024-05-31"),
        ("date(0)", "1970-01-01"),
        ("date(19874.9)", "2024-05-31"),
        ("date(today() + 1)", "2024-06-01"),
        ("date('nonsense')", ""),
        ("date('2023-02-29')", ""),
        ("date(e)", ""),
        ("date-time('2024-05-31T01:30:00Z')", "2024-05-31T08:30:00.000+07:00"),
        ("date-time(19874.5)", "2024-05-31T12:00:00.000+07:00"),
        ("date-time(now() + 0.5)", "2024-05-31T20:30:00.250+07:00"),
        ("today() - date('2024-05-01')", "30"),
        ("int((today() - date('1990-05-31')) div 365.25)", "34"),
        ("format-date('2024-05-01', '%Y %y %m %n %b %d %e %a')", "2024 24 05 5 May 01 1 Wed"),
        ("format-date-time(now(), '%H:%M:%S.%3 %h')", "08:30:00.250 8"),
        ("format-date-time('2024-05-31T01:30:00.000Z', '%H')", "08"),
        ("format-date('2024-06-02', '%a %% %q 100%')", "Sun %% %q 100%"),
        ("format-date(e, '%Y')", ""),
        ("format-date(19874, '%d.%m.')", "31.05."),
        ("decimal-date-time('2024-05-31')", "19874"),
        ("decimal-date-time('2024-05-31T12:00:00.000+07:00')", "19874.5"),
        ("decimal-date-time('2024-05-31T05:00:00.000Z')", "19874.5"),
        ("round((decimal-date-time('2024-05-31T12:30') - decimal-date-time('2024-05-31T12:00')) * 1440)", "30"),
        ("decimal-date-time('x')", ""),
        ("decimal-time('18:00')", "0.75"),
        ("decimal-time('06:00:00.000+07:00')", "0.25"),
        ("decimal-time('25:00')", ""),
        ("add-date('2024-01-31', 0, 1)", "2024-02-29"),
        ("add-date('2024-01-31', 1, 0, 1)", "2025-02-01"),
        ("add-date('2024-05-31T23:00:00.000+07:00', 0, 0, 0, 2)", "2024-06-01T01:00:00.000+07:00"),
        ("difference-in-months('2024-01-31', '2024-02-29')", "1"),
        ("difference-in-months('2024-01-15', '2024-03-14')", "1"),
        ("difference-in-months('2024-03-14', '2024-01-15')", "-1"),
    ]);
}

#[test]
fn place_functions() {
    check(&[
        ("distance(concat(at, ';', to))", "1112.75"),
        ("distance(at, to)", "1112.75"),
        ("distance-between(at, to)", "1112.75"),
        ("distance(at, at)", "0"),
        ("distance(at)", ""),
        ("distance('x y')", ""),
        ("distance(at, e, to)", "1112.75"),
        ("area(shape)", "12391256135.81"),
        ("area(at)", "0"),
        ("geofence('0.5 0.5', shape)", "true"),
        ("geofence('1.5 0.5', shape)", "false"),
        ("short-geopoint(at)", "-1.6101 103.6131"),
    ]);
}

#[test]
fn list_functions_of_a_dialect() {
    check(&[
        ("count-items(',', 'a,b,,c')", "4"),
        ("count-items(',', '')", "0"),
        ("item-at(',', 'a,b,c', 1)", "b"),
        ("item-at(',', 'a,b,c', 9)", ""),
        ("item-index(',', 'a,b,c', 'c')", "2"),
        ("item-index(',', 'a,b,c', 'x')", "-1"),
        ("item-present(',', 'a,b', 'b')", "true"),
        ("de-duplicate(' ', 'a b a c b')", "a b c"),
        ("rank-value(3, '4 2 1 9 3 7')", "4"),
    ]);
}
