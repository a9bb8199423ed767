//! The values of parameters, by their type (facts: template-rules.md 1.1 and 1.2).

use serde_json::Value;

use super::errors::invalid;
use crate::{outbound::MetaError, templates::text_field};

/// How many spaces in a row a text may not have.
const GAP: &str = "     ";

/// Validates that a parameter has a valid value of its type.
pub(super) fn check(place: &str, parameter: &Value) -> Result<(), MetaError> {
    let kind = text_field(parameter, "type").to_ascii_lowercase();
    let held = parameter.get(kind.as_str()).unwrap_or(&Value::Null);
    let has = |field: &str| held.get(field).is_some_and(|field| !field.is_null() && field != "");
    let complete = match kind.as_str() {
        "text" => return check_text(place, held),
        "payload" => held.is_string(),
        "currency" => has("fallback_value") && has("code") && has("amount_1000"),
        "date_time" => has("fallback_value"),
        "location" => has("latitude") && has("longitude"),
        "product" => has("product_retailer_id") && has("catalog_id"),
        _ => has("id") || has("link"),
    };
    if complete { Ok(()) } else { Err(MetaError::missing(&format!("{kind} of the {place}"))) }
}

/// A text is one line with at least one character, and without gaps.
pub(super) fn check_text(place: &str, text: &Value) -> Result<(), MetaError> {
    let text = text.as_str().unwrap_or_default();
    if text.trim_matches(' ').is_empty() {
        return Err(MetaError::new(131_008, format!("{place}: missing text value")));
    }
    if text.contains(['\n', '\r', '\t']) || text.contains(GAP) {
        let rule = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(invalid(format!("{place}: {rule}")));
    }
    Ok(())
}

/// What the customer reads of a text, a price or a date.
pub(super) fn shown(parameter: &Value) -> &str {
    let kind = text_field(parameter, "type").to_ascii_lowercase();
    let held = parameter.get(kind.as_str());
    let text = held.and_then(|held| held.get("fallback_value").unwrap_or(held).as_str());
    text.unwrap_or_default()
}
