//! Parses the definition of a template.

use serde_json::Value;

use super::{ParameterFormat, Template, creation, text_field};
use crate::outbound::MetaError;

const CATEGORIES: [&str; 3] = ["AUTHENTICATION", "MARKETING", "UTILITY"];

/// What is wrong with components that cannot be read.
const COMPONENTS: &str = "Param components must be a list of components.";

/// The maximum length of a name, in characters.
const MAX_NAME_LENGTH: usize = 512;

/// Parses a template to create; its status is pending.
pub(crate) fn read(body: &Value) -> Result<Template, MetaError> {
    let name = required(body, "name")?;
    if !is_name(name) {
        let rule = "Param name must be 1 to 512 lower-case letters, digits or underscores.";
        return Err(MetaError::malformed(rule));
    }
    let language = required(body, "language")?;
    let category = known_category(required(body, "category")?)?;
    let given = body.get("components").and_then(Value::as_array).cloned();
    let parts = given.and_then(components);
    let parts = parts.ok_or_else(|| MetaError::malformed(COMPONENTS))?;
    let template = Template::new(name, language, &category, parts);
    let time_to_live = time_to_live(body)?;
    creation::check(Template {
        status: "PENDING".to_owned(),
        format: format(body)?,
        time_to_live,
        ..template
    })
}

/// Parses an edit of a template: its components, category and time to live; absent ones stay.
pub(crate) fn read_edit(template: &Template, body: &Value) -> Result<Template, MetaError> {
    let mut edited = template.clone();
    if let Some(category) = body.get("category").and_then(Value::as_str) {
        edited.category = known_category(category)?;
    }
    edited.time_to_live = time_to_live(body)?.or(edited.time_to_live);
    let Some(given) = body.get("components") else { return Ok(edited) };
    let parts = given.as_array().cloned().and_then(components);
    edited.components = parts.ok_or_else(|| MetaError::malformed(COMPONENTS))?;
    creation::check(edited)
}

/// The components with their types in upper case; `None` if they are invalid.
pub(crate) fn components(mut list: Vec<Value>) -> Option<Vec<Value>> {
    list.iter_mut().for_each(uppercase_types);
    let fits = !list.is_empty() && list.iter().all(|component| !text_field(component, "type").is_empty());
    fits.then_some(list)
}

/// Whether the name of a template is valid.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_NAME_LENGTH).contains(&text.len()) && text.bytes().all(fits)
}

fn format(body: &Value) -> Result<ParameterFormat, MetaError> {
    let given = match body.get("parameter_format") {
        None | Some(Value::Null) => Some(ParameterFormat::Positional),
        Some(given) => given.as_str().and_then(ParameterFormat::parse),
    };
    given.ok_or_else(|| MetaError::malformed("Param parameter_format must be POSITIONAL or NAMED."))
}

fn known_category(given: &str) -> Result<String, MetaError> {
    let category = given.to_ascii_uppercase();
    if CATEGORIES.contains(&category.as_str()) {
        return Ok(category);
    }
    Err(MetaError::malformed("Param category must be AUTHENTICATION, MARKETING or UTILITY."))
}

fn time_to_live(body: &Value) -> Result<Option<i64>, MetaError> {
    let given = body.get("message_send_ttl_seconds").filter(|given| !given.is_null());
    let wrong = || MetaError::malformed("Param message_send_ttl_seconds must be a number.");
    given.map(|given| given.as_i64().ok_or_else(wrong)).transpose()
}

fn required<'a>(body: &'a Value, field: &str) -> Result<&'a str, MetaError> {
    let text = text_field(body, field);
    if text.is_empty() {
        return Err(MetaError::malformed(format!("The parameter {field} is required.")));
    }
    Ok(text)
}

/// Changes types and formats to upper case, at every depth.
fn uppercase_types(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(uppercase_types),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "type" || name == "format" => text.make_ascii_uppercase(),
                    _ => uppercase_types(field),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ParameterFormat, components, is_name, read};

    #[test]
    fn types_are_read_back_in_upper_case() {
        let buttons = json!([{"type": "url", "text": "type", "url": "https://x.example/{{1}}"}]);
        let given = vec![
            json!({"type": "header", "format": "image"}),
            json!({"type": "Buttons", "buttons": buttons}),
        ];
        let buttons = json!([{"type": "URL", "text": "type", "url": "https://x.example/{{1}}"}]);
        let expected = vec![
            json!({"type": "HEADER", "format": "IMAGE"}),
            json!({"type": "BUTTONS", "buttons": buttons}),
        ];
        assert_eq!(components(given), Some(expected));
        for wrong in [vec![], vec![json!("BODY")], vec![json!({"text": "x"})]] {
            assert_eq!(components(wrong), None);
        }
    }

    #[test]
    fn a_name_is_lower_case_and_not_too_long() {
        for good in ["a", "visit_2", &"x".repeat(512)] {
            assert!(is_name(good), "{good}");
        }
        for wrong in ["", "Visit", "a-b", "año", "a b", &"x".repeat(513)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_definition_is_read_with_its_format() {
        let mut body = json!({"name": "visit", "language": "es", "category": "utility",
            "parameter_format": "named", "components": [{"type": "body", "text": "Hola {{who}}.",
                "example": {"body_text_named_params": [{"param_name": "who", "example": "Ana"}]}}]});
        let read_so = read(&body).map(|own| (own.format, own.category, own.status));
        let expected = (ParameterFormat::Named, "UTILITY".to_owned(), "PENDING".to_owned());
        assert_eq!(read_so, Ok(expected));
        for (field, wrong) in [
            ("name", json!("No")),
            ("language", Value::Null),
            ("category", json!("FUN")),
            ("components", json!([])),
            ("parameter_format", json!("both")),
        ] {
            let good = std::mem::replace(&mut body[field], wrong);
            assert_eq!(read(&body).err().map(|error| error.code), Some(100), "{field}");
            body[field] = good;
        }
    }
}
