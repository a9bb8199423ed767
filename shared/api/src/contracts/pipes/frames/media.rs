//! The file of a message, and `message_media`, the event of a file that is stored late.

use serde::Serialize;
use serde_json::Value;

use super::{
    frame::{Named, Telling},
    message::OurMessageId,
    place::Place,
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{file::download_path, ids};
use ventanilla_core::{
    domain::{
        file::{Attachment, ContentHash, Presence},
        message::Message,
    },
    usecases::live::ConversationEvent,
};

/// A file. It is read at `GET /v1/media/download/{mediaId}`.
///
/// One that is still not there when its message is told is what the vendor tells of a file that it could not get; a
/// `message_media` follows when it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Media {
    /// `application/octet-stream` where the provider named none.
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    /// 0 while not known.
    byte_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// While it is not there, and for ever if it could not be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    unavailable: Option<bool>,
    /// Which of the two, ours. `pending` while it is being fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["pending", "ready", "unavailable"])))]
    state: Option<&'static str>,
    /// Where it is read, as a path at the HTTP API: put its address in front. Wants the key as a bearer token, and leads
    /// on. Only while the file is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(extend("pattern" = "^/v1/media/download/media_[1-9][0-9]{0,15}$"))
    )]
    download_url: Option<String>,
    /// As it is sent on, and asked for; of messages from before files were kept there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "mediaId")]
    id: Option<String>,
    /// A voice note, ours. Else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    voice: Option<bool>,
}

impl Media {
    /// The file of a message; `object` is the provider's own object of it.
    pub(super) fn of(message: &Message, object: Option<&Value>) -> Self {
        match &message.media {
            Some(known) => Self::known(known, message.parts.voice.filter(|voice| *voice)),
            None => Self::not_kept(object),
        }
    }

    fn known(file: &Attachment, voice: Option<bool>) -> Self {
        let id = ids::media_id(file.file);
        let is_here = file.presence == Presence::Here;
        Self {
            mime_type: file.mime.essence().to_owned(),
            file_name: file.name.clone(),
            byte_size: file.size.unwrap_or_default(),
            sha256: file.sha256.as_ref().map(ContentHash::as_str).map(str::to_owned),
            unavailable: (!is_here).then_some(true),
            state: Some(file.presence.word()),
            // Relative, as at the vendor: its clients prepend their own server.
            download_url: is_here.then(|| download_path(&id)),
            id: Some(id),
            voice,
        }
    }

    /// The file of a message from before files were stored.
    fn not_kept(object: Option<&Value>) -> Self {
        let mime = object.and_then(|object| object.get("mime_type")).and_then(Value::as_str);
        Self {
            mime_type: mime.unwrap_or("application/octet-stream").to_owned(),
            file_name: None,
            byte_size: 0,
            sha256: None,
            unavailable: Some(true),
            state: None,
            download_url: None,
            id: None,
            voice: None,
        }
    }
}

/// The `data` of `message_media`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct MessageMedia {
    #[serde(flatten)]
    place: Place,
    message_id: OurMessageId,
    /// When that was written down, by our clock.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    timestamp: String,
    media: Media,
}

impl Named for MessageMedia {
    const TYPE: &'static str = "message_media";
}

impl Telling for MessageMedia {
    fn cut(&mut self) -> Option<String> {
        Some(self.message_id.0.clone())
    }
}

impl MessageMedia {
    pub(super) fn of(event: &ConversationEvent, message: &Message) -> Self {
        Self {
            place: event.into(),
            message_id: message.address.id.into(),
            timestamp: event.entry.event.at.iso_millis(),
            media: Media::of(message, None),
        }
    }
}
