//! Lenient parsing of others' JSON: fields that may be missing, or of a neighbouring type.

use std::{borrow::Cow, time::Duration};

use serde_json::Value;

use ventanilla_core::domain::time::Timestamp;

/// The greatest accepted lead of a provider's clock over ours.
pub(crate) const AHEAD: Duration = Duration::from_mins(1);

/// Parses a body. JSON may contain half a surrogate pair, which no Rust string can; such halves become
/// U+FFFD, so that one broken emoji does not cost a batch.
pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().or_else(|| {
        let text = std::str::from_utf8(bytes).ok()?;
        serde_json::from_str(&mend_surrogates(text)).ok()
    })
}

/// The text or number under a name, as text.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<Cow<'a, str>> {
    match value.get(name)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// The number under a name, also when spelled as text.
pub(crate) fn number(value: &Value, name: &str) -> Option<i64> {
    text(value, name)?.parse().ok()
}

/// The time under a name; the time of arrival where it is absent or invalid. Never later than that by more
/// than clocks differ.
pub(crate) fn instant(value: &Value, name: &str, now: Timestamp) -> Timestamp {
    time(value, name).unwrap_or(now).min(now.plus(AHEAD))
}

/// The time under a name: seconds since 1970 as Meta documents them, in practice also milliseconds and finer
/// units, or text like `2026-03-03T10:30:00Z`.
pub(crate) fn time(value: &Value, name: &str) -> Option<Timestamp> {
    let raw = text(value, name)?;
    let trimmed = raw.trim();
    let Ok(number) = trimmed.split('.').next().unwrap_or_default().parse::<i64>() else {
        return parse_time(trimmed);
    };
    match number {
        ..=0 => None,
        1..=MOST_SECONDS => Some(Timestamp::from_seconds(number)),
        _ => Some(Timestamp::from_millis(in_millis(number))),
    }
}

/// Some omit the offset or its colon, or separate date and time by a space.
fn parse_time(raw: &str) -> Option<Timestamp> {
    let text = raw.replacen(' ', "T", 1);
    let (before, offset) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let bare = offset.starts_with(['+', '-']) && offset.bytes().skip(1).all(|it| it.is_ascii_digit());
    if bare {
        let (hours, minutes) = offset.split_at(3);
        return format!("{before}{hours}:{minutes}").parse().ok();
    }
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// As seconds, the year 5138: a greater number has a finer unit.
const MOST_SECONDS: i64 = 100_000_000_000;

/// A time in milliseconds from milli-, micro- or nanoseconds.
fn in_millis(mut number: i64) -> i64 {
    while number > MOST_SECONDS * 1000 {
        number /= 1000;
    }
    number
}

/// The list under a name; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The first of several names that has a text.
pub(crate) fn first_text<'a>(value: &'a Value, names: &[&str]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| text(value, name))
}

fn mend_surrogates(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let taken = match unit(escape) {
            Some(0xd800..=0xdbff) if matches!(escape.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => {
                mended.push_str(escape.get(..12).unwrap_or_default());
                12
            }
            Some(0xd800..=0xdfff) => {
                mended.push_str("\\ufffd");
                6
            }
            // Any other escape: the backslash and the character after it.
            _ => {
                let end = escape.char_indices().nth(2).map_or(escape.len(), |(index, _)| index);
                mended.push_str(escape.get(..end).unwrap_or_default());
                end
            }
        };
        rest = escape.get(taken..).unwrap_or_default();
    }
    mended.push_str(rest);
    mended
}

/// The number in a `\uXXXX` at the start of the text.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_unit_and_never_lies_far_ahead() {
        let at = Timestamp::from_seconds(1_772_533_800);
        for given in [
            serde_json::json!("1772533800"),
            serde_json::json!(1_772_533_800),
            serde_json::json!(1_772_533_800.75),
            serde_json::json!("1772533800000"),
            serde_json::json!(1_772_533_800_000_000_i64),
            serde_json::json!(1_772_533_800_000_000_000_i64),
            serde_json::json!("2026-03-03T10:30:00Z"),
            serde_json::json!("2026-03-03T04:30:00-06:00"),
            serde_json::json!("2026-03-03T10:30:00+0000"),
            serde_json::json!("2026-03-03 10:30:00"),
            serde_json::json!(" 1772533800 "),
        ] {
            assert_eq!(time(&serde_json::json!({ "t": given }), "t"), Some(at), "{given}");
        }
        let now = Timestamp::from_seconds(1_772_533_900);
        for given in [
            serde_json::json!(""),
            serde_json::json!(0),
            serde_json::json!(-5),
            serde_json::json!("soon"),
            serde_json::json!(null),
        ] {
            assert_eq!(instant(&serde_json::json!({ "t": given }), "t", now), now, "{given}");
        }
        let ahead = serde_json::json!({ "t": 1_999_999_999 });
        assert_eq!(instant(&ahead, "t", now), now.plus(AHEAD));
    }

    #[test]
    fn half_a_surrogate_pair_does_not_cost_the_batch() {
        let read =
            parse(br#"{"a":"\ud83d x","b":"\ud83d\ude00","c":"\\ud83d","d":"\udc00","e":"\ud83d\u0041"}"#);
        let expected = serde_json::json!({
            "a": "\u{fffd} x", "b": "😀", "c": "\\ud83d", "d": "\u{fffd}", "e": "\u{fffd}A"
        });
        assert_eq!(read, Some(expected));
        assert_eq!(parse(b"\xff"), None);
        assert_eq!(parse(b"{"), None);
    }
}
