//! The log of a tenant: its events, numbered without a gap in the order in which they were committed.
//!
//! The name of an event is made before its transaction ends, so names alone cannot tell a reader that nothing
//! older will come any more. The numbers are given afterwards, one after the other, by whoever follows the
//! table's stream: what has a number is there for good, and every number before it is too.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{event::Event, id::TenantId, time::Timestamp};

/// How long entries can be read.
pub const KEPT: Duration = Duration::from_hours(7 * 24);

/// A place in a tenant's log: after the entry of that number. 0 is before all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(u64);

/// A cursor is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a cursor that an event had")]
pub struct NoCursor;

impl Cursor {
    /// The place after the entry of this number.
    #[must_use]
    pub fn after(number: u64) -> Self {
        Self(number)
    }

    /// The number of the entry that it is after.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// The next place.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place before the entry of that number.
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

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
    /// Its place.
    #[serde(rename = "seq")]
    pub cursor: Cursor,
}

impl Numbered {
    /// Whether it can still be read.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now < self.event.at.plus(KEPT)
    }
}

/// How far a tenant's log goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// Whose log.
    pub tenant: TenantId,
    /// The place after its last entry.
    pub cursor: Cursor,
    /// Up to here all entries were delivered to the sockets that listened, or are in the offline queue.
    #[serde(default)]
    pub delivered: Cursor,
    /// Whether there may be sockets. Rows from before this was kept say nothing, so there may.
    #[serde(default = "perhaps")]
    pub listened: bool,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl LogHead {
    /// That of a log without entries.
    #[must_use]
    pub fn empty(tenant: TenantId) -> Self {
        let start = Cursor::default();
        Self { tenant, cursor: start, delivered: start, listened: false, rev: 0 }
    }

    /// Gives the next number to an event.
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
