//! Validates the parameters of a message against its template (facts: template-rules.md 1.1 to 1.3).
//!
//! The order of the checks decides which of several mistakes is reported: counts, types, values, buttons, lengths.

mod actions;
mod buttons;
mod carousel;
mod component;
mod errors;
mod login_code;
mod offer;
mod parts;
mod values;

use serde_json::Value;

use self::parts::{Parts, validate_parts};
use super::Template;
use crate::outbound::MetaError;

/// The maximum length of a filled body, in characters.
const MAX_BODY: usize = 1024;

/// Validates all components of a message.
pub(super) fn validate(template: &Template, components: &[Value]) -> Result<(), MetaError> {
    component::check_all(components)?;
    let parts = Parts { defined: &template.components, format: template.format, max_body: MAX_BODY };
    validate_parts(&parts, components)?;
    offer::validate(template, components)?;
    carousel::validate(template, components)?;
    actions::validate_order_status(components)?;
    actions::validate_tap_target(components)?;
    if template.category == "AUTHENTICATION" {
        login_code::validate(components)?;
    }
    Ok(())
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

    fn body(texts: &[&str]) -> Value {
        json!({"type": "body", "parameters": self::texts(texts)})
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
        assert_eq!(
            code(&template, &body(&json!([day, {"type": "currency", "currency": {}}]))),
            Some(131_008)
        );
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
        assert_eq!(code(&template, &body(&["order_id", ""])), Some(100));
        let nameless = json!([{"type": "body", "parameters": texts(&["Ana", "A-1"])}]);
        assert_eq!(code(&template, &nameless), Some(100));
    }

    #[test]
    fn a_header_takes_what_it_is_made_of() {
        let template = demo("promo_with_image", "es");
        let body = body(&["Ana"]);
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

    #[test]
    fn a_place_or_product_in_a_header_is_complete() {
        let header = |format: &str, parameter: &Value| {
            let defined =
                vec![json!({"type": "HEADER", "format": format}), json!({"type": "BODY", "text": "Hola."})];
            let template = Template::new("visit", "es", "UTILITY", defined);
            code(&template, &json!([{"type": "header", "parameters": [parameter]}]))
        };
        let place = json!({"type": "location", "location": {"latitude": "14.6", "longitude": "-90.5"}});
        assert_eq!(header("LOCATION", &place), None);
        assert_eq!(
            header("LOCATION", &json!({"type": "location", "location": {"latitude": "14.6"}})),
            Some(131_008)
        );
        let product = json!({"type": "product", "product": {"product_retailer_id": "S", "catalog_id": "C"}});
        assert_eq!(header("PRODUCT", &product), None);
        assert_eq!(header("PRODUCT", &json!({"type": "product", "product": {}})), Some(131_008));
        assert_eq!(header("LOCATION", &product), Some(132_012));
    }

    #[test]
    fn the_text_of_a_parameter_is_one_line_without_gaps() {
        let template = demo("appointment_reminder", "es");
        for (text, expected) in [
            ("a    b", None),
            ("a     b", Some(132_018)),
            ("a\nb", Some(132_018)),
            ("a\tb", Some(132_018)),
            ("", Some(131_008)),
            ("   ", Some(131_008)),
        ] {
            assert_eq!(code(&template, &json!([body(&["Ana", text])])), expected, "{text:?}");
        }
    }

    #[test]
    fn the_filled_text_has_a_length() {
        let template = demo("appointment_reminder", "es");
        let fixed = "Hola , le recordamos su cita: . Le esperamos.".chars().count() + 1;
        let longest = "ñ".repeat(1024 - fixed);
        assert_eq!(code(&template, &json!([body(&["A", &longest])])), None);
        assert_eq!(code(&template, &json!([body(&["AA", &longest])])), Some(132_005));
        let service = demo("service_confirmation", "es");
        let url = json!({"type": "button", "sub_type": "url", "index": 0, "parameters": texts(&["A"])});
        let header = json!({"type": "header", "parameters": texts(&[&"x".repeat(42)])});
        assert_eq!(code(&service, &json!([header, body(&["a", "b", "c"]), url])), Some(132_005));
    }

    #[test]
    fn a_count_is_reported_before_a_type_and_a_type_before_a_value() {
        let template = demo("promo_with_image", "es");
        assert_eq!(code(&template, &json!([body(&[])])), Some(132_000));
        assert_eq!(code(&template, &json!([body(&["a\nb"])])), Some(132_012));
    }

    #[test]
    fn components_are_known_and_come_once() {
        let template = demo("appointment_reminder", "es");
        let good = body(&["Ana", "lunes"]);
        assert_eq!(code(&template, &json!([good, good])), Some(100));
        assert_eq!(code(&template, &json!([good, {"type": "sidebar"}])), Some(100));
        assert_eq!(code(&template, &json!([good, "body"])), Some(100));
        assert_eq!(code(&template, &json!([{"type": "body", "parameters": {"type": "text"}}])), Some(100));
    }

    #[test]
    fn a_login_code_is_short_and_the_same_twice() {
        let template = demo("login_code", "es");
        let filled = |text: &str, button: &str| {
            let button =
                json!({"type": "button", "sub_type": "url", "index": "0", "parameters": texts(&[button])});
            code(&template, &json!([body(&[text]), button]))
        };
        assert_eq!(filled("123456", "123456"), None);
        assert_eq!(filled("123456", "654321"), Some(132_018));
        assert_eq!(filled(&"1".repeat(15), &"1".repeat(15)), None);
        assert_eq!(filled(&"1".repeat(16), &"1".repeat(16)), Some(100));
    }
}
