//! Conversations: opened, merged, listed, and acted on.

pub mod actions;
pub mod handover;
pub mod list;
pub mod mark_read;
pub mod merged;
pub mod open;
pub mod updates;
