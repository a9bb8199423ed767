//! Files as this contract's clients give them (facts: seed-apis.md 3.4, 3.6): a reference, a URL, or bytes
//! in Base64; the format shows which.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    commands::{FileBytes, MediaReplyData, required},
    near_misses::BYTES,
};
use crate::common::{Fields, InputError, file, ids::read_id, names::shown};
use ventanilla_core::{
    domain::{content::MediaKind, file::MimeType},
    usecases::files::{FileAsked, FileSource, MediaOptions},
};

/// Reads the file of a request over HTTP. Without a caption the text is used. `mediaType` is an addition of
/// ours: `voice` makes sound a voice note, `document` keeps a picture as it is.
pub(super) fn of_request(fields: &Fields, link: Option<(&str, &Value)>) -> Result<FileAsked, InputError> {
    let given = match link {
        Some((name, link)) => named_link(fields, name, link)?,
        None => named(fields)?,
    };
    let caption = match fields.optional_text("caption")? {
        Some(caption) => Some(caption),
        None => fields.optional_text("text")?.filter(|text| !text.is_empty()),
    };
    let name = fields.optional_text("fileName")?.map(str::to_owned);
    let kind = kind(fields.optional_text("mediaType")?)?;
    let how = MediaOptions { kind, caption: caption.map(str::to_owned), name };
    Ok(FileAsked { given, how })
}

/// The file in the field `media`.
fn named(fields: &Fields) -> Result<FileSource, InputError> {
    let media = fields.required_text("media")?;
    let mime = mime(fields.optional_text("mimeType")?)?;
    Ok(if let (true, Ok(id)) = (file::is_reference(media), read_id(media)) {
        FileSource::Reference(id)
    } else if media.starts_with("https://") || media.starts_with("http://") {
        FileSource::Address { url: media.to_owned(), mime }
    } else {
        let mime =
            mime.ok_or_else(|| InputError::field("mimeType", "is missing: bytes do not tell their type"))?;
        FileSource::Bytes { mime, bytes: bytes("media", media)? }
    })
}

/// The file of a field that others call a link's.
fn named_link(fields: &Fields, name: &str, link: &Value) -> Result<FileSource, InputError> {
    if fields.value("media").is_some_and(|media| !media.is_null()) {
        return Err(InputError::field(shown(name), "must not be given beside media"));
    }
    match link.as_str().filter(|url| url.starts_with("https://") || url.starts_with("http://")) {
        Some(url) => {
            let mime = mime(fields.optional_text("mimeType")?)?;
            Ok(FileSource::Address { url: url.to_owned(), mime })
        }
        None => Err(InputError::field(shown(name), "must be an https address")),
    }
}

/// Reads the file of a frame: bytes only.
pub(super) fn of_frame(read: MediaReplyData) -> Result<FileAsked, InputError> {
    let MediaReplyData { media, text, media_type, .. } = read;
    let media = Fields::of(&required(media, "media")?)
        .map_err(|_| InputError::field("media", "must be an object"))?;
    BYTES.check(&media)?;
    let FileBytes { data, mime_type, file_name } = media.typed()?;
    let mime = mime(mime_type.as_deref())?.ok_or_else(|| InputError::field("mimeType", "is missing"))?;
    let given = FileSource::Bytes { mime, bytes: bytes("data", &required(data, "data")?)? };
    let caption = text.filter(|text| !text.is_empty());
    Ok(FileAsked {
        given,
        how: MediaOptions { kind: kind(media_type.as_deref())?, caption, name: file_name },
    })
}

fn mime(given: Option<&str>) -> Result<Option<MimeType>, InputError> {
    let read = given.map(MimeType::parse).transpose();
    read.map_err(|error| InputError::field("mimeType", error))
}

fn kind(given: Option<&str>) -> Result<Option<MediaKind>, InputError> {
    let Some(name) = given else { return Ok(None) };
    let problem = "must be image, video, audio, voice, document or sticker";
    MediaKind::from_name(name).map(Some).ok_or_else(|| InputError::field("mediaType", problem))
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, InputError> {
    STANDARD.decode(text).map_err(|_| {
        InputError::field(field, "must be a reference like media_1234, an https address, or Base64")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<FileAsked, InputError> {
        of_request(&Fields::read(body.to_string().as_bytes()).unwrap(), None)
    }

    #[test]
    fn which_it_is_follows_from_how_it_looks() {
        let read = |media: &str| read(&json!({ "media": media, "mimeType": "image/png" })).unwrap().given;
        assert_eq!(read("media_7"), FileSource::Reference("7".parse().unwrap()));
        assert!(matches!(read("https://a.example/b.png"), FileSource::Address { .. }));
        assert!(matches!(read("QUJD"), FileSource::Bytes { bytes, .. } if bytes == b"ABC"));
    }

    #[test]
    fn a_caption_that_is_not_given_is_the_text() {
        let caption = |body: Value| read(&body).unwrap().how.caption;
        assert_eq!(caption(json!({ "media": "media_7", "text": "a" })).as_deref(), Some("a"));
        assert_eq!(caption(json!({ "media": "media_7", "text": "a", "caption": "b" })).as_deref(), Some("b"));
        assert_eq!(caption(json!({ "media": "media_7", "text": "" })), None);
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (body, field) in [
            (json!({ "media": 7 }), "media"),
            (json!({ "media": "QUJD" }), "mimeType"),
            (json!({ "media": "QUJD", "mimeType": "png" }), "mimeType"),
            (json!({ "media": "no base64!", "mimeType": "image/png" }), "media"),
            (json!({ "media": "media_7", "mediaType": "smoke" }), "mediaType"),
            (json!({ "media": "media_7", "caption": 7 }), "caption"),
            (json!({ "media": "media_7", "fileName": 7 }), "fileName"),
        ] {
            assert_eq!(read(&body).unwrap_err().place(), field, "{body}");
        }
        let frame = |data: Value| {
            let read = Fields::of(&data).unwrap().typed().unwrap();
            of_frame(read).unwrap_err().place().to_owned()
        };
        assert_eq!(frame(json!({})), "media");
        assert_eq!(frame(json!({ "media": "QUJD" })), "media");
        assert_eq!(frame(json!({ "media": { "data": "QUJD" } })), "mimeType");
        assert_eq!(frame(json!({ "media": { "data": "?", "mimeType": "image/png" } })), "data");
    }
}
