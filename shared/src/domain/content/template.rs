//! Templates as they are sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest name, in characters (facts: kaleyra.md 5).
const NAME_LIMIT: usize = 512;

/// Most bytes of a template's components; Meta's own limit on a message is not documented.
const COMPONENTS_LIMIT: usize = 100_000;

/// A template with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The language and locale, like `en_US`.
    pub language: String,
    /// Its components as Meta defines them (facts: meta.md 2.3); none for a template without parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
}

/// Why a template cannot be sent. Each says which part is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Meta allows lower-case letters, digits and underscores.
    #[error("name must be 1 to 512 characters of a-z, 0-9 and _")]
    Name,
    /// Not a language code.
    #[error("language must be a code like en or en_US")]
    Language,
    /// Something that is no component.
    #[error("components must be objects, of at most 100000 bytes in all")]
    Components,
}

impl Template {
    /// A template.
    ///
    /// # Errors
    /// [`TemplateError`] says which part is wrong.
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
        Ok(Self { name: name.to_owned(), language: language.replace('-', "_"), components })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_is_checked() {
        assert!(Template::new("visit_2", "es_MX", vec![json!({ "type": "body" })]).is_ok());
        assert_eq!(Template::new("a", "es-MX", Vec::new()).map(|it| it.language).as_deref(), Ok("es_MX"));
        for bad in ["", "Visit", "a b", "ä", &"a".repeat(513)] {
            assert_eq!(Template::new(bad, "es", Vec::new()), Err(TemplateError::Name), "{bad}");
        }
        for bad in ["", "e", "es MX", "ü", "a_language_too_long"] {
            assert_eq!(Template::new("a", bad, Vec::new()), Err(TemplateError::Language), "{bad}");
        }
        let huge = json!({ "type": "x".repeat(100_000) });
        for bad in [json!("body"), huge] {
            assert_eq!(Template::new("a", "es", vec![bad]), Err(TemplateError::Components));
        }
    }
}
