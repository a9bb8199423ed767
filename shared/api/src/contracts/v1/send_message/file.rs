//! A file to send: a stored one, one at a URL, or bytes.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::common::{InputError, ids::Id};
use ventanilla_core::{
    domain::{content::MediaKind, file::MimeType, id::FileId},
    usecases::files::{FileAsked, FileSource, MediaOptions},
};

/// A file: one that is here already (`media_id`, see `POST /v1/media`), one at an `https` address (`url`), or bytes
/// in Base64 (`data` with `mime_type`). It must be of a type that WhatsApp takes as this kind.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("if" = {}, "then" = super::schemas::one_file())))]
#[serde(deny_unknown_fields, expecting = "an object like {\"media_id\":\"media_1234\"}")]
pub(super) struct NewFile {
    media_id: Option<Id<FileId>>,
    #[cfg_attr(feature = "schema", schemars(length(max = 2048)))]
    url: Option<String>,
    #[cfg_attr(feature = "schema", schemars(extend("contentEncoding" = "base64")))]
    data: Option<String>,
    /// The media type of the file behind `link`. Not allowed beside `media_id`, whose type is known.
    #[cfg_attr(feature = "schema", schemars(extend("examples" = ["image/png"])))]
    mime_type: Option<String>,
    file_name: Option<String>,
    /// The text below it; not of audio and stickers.
    #[cfg_attr(feature = "schema", schemars(length(max = 1024)))]
    caption: Option<String>,
    /// Of audio only, whether it shows as a voice note.
    voice: Option<bool>,
}

impl NewFile {
    /// The core's request for the file, sent as this kind.
    pub(super) fn asked(self, kind: MediaKind) -> Result<FileAsked, InputError> {
        let field = kind.as_str();
        let at = |name: &str, problem: &str| InputError::field(format!("{field}.{name}"), problem);
        let mime = self.mime_type.as_deref().map(MimeType::parse).transpose();
        let mime = mime.map_err(|error| InputError::field(format!("{field}.mime_type"), error))?;
        let given = match (self.media_id, self.url, self.data) {
            (Some(_), None, None) if mime.is_some() => {
                return Err(at(
                    "mime_type",
                    "must not be given beside media_id: the type of that file is known",
                ));
            }
            (Some(Id(id)), None, None) => FileSource::Reference(id),
            (None, Some(url), None) => FileSource::Address { url, mime },
            (None, None, Some(data)) => {
                let mime = mime.ok_or_else(|| at("mime_type", "is missing: bytes do not tell their type"))?;
                let bytes = STANDARD.decode(data).map_err(|_| at("data", "must be Base64"))?;
                FileSource::Bytes { mime, bytes }
            }
            _ => return Err(InputError::field(field, "must have one of media_id, url and data")),
        };
        let kind = match (kind, self.voice) {
            (MediaKind::Audio, Some(true)) => MediaKind::Voice,
            (MediaKind::Audio, _) | (_, None) => kind,
            (_, Some(_)) => return Err(at("voice", "is possible with audio only")),
        };
        let caption = self.caption.filter(|text| !text.is_empty());
        Ok(FileAsked { given, how: MediaOptions { kind: Some(kind), caption, name: self.file_name } })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::common::json;

    fn read(kind: MediaKind, file: Value) -> Result<FileAsked, InputError> {
        json::of_value::<NewFile>(file)?.asked(kind)
    }

    #[test]
    fn a_file_is_named_in_one_of_three_ways() {
        let given = |file: Value| read(MediaKind::Image, file).unwrap().given;
        assert_eq!(given(json!({ "media_id": "media_7" })), FileSource::Reference("7".parse().unwrap()));
        assert!(matches!(
            given(json!({ "url": "https://a.example/b.png" })),
            FileSource::Address { mime: None, .. }
        ));
        let bytes = given(json!({ "data": "QUJD", "mime_type": "image/png" }));
        assert!(matches!(bytes, FileSource::Bytes { bytes, .. } if bytes == b"ABC"));
        let voice = read(MediaKind::Audio, json!({ "media_id": 7, "voice": true })).unwrap();
        assert_eq!(voice.how.kind, Some(MediaKind::Voice));
    }

    #[test]
    fn every_mistake_names_its_place() {
        for (kind, file, place) in [
            (MediaKind::Image, json!({}), "image"),
            (MediaKind::Image, json!({ "url": "https://a.example", "media_id": "media_7" }), "image"),
            (MediaKind::Image, json!({ "media_id": "media_7", "mime_type": "image/png" }), "image.mime_type"),
            (MediaKind::Video, json!({ "data": "QUJD" }), "video.mime_type"),
            (MediaKind::Video, json!({ "data": "QUJD", "mime_type": "mp4" }), "video.mime_type"),
            (MediaKind::Sticker, json!({ "data": "?", "mime_type": "image/webp" }), "sticker.data"),
            (MediaKind::Image, json!({ "media_id": "media_7", "voice": false }), "image.voice"),
            (MediaKind::Image, json!({ "media_id": "msg_7" }), "media_id"),
        ] {
            assert_eq!(read(kind, file.clone()).unwrap_err().place(), place, "{file}");
        }
    }
}
