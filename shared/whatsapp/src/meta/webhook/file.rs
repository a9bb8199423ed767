//! The file of a message (facts: meta.md 4.5).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::lenient::text;
use ventanilla_core::domain::file::{
    ContentHash, InboundFile, MediaOrigin, MimeType, document_name, harmless_name,
};

/// The kinds of messages that are files. `voice` used to be a separate one.
const KINDS: [&str; 6] = ["image", "video", "audio", "voice", "document", "sticker"];

/// Longest id that is accepted.
const ID_LIMIT: usize = 256;

/// Whether messages of this kind are files.
pub(crate) fn is_file(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// The file of a message of this kind.
pub(crate) fn read(kind: &str, content: &Value) -> Option<InboundFile> {
    if !is_file(kind) {
        return None;
    }
    let id = text(content, "id").filter(|id| (1..=ID_LIMIT).contains(&id.len()));
    let mime = text(content, "mime_type").and_then(|mime| MimeType::parse(&mime).ok());
    let name = text(content, "filename").and_then(|name| harmless_name(&name));
    // One of unknown type gets its name when it is downloaded.
    let unnamed = mime.as_ref().filter(|_| kind == "document").map(document_name);
    Some(InboundFile {
        origin: id.map(|id| MediaOrigin::MediaId(id.into_owned())),
        mime: mime.unwrap_or_else(MimeType::unknown),
        name: name.or(unnamed),
        sha256: text(content, "sha256").and_then(|hash| hash_of(&hash)),
    })
}

/// A hash in Base64, as in real webhooks, or in hexadecimal digits, as in the documents.
fn hash_of(text: &str) -> Option<ContentHash> {
    let bytes = || STANDARD.decode(text).ok();
    ContentHash::from_hex(text).or_else(|| ContentHash::from_bytes(&bytes()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_has_its_hash_in_either_spelling() {
        let digits = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        for spelled in [digits, "LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564="] {
            let content =
                json!({ "id": 77, "mime_type": "image/jpeg", "sha256": spelled, "filename": "a/b.jpg" });
            let file = read("image", &content).unwrap();
            assert_eq!(file.origin, Some(MediaOrigin::MediaId("77".to_owned())));
            assert_eq!(file.sha256.as_ref().map(ContentHash::as_str), Some(digits), "{spelled}");
            assert_eq!((file.mime.as_str(), file.name.as_deref()), ("image/jpeg", Some("a_b.jpg")));
        }
    }

    #[test]
    fn a_document_has_a_name() {
        let named = |content: Value| read("document", &content).unwrap().name;
        assert_eq!(
            named(json!({ "id": "1", "mime_type": "application/pdf" })).as_deref(),
            Some("document.pdf")
        );
        assert_eq!(
            named(json!({ "id": "1", "mime_type": "application/pdf", "filename": "a.pdf" })).as_deref(),
            Some("a.pdf")
        );
        assert_eq!(named(json!({ "id": "1" })), None);
        assert_eq!(read("image", &json!({ "id": "1", "mime_type": "image/png" })).unwrap().name, None);
    }

    #[test]
    fn missing_or_odd_fields_affect_nothing_else() {
        let file = read("voice", &json!({ "sha256": "odd", "mime_type": "odd" })).unwrap();
        assert_eq!(file, InboundFile { origin: None, mime: MimeType::unknown(), name: None, sha256: None });
        assert_eq!(read("text", &json!({ "id": "77" })), None);
    }
}
