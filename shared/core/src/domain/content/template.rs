//! Templates as they are sent, with their parameters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{file::MimeType, id::FileId};

/// Longest name, in characters (facts: kaleyra.md 5).
const NAME_LIMIT: usize = 512;

/// Most bytes of a template's components; Meta's own limit on a message is not documented.
const COMPONENTS_LIMIT: usize = 100_000;

/// A template with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateContent {
    /// The name of the template at the provider.
    pub name: String,
    /// The language and locale, like `en_US`.
    pub language: String,
    /// Its components as Meta defines them (facts: meta.md 2.4); empty for a template without parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
    /// The stored file in its header, where it shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Box<HeaderFile>>,
}

/// A stored file in a template's header. The header's one parameter names it; the provider gets a signed URL
/// instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderFile {
    /// Our id of the file.
    pub file: FileId,
    /// The media type that the provider is given for it.
    pub mime: MimeType,
    /// The file name that the customer sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The header's parameter: the index of its component, the kind of the parameter, and the value of that
/// kind.
#[must_use]
pub fn header_parameter(components: &[Value]) -> Option<(usize, &str, &Value)> {
    let (place, header) = components.iter().enumerate().find(|(_, it)| is_header(it))?;
    let parameter = header.pointer("/parameters/0")?;
    let kind = parameter.get("type")?.as_str()?;
    Some((place, kind, parameter.get(kind)?))
}

fn is_header(component: &Value) -> bool {
    component.get("type").and_then(Value::as_str) == Some("header")
}

/// Why a template cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Meta allows lower-case letters, digits and underscores.
    #[error("name must be 1 to 512 characters of a-z, 0-9 and _")]
    Name,
    /// The language is not a language code.
    #[error("language must be a code like en or en_US")]
    Language,
    /// A component is not one that Meta defines.
    #[error("components must be objects, of at most 100000 bytes in all")]
    Components,
}

impl TemplateContent {
    /// Checks the parts of a template message.
    ///
    /// # Errors
    /// [`TemplateError`] says which part is invalid.
    pub fn new(name: &str, language: &str, components: Vec<Value>) -> Result<Self, TemplateError> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=NAME_LIMIT).contains(&name.len()) || !name.bytes().all(letter) {
            return Err(TemplateError::Name);
        }
        let code = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(2..=16).contains(&language.len()) || !language.bytes().all(code) {
            return Err(TemplateError::Language);
        }
        let size: usize = components.iter().map(|component| component.to_string().len()).sum();
        if !components.iter().all(Value::is_object) || size > COMPONENTS_LIMIT {
            return Err(TemplateError::Components);
        }
        // Callers write `es-MX` as well; Meta knows the other spelling only.
        Ok(Self { name: name.to_owned(), language: language.replace('-', "_"), components, file: None })
    }

    /// The same template with a URL in place of the file in its header.
    #[must_use]
    pub fn with_link(&self, link: &str) -> Self {
        let mut linked = self.clone();
        let header = linked.components.iter_mut().find(|it| is_header(it));
        let Some(parameter) = header.and_then(|it| it.pointer_mut("/parameters/0")) else { return linked };
        let kind = parameter.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(shown) = parameter.get_mut(&kind).and_then(Value::as_object_mut) else { return linked };
        shown.shift_remove("id");
        shown.insert("link".to_owned(), link.into());
        let name = self.file.as_ref().and_then(|file| file.name.as_deref());
        if let (Some(name), "document", false) = (name, kind.as_str(), shown.contains_key("filename")) {
            shown.insert("filename".to_owned(), name.into());
        }
        linked
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_header_file_gets_a_url_and_a_document_its_name() {
        let header = |kind: &str, shown: Value| json!([{ "type": "header", "parameters": [{ "type": kind, kind: shown }] }]);
        let file = HeaderFile {
            file: "7".parse().unwrap(),
            mime: MimeType::unknown(),
            name: Some("bill.pdf".to_owned()),
        };
        let link = "https://files.example/7";
        for (kind, shown, linked) in [
            ("image", json!({ "id": "media_7" }), json!({ "link": link })),
            ("document", json!({ "id": "media_7" }), json!({ "link": link, "filename": "bill.pdf" })),
            (
                "document",
                json!({ "id": "media_7", "filename": "a" }),
                json!({ "filename": "a", "link": link }),
            ),
        ] {
            let given: Vec<Value> = serde_json::from_value(header(kind, shown.clone())).unwrap();
            assert_eq!(header_parameter(&given), Some((0, kind, &shown)));
            let sent = TemplateContent {
                file: Some(file.clone().into()),
                ..TemplateContent::new("a", "es", given).unwrap()
            };
            assert_eq!(json!(sent.with_link(link).components), header(kind, linked));
            let kept: TemplateContent = serde_json::from_value(json!(sent)).unwrap();
            assert_eq!(kept, sent);
        }
    }

    #[test]
    fn every_part_is_checked() {
        assert!(TemplateContent::new("visit_2", "es_MX", vec![json!({ "type": "body" })]).is_ok());
        assert_eq!(
            TemplateContent::new("a", "es-MX", Vec::new()).map(|it| it.language).as_deref(),
            Ok("es_MX")
        );
        for bad in ["", "Visit", "a b", "ä", &"a".repeat(513)] {
            assert_eq!(TemplateContent::new(bad, "es", Vec::new()), Err(TemplateError::Name), "{bad}");
        }
        for bad in ["", "e", "es MX", "ü", "a_language_too_long"] {
            assert_eq!(TemplateContent::new("a", bad, Vec::new()), Err(TemplateError::Language), "{bad}");
        }
        let huge = json!({ "type": "x".repeat(100_000) });
        for bad in [json!("body"), huge] {
            assert_eq!(TemplateContent::new("a", "es", vec![bad]), Err(TemplateError::Components));
        }
    }
}
