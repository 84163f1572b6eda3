//! Functions of true and false.

use crate::expr::ast::{Call, Expr};
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::pattern::Pattern;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(super) fn truths(&self, call: &Call) -> Option<Value<W::Node>> {
        let arguments = call.arguments.as_slice();
        Some(match call.function.builtin {
            Builtin::If => {
                let branch = if self.boolean(&arguments[0]) { 1 } else { 2 };
                self.value(&arguments[branch])
            }
            Builtin::Not => Value::Boolean(!self.boolean(&arguments[0])),
            Builtin::True => Value::Boolean(true),
            Builtin::False => Value::Boolean(false),
            Builtin::Boolean => Value::Boolean(self.boolean(&arguments[0])),
            Builtin::BooleanFromString => Value::Boolean(matches!(self.text(&arguments[0]).as_str(), "1" | "true")),
            Builtin::Regex => Value::Boolean(self.regex(call)),
            Builtin::Coalesce => {
                let texts = arguments.iter().map(|argument| self.text(argument));
                Value::Text(texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default())
            }
            Builtin::Once => {
                let kept = self.world.text(self.node);
                Value::Text(if kept.is_empty() { self.text(&arguments[0]) } else { kept.into_owned() })
            }
            Builtin::Depend => self.value(&arguments[0]),
            Builtin::Checklist => Value::Boolean(self.checklist(arguments)),
            Builtin::WeightedChecklist => Value::Boolean(self.weighted_checklist(arguments)),
            Builtin::Empty => Value::Boolean(self.text(&arguments[0]).is_empty()),
            Builtin::Relevant => {
                let nodes = self.nodes(&arguments[0]);
                Value::Boolean(nodes.first().is_some_and(|node| self.world.is_relevant(*node)))
            }
            _ => return None,
        })
    }

    fn regex(&self, call: &Call) -> bool {
        let text = self.value(&call.arguments[0]);
        let text = text.text(self.world);
        match &call.pattern {
            Some(pattern) => pattern.fits(&text),
            None => Pattern::new(&self.text(&call.arguments[1])).fits(&text),
        }
    }

    fn checklist(&self, arguments: &[Expr]) -> bool {
        let truths = arguments[2..].iter().flat_map(|argument| self.each_truth(argument));
        let count = truths.filter(|truth| *truth).count() as f64;
        self.is_within(arguments, count)
    }

    fn weighted_checklist(&self, arguments: &[Expr]) -> bool {
        let mut total = 0.0;
        for pair in arguments[2..].chunks_exact(2) {
            let weights = match self.value(&pair[1]) {
                Value::Nodes(nodes) => nodes.iter().map(|node| Value::Nodes(vec![*node]).number(self.world)).collect(),
                value => vec![value.number(self.world)],
            };
            let truths = self.each_truth(&pair[0]);
            total += truths.iter().zip(weights).filter(|(truth, _)| **truth).map(|(_, weight)| weight).sum::<f64>();
        }
        self.is_within(arguments, total)
    }

    /// Whether each of the nodes, or the one value, is true.
    fn each_truth(&self, argument: &Expr) -> Vec<bool> {
        match self.value(argument) {
            Value::Nodes(nodes) => nodes.iter().map(|node| Value::Nodes(vec![*node]).boolean(self.world)).collect(),
            value => vec![value.boolean(self.world)],
        }
    }

    /// Whether `total` lies between the first two arguments; one that is negative does not bound it.
    fn is_within(&self, arguments: &[Expr], total: f64) -> bool {
        let (least, most) = (self.number(&arguments[0]), self.number(&arguments[1]));
        (least < 0.0 || total >= least) && (most < 0.0 || total <= most)
    }
}
