//! The components of a template message, as callers give them: a value for every variable of the template
//! (facts: meta.md 2.4). They are validated and normalised to the spelling that is sent.

mod component;
mod parameter;
mod wrong;

use serde_json::{Value, json};

#[cfg(feature = "schema")]
pub(crate) use self::component::TemplateComponent;
use self::wrong::Wrong;
use super::{
    InputError,
    json_limits::{CANNOT_BE_KEPT, can_be_kept},
};

/// Reads a list of components; `None` is an empty one.
///
/// # Errors
/// Names `components`, and says which of them is wrong and how.
pub fn components(given: Option<&Value>) -> Result<Vec<Value>, InputError> {
    read(given).map_err(|wrong| InputError::field("components", wrong.in_words()))
}

/// Reads the components at `place` in a body.
///
/// # Errors
/// Names the place, like `template.components[0].type`.
pub fn components_at(place: &str, given: Option<&Value>) -> Result<Vec<Value>, InputError> {
    read(given).map_err(|wrong| InputError::field(wrong.within(place), wrong.problem))
}

fn read(given: Option<&Value>) -> Result<Vec<Value>, Wrong> {
    let list = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(whole @ Value::Array(list)) if can_be_kept(whole) => list,
        Some(Value::Array(_)) => return Err(Wrong::new("", CANNOT_BE_KEPT)),
        Some(_) => return Err(Wrong::new("", "must be a list")),
    };
    let read = |(place, it)| match component::TemplateComponent::read(it) {
        Ok(component) => Ok(json!(component)),
        Err(wrong) => Err(Wrong { component: Some(place), ..wrong }),
    };
    list.iter().enumerate().map(read).collect()
}

/// The type of a component or parameter.
fn kind_of(given: &Value) -> Result<String, Wrong> {
    if !given.is_object() {
        return Err(Wrong::new("", "must be an object with a type"));
    }
    let kind = word(given, "type").ok_or_else(|| Wrong::new("type", "is missing, or is no text"))?;
    Ok(kind.to_ascii_lowercase())
}

fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(rest)
}

fn word<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(given: &Value) -> Result<Vec<Value>, String> {
        components(Some(given)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_vendors_components_are_normalised() {
        let given = json!([
            { "type": "HEADER", "parameters": [{ "type": "text", "text": "Confirmación" }] },
            { "type": "body", "parameters": [{ "type": "text", "text": 7 }] },
            { "type": "button", "sub_type": "url", "index": 0, "parameters": [{ "type": "text", "text": "code" }] },
        ]);
        assert_eq!(
            read(&given).unwrap(),
            [
                json!({ "type": "header", "parameters": [{ "type": "text", "text": "Confirmación" }] }),
                json!({ "type": "body", "parameters": [{ "type": "text", "text": "7" }] }),
                json!({ "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "code" }] }),
            ]
        );
        assert_eq!(components(None).unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn a_button_without_parameters_is_sent_without_a_list() {
        let expected = json!({ "type": "button", "sub_type": "flow", "index": "0" });
        for parameters in [json!([]), Value::Null] {
            let given =
                json!([{ "type": "button", "sub_type": "FLOW", "index": "0", "parameters": parameters }]);
            assert_eq!(read(&given).unwrap()[0], expected);
        }
        assert_eq!(read(&json!([expected])).unwrap()[0], expected);
    }

    #[test]
    fn every_kind_of_parameter_is_accepted() {
        for parameter in [
            json!({ "type": "text", "parameter_name": "first_name", "text": "Ana" }),
            json!({ "type": "currency", "currency": { "fallback_value": "$1", "code": "USD", "amount_1000": 1000 } }),
            json!({ "type": "date_time", "date_time": { "fallback_value": "hoy" } }),
            json!({ "type": "image", "image": { "link": "https://files.example/a.jpg" } }),
            json!({ "type": "document", "document": { "id": "7", "filename": "a.pdf" } }),
            json!({ "type": "location", "location": { "latitude": "1", "longitude": "2" } }),
            json!({ "type": "payload", "payload": "yes" }),
            json!({ "type": "coupon_code", "coupon_code": "SOL10" }),
            json!({ "type": "action", "action": { "flow_token": "t" } }),
        ] {
            let given = json!([{ "type": "body", "parameters": [parameter] }]);
            assert_eq!(read(&given).unwrap()[0]["parameters"][0], parameter);
        }
    }

    #[test]
    fn every_fault_names_its_place() {
        let body = |parameter: Value| json!([{ "type": "body", "parameters": [parameter] }]);
        for (given, says) in [
            (json!({}), "components must be a list"),
            (json!(["body"]), "component 1: must be an object with a type"),
            (json!([{ "type": "footer" }]), "component 1: type is none of a component that can be filled"),
            (json!([{ "type": "button" }]), "sub_type is missing"),
            (json!([{ "type": "button", "sub_type": "url" }]), "index must be 0 to 9"),
            (json!([{ "type": "button", "sub_type": "url", "index": "10" }]), "must be 0 to 9"),
            (
                json!([{ "type": "button", "sub_type": "a call", "index": "0" }]),
                "sub_type is none of a button",
            ),
            (json!([{ "type": "body", "parameters": {} }]), "parameters must be a list"),
            (body(json!({ "type": "text" })), "component 1: parameter 1: text must be text"),
            (body(json!({ "type": "text", "text": "" })), "and not empty"),
            (body(json!({ "type": "text", "text": "x", "parameter_name": "A" })), "parameter_name must be"),
            (body(json!({ "type": "currency", "currency": { "code": "USD" } })), "must have fallback_value"),
            (body(json!({ "type": "image", "image": { "link": "ftp://x" } })), "either a link"),
            (body(json!({ "type": "location", "location": {} })), "latitude and longitude"),
            (body(json!({ "type": "smell", "smell": 1 })), "type is none of a parameter"),
        ] {
            let error = read(&given).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_place_in_a_body_is_spelled_out() {
        let body = |parameter: Value| json!([{ "type": "header" }, { "type": "body", "parameters": [{ "type": "text", "text": "x" }, parameter] }]);
        for (given, says) in [
            (json!({}), "template.components must be a list"),
            (json!([7]), "template.components[0] must be an object with a type"),
            (json!([{}]), "template.components[0].type is missing, or is no text"),
            (
                json!([{ "type": "button", "sub_type": "url" }]),
                "template.components[0].index must be 0 to 9: a button needs it",
            ),
            (
                body(json!({ "type": "text" })),
                "template.components[1].parameters[1].text must be text, and not empty",
            ),
            (body(json!("x")), "template.components[1].parameters[1] must be an object with a type"),
        ] {
            assert_eq!(components_at("template.components", Some(&given)).unwrap_err().to_string(), says);
        }
    }
}
