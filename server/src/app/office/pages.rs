//! Pages of long lists: each answer tells what the next question is.

use serde::Serialize;
use utoipa::ToSchema;

/// Items of a page where the question does not say.
const ITEMS: u32 = 50;
/// Items of a page at most.
const ITEMS_MAX: u32 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Page<T> {
    /// What was found.
    pub(super) items: Vec<T>,
    /// Give it as `after` to get what follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A page of what was found by asking for one item more than [`limit`] allows.
    pub(super) fn of(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Page<T> {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = if more { items.last().map(key) } else { None };
        Page { items, next }
    }
}

/// How many items a page has.
pub(super) fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(ITEMS).clamp(1, ITEMS_MAX)
}
