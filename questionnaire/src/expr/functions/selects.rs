//! Functions of selects, whose answers are the chosen names with a space between.

use std::borrow::Cow;

use crate::expr::ast::{Expr, Path, Start};
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::numbers::is_xml_space;
use crate::expr::references::quoted_name;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(super) fn selects(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        Some(match builtin {
            Builtin::Selected => {
                let (list, value) = (self.value(&arguments[0]), self.value(&arguments[1]));
                Value::Boolean(selected(&list.text(self.world), &value.text(self.world)))
            }
            Builtin::SelectedAt => {
                let list = self.text(&arguments[0]);
                Value::Text(selected_at(&list, self.number(&arguments[1])).to_owned())
            }
            Builtin::CountSelected => Value::Number(items(&self.text(&arguments[0])).count() as f64),
            Builtin::ChoiceName => {
                let question = self.question_of_text(&arguments[1]);
                Value::Text(self.choice_label(&question, &self.text(&arguments[0])))
            }
            Builtin::ChoiceLabel => {
                let question = self.question_of_path(&arguments[0]);
                Value::Text(self.choice_label(&question, &self.text(&arguments[1])))
            }
            _ => return None,
        })
    }

    /// The labels of the chosen names, with a comma between where there are several.
    fn choice_label(&self, question: &str, chosen: &str) -> String {
        let label = |name| self.world.choice_label(question, name, self.current).unwrap_or(Cow::Borrowed(""));
        let labels: Vec<Cow<'_, str>> = items(chosen).map(label).collect();
        labels.join(", ")
    }

    /// The name of the question that `'${name}'`, or the text of a path, stands for.
    fn question_of_text(&self, argument: &Expr) -> String {
        match (quoted_name(argument), argument) {
            (Some(name), _) => name.to_owned(),
            (None, Expr::Text(path)) => last_step(path).to_owned(),
            (None, Expr::Path(_)) => self.question_of_path(argument),
            (None, other) => last_step(&self.text(other)).to_owned(),
        }
    }

    /// The name of the question that a path leads to.
    fn question_of_path(&self, argument: &Expr) -> String {
        match argument {
            Expr::Path(Path { start: Start::Named(name), steps, .. }) if steps.is_empty() => name.to_string(),
            other => self.nodes(other).first().map_or_else(String::new, |node| self.world.name(*node).to_owned()),
        }
    }
}

fn last_step(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim()
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(is_xml_space).filter(|item| !item.is_empty())
}

/// Whether the list holds the value. Nothing is held by an empty list, as both of ODK's engines have it.
fn selected(list: &str, value: &str) -> bool {
    let value = value.trim_matches(is_xml_space);
    if value.is_empty() { items(list).next().is_none() } else { items(list).any(|item| item == value) }
}

/// The item at an index from 0; empty beyond the ends.
fn selected_at(list: &str, index: f64) -> &str {
    let index = index.trunc();
    if index >= 0.0 { items(list).nth(index as usize).unwrap_or("") } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_selected_if_it_is_one_of_the_items() {
        for (list, value, expected) in [
            ("a b c", "b", true),
            ("a b c", " b ", true),
            ("a\nb", "b", true),
            ("ab", "a", false),
            ("", "a", false),
            ("", "", true),
            ("a", "", false),
        ] {
            assert_eq!(selected(list, value), expected, "{list:?} {value:?}");
        }
    }

    #[test]
    fn items_are_counted_from_zero_and_beyond_the_ends_is_nothing() {
        for (index, expected) in [(0.0, "a"), (1.9, "b"), (2.0, ""), (-1.0, ""), (f64::NAN, ""), (1e300, "")] {
            assert_eq!(selected_at("a  b", index), expected, "{index}");
        }
    }
}
