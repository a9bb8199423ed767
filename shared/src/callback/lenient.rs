//! Reading JSON that others wrote: fields that may be missing, or of a neighbouring type.

use std::{borrow::Cow, time::Duration};

use serde_json::Value;

use crate::domain::time::Timestamp;

/// How far ahead of us a provider's clock may be.
pub(super) const AHEAD: Duration = Duration::from_mins(1);

/// Reads a body. JSON may spell half a surrogate pair, which no text can hold; such halves become
/// U+FFFD, so that one broken emoji does not cost a batch.
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().or_else(|| {
        let text = std::str::from_utf8(bytes).ok()?;
        serde_json::from_str(&mend_surrogates(text)).ok()
    })
}

/// The text or number under a name, as text.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<Cow<'a, str>> {
    match value.get(name)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// The number under a name, also when spelled as text.
pub(super) fn number(value: &Value, name: &str) -> Option<i64> {
    text(value, name)?.parse().ok()
}

/// Whole seconds since 1970 under a name.
pub(super) fn seconds(value: &Value, name: &str) -> Option<Timestamp> {
    number(value, name).map(Timestamp::from_seconds)
}

/// The list under a name; empty when there is none.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The first of several names that holds text.
pub(super) fn first_text<'a>(value: &'a Value, names: &[&str]) -> Option<Cow<'a, str>> {
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
