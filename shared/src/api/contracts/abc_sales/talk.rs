//! Reading what was said to and by a lead, and replying: `/v1/leads/{leadID}/conversations` and its `reply`. An
//! entry of a lead's conversations is a message, on whatever channel.

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::{attachments, enveloped, errors::failed};
use crate::{
    api::common::{
        Encoded, Failure, Fields, InputError,
        near_miss::{
            CHANNEL, DIRECT_SEND, KIND, MEDIA, NearMisses, PREVIEW, PREVIEWS, QUOTES, RECIPIENTS, REPEAT,
            Refused, SCHEDULE, TRIAL,
        },
        quote::{Quote, quote},
    },
    domain::{
        delivery::Shown,
        id::{ChannelId, ContactId, IdError},
        message::{Direction, Message},
    },
    service::{
        files::{FileAsked, Given, Sending},
        send::{Sent, What},
    },
};

/// What a reply is asked for besides its own fields.
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
        Refused::new(&["to", "toNumber", "phoneNumber", "phone", "leadId"], "the lead of the path gets it"),
        MEDIA.because("a file goes into s3_attachment, by a reference like media_1234"),
        KIND.because("a template or another kind of message cannot be sent here"),
    ],
};

/// Of a reply with a file: it has no preview of a link.
const WITH_FILE: NearMisses = NearMisses { own: &[], honoured: &[], refused: &[PREVIEW] };

/// A reply to a lead.
#[derive(Debug)]
pub struct ReplyRequest {
    /// The channel that it goes out on.
    pub channel: ChannelId,
    /// What.
    pub what: What,
    /// The message that it answers.
    pub quote: Option<Quote>,
}

/// Reads the body of a reply. A template cannot be sent: there is no field for one (the vendor's documents). An empty reference is no attachment, and a text of nothing but spaces none to go along with one:
/// clients that always send both fields say so.
///
/// # Errors
/// Names the field.
pub fn reply_request(body: &[u8]) -> Result<ReplyRequest, InputError> {
    let fields = Fields::read_to_send(body)?;
    NEAR_MISSES.check(&fields)?;
    let channel = channel(&fields)?;
    let what = match fields.optional_text("s3_attachment")?.filter(|text| !text.trim().is_empty()) {
        Some(reference) => {
            WITH_FILE.check(&fields)?;
            let caption = fields.optional_text("content")?.filter(|text| !text.trim().is_empty());
            let how = Sending { caption: caption.map(str::to_owned), ..Sending::default() };
            let given = Given::Reference(attachments::read(reference)?);
            What::File(Box::new(FileAsked { given, how }))
        }
        None => What::Content(fields.message_text("content")?),
    };
    Ok(ReplyRequest { channel, what, quote: quote(&fields)? })
}

fn channel(fields: &Fields) -> Result<ChannelId, InputError> {
    let wrong = |error: IdError| InputError::field("messaging_channel_connection_id", error);
    match fields.value("messaging_channel_connection_id") {
        None | Some(Value::Null) => Err(InputError::field("messaging_channel_connection_id", "is missing")),
        Some(Value::String(digits)) => digits.parse().map_err(wrong),
        Some(value) => {
            let number = value.as_u64().ok_or(IdError::NotANumber);
            number.and_then(ChannelId::try_from).map_err(wrong)
        }
    }
}

/// How a reply ended.
#[must_use]
pub fn replied(outcome: &Result<Sent, Failure>, to: Option<(ContactId, ChannelId)>) -> Encoded {
    let sent = match outcome {
        Ok(sent) => sent,
        Err(failure) => return failed(failure),
    };
    let mut entry = json!({
        "id": sent.id,
        "lead_id": to.map(|(lead, _)| lead),
        "messaging_channel_connection_id": to.map(|(_, channel)| channel),
        "direction": Direction::Outbound,
        "type": sent.content.kind(),
        "content": sent.content.text(),
        "status": Shown::Accepted,
        "created_at": sent.at.iso_millis(),
    });
    if let (Some(file), Some(entry)) = (sent.content.sent_file(), entry.as_object_mut()) {
        entry.insert("attachment".to_owned(), attachments::shown(&file.attachment));
    }
    let body = enveloped(&json!({ "conversation": entry }), None);
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
}

/// What was said, newest first, and where the list goes on.
#[must_use]
pub fn said(lead: ContactId, messages: &[Message], next: Option<String>) -> Encoded {
    let entries: Vec<Value> = messages.iter().map(|message| entry(lead, message)).collect();
    let body = enveloped(&json!({ "conversations": entries }), next);
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
}

fn entry(lead: ContactId, it: &Message) -> Value {
    let mut entry = Map::new();
    entry.insert("id".to_owned(), json!(it.address.id));
    entry.insert("lead_id".to_owned(), json!(lead));
    entry.insert("messaging_channel_connection_id".to_owned(), json!(it.channel));
    entry.insert("direction".to_owned(), json!(it.direction));
    entry.insert("type".to_owned(), it.kind.as_str().into());
    entry.insert("content".to_owned(), json!(it.readable()));
    entry.insert("status".to_owned(), json!(it.shown()));
    entry.insert("created_at".to_owned(), it.address.at.iso_millis().into());
    if let Some(file) = &it.media {
        entry.insert("attachment".to_owned(), attachments::shown(file));
    }
    // WhatsApp may take a message and refuse it afterwards, also for the window.
    if let Some(failed) = &it.facts.failed {
        let error = json!({ "code": failed.error_code, "message": failed.error });
        entry.insert("error".to_owned(), error);
    }
    entry.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(body: &Value) -> String {
        reply_request(body.to_string().as_bytes()).unwrap_err().place().to_owned()
    }

    #[test]
    fn the_seed_s_request_is_read() {
        let body = json!({ "content": "Thanks for reaching out! How can we help?", "messaging_channel_connection_id": 123 });
        let read = reply_request(body.to_string().as_bytes()).unwrap();
        assert_eq!(read.channel.get(), 123);
        let What::Content(content) = read.what else { panic!() };
        assert_eq!(content.text(), Some("Thanks for reaching out! How can we help?"));
    }

    #[test]
    fn an_attachment_goes_by_its_reference_and_the_text_is_below_it() {
        let caption = |body: Value| match reply_request(body.to_string().as_bytes()).unwrap().what {
            What::File(asked) => (asked.given, asked.how.caption),
            What::Content(_) => panic!(),
        };
        let seven = || Given::Reference("7".parse().unwrap());
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
            let What::Content(content) = reply_request(body.to_string().as_bytes()).unwrap().what else {
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
