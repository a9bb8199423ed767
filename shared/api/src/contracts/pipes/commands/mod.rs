//! Decodes the frames that clients send on a socket (facts: seed-apis.md 3.4).

mod bodies;

#[cfg(feature = "schema")]
pub(super) use bodies::schemas;
pub(super) use bodies::{FileBytes, MediaReplyData};

use serde_json::{Value, json};

use self::bodies::{ReactionData, ReplyData};
use super::{
    ids, media,
    near_misses::{AROUND, MEDIA_REPLY, REACTION, REPLY},
};
use crate::common::{
    Fields, InputError, claim::ConversationSelector, meta_message, near_miss::link_preview, quote::quote,
    send::Besides, sent_by,
};
use ventanilla_core::{
    domain::{
        content::{Content, MessageText, TextError},
        id::{ConversationId, MessageId},
        sent_by::SentBy,
    },
    usecases::files::FileAsked,
};

/// A decoded frame of a client.
#[derive(Debug)]
pub struct Asked {
    /// The conversation as the client spells it.
    pub given: String,
    /// Its id; `None` where it cannot be one of ours.
    pub conversation: Option<ConversationId>,
    /// The client's own id of the frame, where it has one: an addition of ours.
    pub client: Option<Value>,
    /// The sender, where the frame names one: an addition of ours.
    pub sent_by: Option<SentBy>,
    /// The command of the frame.
    pub command: SocketCommand,
    /// Its optional fields, which need a read of the store.
    pub besides: Besides,
}

/// The command of a frame.
#[derive(Debug)]
pub enum SocketCommand {
    /// Send a content that needs no file.
    Send(Content),
    /// React to a message that is named by our own id.
    React {
        /// Our id of that message.
        to: MessageId,
        /// The emoji; `None` removes the reaction.
        emoji: String,
    },
    /// Send a file, which is fetched or stored before it is sent.
    File(Box<FileAsked>),
    /// Send a text that is too long: a client that counts differently gets a `reply_status`, not an error.
    TooLong(InputError),
}

/// Decodes a frame.
///
/// # Errors
/// When it is no JSON object, of an unknown kind, or lacks a field: the socket stays open.
pub fn asked(frame: &[u8]) -> Result<Asked, InputError> {
    let fields = Fields::read_to_send(frame)?;
    let kind = fields.required_text("type")?;
    if !["whatsapp_reply", "whatsapp_media_reply", "whatsapp_reaction"].contains(&kind) {
        return Err(InputError::field("type", "is not a kind of frame that can be sent here"));
    }
    AROUND.check(&fields)?;
    let data = fields.value("data").ok_or_else(|| InputError::field("data", "is missing"))?;
    let data = Fields::of(data)?;
    data.no_dry_run()?;
    let (given, command) = match kind {
        "whatsapp_reply" => reply(&data)?,
        "whatsapp_reaction" => reaction(&data)?,
        _ => file(&data)?,
    };
    let claim = ConversationSelector::default().of_customer(&data)?.of_channel(&data)?;
    let besides = Besides { quote: quote(&data)?, claim, channel: None };
    let client = data.value("clientId").or_else(|| fields.value("clientId")).cloned();
    let sent_by = sent_by::of_fields(&data)?;
    Ok(Asked { conversation: ids::read_conversation(&given).ok(), given, client, sent_by, command, besides })
}

/// Whether a frame is a ping: browsers cannot send the protocol's own.
#[must_use]
pub fn is_ping(frame: &[u8]) -> bool {
    Fields::read(frame).is_ok_and(|fields| fields.value("type") == Some(&"ping".into()))
}

/// The value of a required field.
pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, InputError> {
    value.ok_or_else(|| InputError::field(name, "is missing"))
}

/// The conversation as the client spells it, and the command.
fn reply(data: &Fields) -> Result<(String, SocketCommand), InputError> {
    REPLY.check(data)?;
    let ReplyData { conversation_id, text } = data.typed()?;
    let given = required(conversation_id, "conversationId")?;
    let link_preview = link_preview(data.all())?;
    let command = match MessageText::try_from(required(text, "text")?) {
        Ok(body) => SocketCommand::Send(Content::Text { body, link_preview }),
        Err(error @ TextError::TooLong) => SocketCommand::TooLong(InputError::field("text", error)),
        Err(error) => return Err(InputError::field("text", error)),
    };
    Ok((given, command))
}

fn reaction(data: &Fields) -> Result<(String, SocketCommand), InputError> {
    REACTION.check(data)?;
    let ReactionData { conversation_id, message_id, emoji } = data.typed()?;
    let given = required(conversation_id, "conversationId")?;
    let (to, emoji) = (required(message_id, "messageId")?, emoji.unwrap_or_default());
    // By our own id, or by the provider's.
    match ids::read_message(&to) {
        Ok(to) => Ok((given, SocketCommand::React { to, emoji })),
        Err(_) => Ok((given, SocketCommand::Send(react(&to, &emoji)?))),
    }
}

fn file(data: &Fields) -> Result<(String, SocketCommand), InputError> {
    MEDIA_REPLY.check(data)?;
    let mut read: MediaReplyData = data.typed()?;
    let given = required(read.conversation_id.take(), "conversationId")?;
    Ok((given, SocketCommand::File(Box::new(media::of_frame(read)?))))
}

/// A reaction to a message with this provider id.
///
/// # Errors
/// When it cannot be sent like this.
pub fn react(to: &str, emoji: &str) -> Result<Content, InputError> {
    let message = json!({
        "messaging_product": "whatsapp", "type": "reaction",
        "reaction": { "message_id": to, "emoji": emoji },
    });
    Ok(meta_message::unaddressed(&message)?.content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::content::LinkPreview;

    fn frame(kind: &str, data: &Value) -> Vec<u8> {
        json!({ "type": kind, "data": data }).to_string().into_bytes()
    }

    #[test]
    fn the_vendors_frame_is_decoded() {
        let data = json!({
            "conversationId": "conv_7", "poolNumberId": "pool_123", "toNumber": "+15559876543",
            "text": "Thanks for reaching out!", "clientId": "c1",
        });
        let read = asked(&frame("whatsapp_reply", &data)).unwrap();
        assert_eq!((read.conversation.unwrap().get(), read.client), (7, Some(json!("c1"))));
        assert!(
            matches!(read.command, SocketCommand::Send(content) if content.text() == Some("Thanks for reaching out!"))
        );
    }

    #[test]
    fn an_invalid_frame_names_its_place() {
        for (bytes, place) in [
            (b"no json".to_vec(), "body"),
            (b"[1]".to_vec(), "body"),
            (frame("unheard_of", &json!({})), "type"),
            (json!({ "type": "whatsapp_reply" }).to_string().into_bytes(), "data"),
            (frame("whatsapp_reply", &json!({ "text": "x" })), "conversationId"),
            (frame("whatsapp_reply", &json!({ "conversationId": "conv_7", "text": "" })), "text"),
            (frame("whatsapp_reply", &json!({ "conversationId": "conv_7", "text": null })), "text"),
            (frame("whatsapp_reply", &json!({ "conversationId": 7, "text": "x" })), "conversationId"),
            (frame("whatsapp_reaction", &json!({ "conversationId": "conv_7" })), "messageId"),
            (
                frame("whatsapp_reply", &json!({ "conversationId": "conv_7", "text": "x", "dryRun": true })),
                "dry_run",
            ),
        ] {
            assert_eq!(asked(&bytes).unwrap_err().place(), place);
        }
    }

    #[test]
    fn a_too_long_text_still_has_its_conversation() {
        let data = json!({ "conversationId": "conv_7", "text": "x".repeat(4097), "clientId": "c1" });
        let read = asked(&frame("whatsapp_reply", &data)).unwrap();
        assert_eq!((read.given.as_str(), read.client), ("conv_7", Some(json!("c1"))));
        assert!(matches!(read.command, SocketCommand::TooLong(error) if error.place() == "text"));
    }

    #[test]
    fn near_misses_are_not_ignored() {
        let picture = json!({ "data": "QUJD", "mimeType": "image/png" });
        for (kind, data, names) in [
            (
                "whatsapp_reply",
                json!({ "text": "x" }),
                &["sendAt", "mediaUrl", "from", "template", "category"][..],
            ),
            (
                "whatsapp_media_reply",
                json!({ "media": picture }),
                &["schedule", "media_url", "caption", "media_type"],
            ),
            ("whatsapp_reaction", json!({ "messageId": "msg_7" }), &["send_at", "replyTo", "Emoji"]),
        ] {
            for name in names {
                let mut data = data.clone();
                data["conversationId"] = json!("conv_7");
                assert!(asked(&frame(kind, &data)).is_ok(), "{data}");
                data[*name] = json!("x");
                assert_eq!(asked(&frame(kind, &data)).unwrap_err().place(), *name, "{kind}");
            }
        }
        let data = json!({ "conversationId": "conv_7", "text": "x" });
        for name in ["sendAt", "toNumber", "poolNumberId", "replyTo", "sent_by", "preview_url"] {
            let frame = json!({ "type": "whatsapp_reply", "data": data, name: "x" });
            assert_eq!(asked(frame.to_string().as_bytes()).unwrap_err().place(), name);
        }
    }

    #[test]
    fn a_reply_may_quote_and_ask_for_a_preview() {
        let data =
            json!({ "conversationId": "conv_7", "text": "x", "replyTo": "msg_7", "preview_url": true });
        let read = asked(&frame("whatsapp_reply", &data)).unwrap();
        assert!(read.besides.quote.is_some());
        assert!(matches!(
            read.command,
            SocketCommand::Send(Content::Text { link_preview: LinkPreview::On, .. })
        ));
    }

    #[test]
    fn a_foreign_spelling_of_a_conversation_is_none_of_ours() {
        let data = json!({ "conversationId": "conv_xyz789", "text": "x" });
        let read = asked(&frame("whatsapp_reply", &data)).unwrap();
        assert_eq!((read.conversation, read.given.as_str()), (None, "conv_xyz789"));
    }
}
