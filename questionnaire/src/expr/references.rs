//! What an expression looks at, told before it is evaluated: for the graph of what depends on what.

use super::ast::{Axis, Call, Expr, Operator, Path, Start, Step, Test};
use super::functions::Builtin;

/// A place that an expression looks at. Conditions inside a path are not part of it: what they look at is listed as
/// places of their own, seen from where the expression stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference<'a> {
    /// Where to start.
    pub base: Base<'a>,
    /// The way from there.
    pub moves: Vec<Move<'a>>,
}

/// Where a reference starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base<'a> {
    /// The node that the expression belongs to.
    Here,
    /// The document of the interview.
    Document,
    /// Every node that `${name}` may mean.
    Named(&'a str),
    /// The same in the interview finalized before.
    LastSaved(&'a str),
    /// The document of a table or list.
    Instance(&'a str),
    /// Nobody can tell before: `instance(${name})`.
    Unknown,
}

/// One step of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move<'a> {
    /// To the parent.
    Up,
    /// To the children of that name; `None` to all.
    Down(Option<&'a str>),
    /// To those of that name anywhere below, or the node itself; `None` to all.
    Deep(Option<&'a str>),
    /// To those of that name anywhere above, or the node itself; `None` to all.
    Above(Option<&'a str>),
    /// To siblings of that name; `None` to all.
    Beside(Option<&'a str>),
}

/// How many places one path may lead to, as far as is told. Unions inside conditions of unions multiply; beyond that they
/// are one unknown place.
const PLACES_MAX: usize = 4096;

/// Every place that `expr` looks at, in the order of the text; the same place may come twice.
pub(super) fn references(expr: &Expr) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    collect(expr, &here(), &mut found);
    found
}

fn here<'a>() -> Vec<Reference<'a>> {
    vec![Reference { base: Base::Here, moves: Vec::new() }]
}

/// Adds what `expr` looks at when evaluated at each of `from`.
fn collect<'a>(expr: &'a Expr, from: &[Reference<'a>], found: &mut Vec<Reference<'a>>) {
    match expr {
        Expr::Number(_) | Expr::Text(_) => {}
        Expr::Negate(inside) => collect(inside, from, found),
        Expr::Chain { first, rest } => {
            collect(first, from, found);
            rest.iter().for_each(|(_, operand)| collect(operand, from, found));
        }
        Expr::Call(call) => collect_call(call, from, found),
        Expr::Path(path) => {
            let places = follow(path, from, found);
            found.extend(places);
        }
    }
}

fn collect_call<'a>(call: &'a Call, from: &[Reference<'a>], found: &mut Vec<Reference<'a>>) {
    match call.function.builtin {
        // Conditions of these are asked at each row of the repeat.
        Builtin::CountIf | Builtin::SumIf | Builtin::MinIf | Builtin::MaxIf | Builtin::JoinIf => {}
        Builtin::Once | Builtin::String | Builtin::Number | Builtin::StringLength | Builtin::NormalizeSpace
            if call.arguments.is_empty() || call.function.builtin == Builtin::Once =>
        {
            found.extend_from_slice(from);
        }
        Builtin::Instance | Builtin::Current => found.extend(places_of_call(call, from, &mut Vec::new())),
        Builtin::Pulldata => {
            found.push(Reference { base: named_instance(call.arguments.first()), moves: Vec::new() });
        }
        Builtin::ChoiceName => {
            let named = call.arguments.get(1).and_then(quoted_name);
            found.extend(named.map(|name| Reference { base: Base::Named(name), moves: Vec::new() }));
        }
        _ => {}
    }
    call.arguments.iter().for_each(|argument| collect(argument, from, found));
}

/// The places that a path leads to; what its conditions look at goes to `found`.
fn follow<'a>(path: &'a Path, from: &[Reference<'a>], found: &mut Vec<Reference<'a>>) -> Vec<Reference<'a>> {
    let based = |base| vec![Reference { base, moves: Vec::new() }];
    let mut places = match &path.start {
        Start::Here => from.to_vec(),
        Start::Document => based(Base::Document),
        Start::Named(name) => based(Base::Named(name)),
        Start::LastSaved(name) => based(Base::LastSaved(name)),
        Start::Result(inside) => places_of(inside, from, found),
    };
    if places.len() > PLACES_MAX {
        places = based(Base::Unknown);
    }
    path.predicates.iter().for_each(|predicate| collect(predicate, &places, found));
    for step in &path.steps {
        places.iter_mut().for_each(|place| place.step(step));
        step.predicates.iter().for_each(|predicate| collect(predicate, &places, found));
    }
    places
}

/// The places of the nodes that `expr` gives; what else it looks at goes to `found`.
fn places_of<'a>(expr: &'a Expr, from: &[Reference<'a>], found: &mut Vec<Reference<'a>>) -> Vec<Reference<'a>> {
    match expr {
        Expr::Path(path) => follow(path, from, found),
        Expr::Call(call) => places_of_call(call, from, found),
        Expr::Chain { first, rest } if rest.iter().all(|(operator, _)| *operator == Operator::Union) => {
            let mut places = places_of(first, from, found);
            rest.iter().for_each(|(_, operand)| places.extend(places_of(operand, from, found)));
            places
        }
        _ => {
            collect(expr, from, found);
            Vec::new()
        }
    }
}

fn places_of_call<'a>(call: &'a Call, from: &[Reference<'a>], found: &mut Vec<Reference<'a>>) -> Vec<Reference<'a>> {
    match call.function.builtin {
        Builtin::Current => here(),
        Builtin::Instance => vec![Reference { base: named_instance(call.arguments.first()), moves: Vec::new() }],
        Builtin::Randomize | Builtin::IndexedRepeat => {
            call.arguments[1..].iter().for_each(|argument| collect(argument, from, found));
            places_of(&call.arguments[0], from, found)
        }
        Builtin::If => {
            collect(&call.arguments[0], from, found);
            call.arguments[1..].iter().flat_map(|argument| places_of(argument, from, found)).collect()
        }
        _ => {
            collect_call(call, from, found);
            Vec::new()
        }
    }
}

impl<'a> Reference<'a> {
    fn step(&mut self, step: &'a Step) {
        let name = match &step.test {
            Test::Name(name) => Some(&**name),
            Test::Any | Test::Text => None,
        };
        self.moves.push(match step.axis {
            Axis::Child if step.test == Test::Text => return,
            Axis::SelfNode | Axis::Attribute => return,
            Axis::Child => Move::Down(name),
            Axis::Parent => Move::Up,
            Axis::Descendant | Axis::DescendantOrSelf => Move::Deep(name),
            Axis::Ancestor | Axis::AncestorOrSelf => Move::Above(name),
            Axis::FollowingSibling | Axis::PrecedingSibling => Move::Beside(name),
        });
    }
}

fn named_instance(argument: Option<&Expr>) -> Base<'_> {
    match argument {
        Some(Expr::Text(name)) => Base::Instance(name),
        _ => Base::Unknown,
    }
}

/// The `name` of `'${name}'`, as `jr:choice-name` takes a question.
pub(super) fn quoted_name(argument: &Expr) -> Option<&str> {
    match argument {
        Expr::Text(text) => text.trim().strip_prefix("${")?.strip_suffix('}').map(str::trim),
        _ => None,
    }
}

/// Every `name` of a `${name}`, each once.
pub(super) fn names(expr: &Expr) -> Vec<&str> {
    once_each(references(expr).into_iter().filter_map(|reference| match reference.base {
        Base::Named(name) => Some(name),
        _ => None,
    }))
}

/// Every `name` of a `${last-saved#name}`, each once.
pub(super) fn last_saved_names(expr: &Expr) -> Vec<&str> {
    once_each(references(expr).into_iter().filter_map(|reference| match reference.base {
        Base::LastSaved(name) => Some(name),
        _ => None,
    }))
}

/// Every literal name of a table or list, each once.
pub(super) fn instances(expr: &Expr) -> Vec<&str> {
    once_each(references(expr).into_iter().filter_map(|reference| match reference.base {
        Base::Instance(name) => Some(name),
        _ => None,
    }))
}

fn once_each<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut each = Vec::new();
    names.for_each(|name| {
        if !each.contains(&name) {
            each.push(name);
        }
    });
    each
}

/// Whether it asks for the time or for chance.
pub(super) fn is_volatile(expr: &Expr) -> bool {
    let any = |exprs: &[Expr]| exprs.iter().any(is_volatile);
    match expr {
        Expr::Number(_) | Expr::Text(_) => false,
        Expr::Negate(inside) => is_volatile(inside),
        Expr::Chain { first, rest } => is_volatile(first) || rest.iter().any(|(_, operand)| is_volatile(operand)),
        Expr::Call(call) => call.function.volatile || any(&call.arguments),
        Expr::Path(path) => {
            let start = matches!(&path.start, Start::Result(inside) if is_volatile(inside));
            start || any(&path.predicates) || path.steps.iter().any(|step| any(&step.predicates))
        }
    }
}
