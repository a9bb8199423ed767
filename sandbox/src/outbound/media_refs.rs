//! The files that a message refers to, wherever they stand in it.

use serde_json::Value;

use super::meta_error::MetaError;

/// The names of the objects that hold a file.
const FILE_KINDS: [&str; 5] = ["image", "video", "document", "audio", "sticker"];

/// A file of a message, by id or by link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MediaRef<'a> {
    /// The type of the file, such as `image`.
    pub(crate) kind: &'a str,
    /// Where the object stands, as Meta writes it: `template['components'][0]…`.
    path: String,
    /// The object with `id` or `link`.
    file: &'a Value,
}

impl<'a> MediaRef<'a> {
    /// The media id; `None` for a link.
    pub(crate) fn id(&self) -> Option<&'a str> {
        self.file.get("id").and_then(Value::as_str)
    }

    /// Validates the link, and the id by `is_known` (facts: meta.md 7).
    pub(crate) fn validate(&self, is_known: impl Fn(&str) -> bool) -> Result<(), MetaError> {
        let path = &self.path;
        if self.id().is_some_and(|id| !is_known(id)) {
            let why = "is not a valid whatsapp business account media attachment ID";
            return Err(MetaError::malformed(format!("Param {path}['id'] {why}")));
        }
        if self.file.get("link").and_then(Value::as_str).is_some_and(|link| !is_web_address(link)) {
            return Err(MetaError::malformed(format!("Param {path}['link'] is not a valid URI.")));
        }
        Ok(())
    }
}

/// The files of a message of this type.
pub(crate) fn media_refs<'a>(kind: &'a str, content: &'a Value) -> Vec<MediaRef<'a>> {
    let mut found = Vec::new();
    if FILE_KINDS.contains(&kind) || ["interactive", "template"].contains(&kind) {
        collect(kind, kind.to_owned(), content, &mut found);
    }
    found
}

fn collect<'a>(name: &'a str, path: String, value: &'a Value, found: &mut Vec<MediaRef<'a>>) {
    match value {
        Value::Object(fields) if FILE_KINDS.contains(&name) && has_source(fields) => {
            found.push(MediaRef { kind: name, path, file: value });
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(name, format!("{path}['{name}']"), field, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(name, format!("{path}[{index}]"), item, found);
            }
        }
        _ => {}
    }
}

fn has_source(fields: &serde_json::Map<String, Value>) -> bool {
    fields.contains_key("id") || fields.contains_key("link")
}

fn is_web_address(link: &str) -> bool {
    reqwest::Url::parse(link).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::media_refs;

    fn mistakes(kind: &str, content: &Value) -> Vec<String> {
        let refs = media_refs(kind, content);
        refs.iter()
            .filter_map(|file| file.validate(|id| id == "1").err())
            .map(|error| error.details)
            .collect()
    }

    #[test]
    fn an_unknown_id_is_named_where_it_stands() {
        assert!(mistakes("image", &json!({"id": "1"})).is_empty());
        let end = "is not a valid whatsapp business account media attachment ID";
        assert_eq!(mistakes("image", &json!({"id": "2"})), [format!("Param image['id'] {end}")]);
        let header = json!({"components": [{"type": "header", "parameters": [{"image": {"id": "2"}}]}]});
        let path = "template['components'][0]['parameters'][0]['image']['id']";
        assert_eq!(mistakes("template", &header), [format!("Param {path} {end}")]);
        let card = json!({"cards": [{"components": [{"parameters": [{"video": {"id": "2"}}]}]}]});
        let found = mistakes("template", &json!({"components": [card]}));
        assert_eq!(found.len(), 1, "{found:?}");
        let header = json!({"header": {"type": "document", "document": {"id": "2"}}});
        assert_eq!(
            mistakes("interactive", &header),
            [format!("Param interactive['header']['document']['id'] {end}")]
        );
        assert!(mistakes("text", &json!({"image": {"id": "2"}})).is_empty());
    }

    #[test]
    fn a_link_is_a_web_address() {
        assert!(mistakes("video", &json!({"link": "https://x.example/a b.mp4"})).is_empty());
        for wrong in ["a.mp4", "ftp://x.example/a.mp4", "/tmp/a.mp4", "https://"] {
            let found = mistakes("video", &json!({"link": wrong}));
            assert_eq!(found, ["Param video['link'] is not a valid URI."], "{wrong}");
        }
    }
}
