//! Validates the parameters of buttons (facts: template-rules.md 1.1 and 1.3).

use serde_json::Value;

use super::{
    actions,
    component::is_component,
    errors::{invalid, too_long, wrong_count},
    values,
};
use crate::{
    outbound::MetaError,
    templates::{has_open_link, items, text_field},
};

/// The maximum length of a whole URL, in characters.
const MAX_URL: usize = 2000;

/// The maximum length of a code to copy, in characters.
const MAX_COUPON: usize = 20;

/// What a message must give for a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// No parameter at all.
    Nothing,
    /// A parameter may be given.
    Optional,
    /// The component, with or without a parameter.
    Component,
    /// The component with one parameter.
    Parameter,
}

/// Validates the button components of a message; `wanted` are the buttons of the template.
pub(super) fn validate(wanted: &[Value], components: &[Value]) -> Result<(), MetaError> {
    let mut given: Vec<(usize, &Value)> = Vec::new();
    for component in components.iter().filter(|component| is_component(component, "button")) {
        let place = position(wanted, component)?;
        if place >= wanted.len() {
            return Err(invalid(format!("buttons: Button at index {place} does not exist in the template")));
        }
        if given.iter().any(|(own, _)| *own == place) {
            return Err(MetaError::malformed(format!("buttons: index {place} is given twice")));
        }
        given.push((place, component));
    }
    for (place, button) in wanted.iter().enumerate() {
        let component = given.iter().find(|(own, _)| *own == place).map(|(_, component)| *component);
        validate_button(place, button, component)?;
    }
    Ok(())
}

fn validate_button(place: usize, button: &Value, component: Option<&Value>) -> Result<(), MetaError> {
    let (sub_type, name, needs) = rules(button);
    let given = component.map_or(sub_type, |component| text_field(component, "sub_type"));
    if !given.eq_ignore_ascii_case(sub_type) {
        return Err(invalid(format!("buttons: Button at index {place} must be of type {name}")));
    }
    let required = || {
        MetaError::new(
            131_008,
            format!("buttons: Button at index {place} of type {name} requires a parameter"),
        )
    };
    let values = component.map_or(&[][..], |component| items(component, "parameters"));
    match (needs, values) {
        (Needs::Component, _) if component.is_none() => Err(required()),
        (Needs::Parameter, []) => Err(required()),
        (Needs::Nothing, [_, ..]) => Err(wrong_count("buttons", 0, values.len())),
        (_, values) if sub_type == "voice_call" => actions::validate_voice_call(values),
        (_, []) => Ok(()),
        (_, [one]) => validate_value(place, button, sub_type, one),
        (_, values) => Err(wrong_count("buttons", 1, values.len())),
    }
}

/// The `sub_type` of a button, Meta's name of it in errors, and what it needs.
fn rules(button: &Value) -> (&'static str, &'static str, Needs) {
    match text_field(button, "type") {
        "URL" if !has_open_link(button) => ("url", "Url", Needs::Nothing),
        "URL" | "OTP" => ("url", "Url", Needs::Parameter),
        "COPY_CODE" => ("copy_code", "CopyCode", Needs::Parameter),
        "QUICK_REPLY" => ("quick_reply", "QuickReply", Needs::Optional),
        "FLOW" => ("flow", "Flow", Needs::Component),
        "CATALOG" => ("catalog", "Catalog", Needs::Component),
        "MPM" => ("mpm", "Mpm", Needs::Parameter),
        "VOICE_CALL" => ("voice_call", "VoiceCall", Needs::Optional),
        "ORDER_DETAILS" => ("order_details", "OrderDetails", Needs::Parameter),
        "PHONE_NUMBER" => ("phone_number", "PhoneNumber", Needs::Nothing),
        "SPM" => ("spm", "Spm", Needs::Nothing),
        _ => ("request_contact_info", "RequestContactInfo", Needs::Nothing),
    }
}

fn validate_value(place: usize, button: &Value, sub_type: &str, value: &Value) -> Result<(), MetaError> {
    let kind = match sub_type {
        "url" => "text",
        "copy_code" => "coupon_code",
        "quick_reply" => "payload",
        _ => "action",
    };
    if !text_field(value, "type").eq_ignore_ascii_case(kind) {
        return Err(invalid(format!("buttons: Button at index {place} takes a parameter of type {kind}")));
    }
    let where_ = format!("button {place}");
    match sub_type {
        "url" => validate_suffix(&where_, button, value),
        "copy_code" => validate_coupon(place, text_field(value, "coupon_code")),
        "quick_reply" => values::check(&where_, value),
        _ => actions::validate(sub_type, value.get("action").unwrap_or(&Value::Null)),
    }
}

/// The end of a URL: characters that need an escape must have it.
fn validate_suffix(place: &str, button: &Value, value: &Value) -> Result<(), MetaError> {
    let suffix = value.get("text").unwrap_or(&Value::Null);
    values::check_text(place, suffix)?;
    let suffix = suffix.as_str().unwrap_or_default();
    let must_be_escaped = |character: char| {
        !character.is_ascii() || character.is_ascii_control() || " :|\"<>\\^`{}".contains(character)
    };
    if suffix.contains(must_be_escaped) {
        return Err(invalid(format!("{place}: the URL is not valid; its variable must be percent-encoded")));
    }
    let fixed = text_field(button, "url").split("{{").next().unwrap_or_default();
    let length = fixed.chars().count() + suffix.len();
    if length <= MAX_URL { Ok(()) } else { Err(too_long(place, MAX_URL, length)) }
}

fn validate_coupon(place: usize, code: &str) -> Result<(), MetaError> {
    if code.is_empty() {
        let what = "of type CopyCode requires a non-empty parameter coupon_code";
        return Err(MetaError::new(131_008, format!("buttons: Button at index {place} {what}")));
    }
    if code.len() > MAX_COUPON {
        return Err(MetaError::malformed("Param coupon_code must have at most 20 characters."));
    }
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(MetaError::invalid("coupon_code", "must have letters and digits only"));
    }
    Ok(())
}

/// The position of the button, which is a number or text. A call button may leave it out.
fn position(wanted: &[Value], component: &Value) -> Result<usize, MetaError> {
    let Some(index) = component.get("index") else {
        let is_call = text_field(component, "sub_type").eq_ignore_ascii_case("voice_call");
        let own = wanted.iter().position(|button| text_field(button, "type") == "VOICE_CALL");
        return own.filter(|_| is_call).ok_or_else(|| MetaError::missing("template.components.index"));
    };
    let number = index.as_u64().or_else(|| index.as_str()?.parse().ok());
    number
        .and_then(|number| usize::try_from(number).ok())
        .filter(|place| *place < 10)
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

    fn text(text: &str) -> Value {
        json!([{"type": "text", "text": text}])
    }

    #[test]
    fn a_link_with_a_variable_wants_its_end() {
        let open = json!({"type": "URL", "url": "https://x.example/{{1}}"});
        let suffix = text("A-1");
        for index in [json!("0"), json!(0)] {
            assert_eq!(code(&open, &component("url", &index, &suffix)), None);
        }
        assert_eq!(code(&open, &json!([])), Some(131_008));
        assert_eq!(code(&open, &component("url", &json!(0), &json!([]))), Some(131_008));
        assert_eq!(code(&open, &component("url", &json!(1), &suffix)), Some(132_018));
        assert_eq!(code(&open, &component("url", &json!(10), &suffix)), Some(131_009));
        assert_eq!(code(&open, &component("url", &json!("first"), &suffix)), Some(131_009));
        assert_eq!(code(&open, &component("url", &Value::Null, &suffix)), Some(131_009));
        assert_eq!(code(&open, &json!([{"type": "button", "sub_type": "url"}])), Some(131_008));
        assert_eq!(code(&open, &component("copy_code", &json!(0), &suffix)), Some(132_018));
        let twice = json!([{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]);
        assert_eq!(code(&open, &component("url", &json!(0), &twice)), Some(132_000));
        let payload = json!([{"type": "payload", "payload": "x"}]);
        assert_eq!(code(&open, &component("url", &json!(0), &payload)), Some(132_018));
        let closed = json!({"type": "URL", "url": "https://x.example/"});
        assert_eq!(code(&closed, &json!([])), None);
        assert_eq!(code(&closed, &component("url", &json!(0), &suffix)), Some(132_000));
    }

    #[test]
    fn the_end_of_a_link_is_percent_encoded_and_not_too_long() {
        let open = json!({"type": "URL", "url": "https://x.example/{{1}}"});
        let end = |suffix: &str| code(&open, &component("url", &json!(0), &text(suffix)));
        assert_eq!(end("a/b?c=d%20e&f=1#g"), None);
        for wrong in ["a b", "https://y.example", "a|b", "niño"] {
            assert_eq!(end(wrong), Some(132_018), "{wrong}");
        }
        assert_eq!(end(""), Some(131_008));
        assert_eq!(end(&"x".repeat(1982)), None);
        assert_eq!(end(&"x".repeat(1983)), Some(132_005));
    }

    #[test]
    fn a_code_to_copy_is_wanted_and_a_payload_is_not() {
        let copy = json!({"type": "COPY_CODE"});
        let coupon = |code: &Value| json!([{"type": "coupon_code", "coupon_code": code}]);
        let filled = |given: &Value| code(&copy, &component("copy_code", &json!("0"), given));
        assert_eq!(filled(&coupon(&json!("SUMMER"))), None);
        assert_eq!(code(&copy, &json!([])), Some(131_008));
        assert_eq!(filled(&coupon(&Value::Null)), Some(131_008));
        assert_eq!(filled(&coupon(&json!("A".repeat(21)))), Some(100));
        assert_eq!(filled(&coupon(&json!("A-1"))), Some(131_009));
        let reply = json!({"type": "QUICK_REPLY"});
        let payload = json!([{"type": "payload", "payload": "yes"}]);
        assert_eq!(code(&reply, &component("quick_reply", &json!("0"), &payload)), None);
        assert_eq!(code(&reply, &component("url", &json!("0"), &text("x"))), Some(132_018));
        assert_eq!(code(&reply, &json!([])), None);
    }

    #[test]
    fn each_type_says_whether_its_component_is_required() {
        let button = |kind: &str| json!({"type": kind});
        for kind in ["FLOW", "CATALOG", "MPM", "ORDER_DETAILS"] {
            assert_eq!(code(&button(kind), &json!([])), Some(131_008), "{kind}");
        }
        for kind in ["SPM", "PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO"] {
            assert_eq!(code(&button(kind), &json!([])), None, "{kind}");
        }
        let bare = |sub_type: &str| json!([{"type": "button", "sub_type": sub_type, "index": 0}]);
        assert_eq!(code(&button("FLOW"), &bare("flow")), None);
        assert_eq!(code(&button("CATALOG"), &bare("catalog")), None);
        assert_eq!(code(&button("MPM"), &bare("mpm")), Some(131_008));
        let call = json!([{"type": "button", "sub_type": "voice_call",
            "parameters": [{"type": "ttl_minutes", "ttl_minutes": 100}, {"type": "payload", "payload": "P"}]}]);
        assert_eq!(code(&button("VOICE_CALL"), &call), None);
    }

    #[test]
    fn a_button_is_filled_once() {
        let reply = json!({"type": "QUICK_REPLY"});
        let one = json!({"type": "button", "sub_type": "quick_reply", "index": 0});
        assert_eq!(code(&reply, &json!([one, one])), Some(100));
    }
}
