//! Limits on JSON of callers that is passed on as it is: only what the store can hold.

use serde_json::{Number, Value};

/// The deepest nesting: the store accepts 32 levels, and some are ours.
const DEPTH: usize = 16;

/// The largest number, and the inverse of the smallest: the store's limits, with a margin.
const LARGEST: f64 = 1e100;

/// The longest JSON text in bytes: with the store's overhead for each value, well below the 400 KB of a row.
const LONGEST: usize = 128 * 1024;

/// The error for a value that the store cannot hold.
pub(super) const CANNOT_BE_KEPT: &str =
    "holds an empty name, a number out of reach, more than 16 levels or over 128 KB";

/// Whether the store can hold a value.
#[must_use]
pub(super) fn can_be_kept(value: &Value) -> bool {
    within(value, DEPTH) && value.to_string().len() <= LONGEST
}

/// Whether the store can hold a number.
#[must_use]
pub(super) fn number_can_be_kept(number: &Number) -> bool {
    let size = number.as_f64().map_or(f64::INFINITY, f64::abs);
    size == 0.0 || (LARGEST.recip()..=LARGEST).contains(&size)
}

fn within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) if depth == 0 => false,
        // The store accepts no empty names.
        Value::Object(object) => {
            object.iter().all(|(name, inner)| !name.is_empty() && within(inner, depth - 1))
        }
        Value::Array(list) => list.iter().all(|inner| within(inner, depth - 1)),
        Value::Number(number) => number_can_be_kept(number),
        Value::String(_) | Value::Bool(_) | Value::Null => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
    }

    #[test]
    fn an_empty_name_or_a_too_long_value_cannot_be_stored() {
        assert!(!can_be_kept(&json!({ "a": [{ "": 1 }] })));
        assert!(can_be_kept(&json!({ "a": [{ "b": "" }] })));
        assert!(can_be_kept(&json!("x".repeat(LONGEST - 2))));
        assert!(!can_be_kept(&json!("x".repeat(LONGEST))));
    }

    #[test]
    fn deep_nesting_and_extreme_numbers_cannot_be_stored() {
        assert!(can_be_kept(&nested(DEPTH)) && !can_be_kept(&nested(DEPTH + 1)));
        for (number, fits) in
            [("0", true), ("-7", true), ("1e99", true), ("1e101", false), ("-1e-200", false)]
        {
            assert_eq!(can_be_kept(&serde_json::from_str(number).unwrap()), fits, "{number}");
        }
    }
}
