//! The bodies that the client systems send: what is wrong is said in one short line that names a field
//! of the contract, and what is taken can be sent and read again.

use serde_json::{Value, json};
use ventanilla::{
    api::{
        common::{
            InputError,
            claim::{CONVERSATION, CUSTOMER, PLACE},
            names::is_spelling_of,
            near_miss::{CHANNELS, PREVIEWS, QUOTES},
        },
        contracts::{
            abc_sales, ambiosys,
            kaleyra::{self, Asked},
            php_bot,
            pipes::{self, SocketCommand},
        },
    },
    domain::{
        broadcast::EntryRecipient,
        content::{Content, LinkPreview, TEXT_LIMIT},
        id::RequestRef,
        lead::Particulars,
        reference::REFERENCE_LIMIT,
    },
    usecases::sending::ContentSource,
};

/// Longest explanation of an error, in bytes: clients show it to people.
const EXPLANATION_LIMIT: usize = 200;

/// The body of a reply of the PHP bot.
///
/// # Panics
/// When an error is not fit to be shown, or when a taken text cannot be sent or reads differently again.
pub fn php_bot_reply(data: &[u8]) {
    match php_bot::read_reply(data) {
        Ok((content, _)) => {
            let text = sendable(&content);
            assert_ne!(text, "0", "what that system takes for nothing was taken");
            let body = json!({ "message": text, "preview_url": preview(&content) }).to_string();
            let again = php_bot::read_reply(body.as_bytes()).map(|(content, _)| content);
            assert_eq!(again, Ok(content), "{body}");
        }
        Err(error) => explains(&error, &["message"]),
    }
}

/// The body of a message of Kaleyra.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent.
pub fn kaleyra_message(data: &[u8]) {
    match kaleyra::request(data) {
        Ok(Asked::Send(message)) => {
            keepable(&message.content);
            let references = [message.references.first, message.references.second, message.references.third];
            for reference in references.iter().flatten() {
                assert!(reference.as_str().chars().count() <= REFERENCE_LIMIT, "a reference over the limit");
            }
        }
        Ok(Asked::Read(wamid)) => assert!(!wamid.as_str().is_empty()),
        Err(error) => explains(&error, &[KALEYRA.as_slice(), &OBJECT].concat()),
    }
}

/// The fields of Meta's message object that an error may name.
const OBJECT: [&str; 21] = [
    "messaging_product",
    "recipient_type",
    "context.message_id",
    "to",
    "recipient",
    "type",
    "text.body",
    "text.preview_url",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "template",
    "components",
    "location.latitude",
    "location.longitude",
    "contacts",
    "reaction.message_id",
    "reaction.emoji",
    "interactive",
];

/// Those of Kaleyra besides.
const KALEYRA: [&str; 7] = ["messaging_object", "status", "message_id", "extra_info", "ref", "ref1", "ref2"];

/// The bodies of Pipes.bot over HTTP, each read from the same bytes, and a frame of its socket.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent or kept.
pub fn pipes_message(data: &[u8]) {
    match pipes::send_request(data) {
        Ok(taken) => what(&taken.what),
        Err(error) => explains(&error, &PIPES_FILE),
    }
    for read in [pipes::passthrough_request(data), pipes::app_request(data)] {
        match read {
            Ok(mut message) => {
                assert!(
                    message.named().all(|(field, id)| OBJECT.contains(&field) && !id.as_str().is_empty())
                );
                keepable(&message.content);
            }
            Err(error) => explains(&error, &[PIPES.as_slice(), &OBJECT].concat()),
        }
    }
    match pipes::asked(data) {
        Ok(asked) => match &asked.command {
            SocketCommand::Send(content) => keepable(content),
            SocketCommand::React { emoji, .. } => {
                assert!(emoji.chars().count() <= 32, "an emoji that is none");
            }
            SocketCommand::File(file) => assert!(!format!("{file:?}").contains("Bytes(["), "bytes in a log"),
            SocketCommand::TooLong(error) => explains(error, &["text"]),
        },
        Err(error) => explains(&error, &PIPES_FRAME),
    }
}

/// The fields of Pipes.bot that an error of a text or a file may name.
const PIPES_FILE: [&str; 7] =
    ["conversationId", "text", "media", "mimeType", "caption", "fileName", "mediaType"];

/// The fields of a frame of Pipes.bot that an error may name.
const PIPES_FRAME: [&str; 12] = [
    "type",
    "data",
    "conversationId",
    "text",
    "media",
    "mimeType",
    "fileName",
    "mediaType",
    "messageId",
    "emoji",
    "clientId",
    "reaction.emoji",
];

/// Those of Pipes.bot besides.
const PIPES: [&str; 4] = ["conversationId", "poolNumberId", "toNumber", "text"];

/// A reply to a lead, and what is told of one, of ABC Sales.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent or kept.
pub fn abc_sales_body(data: &[u8]) {
    match abc_sales::reply_request(data) {
        Ok(taken) => what(&taken.what),
        Err(error) => {
            explains(&error, &["content", "messaging_channel_connection_id", "s3_attachment"]);
        }
    }
    match abc_sales::lead_details(data) {
        Ok(details) => {
            let kept =
                serde_json::to_value(&details.particulars).and_then(serde_json::from_value::<Particulars>);
            assert!(kept.is_ok_and(|kept| kept == details.particulars), "kept, it is something else");
            assert!((2..=100).contains(&details.name.chars().count()), "a name out of bounds");
        }
        Err(error) => explains(&error, &ABC_SALES_LEAD),
    }
}

/// The fields of a lead of ABC Sales that an error may name.
const ABC_SALES_LEAD: [&str; 11] = [
    "id",
    "name",
    "email",
    "phone",
    "naver_line_id",
    "source",
    "tags",
    "timezone",
    "locale",
    "currency",
    "custom_fields",
];

fn what(source: &ContentSource) {
    if let ContentSource::Content(content) = source {
        keepable(content);
    }
}

/// What was taken must be there again when it was kept, and DynamoDB keeps no empty names.
fn keepable(content: &Content) {
    if matches!(content, Content::Text { .. }) {
        sendable(content);
    }
    let kept = serde_json::to_value(content);
    assert!(kept.as_ref().is_ok_and(named), "an empty name was taken");
    let again = kept.and_then(serde_json::from_value::<Content>);
    assert!(again.is_ok_and(|again| again == *content), "kept, it is something else");
}

fn named(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().all(|(name, inner)| !name.is_empty() && named(inner)),
        Value::Array(list) => list.iter().all(named),
        _ => true,
    }
}

/// The body of a text to a number of AmbioSys.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent or reads differently again.
pub fn ambiosys_send(data: &[u8]) {
    match ambiosys::send_request(data) {
        Ok(taken) => {
            let (field, named) = match &taken.recipient {
                EntryRecipient::Number(number) => ("phoneNumber", json!(number.digits())),
                EntryRecipient::UserId(id) => ("userId", json!(id)),
                EntryRecipient::Conversation(id) => ("conversationId", json!(id)),
            };
            let body = json!({
                field: named,
                "content": sendable(&taken.content),
                "preview_url": preview(&taken.content),
                "requestId": taken.request.map(RequestRef::get),
            });
            let same = ambiosys::send_request(body.to_string().as_bytes()).is_ok_and(|again| {
                let (again, taken) = ((again.recipient, again.content, again.request), taken);
                again == (taken.recipient, taken.content, taken.request)
            });
            assert!(same, "{body}");
        }
        Err(error) => {
            explains(&error, &["phoneNumber", "userId", "conversationId", "content", "requestId"]);
        }
    }
}

/// The body of a message in a conversation of AmbioSys.
///
/// # Panics
/// When an error is not fit to be shown, or when a taken text cannot be sent or reads differently again.
pub fn ambiosys_message(data: &[u8]) {
    match ambiosys::message_request(data) {
        Ok((content, _)) => {
            let body = json!({
                "content": sendable(&content), "messageType": content.kind(), "preview_url": preview(&content),
            });
            let again = ambiosys::message_request(body.to_string().as_bytes()).map(|(content, _)| content);
            assert_eq!(again, Ok(content), "{body}");
        }
        Err(error) => explains(&error, &["content", "messageType"]),
    }
}

/// Whether its first link is shown with a preview.
fn preview(content: &Content) -> bool {
    matches!(content, Content::Text { link_preview: LinkPreview::On, .. })
}

/// The text of what was taken, which must be one that can be sent.
fn sendable(content: &Content) -> &str {
    let text = content.text().unwrap_or_default();
    assert!(!text.is_empty(), "an empty text was taken");
    assert!(text.encode_utf16().count() <= TEXT_LIMIT, "a text over the limit was taken");
    let harmless = |c: char| !c.is_ascii_control() || matches!(c, '\t' | '\n' | '\r');
    assert!(text.chars().all(harmless), "a control character was taken: {text:?}");
    text
}

/// What is honoured besides the fields of a body, in any spelling.
const BESIDES: [&[&str]; 7] =
    [QUOTES, PREVIEWS, CHANNELS, CUSTOMER, PLACE, CONVERSATION, &["mediaUrl", "mediaLink", "dry_run"]];

/// Whether a place is a name that a body has no field for, and that is not passed over.
fn misses(place: &str, text: &str) -> bool {
    let name = place.strip_prefix("text.").unwrap_or(place);
    let honoured = BESIDES.iter().any(|names| names.iter().any(|known| is_spelling_of(name, known)));
    honoured || text.contains(" is not known here: ") || text.contains(" is spelled ")
}

fn explains(error: &InputError, fields: &[&str]) {
    let (place, text) = (error.place(), error.to_string());
    let known = place == "body" || fields.contains(&place) || misses(place, &text);
    assert!(known, "{place} is no field of this body");
    assert!(text.len() <= EXPLANATION_LIMIT && !text.chars().any(char::is_control), "{text:?}");
}
