//! Of which kind a value will be, and which questions are asked whether they are true, told before evaluation.

use super::ast::{Expr, Operator, Path, Start};
use super::functions::{Builtin, Gives};

/// The kind of an expression's value; [`Gives::Either`] where it depends.
pub(super) fn gives(expr: &Expr) -> Gives {
    match expr {
        Expr::Number(_) | Expr::Negate(_) => Gives::Number,
        Expr::Text(_) => Gives::Text,
        Expr::Path(_) => Gives::Nodes,
        Expr::Chain { rest, .. } => rest.first().map_or(Gives::Either, |(operator, _)| result(*operator)),
        Expr::Call(call) => match (call.function.builtin, call.arguments.as_slice()) {
            (Builtin::If, [_, then, otherwise]) if gives(then) == gives(otherwise) => gives(then),
            (Builtin::Depend, [first, ..]) => gives(first),
            _ => call.function.gives,
        },
    }
}

const fn result(operator: Operator) -> Gives {
    use Operator as O;
    match operator {
        O::Or | O::And => Gives::Boolean,
        O::Equal | O::NotEqual | O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => Gives::Boolean,
        O::Add | O::Subtract | O::Multiply | O::Divide | O::Modulo => Gives::Number,
        O::Union => Gives::Nodes,
    }
}

/// Every `name` of a bare `${name}` that is asked whether it is true, with `expr` itself taken for a condition.
pub(super) fn asked_for_truth(expr: &Expr) -> Vec<&str> {
    let mut names = Vec::new();
    visit(expr, true, &mut names);
    names
}

fn visit<'e>(expr: &'e Expr, is_condition: bool, names: &mut Vec<&'e str>) {
    match expr {
        Expr::Number(_) | Expr::Text(_) => {}
        Expr::Negate(inside) => visit(inside, false, names),
        Expr::Chain { first, rest } => {
            let joins = matches!(rest.first(), Some((Operator::Or | Operator::And, _)));
            visit(first, joins, names);
            rest.iter().for_each(|(_, operand)| visit(operand, joins, names));
        }
        Expr::Call(call) => {
            for (index, argument) in call.arguments.iter().enumerate() {
                let asked = match call.function.builtin {
                    Builtin::Not | Builtin::Boolean => true,
                    Builtin::If => index == 0 || is_condition,
                    _ => false,
                };
                visit(argument, asked, names);
            }
        }
        Expr::Path(Path { start, predicates, steps }) => {
            match start {
                Start::Named(name) if is_condition && predicates.is_empty() && steps.is_empty() => names.push(name),
                Start::Result(inside) => visit(inside, false, names),
                _ => {}
            }
            let conditions = predicates.iter().chain(steps.iter().flat_map(|step| &step.predicates));
            conditions.for_each(|condition| visit(condition, true, names));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::{Formula, Gives};

    #[test]
    fn the_kind_of_a_value_is_known_beforehand() {
        for (text, expected) in [
            ("${a} = 'yes'", Gives::Boolean),
            ("not(${a})", Gives::Boolean),
            ("1 + ${a}", Gives::Number),
            ("if(${a} = 1, 'x', 'y')", Gives::Text),
            ("if(${a} = 1, 'x', 2)", Gives::Either),
            ("if(${a} = 1, ${b} > 1, true())", Gives::Boolean),
            ("${a}", Gives::Nodes),
            ("${a} | ${b}", Gives::Nodes),
            ("-${a}", Gives::Number),
            ("concat(${a}, 1)", Gives::Text),
        ] {
            assert_eq!(Formula::parse(text).unwrap().gives(), expected, "{text}");
        }
    }

    #[test]
    fn questions_that_are_asked_whether_they_are_true_are_told() {
        for (text, expected) in [
            ("${a}", &["a"] as &[&str]),
            ("${a} and not(${b}) or ${c} = 1", &["a", "b"]),
            ("if(${a}, ${b}, 'x') = ${c}", &["a"]),
            ("if(${a}, ${b}, 'x')", &["a", "b"]),
            ("count(${rows}[${a}]) > 1", &["a"]),
            ("concat(${a}, ${b} = 1)", &[]),
        ] {
            assert_eq!(Formula::parse(text).unwrap().asked_for_truth(), expected, "{text}");
        }
    }
}
