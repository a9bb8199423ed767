//! The components of a template message, as callers give them: a value for every place in the template
//! (facts: meta.md 2.4). They are checked and put into the one spelling that is sent.

use serde_json::{Map, Value};

use super::{
    InputError,
    json_limits::{CANNOT_BE_KEPT, can_be_kept},
};
use crate::domain::content::MediaLink;

/// Reads a list of components; none is an empty one.
///
/// # Errors
/// Names `components`, and says which of them is wrong and how.
pub fn components(given: Option<&Value>) -> Result<Vec<Value>, InputError> {
    let list = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(whole @ Value::Array(list)) if can_be_kept(whole) => list,
        Some(Value::Array(_)) => return Err(wrong(CANNOT_BE_KEPT)),
        Some(_) => return Err(wrong("must be a list")),
    };
    list.iter().enumerate().map(|(place, it)| component(it).map_err(|problem| at(place, &problem))).collect()
}

fn component(given: &Value) -> Result<Value, String> {
    let kind = word(given, "type").ok_or("must be an object with a type")?.to_ascii_lowercase();
    let mut component = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
    match kind.as_str() {
        "header" | "body" => {}
        "button" => {
            let sub_type = word(given, "sub_type").ok_or("a button needs its sub_type")?.to_ascii_lowercase();
            // Those that come to be later go through as well.
            if !is_name(&sub_type) {
                return Err(format!("{} is no sub_type of a button", printable(&sub_type)));
            }
            component.insert("sub_type".to_owned(), sub_type.into());
            component.insert("index".to_owned(), index(given)?.into());
        }
        // Carousels, limited-time offers and what comes after them go through as they are.
        other if is_name(other) && other != "footer" && other != "buttons" => {
            component.extend(
                given
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(name, _)| *name != "type")
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            return Ok(component.into());
        }
        other => return Err(format!("{} is no type of component", printable(other))),
    }
    let parameters = match given.get("parameters") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => {
            let read = |(place, it): (usize, &Value)| {
                parameter(it).map_err(|problem| format!("parameter {}: {problem}", place + 1))
            };
            list.iter().enumerate().map(read).collect::<Result<Vec<Value>, String>>()?
        }
        Some(_) => return Err("parameters must be a list".to_owned()),
    };
    component.insert("parameters".to_owned(), parameters.into());
    Ok(component.into())
}

/// Which button: `"0"` to `"9"`, also as a number.
fn index(given: &Value) -> Result<String, String> {
    let told = match given.get("index") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match told.as_bytes() {
        [digit] if digit.is_ascii_digit() => Ok(told),
        _ => Err("the index of a button must be 0 to 9".to_owned()),
    }
}

fn parameter(given: &Value) -> Result<Value, String> {
    let kind = word(given, "type").ok_or("must be an object with a type")?.to_ascii_lowercase();
    let mut parameter = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
    if let Some(name) = given.get("parameter_name").filter(|name| !name.is_null()) {
        let name = name.as_str().filter(|name| is_name(name));
        let name = name.ok_or("parameter_name must be of a-z, 0-9 and _, a letter first")?;
        parameter.insert("parameter_name".to_owned(), name.into());
    }
    let inner = given.get(kind.as_str()).unwrap_or(&Value::Null);
    let value = match kind.as_str() {
        "text" | "payload" | "coupon_code" => match inner {
            Value::String(text) if !text.is_empty() => inner.clone(),
            Value::Number(number) => number.to_string().into(),
            _ => return Err(format!("{kind} must be text, and not empty")),
        },
        "currency" => with(inner, &["fallback_value", "code"], "currency")?,
        "date_time" => with(inner, &["fallback_value"], "date_time")?,
        "image" | "video" | "document" | "gif" => file(&kind, inner)?,
        "location" if inner.get("latitude").is_some() && inner.get("longitude").is_some() => inner.clone(),
        "location" => return Err("location must have latitude and longitude".to_owned()),
        "action" | "product" if inner.is_object() => inner.clone(),
        "action" | "product" => return Err(format!("{kind} must be an object")),
        other => return Err(format!("{} is no type of parameter", printable(other))),
    };
    parameter.insert(kind, value);
    Ok(parameter.into())
}

fn with(inner: &Value, fields: &[&str], kind: &str) -> Result<Value, String> {
    match fields.iter().find(|field| word(inner, field).is_none()) {
        Some(field) => Err(format!("{kind} must have {field}")),
        None => Ok(inner.clone()),
    }
}

fn file(kind: &str, inner: &Value) -> Result<Value, String> {
    match (word(inner, "link"), word(inner, "id")) {
        (Some(link), None) if MediaLink::try_from(link.to_owned()).is_ok() => Ok(inner.clone()),
        (None, Some(id)) if !id.is_empty() => Ok(inner.clone()),
        _ => Err(format!("{kind} must have either a link (an http or https URL) or an id")),
    }
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

/// A caller's word in an explanation: short, and without what could break a line.
fn printable(word: &str) -> String {
    word.chars().filter(char::is_ascii_graphic).take(24).collect()
}

fn at(place: usize, problem: &str) -> InputError {
    wrong(&format!("component {}: {problem}", place + 1))
}

fn wrong(problem: &str) -> InputError {
    InputError::field("components", problem)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(given: &Value) -> Result<Vec<Value>, String> {
        components(Some(given)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_seed_s_components_come_out_in_the_spelling_that_is_sent() {
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
    fn every_kind_of_parameter_is_taken() {
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
    fn what_is_wrong_is_said_with_its_place() {
        let body = |parameter: Value| json!([{ "type": "body", "parameters": [parameter] }]);
        for (given, says) in [
            (json!({}), "components must be a list"),
            (json!(["body"]), "component 1: must be an object with a type"),
            (json!([{ "type": "footer" }]), "component 1: footer is no type of component"),
            (json!([{ "type": "button" }]), "needs its sub_type"),
            (json!([{ "type": "button", "sub_type": "url" }]), "index of a button must be 0 to 9"),
            (json!([{ "type": "button", "sub_type": "url", "index": "10" }]), "must be 0 to 9"),
            (json!([{ "type": "button", "sub_type": "a call", "index": "0" }]), "acall is no sub_type"),
            (json!([{ "type": "body", "parameters": {} }]), "parameters must be a list"),
            (body(json!({ "type": "text" })), "component 1: parameter 1: text must be text"),
            (body(json!({ "type": "text", "text": "" })), "and not empty"),
            (body(json!({ "type": "text", "text": "x", "parameter_name": "A" })), "parameter_name must be"),
            (body(json!({ "type": "currency", "currency": { "code": "USD" } })), "must have fallback_value"),
            (body(json!({ "type": "image", "image": { "link": "ftp://x" } })), "either a link"),
            (body(json!({ "type": "location", "location": {} })), "latitude and longitude"),
            (body(json!({ "type": "smell", "smell": 1 })), "smell is no type of parameter"),
        ] {
            let told = read(&given).unwrap_err();
            assert!(told.contains(says), "{told}");
        }
    }
}
