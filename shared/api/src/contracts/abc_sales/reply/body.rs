//! The body of a reply.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Fields, InputError,
    ids::read_id,
    near_miss::{
        CHANNEL, DIRECT_SEND, KIND, MEDIA, NearMisses, PREVIEW, PREVIEWS, QUOTES, RECIPIENTS, REPEAT,
        RefusedNames, SCHEDULE, TRIAL,
    },
    quote::{Quote, quote},
};
use ventanilla_core::{
    domain::id::{ChannelId, IdError},
    usecases::{
        files::{FileAsked, FileSource, MediaOptions},
        sending::ContentSource,
    },
};

/// The near misses of a reply.
pub(super) const NEAR_MISSES: NearMisses = NearMisses {
    own: &["content", "messaging_channel_connection_id", "s3_attachment", "sent_by"],
    honoured: &[QUOTES, PREVIEWS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL.because("messaging_channel_connection_id says which channel it goes out on"),
        RECIPIENTS,
        RefusedNames::new(
            &["to", "toNumber", "phoneNumber", "phone", "leadId"],
            "the lead of the path gets it",
        ),
        MEDIA.because("a file goes into s3_attachment, by a reference like media_1234"),
        KIND.because("a template or another kind of message cannot be sent here"),
    ],
};

/// Near misses of a reply with a file: it has no link preview.
const WITH_FILE: NearMisses = NearMisses { own: &[], honoured: &[], refused: &[PREVIEW] };

/// The body of a reply.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LeadReply"))]
#[cfg_attr(feature = "schema", schemars(transform = schema::beside::sent_by_quote_and_preview))]
pub(in super::super) struct LeadReply {
    /// What is said. With an attachment it is the text below it, and may be left out.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Text>"))]
    content: Option<String>,
    /// The channel to send on. The same number as text is taken as well.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    messaging_channel_connection_id: Option<ConnectionId>,
    /// The `reference` of a file that was put in (`POST /v1/media`), or the `id` of an attachment that came from a
    /// customer. Empty is none.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^(\s*|(media_)?0*[1-9][0-9]{0,15})$")))]
    s3_attachment: Option<String>,
}

/// A channel's id, a number or its digits.
#[derive(Debug, Clone, Copy)]
struct ConnectionId(ChannelId);

impl<'de> Deserialize<'de> for ConnectionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = match Value::deserialize(deserializer)? {
            Value::String(digits) => digits.parse(),
            value => value.as_u64().ok_or(IdError::NotANumber).and_then(ChannelId::try_from),
        };
        id.map(Self).map_err(D::Error::custom)
    }
}

/// A decoded reply to a lead.
#[derive(Debug)]
pub struct ReplyRequest {
    /// The channel to send on.
    pub channel: ChannelId,
    /// The content: a text or a file.
    pub what: ContentSource,
    /// The quoted message, where one is named.
    pub quote: Option<Quote>,
}

/// Reads the body of a reply. A template cannot be sent: there is no field for one (the vendor's documents).
/// An empty reference means no attachment, and a text of spaces no caption: some clients always send both
/// fields.
///
/// # Errors
/// Names the field.
pub fn reply_request(body: &[u8]) -> Result<ReplyRequest, InputError> {
    let fields = Fields::read_to_send(body)?;
    NEAR_MISSES.check(&fields)?;
    let LeadReply { content, messaging_channel_connection_id, s3_attachment } = fields.typed()?;
    let missing = || InputError::field("messaging_channel_connection_id", "is missing");
    let ConnectionId(channel) = messaging_channel_connection_id.ok_or_else(missing)?;
    let source = match s3_attachment.filter(|text| !text.trim().is_empty()) {
        Some(reference) => {
            WITH_FILE.check(&fields)?;
            let how = MediaOptions {
                caption: content.filter(|text| !text.trim().is_empty()),
                ..MediaOptions::default()
            };
            let wrong = |_| InputError::field("s3_attachment", "must be a reference like media_1234");
            ContentSource::File(Box::new(FileAsked {
                given: FileSource::Reference(read_id(&reference).map_err(wrong)?),
                how,
            }))
        }
        None => ContentSource::Content(fields.message_text("content")?),
    };
    Ok(ReplyRequest { channel, what: source, quote: quote(&fields)? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(body: &Value) -> String {
        reply_request(body.to_string().as_bytes()).unwrap_err().place().to_owned()
    }

    #[test]
    fn the_vendors_request_is_decoded() {
        let body = json!({ "content": "Thanks for reaching out! How can we help?", "messaging_channel_connection_id": 123 });
        let read = reply_request(body.to_string().as_bytes()).unwrap();
        assert_eq!(read.channel.get(), 123);
        let ContentSource::Content(content) = read.what else { panic!() };
        assert_eq!(content.text(), Some("Thanks for reaching out! How can we help?"));
    }

    #[test]
    fn an_attachment_goes_by_its_reference_and_the_text_is_below_it() {
        let caption = |body: Value| match reply_request(body.to_string().as_bytes()).unwrap().what {
            ContentSource::File(asked) => (asked.given, asked.how.caption),
            ContentSource::Content(_) => panic!(),
        };
        let seven = || FileSource::Reference("7".parse().unwrap());
        let body =
            json!({ "content": "look", "messaging_channel_connection_id": 1, "s3_attachment": "media_7" });
        assert_eq!(caption(body), (seven(), Some("look".to_owned())));
        for nothing in [json!(null), json!(""), json!(" \n")] {
            let body =
                json!({ "content": nothing, "messaging_channel_connection_id": 1, "s3_attachment": "7" });
            assert_eq!(caption(body), (seven(), None));
        }
    }

    #[test]
    fn an_empty_reference_is_no_attachment() {
        for nothing in [json!(null), json!(""), json!(" ")] {
            let body =
                json!({ "content": "x", "messaging_channel_connection_id": 1, "s3_attachment": nothing });
            let ContentSource::Content(content) = reply_request(body.to_string().as_bytes()).unwrap().what
            else {
                panic!()
            };
            assert_eq!(content.text(), Some("x"));
            let alone = json!({ "messaging_channel_connection_id": 1, "s3_attachment": nothing });
            assert_eq!(problem(&alone), "content");
        }
    }

    #[test]
    fn every_mistake_names_its_field() {
        let id = "messaging_channel_connection_id";
        for (body, field) in [
            (json!({ "content": "x" }), id),
            (json!({ "content": "x", id: "main" }), id),
            (json!({ "content": "x", id: 0 }), id),
            (json!({ "content": "x", id: 1.5 }), id),
            (json!({ id: 1 }), "content"),
            (json!({ id: 1, "content": "" }), "content"),
            (json!({ id: 1, "content": 7 }), "content"),
            (json!({ id: 1, "content": "x", "s3_attachment": 7 }), "s3_attachment"),
            (json!({ id: 1, "content": "x", "s3_attachment": "nowhere" }), "s3_attachment"),
            (json!({ id: 1, "content": "x", "scheduled_at": "2026-12-01" }), "scheduled_at"),
            (json!({ id: 1, "content": "x", "channelId": 2 }), "channelId"),
            (json!({ id: 1, "content": "x", "mediaUrl": "https://a.example/b.png" }), "mediaUrl"),
            (json!({ id: 1, "content": "x", "template": "hello_world" }), "template"),
            (json!({ id: 1, "content": "x", "ttl_seconds": 60 }), "ttl_seconds"),
            (json!({ id: 1, "content": "x", "s3Attachment": "media_7" }), "s3Attachment"),
            (json!({ id: 1, "s3_attachment": "media_7", "preview_url": true }), "preview_url"),
        ] {
            assert_eq!(problem(&body), field, "{body}");
        }
    }
}
