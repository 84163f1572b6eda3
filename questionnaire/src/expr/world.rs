//! What an expression can see: the interview's values, the tables beside the form, and the moment.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;

/// The interview as expressions see it: trees of named nodes whose leaves hold text.
///
/// The interview is one tree, below [`World::document`]; each table and each choice list is another, below
/// [`World::instance`], shaped `root/item/<column>` as ODK shapes them. Asked only for what an expression names.
pub trait World {
    /// A node of any of the trees. `Ord` is the document's order.
    type Node: Copy + Eq + Ord + Hash + Debug;

    /// What `/` stands for: the parent of the interview's root element.
    fn document(&self) -> Self::Node;

    /// What stands above `node`; `None` above a document.
    fn parent(&self, node: Self::Node) -> Option<Self::Node>;

    /// The element's name; empty for a document.
    fn name(&self, node: Self::Node) -> &str;

    /// Appends the children of `node` in order, all or those of one name.
    fn children(&self, node: Self::Node, name: Option<&str>, into: &mut Vec<Self::Node>);

    /// The value of a leaf, empty where it is not relevant; of a branch, its leaves' values in a row.
    fn text(&self, node: Self::Node) -> Cow<'_, str>;

    /// The document of the table or list of that name.
    fn instance(&self, name: &str) -> Option<Self::Node>;

    /// The children of `parent` called `child` whose own child `column` holds exactly `value`, where the world keeps an
    /// index for that; `None` means that the asker has to look at each.
    fn rows_where(&self, parent: Self::Node, child: &str, column: &str, value: &str) -> Option<Vec<Self::Node>>;

    /// Appends what `${name}` means at `from`: the node of that name in the same row of each repeat that holds both,
    /// and in every row of the repeats that hold only the named one.
    fn named(&self, name: &str, from: Self::Node, into: &mut Vec<Self::Node>);

    /// The innermost row of a repeat that holds `node` or is it.
    fn row_of(&self, node: Self::Node) -> Option<Self::Node>;

    /// Whether the node has a place in the interview as it stands; true of tables and lists.
    fn is_relevant(&self, node: Self::Node) -> bool;

    /// What the choice `value` of the question `question` is called in the language being shown.
    fn choice_label(&self, question: &str, value: &str, from: Self::Node) -> Option<Cow<'_, str>>;

    /// What the form or the device tells of itself: `version`, `deviceid`, `username`, `duration` (seconds of work).
    fn property(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The moment of this evaluation.
    fn now(&self) -> Moment;

    /// A number from 0 up to 1, each call another.
    fn random(&self) -> f64;

    /// 128 random bits, each call others.
    fn random_bits(&self) -> u128;
}

/// A moment as the device's clock shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
    /// Minutes that local time is ahead of UTC, e.g. 420 in Jambi.
    pub offset_min: i32,
}

impl Moment {
    /// `2026-08-17`, as the calendar on the wall shows it.
    pub fn date(self) -> String {
        crate::interview::date(self)
    }
}
