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
    read(given).map_err(|wrong| InputError::field("components", wrong.in_words()))
}

/// The same of the components that stand at a place of a body.
///
/// # Errors
/// Names the place, like `template.components[0].type`.
pub fn components_at(place: &str, given: Option<&Value>) -> Result<Vec<Value>, InputError> {
    read(given).map_err(|wrong| InputError::field(wrong.within(place), wrong.problem))
}

/// What is wrong, and where.
struct Wrong {
    component: Option<usize>,
    parameter: Option<usize>,
    field: String,
    problem: String,
}

impl Wrong {
    fn new(field: &str, problem: impl Into<String>) -> Self {
        Self { component: None, parameter: None, field: field.to_owned(), problem: problem.into() }
    }

    /// `component 1: parameter 2: text must be …`.
    fn in_words(&self) -> String {
        let numbered = |name: &str, place: Option<usize>| {
            place.map(|place| format!("{name} {}: ", place + 1)).unwrap_or_default()
        };
        let (component, parameter) =
            (numbered("component", self.component), numbered("parameter", self.parameter));
        let space = if self.field.is_empty() { "" } else { " " };
        format!("{component}{parameter}{}{space}{}", self.field, self.problem)
    }

    /// `template.components[0].parameters[1].text`.
    fn within(&self, place: &str) -> String {
        let component = self.component.map(|place| format!("[{place}]")).unwrap_or_default();
        let parameter = self.parameter.map(|place| format!(".parameters[{place}]")).unwrap_or_default();
        let dot = if self.field.is_empty() { "" } else { "." };
        format!("{place}{component}{parameter}{dot}{}", self.field)
    }
}

fn read(given: Option<&Value>) -> Result<Vec<Value>, Wrong> {
    let list = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(whole @ Value::Array(list)) if can_be_kept(whole) => list,
        Some(Value::Array(_)) => return Err(Wrong::new("", CANNOT_BE_KEPT)),
        Some(_) => return Err(Wrong::new("", "must be a list")),
    };
    let read = |(place, it)| component(it).map_err(|wrong| Wrong { component: Some(place), ..wrong });
    list.iter().enumerate().map(read).collect()
}

fn component(given: &Value) -> Result<Value, Wrong> {
    let kind = kind(given)?;
    let mut component = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
    match kind.as_str() {
        "header" | "body" => {}
        "button" => {
            let sub_type = word(given, "sub_type")
                .ok_or_else(|| Wrong::new("sub_type", "is missing: a button needs it"))?
                .to_ascii_lowercase();
            // Those that come to be later go through as well.
            if !is_name(&sub_type) {
                return Err(Wrong::new("sub_type", "is none of a button"));
            }
            component.insert("sub_type".to_owned(), sub_type.into());
            component.insert("index".to_owned(), index(given)?.into());
        }
        // Carousels, limited-time offers and what comes after them go through as they are.
        other if is_name(other) && other != "footer" && other != "buttons" => {
            let rest = given.as_object().into_iter().flatten().filter(|(name, _)| *name != "type");
            component.extend(rest.map(|(name, value)| (name.clone(), value.clone())));
            return Ok(component.into());
        }
        _ => return Err(Wrong::new("type", "is none of a component that can be filled")),
    }
    let parameters = match given.get("parameters") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => {
            let read = |(place, it)| parameter(it).map_err(|wrong| Wrong { parameter: Some(place), ..wrong });
            list.iter().enumerate().map(read).collect::<Result<Vec<Value>, Wrong>>()?
        }
        Some(_) => return Err(Wrong::new("parameters", "must be a list")),
    };
    component.insert("parameters".to_owned(), parameters.into());
    Ok(component.into())
}

/// The type of a component or parameter.
fn kind(given: &Value) -> Result<String, Wrong> {
    if !given.is_object() {
        return Err(Wrong::new("", "must be an object with a type"));
    }
    let kind = word(given, "type").ok_or_else(|| Wrong::new("type", "is missing, or is no text"))?;
    Ok(kind.to_ascii_lowercase())
}

/// Which button: `"0"` to `"9"`, also as a number.
fn index(given: &Value) -> Result<String, Wrong> {
    let told = match given.get("index") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match told.as_bytes() {
        [digit] if digit.is_ascii_digit() => Ok(told),
        _ => Err(Wrong::new("index", "must be 0 to 9: a button needs it")),
    }
}

fn parameter(given: &Value) -> Result<Value, Wrong> {
    let kind = kind(given)?;
    let mut parameter = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
    if let Some(name) = given.get("parameter_name").filter(|name| !name.is_null()) {
        let name = name.as_str().filter(|name| is_name(name));
        let wrong = || Wrong::new("parameter_name", "must be of a-z, 0-9 and _, a letter first");
        parameter.insert("parameter_name".to_owned(), name.ok_or_else(wrong)?.into());
    }
    let value = filled(&kind, given.get(kind.as_str()).unwrap_or(&Value::Null))?;
    parameter.insert(kind, value);
    Ok(parameter.into())
}

/// What a parameter of a type holds.
fn filled(kind: &str, inner: &Value) -> Result<Value, Wrong> {
    match kind {
        "text" | "payload" | "coupon_code" => match inner {
            Value::String(text) if !text.is_empty() => Ok(inner.clone()),
            Value::Number(number) => Ok(number.to_string().into()),
            _ => Err(Wrong::new(kind, "must be text, and not empty")),
        },
        "currency" => with(inner, &["fallback_value", "code"], kind),
        "date_time" => with(inner, &["fallback_value"], kind),
        "image" | "video" | "document" | "gif" => file(kind, inner),
        "location" if inner.get("latitude").is_some() && inner.get("longitude").is_some() => {
            Ok(inner.clone())
        }
        "location" => Err(Wrong::new(kind, "must have latitude and longitude")),
        "action" | "product" if inner.is_object() => Ok(inner.clone()),
        "action" | "product" => Err(Wrong::new(kind, "must be an object")),
        _ => Err(Wrong::new("type", "is none of a parameter")),
    }
}

fn with(inner: &Value, fields: &[&str], kind: &str) -> Result<Value, Wrong> {
    match fields.iter().find(|field| word(inner, field).is_none()) {
        Some(field) => Err(Wrong::new(kind, format!("must have {field}"))),
        None => Ok(inner.clone()),
    }
}

fn file(kind: &str, inner: &Value) -> Result<Value, Wrong> {
    match (word(inner, "link"), word(inner, "id")) {
        (Some(link), None) if MediaLink::try_from(link.to_owned()).is_ok() => Ok(inner.clone()),
        (None, Some(id)) if !id.is_empty() => Ok(inner.clone()),
        _ => Err(Wrong::new(kind, "must have either a link (an http or https URL) or an id")),
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
            let told = read(&given).unwrap_err();
            assert!(told.contains(says), "{told}");
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
