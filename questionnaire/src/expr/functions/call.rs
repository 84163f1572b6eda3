//! From a call to the function that answers it.

use crate::expr::ast::Call;
use crate::expr::evaluate::Scope;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(in crate::expr) fn call(&self, _call: &Call) -> Value<W::Node> {
        Value::Text(String::new())
    }
}
