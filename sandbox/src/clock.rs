//! The one place that reads the time.

use time::{
    OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

/// How Kaleyra writes a time.
const KALEYRA: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]+00:00");

/// Seconds since 1970, as Meta stamps its messages.
pub(crate) fn unix_now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// Now, in ISO 8601 with milliseconds.
pub(crate) fn iso_now() -> String {
    let now = OffsetDateTime::now_utc();
    iso(now.replace_millisecond(now.millisecond()).unwrap_or(now))
}

/// Now, as Kaleyra writes it.
pub(crate) fn kaleyra_now() -> String {
    let now = OffsetDateTime::now_utc();
    now.format(KALEYRA).unwrap_or_else(|_| now.unix_timestamp().to_string())
}

/// A Unix time in ISO 8601.
pub(crate) fn iso_of(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix).map_or_else(|_| unix.to_string(), iso)
}

fn iso(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string())
}
