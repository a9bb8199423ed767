//! Instants in UTC, to the millisecond.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use time::{
    OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const ISO_SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const ISO_MILLIS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");
const HOUR: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour]");

/// Last millisecond of the year 9999: what the formats can still spell.
const LATEST: i64 = 253_402_300_799_999;

/// Milliseconds since 1970 in UTC, from 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub struct Timestamp(i64);

impl Timestamp {
    /// An instant from milliseconds since 1970; what lies outside 1970–9999 is moved to the nearest end.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, LATEST))
    }

    /// An instant known while compiling, for tests and constants.
    #[cfg(test)]
    pub(crate) const fn from_fixed(millis: i64) -> Self {
        Self(millis)
    }

    /// An instant from whole seconds since 1970, as providers send them.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970 in UTC.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This instant moved later by `span`.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis_of(span)))
    }

    /// A whole second of a coarser clock, with the milliseconds of our own arrival time as far as they fit:
    /// as late in that second as possible. So arrivals keep their order within one second.
    #[must_use]
    pub fn refined(self, heard: Self) -> Self {
        if self.0 % 1000 != 0 {
            return self;
        }
        Self::from_millis(heard.0.clamp(self.0, self.0.saturating_add(999)))
    }

    /// How long until `later`; zero when that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0 - self.0).unwrap_or(0))
    }

    /// To the second, like `2026-03-03T10:30:00Z`.
    #[must_use]
    pub fn iso_seconds(self) -> String {
        self.spelled(ISO_SECONDS)
    }

    /// To the millisecond, like `2026-03-03T10:30:00.123Z`.
    #[must_use]
    pub fn iso_millis(self) -> String {
        self.spelled(ISO_MILLIS)
    }

    /// `20260303`, the day in UTC.
    #[must_use]
    pub fn day(self) -> String {
        self.spelled(DAY)
    }

    /// `2026030310`, the hour in UTC.
    #[must_use]
    pub fn hour(self) -> String {
        self.spelled(HOUR)
    }

    /// The start of its hour.
    #[must_use]
    pub fn hour_start(self) -> Self {
        Self(self.0 - self.0 % 3_600_000)
    }

    fn spelled(self, format: &[BorrowedFormatItem<'_>]) -> String {
        // The range of the type makes both steps succeed; the fallback keeps this free of panics.
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|instant| instant.format(format).ok())
            .unwrap_or_default()
    }
}

/// A text is not an instant in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time like 2026-03-03T10:30:00Z")]
pub struct TimeError;

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339, with any offset.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError)?;
        let millis = i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).map_err(|_| TimeError)?;
        Ok(Self::from_millis(millis))
    }
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl From<i64> for Timestamp {
    fn from(millis: i64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Timestamp> for i64 {
    fn from(at: Timestamp) -> i64 {
        at.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.iso_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_a_coarser_clock_is_as_late_as_its_arrival() {
        let at = Timestamp::from_millis;
        for (reported, heard, refined) in
            [(5_000, 5_304, 5_304), (5_000, 7_100, 5_999), (5_000, 4_900, 5_000), (5_250, 5_900, 5_250)]
        {
            assert_eq!(at(reported).refined(at(heard)), at(refined), "{reported} {heard}");
        }
    }

    #[test]
    fn it_is_spelled_as_the_contracts_want_it() {
        let at = Timestamp::from_millis(1_772_533_800_123);
        assert_eq!(at.iso_seconds(), "2026-03-03T10:30:00Z");
        assert_eq!(at.iso_millis(), "2026-03-03T10:30:00.123Z");
        assert_eq!((at.day(), at.hour()), ("20260303".to_owned(), "2026030310".to_owned()));
    }

    #[test]
    fn it_is_read_with_any_offset() {
        for text in ["2026-03-03T10:30:00.123Z", "2026-03-03T04:30:00.123-06:00"] {
            assert_eq!(text.parse(), Ok(Timestamp::from_millis(1_772_533_800_123)));
        }
        for bad in ["", "2026-03-03", "2026-03-03T10:30:00", "yesterday", "1772533800"] {
            assert_eq!(bad.parse::<Timestamp>(), Err(TimeError), "{bad}");
        }
    }

    #[test]
    fn absurd_provider_times_stay_within_the_calendar() {
        assert_eq!(Timestamp::from_seconds(i64::MAX).iso_seconds(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_seconds(-5).millis(), 0);
        assert_eq!(Timestamp::from_millis(10).until(Timestamp::from_millis(5)), Duration::ZERO);
    }
}
