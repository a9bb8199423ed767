//! The one place that reads the time.

use std::{fmt, sync::Arc, time::SystemTime};

use time::{
    OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

/// How Kaleyra writes a time.
const KALEYRA: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]+00:00");

/// The sandbox's time: windows close, tokens expire and messages are stamped by it. The system clock unless another is
/// set; clones share one time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that reads `now` on every call.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since 1970, as Meta stamps its messages.
    pub(crate) fn unix_now(&self) -> i64 {
        self.now().unix_timestamp()
    }

    /// The time in milliseconds since 1970, in UTC.
    pub(crate) fn unix_ms(&self) -> i64 {
        let now = self.now();
        now.unix_timestamp() * 1000 + i64::from(now.millisecond())
    }

    /// Now, in ISO 8601 with milliseconds.
    pub(crate) fn iso_now(&self) -> String {
        let now = self.now();
        iso(now.replace_millisecond(now.millisecond()).unwrap_or(now))
    }

    /// Now, as Kaleyra writes it.
    pub(crate) fn kaleyra_now(&self) -> String {
        let now = self.now();
        now.format(KALEYRA).unwrap_or_else(|_| now.unix_timestamp().to_string())
    }

    fn now(&self) -> OffsetDateTime {
        self.0().into()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(|| OffsetDateTime::now_utc().into())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.iso_now()).finish()
    }
}

/// A Unix time in ISO 8601.
pub(crate) fn iso_of(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix).map_or_else(|_| unix.to_string(), iso)
}

fn iso(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Clock;

    #[test]
    fn a_clock_shows_the_time_it_is_given() {
        let clock = Clock::new(|| SystemTime::UNIX_EPOCH + Duration::from_millis(86_400_250));
        assert_eq!((clock.unix_now(), clock.unix_ms()), (86_400, 86_400_250));
        assert_eq!(clock.iso_now(), "1970-01-02T00:00:00.25Z");
        assert_eq!(clock.kaleyra_now(), "1970-01-02 00:00:00+00:00");
    }
}
