//! The bodies that the client systems send: what is wrong is said in one short line that names a field
//! of the contract, and what is taken can be sent and read again.

use serde_json::json;
use ventanilla::{
    contract::{
        InputError, ambiosys,
        kaleyra::{self, Asked},
        php,
    },
    domain::{
        content::{Content, TEXT_LIMIT},
        id::RequestRef,
        reference::REFERENCE_LIMIT,
    },
};

/// Longest explanation of an error, in bytes: clients show it to people.
const EXPLANATION_LIMIT: usize = 200;

/// The body of a reply of system 0.
///
/// # Panics
/// When an error is not fit to be shown, or when a taken text cannot be sent or reads differently again.
pub fn system0_reply(data: &[u8]) {
    match php::reply(data) {
        Ok(content) => {
            let text = sendable(&content);
            assert_ne!(text, "0", "what that system takes for nothing was taken");
            let body = json!({ "message": text }).to_string();
            assert_eq!(php::reply(body.as_bytes()), Ok(content), "{body}");
        }
        Err(error) => explains(&error, &["message"]),
    }
}

/// The body of a message of system 1.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent.
pub fn system1_message(data: &[u8]) {
    match kaleyra::request(data) {
        Ok(Asked::Send(message)) => {
            if matches!(message.content, Content::Text { .. }) {
                sendable(&message.content);
            }
            let kept = serde_json::to_value(&message.content).and_then(serde_json::from_value::<Content>);
            assert!(kept.is_ok_and(|kept| kept == message.content), "kept, it is something else");
            let references = [message.references.first, message.references.second, message.references.third];
            for reference in references.iter().flatten() {
                assert!(reference.as_str().chars().count() <= REFERENCE_LIMIT, "a reference over the limit");
            }
        }
        Ok(Asked::Read(wamid)) => assert!(!wamid.as_str().is_empty()),
        Err(error) => explains(&error, &SYSTEM_1),
    }
}

/// The fields of system 1 that an error may name.
const SYSTEM_1: [&str; 28] = [
    "messaging_object",
    "messaging_product",
    "recipient_type",
    "context.message_id",
    "to",
    "recipient",
    "type",
    "status",
    "message_id",
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
    "extra_info",
    "ref",
    "ref1",
    "ref2",
];

/// The body of a text to a number of system 2.
///
/// # Panics
/// When an error is not fit to be shown, or when what was taken cannot be sent or reads differently again.
pub fn system2_send(data: &[u8]) {
    match ambiosys::send_request(data) {
        Ok(taken) => {
            let body = json!({
                "phoneNumber": taken.number.digits(),
                "content": sendable(&taken.content),
                "requestId": taken.request.map(RequestRef::get),
            });
            let same = ambiosys::send_request(body.to_string().as_bytes()).is_ok_and(|again| {
                (again.number, again.content, again.request) == (taken.number, taken.content, taken.request)
            });
            assert!(same, "{body}");
        }
        Err(error) => explains(&error, &["phoneNumber", "content", "requestId"]),
    }
}

/// The body of a message in a conversation of system 2.
///
/// # Panics
/// When an error is not fit to be shown, or when a taken text cannot be sent or reads differently again.
pub fn system2_message(data: &[u8]) {
    match ambiosys::message_request(data) {
        Ok(content) => {
            let body = json!({ "content": sendable(&content), "messageType": content.kind() }).to_string();
            assert_eq!(ambiosys::message_request(body.as_bytes()), Ok(content), "{body}");
        }
        Err(error) => explains(&error, &["content", "messageType"]),
    }
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

fn explains(error: &InputError, fields: &[&str]) {
    let (place, text) = (error.place(), error.to_string());
    assert!(place == "body" || fields.contains(&place), "{place} is no field of this body");
    assert!(text.len() <= EXPLANATION_LIMIT && !text.chars().any(char::is_control), "{text:?}");
}
