//! A device as a program with a screen sees it: saves, drafts, lists, and hand-made answers of a server.

mod attachments;
mod decided;
mod drafts;
mod forms;
mod hand;
mod lifeboat;
mod listing;
mod measuring;
mod opening;
mod publisher;
mod saving;
mod syncing;
mod visits;
