//! Whether a write changed something.

/// The result of merging a report, or a caller's change, into what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// At least one stored value changes.
    New,
    /// All was stored already, or is older than what is stored.
    Unchanged,
}
