//! Functions of numbers.

use crate::expr::ast::Expr;
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::{Value, World, value};

impl<W: World> Scope<'_, W> {
    pub(super) fn numbers(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        let number = |index: usize| self.number(&arguments[index]);
        Some(Value::Number(match builtin {
            Builtin::Number => match arguments.first() {
                Some(argument) => self.number(argument),
                None => value::number(&self.world.text(self.node), self.world),
            },
            Builtin::Random => self.world.random(),
            Builtin::Int => number(0).trunc(),
            Builtin::Round => round(number(0), arguments.get(1).map_or(0.0, |digits| self.number(digits))),
            Builtin::Floor => number(0).floor(),
            Builtin::Ceiling => number(0).ceil(),
            // Rows without a number are passed over, as ODK Collect does: a half-filled roster has a sum.
            Builtin::Sum => self.all_numbers(arguments).iter().sum::<f64>() + 0.0,
            Builtin::Max => self.all_numbers(arguments).into_iter().fold(f64::NAN, f64::max),
            Builtin::Min => self.all_numbers(arguments).into_iter().fold(f64::NAN, f64::min),
            Builtin::Pow => number(0).powf(number(1)),
            Builtin::Atan2 => number(0).atan2(number(1)),
            Builtin::Pi => std::f64::consts::PI,
            _ => of_one(builtin, || number(0))?,
        }))
    }
}

/// Functions of a single number, as XPath 3.0 defines them.
fn of_one(builtin: Builtin, number: impl FnOnce() -> f64) -> Option<f64> {
    let function = match builtin {
        Builtin::Abs => f64::abs,
        Builtin::Sqrt => f64::sqrt,
        Builtin::Exp => f64::exp,
        Builtin::Exp10 => |power| 10_f64.powf(power),
        Builtin::Log => f64::ln,
        Builtin::Log10 => f64::log10,
        Builtin::Sin => f64::sin,
        Builtin::Cos => f64::cos,
        Builtin::Tan => f64::tan,
        Builtin::Asin => f64::asin,
        Builtin::Acos => f64::acos,
        Builtin::Atan => f64::atan,
        _ => return None,
    };
    Some(function(number()))
}

/// More digits than a number has are no rounding.
const DIGITS_MAX: f64 = 30.0;

/// To that many digits after the point, a half towards the greater number, as XPath 1.0 has it. Digits are those of the
/// number's decimal writing: 1.005 to two digits is 1.01.
fn round(number: f64, digits: f64) -> f64 {
    if !number.is_finite() || digits.is_nan() || digits.abs() > DIGITS_MAX {
        return if digits.abs() <= DIGITS_MAX { number } else { f64::NAN };
    }
    let digits = digits.trunc();
    let shifted = shift(number, digits);
    let rounded = if (shifted - shifted.floor()) < 0.5 { shifted.floor() } else { shifted.ceil() };
    shift(rounded, -digits)
}

/// `number` with its decimal point moved, without the error of a multiplication.
fn shift(number: f64, digits: f64) -> f64 {
    format!("{number}e{digits}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::round;

    #[test]
    fn a_half_is_rounded_up() {
        for (number, digits, expected) in [
            (2.5, 0.0, 3.0),
            (-2.5, 0.0, -2.0),
            (-2.6, 0.0, -3.0),
            (1.005, 2.0, 1.01),
            (1234.0, -2.0, 1200.0),
            (1250.0, -2.0, 1300.0),
            (0.1, 20.0, 0.1),
            (1e300, 2.0, 1e300),
        ] {
            assert_eq!(round(number, digits), expected, "{number} {digits}");
        }
        assert!(round(f64::NAN, 0.0).is_nan());
        assert!(round(1.0, f64::NAN).is_nan());
        assert!(round(1.0, 99.0).is_nan());
        assert_eq!(round(f64::INFINITY, 1.0), f64::INFINITY);
    }
}
