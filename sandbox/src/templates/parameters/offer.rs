//! The end of a limited-time offer (facts: template-rules.md 1.1).

use serde_json::Value;

use super::{component, errors::wrong_count};
use crate::{outbound::MetaError, templates::Template};

/// The first Unix time in milliseconds that is no plausible time in seconds: September 2001.
const MILLISECONDS: i64 = 1_000_000_000_000;

/// Validates that a message says when the offer ends, if the template shows it.
pub(super) fn validate(template: &Template, components: &[Value]) -> Result<(), MetaError> {
    let given = component::parameters(components, "limited_time_offer");
    let defined = template.component("LIMITED_TIME_OFFER");
    let expires = defined
        .is_some_and(|own| own.pointer("/limited_time_offer/has_expiration") != Some(&Value::Bool(false)));
    match (expires, given) {
        (false, []) => Ok(()),
        (true, [one]) => validate_end(one),
        (true, []) => Err(MetaError::missing("limited_time_offer.expiration_time_ms")),
        _ => Err(wrong_count("limited_time_offer", usize::from(expires), given.len())),
    }
}

fn validate_end(parameter: &Value) -> Result<(), MetaError> {
    let end = parameter.pointer("/limited_time_offer/expiration_time_ms");
    let end = end.ok_or_else(|| MetaError::missing("limited_time_offer.expiration_time_ms"))?;
    if end.as_i64().is_some_and(|end| end >= MILLISECONDS) {
        return Ok(());
    }
    Err(MetaError::invalid("expiration_time_ms", "must be a time in milliseconds"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;
    use crate::templates::Template;

    fn code(has_expiration: bool, end: Option<&Value>) -> Option<u32> {
        let offer = json!({"text": "Ya", "has_expiration": has_expiration});
        let parts = vec![json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer})];
        let template = Template::new("sale", "es", "MARKETING", parts);
        let filled = end.map(|end| {
            let parameter =
                json!({"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": end}});
            json!({"type": "limited_time_offer", "parameters": [parameter]})
        });
        validate(&template, filled.as_slice()).err().map(|error| error.code)
    }

    #[test]
    fn an_offer_that_expires_needs_its_end_in_milliseconds() {
        assert_eq!(code(true, Some(&json!(1_790_000_000_000_i64))), None);
        assert_eq!(code(true, Some(&json!(1_790_000_000))), Some(131_009));
        assert_eq!(code(true, Some(&json!("1790000000000"))), Some(131_009));
        assert_eq!(code(true, None), Some(131_008));
        assert_eq!(code(false, None), None);
        assert_eq!(code(false, Some(&json!(1_790_000_000_000_i64))), Some(132_000));
    }
}
