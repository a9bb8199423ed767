//! Converts the form of Kaleyra's V1 to Meta's components.

use serde_json::{Value, json};

use super::{Template, has_open_link};
use crate::outbound::MetaError;

/// The components for the fields of the form. Kaleyra reads the header's format and the button with a variable URL from
/// the template.
pub(super) fn components(template: &Template, content: &Value) -> Result<Vec<Value>, MetaError> {
    let field = |name: &str| content.get(name).and_then(Value::as_str);
    let mut header: Vec<Value> = field("param_header").map(text).into_iter().collect();
    header.extend(field("media_url").map(|link| file(template, link)));
    let mut components = vec![json!({"type": "header", "parameters": header})];
    if let Some(params) = field("params") {
        let wrong = || MetaError::new(132_012, "body: params is not a list such as \"A\",\"B\"");
        let parts = listed(params).ok_or_else(wrong)?;
        let parameters: Vec<Value> = parts.into_iter().map(text).collect();
        components.push(json!({"type": "body", "parameters": parameters}));
    }
    if let Some(suffix) = field("param_url") {
        let index = template.buttons().iter().position(has_open_link).unwrap_or_default();
        let parameters = [text(suffix)];
        let button = json!({"type": "button", "sub_type": "url", "index": index, "parameters": parameters});
        components.push(button);
    }
    Ok(components)
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// The file of a header. For a header without media, a type that cannot be valid.
fn file(template: &Template, link: &str) -> Value {
    let kind = match template.header_format() {
        "TEXT" => "document".to_owned(),
        format => format.to_ascii_lowercase(),
    };
    let file = json!({"link": link});
    json!({"type": kind, (kind.as_str()): file})
}

/// The parts of `"A","B"`, the documented form; `None` for any other text.
fn listed(text: &str) -> Option<Vec<&str>> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    let parts: Vec<&str> = inner.split("\",\"").collect();
    let is_clean = parts.iter().all(|part| !part.contains('"'));
    is_clean.then_some(parts)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{components, listed};
    use crate::{
        outbound::MetaError,
        templates::{Template, Templates, parameters},
    };

    fn check(name: &str, content: &Value) -> Result<(), MetaError> {
        let store = Templates::new(["1"]);
        let template: &Template = store.find("1", name, "es").expect("a template for demonstrations");
        parameters::validate(template, &components(template, content)?)
    }

    fn code(name: &str, content: &Value) -> Option<u32> {
        check(name, content).err().map(|error| error.code)
    }

    #[test]
    fn a_list_is_quoted() {
        assert_eq!(listed(r#""Ana","lunes, a las 10""#), Some(vec!["Ana", "lunes, a las 10"]));
        assert_eq!(listed(r#""""#), Some(vec![""]));
        for wrong in ["", "Ana", r#"""#, r#"["Ana"]"#, r#""Ana", "lunes""#, r#""A"B""#] {
            assert_eq!(listed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_field_fills_its_part_of_the_template() {
        let mut full =
            json!({"params": r#""Ana","aceite","lunes""#, "param_header": "A-1", "param_url": "A-1"});
        assert_eq!(code("service_confirmation", &full), None);
        full["params"] = json!(r#""Ana""#);
        assert_eq!(code("service_confirmation", &full), Some(132_000));
        full["params"] = json!("Ana");
        assert_eq!(code("service_confirmation", &full), Some(132_012));
        let promo = json!({"params": r#""Ana""#, "media_url": "https://x.example/a.png"});
        assert_eq!(code("promo_with_image", &promo), None);
        assert_eq!(code("promo_with_image", &json!({"params": r#""Ana""#})), Some(132_012));
        let no_link = json!({"params": r#""Ana","aceite","lunes""#, "param_header": "A-1"});
        assert_eq!(code("service_confirmation", &no_link), Some(131_008));
        let a_file = json!({"params": r#""Ana","x""#, "media_url": "https://x.example/a.png"});
        assert_eq!(code("appointment_reminder", &a_file), Some(132_000));
        assert_eq!(code("coupon", &json!({})), Some(131_008));
    }
}
