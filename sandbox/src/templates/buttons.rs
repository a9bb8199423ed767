//! Validates the parameters of a message against the buttons of its template.

use serde_json::Value;

use super::{
    has_open_link, items,
    parameters::{is_component, mismatch, validate_parameter, wrong_count},
    text_field,
};
use crate::outbound::MetaError;

/// Whether a button takes a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ButtonParameter {
    None,
    Optional,
    Required,
}

/// Validates the button components of a message; `wanted` are the buttons of the template.
pub(super) fn validate(wanted: &[Value], components: &[Value]) -> Result<(), MetaError> {
    let mut given = Vec::new();
    for component in components.iter().filter(|component| is_component(component, "button")) {
        let place = position(component)?;
        if place >= wanted.len() {
            return Err(wrong_count("buttons", wanted.len(), place + 1));
        }
        given.push((place, component));
    }
    for (place, button) in wanted.iter().enumerate() {
        let component = given.iter().find(|(own, _)| *own == place).map(|(_, component)| *component);
        validate_button(&format!("button {place}"), button, component)?;
    }
    Ok(())
}

fn validate_button(place: &str, button: &Value, component: Option<&Value>) -> Result<(), MetaError> {
    let (sub_type, kind, parameter) = match text_field(button, "type") {
        "URL" if !has_open_link(button) => ("url", "text", ButtonParameter::None),
        "URL" | "OTP" => ("url", "text", ButtonParameter::Required),
        "COPY_CODE" => ("copy_code", "coupon_code", ButtonParameter::Required),
        "QUICK_REPLY" => ("quick_reply", "payload", ButtonParameter::Optional),
        // Flows, catalogs and the rest are not validated.
        _ => return Ok(()),
    };
    let given = component.map_or(sub_type, |component| text_field(component, "sub_type"));
    if !given.eq_ignore_ascii_case(sub_type) {
        return Err(mismatch(place, sub_type, given));
    }
    let values = component.map_or(&[][..], |component| items(component, "parameters"));
    match (values, parameter) {
        ([], ButtonParameter::Required) => Err(MetaError::missing(&format!("{kind} of the {place}"))),
        ([], ButtonParameter::None | ButtonParameter::Optional) => Ok(()),
        ([one], ButtonParameter::Required | ButtonParameter::Optional) => {
            validate_parameter(place, one, &[kind])
        }
        _ => Err(wrong_count(place, usize::from(parameter != ButtonParameter::None), values.len())),
    }
}

/// The position of the button, which is a number or text.
fn position(component: &Value) -> Result<usize, MetaError> {
    let index = component.get("index").ok_or_else(|| MetaError::missing("template.components.index"))?;
    let number = index.as_u64().or_else(|| index.as_str()?.parse().ok());
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| MetaError::invalid("template.components.index", "is not the position of a button"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;

    fn code(button: &Value, components: &Value) -> Option<u32> {
        let components = components.as_array().cloned().unwrap_or_default();
        validate(std::slice::from_ref(button), &components).err().map(|error| error.code)
    }

    fn component(sub_type: &str, index: &Value, parameters: &Value) -> Value {
        json!([{"type": "button", "sub_type": sub_type, "index": index, "parameters": parameters}])
    }

    #[test]
    fn a_link_with_a_variable_wants_its_end() {
        let open = json!({"type": "URL", "url": "https://x.example/{{1}}"});
        let suffix = json!([{"type": "text", "text": "A-1"}]);
        for index in [json!("0"), json!(0)] {
            assert_eq!(code(&open, &component("url", &index, &suffix)), None);
        }
        assert_eq!(code(&open, &json!([])), Some(131_008));
        assert_eq!(code(&open, &component("url", &json!(0), &json!([]))), Some(131_008));
        assert_eq!(code(&open, &component("url", &json!(1), &suffix)), Some(132_000));
        assert_eq!(code(&open, &component("url", &json!("first"), &suffix)), Some(131_009));
        assert_eq!(code(&open, &component("url", &Value::Null, &suffix)), Some(131_009));
        assert_eq!(code(&open, &component("copy_code", &json!(0), &suffix)), Some(132_012));
        let twice = json!([{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]);
        assert_eq!(code(&open, &component("url", &json!(0), &twice)), Some(132_000));
        let closed = json!({"type": "URL", "url": "https://x.example/"});
        assert_eq!(code(&closed, &json!([])), None);
        assert_eq!(code(&closed, &component("url", &json!(0), &suffix)), Some(132_000));
    }

    #[test]
    fn a_code_to_copy_is_wanted_and_a_payload_is_not() {
        let copy = json!({"type": "COPY_CODE"});
        let coupon = json!([{"type": "coupon_code", "coupon_code": "SUMMER"}]);
        assert_eq!(code(&copy, &component("copy_code", &json!("0"), &coupon)), None);
        assert_eq!(code(&copy, &json!([])), Some(131_008));
        let nothing = json!([{"type": "coupon_code"}]);
        assert_eq!(code(&copy, &component("copy_code", &json!("0"), &nothing)), Some(131_008));
        let reply = json!({"type": "QUICK_REPLY"});
        let payload = json!([{"type": "payload", "payload": "yes"}]);
        assert_eq!(code(&reply, &component("quick_reply", &json!("0"), &payload)), None);
        assert_eq!(code(&reply, &json!([])), None);
        assert_eq!(code(&json!({"type": "FLOW"}), &json!([])), None);
    }
}
