//! Functions of lists with a separator of one's own, which a dialect of XLSForm has. Empty items count.

use std::collections::HashSet;

use crate::expr::ast::Expr;
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::numbers::is_xml_space;
use crate::expr::{Value, World, value};

impl<W: World> Scope<'_, W> {
    pub(super) fn lists(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        let text = |index: usize| self.text(&arguments[index]);
        Some(match builtin {
            Builtin::CountItems => Value::Number(items(&text(1), &text(0)).len() as f64),
            Builtin::ItemAt => {
                let (list, separator) = (text(1), text(0));
                let index = self.number(&arguments[2]);
                let item = if index >= 0.0 { items(&list, &separator).get(index as usize).copied() } else { None };
                Value::Text(item.unwrap_or("").to_owned())
            }
            Builtin::ItemIndex => {
                let (list, item) = (text(1), text(2));
                let index = items(&list, &text(0)).iter().position(|other| *other == item);
                Value::Number(index.map_or(-1.0, |index| index as f64))
            }
            Builtin::ItemPresent => Value::Boolean(items(&text(1), &text(0)).contains(&text(2).as_str())),
            Builtin::DeDuplicate => {
                let (list, separator) = (text(1), text(0));
                let mut seen = HashSet::new();
                let mut each = items(&list, &separator);
                each.retain(|item| seen.insert(*item));
                Value::Text(each.join(&separator))
            }
            Builtin::RankValue => {
                let list = text(1);
                let items = list.split(is_xml_space).filter(|item| !item.is_empty());
                let numbers: Vec<f64> = items.map(|item| value::number(item, self.world)).collect();
                Value::Number(rank(self.number(&arguments[0]), &[], &numbers).unwrap_or(f64::NAN))
            }
            _ => return None,
        })
    }
}

/// An empty list has no items.
fn items<'a>(list: &'a str, separator: &str) -> Vec<&'a str> {
    match (list, separator) {
        ("", _) => Vec::new(),
        (_, "") => vec![list],
        _ => list.split(separator).collect(),
    }
}

/// The place of `number` among `all`, the greatest first; an equal one goes first if it stands in `before`.
pub(super) fn rank(number: f64, before: &[f64], all: &[f64]) -> Option<f64> {
    let greater = all.iter().filter(|other| **other > number).count();
    let equal = before.iter().filter(|other| **other == number).count();
    (!number.is_nan()).then_some((1 + greater + equal) as f64)
}
