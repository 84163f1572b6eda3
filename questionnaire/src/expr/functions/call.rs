//! From a call to the function that answers it, family by family.

use crate::expr::ast::{Call, Expr};
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(in crate::expr) fn call(&self, call: &Call) -> Value<W::Node> {
        let (builtin, arguments) = (call.function.builtin, call.arguments.as_slice());
        self.truths(call)
            .or_else(|| self.selects(builtin, arguments))
            .or_else(|| self.texts(builtin, arguments))
            .or_else(|| self.numbers(builtin, arguments))
            .or_else(|| self.nodes_functions(builtin, arguments))
            .or_else(|| self.dates(builtin, arguments))
            .or_else(|| self.rows(builtin, arguments))
            .or_else(|| self.lists(builtin, arguments))
            .or_else(|| self.places(builtin, arguments))
            .or_else(|| self.records(builtin, arguments))
            // Of another dialect and without a meaning here.
            .unwrap_or_else(|| Value::Text(String::new()))
    }

    /// The text of an argument, or of the node at hand where it is absent.
    pub(super) fn text_or_node(&self, argument: Option<&Expr>) -> String {
        match argument {
            Some(argument) => self.text(argument),
            None => self.world.text(self.node).into_owned(),
        }
    }

    /// The texts of all nodes of all arguments; of an argument that is no node-set its one text.
    pub(super) fn all_texts(&self, arguments: &[Expr]) -> Vec<String> {
        let texts = |argument| match self.value(argument) {
            Value::Nodes(nodes) => nodes.iter().map(|node| self.world.text(*node).into_owned()).collect(),
            value => vec![value.text(self.world).into_owned()],
        };
        arguments.iter().flat_map(texts).collect()
    }

    /// The same as numbers; those that are none are left out.
    pub(super) fn all_numbers(&self, arguments: &[Expr]) -> Vec<f64> {
        let mut numbers = Vec::new();
        for argument in arguments {
            match self.value(argument) {
                Value::Nodes(nodes) => {
                    let number = |node: &W::Node| Value::Nodes(vec![*node]).number(self.world);
                    numbers.extend(nodes.iter().map(number));
                }
                value => numbers.push(value.number(self.world)),
            }
        }
        numbers.retain(|number| !number.is_nan());
        numbers
    }

    /// What the device or the form tells of itself.
    fn records(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        let property = |name: &str| Value::Text(self.world.property(name).unwrap_or_default().into_owned());
        Some(match builtin {
            Builtin::Version => property("version"),
            Builtin::Property => property(&self.text(&arguments[0])),
            Builtin::Username => property("username"),
            Builtin::DeviceId => property("deviceid"),
            Builtin::Duration => property("duration"),
            _ => return None,
        })
    }
}
