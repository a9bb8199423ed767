//! Validates the parameters of a message against the variables of its template.

use serde_json::Value;

use super::{ParameterFormat, Template, buttons, items, text_field, variables};
use crate::outbound::MetaError;

/// The parameter types that a variable of a body accepts.
const BODY_PARAMETER_TYPES: [&str; 3] = ["text", "currency", "date_time"];

/// Validates the header, the body and the buttons; other components are not validated.
pub(super) fn validate(template: &Template, components: &[Value]) -> Result<(), MetaError> {
    validate_header(template, component_parameters(components, "header"))?;
    let body = template.text("BODY").unwrap_or_default();
    validate_texts(
        "body",
        template.format,
        body,
        component_parameters(components, "body"),
        &BODY_PARAMETER_TYPES,
    )?;
    buttons::validate(template.buttons(), components)
}

/// Whether a component of a message is of this type.
pub(super) fn is_component(component: &Value, kind: &str) -> bool {
    text_field(component, "type").eq_ignore_ascii_case(kind)
}

/// The parameters of the component of this type.
fn component_parameters<'a>(components: &'a [Value], kind: &str) -> &'a [Value] {
    let component = components.iter().find(|component| is_component(component, kind));
    component.map_or(&[], |component| items(component, "parameters"))
}

fn validate_header(template: &Template, given: &[Value]) -> Result<(), MetaError> {
    let format = template.header_format();
    if format == "TEXT" {
        let text = template.text("HEADER").unwrap_or_default();
        return validate_texts("header", template.format, text, given, &["text"]);
    }
    match given {
        [parameter] => validate_parameter("header", parameter, &[format.to_ascii_lowercase().as_str()]),
        [] => Err(mismatch("header", format, "nothing")),
        _ => Err(wrong_count("header", 1, given.len())),
    }
}

fn validate_texts(
    place: &str,
    format: ParameterFormat,
    text: &str,
    given: &[Value],
    kinds: &[&str],
) -> Result<(), MetaError> {
    let wanted = variables(text);
    if given.len() != wanted.len() {
        return Err(wrong_count(place, wanted.len(), given.len()));
    }
    given.iter().try_for_each(|parameter| validate_parameter(place, parameter, kinds))?;
    let is_given = |name: &str| given.iter().any(|parameter| text_field(parameter, "parameter_name") == name);
    let fits = match format {
        ParameterFormat::Positional => given.iter().all(|own| own.get("parameter_name").is_none()),
        // The counts are equal: if one is unknown, one is missing.
        ParameterFormat::Named => wanted.iter().all(|name| is_given(name)),
    };
    if fits { Ok(()) } else { Err(mismatch(place, &wanted.join(", "), "other names")) }
}

/// Validates that a parameter has one of these types, and the value of its type.
pub(super) fn validate_parameter(place: &str, parameter: &Value, kinds: &[&str]) -> Result<(), MetaError> {
    let kind = text_field(parameter, "type").to_ascii_lowercase();
    if !kinds.contains(&kind.as_str()) {
        return Err(mismatch(place, &kinds.join(" or "), &kind));
    }
    let held = parameter.get(kind.as_str());
    let has = |field: &str| held.and_then(|held| held.get(field)).is_some_and(Value::is_string);
    let fits = match kind.as_str() {
        "text" | "payload" | "coupon_code" => held.is_some_and(Value::is_string),
        "currency" | "date_time" => has("fallback_value"),
        "location" | "product" => held.is_some_and(Value::is_object),
        _ => has("id") || has("link"),
    };
    if fits { Ok(()) } else { Err(MetaError::missing(&format!("{kind} of the {place}"))) }
}

/// The number of parameters differs from the number of variables.
pub(super) fn wrong_count(place: &str, wanted: usize, given: usize) -> MetaError {
    let details = format!("{place}: {given} parameters do not match the {wanted} of the template");
    MetaError::new(132_000, details)
}

/// A parameter has the wrong type or name.
pub(super) fn mismatch(place: &str, wanted: &str, given: &str) -> MetaError {
    MetaError::new(132_012, format!("{place}: format mismatch, expected {wanted}, received {given}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;
    use crate::templates::{Template, Templates, variables};

    fn code(template: &Template, components: &Value) -> Option<u32> {
        let components = components.as_array().cloned().unwrap_or_default();
        validate(template, &components).err().map(|error| error.code)
    }

    fn demo(name: &str, language: &str) -> Template {
        let store = Templates::new(["1"]);
        store.find("1", name, language).cloned().expect("a template for demonstrations")
    }

    fn texts(texts: &[&str]) -> Value {
        texts.iter().map(|text| json!({"type": "text", "text": text})).collect()
    }

    #[test]
    fn a_variable_counts_once() {
        assert_eq!(variables("{{1}} and {{2}}, {{1}} again, {{open"), ["1", "2"]);
        assert!(variables("none").is_empty());
    }

    #[test]
    fn a_body_takes_as_many_parameters_as_it_has_variables() {
        let template = demo("appointment_reminder", "es");
        let body = |parameters: &Value| json!([{"type": "BODY", "parameters": parameters}]);
        assert_eq!(code(&template, &body(&texts(&["Ana", "lunes"]))), None);
        assert_eq!(code(&template, &body(&texts(&["Ana"]))), Some(132_000));
        assert_eq!(code(&template, &json!([])), Some(132_000));
        let money = json!({"type": "currency",
            "currency": {"fallback_value": "$1", "code": "USD", "amount_1000": 1000}});
        let day = json!({"type": "date_time", "date_time": {"fallback_value": "lunes"}});
        assert_eq!(code(&template, &body(&json!([money, day]))), None);
        let image = json!({"type": "image", "image": {"id": "1"}});
        assert_eq!(code(&template, &body(&json!([money, image]))), Some(132_012));
        assert_eq!(code(&template, &body(&json!([money, {"type": "text"}]))), Some(131_008));
        let named = json!({"type": "text", "text": "x", "parameter_name": "day"});
        assert_eq!(code(&template, &body(&json!([money, named]))), Some(132_012));
    }

    #[test]
    fn named_parameters_come_in_any_order_and_all_of_them() {
        let template = demo("order_update_named", "en_US");
        let body = |names: &[&str]| {
            let named = |name: &&str| json!({"type": "text", "text": "x", "parameter_name": name});
            json!([{"type": "body", "parameters": names.iter().map(named).collect::<Value>()}])
        };
        assert_eq!(code(&template, &body(&["order_id", "first_name"])), None);
        assert_eq!(code(&template, &body(&["order_id", "surname"])), Some(132_012));
        assert_eq!(code(&template, &body(&["order_id", "order_id"])), Some(132_012));
        assert_eq!(code(&template, &body(&["order_id"])), Some(132_000));
        let nameless = json!([{"type": "body", "parameters": texts(&["Ana", "A-1"])}]);
        assert_eq!(code(&template, &nameless), Some(132_012));
    }

    #[test]
    fn a_header_takes_what_it_is_made_of() {
        let template = demo("promo_with_image", "es");
        let body = json!({"type": "body", "parameters": texts(&["Ana"])});
        let with = |parameters: Value| json!([{"type": "header", "parameters": parameters}, body]);
        let image = json!({"type": "image", "image": {"link": "https://x.example/a.png"}});
        assert_eq!(code(&template, &with(json!([image]))), None);
        assert_eq!(code(&template, &with(json!([image, image]))), Some(132_000));
        assert_eq!(code(&template, &with(texts(&["Ana"]))), Some(132_012));
        assert_eq!(code(&template, &with(json!([{"type": "image", "image": {}}]))), Some(131_008));
        assert_eq!(code(&template, &json!([body])), Some(132_012));
        let plain = demo("hello_world", "en_US");
        let header = json!([{"type": "header", "parameters": [image]}]);
        assert_eq!(code(&plain, &header), Some(132_000));
        assert_eq!(code(&plain, &json!([])), None);
    }
}
