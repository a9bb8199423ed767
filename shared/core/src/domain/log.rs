//! The event log of a tenant: its events, numbered without gaps in the order in which they were committed.
//!
//! An event's id is made before its transaction ends, so ids alone cannot tell a reader that no older event
//! will follow. The numbers are assigned afterwards, one after the other, by the reader of the table's
//! stream: a numbered event is final, and so is every one before it.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{event::Event, id::TenantId, time::Timestamp};

/// How long entries can be read.
pub const KEPT: Duration = Duration::from_hours(7 * 24);

/// A position in a tenant's log: after the entry of that number. 0 is before all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(u64);

/// A text is not a cursor, which is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a cursor that an event had")]
pub struct NoCursor;

impl Cursor {
    /// The position after the entry of this number.
    #[must_use]
    pub fn after(number: u64) -> Self {
        Self(number)
    }

    /// The number of the entry before this position.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// The position after the next entry.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The position before the entry of that number.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().map(Self).ok_or(NoCursor)
    }
}

/// An event with its number in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// What happened; its fields stand beside the number in the row.
    #[serde(flatten)]
    pub event: Event,
    /// The position after this entry.
    #[serde(rename = "seq")]
    pub cursor: Cursor,
}

impl Numbered {
    /// Whether it can still be read at `now`.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now < self.event.at.plus(KEPT)
    }
}

/// The head of a tenant's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// The tenant whose log it is.
    pub tenant: TenantId,
    /// The position after the last entry.
    pub cursor: Cursor,
    /// Up to here all entries were delivered to the live sockets, or are in the offline queue.
    #[serde(default)]
    pub delivered: Cursor,
    /// Whether the tenant may have sockets; true for rows from before this was stored.
    #[serde(default = "perhaps")]
    pub listened: bool,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl LogHead {
    /// The head of a log without entries.
    #[must_use]
    pub fn empty(tenant: TenantId) -> Self {
        let start = Cursor::default();
        Self { tenant, cursor: start, delivered: start, listened: false, rev: 0 }
    }

    /// Assigns the next number to an event.
    pub fn number(&mut self, event: Event) -> Numbered {
        self.cursor = self.cursor.next();
        Numbered { event, cursor: self.cursor }
    }
}

fn perhaps() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_digits_and_nothing_else() {
        assert_eq!("17".parse(), Ok(Cursor::after(17)));
        for bad in ["", "-1", "+1", "1.0", "x", " 1", "99999999999999999999"] {
            assert_eq!(bad.parse::<Cursor>(), Err(NoCursor), "{bad}");
        }
    }
}
