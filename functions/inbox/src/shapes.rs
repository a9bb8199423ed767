//! The JSON of `/v1`.

use serde_json::{Map, Value, json};
use ventanilla::{
    contract::file::{self, Words},
    domain::{
        attempt::{Attempt, DeliveryPolicy, Ended, State, Try},
        contact::{Address, Contact},
        conversation::Conversation,
        delivery::{Fact, Price},
        file::Attachment,
        id::RequestRef,
        message::Message,
        phone::Phone,
        time::Timestamp,
        window::Window,
    },
    port::provider::Typing,
    service::{files::Download, handling::Receipt, inbox::MessageDetail},
};

/// A conversation as of `now`.
pub(crate) fn conversation(it: &Conversation, now: Timestamp) -> Value {
    json!({
        "id": it.id,
        "channel_id": it.channel,
        "status": it.status,
        "handled_by": it.handled_by,
        "assignee": it.assignee,
        "contact": {
            "id": it.contact,
            "name": it.name,
            "phone_number": it.number.as_ref().map(Phone::e164),
            "user_id": it.bsuid,
        },
        "request_id": it.request.map(RequestRef::get),
        "window": window(it.window(now)),
        "last_message": it.preview,
        "last_message_at": it.last_message_at.iso_millis(),
        "unread_count": it.unread,
        "created_at": it.created_at.iso_millis(),
        "merged_into": it.merged_into,
    })
}

/// What became of telling a customer that their message was read, and whether they see that somebody types.
pub(crate) fn receipt(it: Receipt, asked: Typing) -> Value {
    let (state, code) = match it {
        Receipt::Told(_) => ("told", None),
        Receipt::NothingToTell => ("nothing_to_tell", None),
        Receipt::Unsupported => ("unsupported", None),
        Receipt::Failed(reason) => ("failed", Some(reason.code())),
    };
    let typing = match (it, asked) {
        (Receipt::Told(Typing::On), _) => "on",
        (Receipt::Told(Typing::Off) | Receipt::Unsupported, Typing::On) => "unsupported",
        _ => "off",
    };
    json!({ "state": state, "typing": typing, "code": code })
}

/// A contact with all that leads to them.
pub(crate) fn contact(it: &Contact) -> Value {
    let addresses = it.addresses.iter().map(|address| match address {
        Address::Number(number) => json!({ "type": "phone_number", "phone_number": number.e164() }),
        Address::Bsuid(id) => json!({ "type": "user_id", "user_id": id }),
    });
    let conversations = it.conversations.iter();
    let conversations =
        conversations.map(|(channel, id)| json!({ "channel_id": channel, "conversation_id": id }));
    json!({
        "id": it.id,
        "name": it.name,
        "addresses": addresses.collect::<Vec<_>>(),
        "conversations": conversations.collect::<Vec<_>>(),
    })
}

/// Whether free-form messages may be sent, and until when; `open` is null where only the provider knows.
fn window(window: Window) -> Value {
    match window {
        Window::Unheard => json!({ "open": null, "expires_at": null }),
        Window::Open { expires_at } => json!({ "open": true, "expires_at": expires_at.iso_millis() }),
        Window::Grey { expires_at } => json!({ "open": null, "expires_at": expires_at.iso_millis() }),
        Window::Closed { since } => json!({ "open": false, "expires_at": since.iso_millis() }),
    }
}

/// A message.
pub(crate) fn message(it: &Message) -> Value {
    json!({
        "id": it.address.id,
        "conversation_id": it.address.conversation,
        "channel_id": it.channel,
        "direction": it.direction,
        "sender": it.sender,
        "type": it.kind,
        "text": it.text,
        "media": it.media.as_deref().map(media),
        "status": it.shown(),
        "at": it.address.at.iso_millis(),
        "provider_message_id": it.wamid,
        "refers_to": it.refers_to,
        "request_id": it.request.map(RequestRef::get),
        "delivery": delivery(it),
    })
}

/// A file, and where it can be read.
pub(crate) fn download(it: &Download) -> Value {
    let mut shape = file_shape(&it.file);
    shape.insert("url".to_owned(), it.url.as_str().into());
    shape.insert("expires_at".to_owned(), it.until.iso_millis().into());
    shape.into()
}

/// The file of a message.
fn media(it: &Attachment) -> Value {
    file_shape(it).into()
}

fn file_shape(it: &Attachment) -> Map<String, Value> {
    let mut shape = file::attachment(it, Words { mime: "mime", name: "file_name", size: "size" });
    shape.insert("id".to_owned(), it.file.get().into());
    shape.insert("reference".to_owned(), file::reference(it.file).into());
    shape
}

fn delivery(it: &Message) -> Value {
    let facts = &it.facts;
    let at = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.at.iso_millis());
    let told = [&facts.sent, &facts.delivered, &facts.read];
    let price = told.into_iter().flatten().find_map(|fact| fact.price.as_ref());
    let error = facts.failed.as_ref().map(|fact| json!({ "code": fact.error_code, "message": fact.error }));
    json!({
        "sent_at": at(&facts.sent),
        "delivered_at": at(&facts.delivered),
        "read_at": at(&facts.read),
        "played_at": at(&facts.played),
        "failed_at": at(&facts.failed),
        "error": error,
        "pricing": price.map(pricing),
        "silent_since": it.silent_since.map(Timestamp::iso_millis),
    })
}

/// What a message costs, as far as the provider told it.
fn pricing(it: &Price) -> Value {
    json!({
        "type": it.kind,
        "category": it.category,
        "model": it.model,
        "billable": it.billable,
        "amount": it.amount,
    })
}

/// A message, and what became of it if it is ours.
pub(crate) fn detail(it: &MessageDetail) -> Value {
    let mut shape = json!({
        "id": it.id,
        "conversation_id": it.message.as_ref().map(|message| message.address.conversation),
        "attempt": it.attempt.as_ref().map(attempt),
        "message": it.message.as_ref().map(message),
    });
    let Some(object) = shape.as_object_mut() else { return shape };
    // A refused message has nothing but its attempt.
    let references = it.message.as_ref().map(|message| &message.references);
    let references = references.or_else(|| it.attempt.as_ref().map(|attempt| &attempt.references));
    if let Some(references) = references.filter(|references| !references.is_empty()) {
        object.insert("references".to_owned(), json!(references));
    }
    if let Some(message) = it.message.as_ref().filter(|message| !message.aliases.is_empty()) {
        object.insert("aliases".to_owned(), json!(message.aliases));
    }
    shape
}

fn attempt(it: &Attempt) -> Value {
    let (state, since, refusal) = match &it.state {
        State::Sending { .. } => ("sending", None, None),
        State::Accepted { .. } => ("accepted", None, None),
        State::Rejected { rejection } => ("rejected", None, Some(rejection)),
        State::Unknown { since } => ("unknown", Some(since), None),
        // For the caller a repeat is part of the doubt.
        State::Repeating { .. } => ("unknown", None, None),
        State::Unresolved { since } => ("unresolved", Some(since), None),
    };
    json!({
        "state": state,
        "at": it.address.at.iso_millis(),
        "policy": match it.policy {
            DeliveryPolicy::AtMostOnce => "at-most-once",
            DeliveryPolicy::AtLeastOnce => "at-least-once",
        },
        "tries": it.tries,
        "history": it.history.iter().map(one_try).collect::<Vec<_>>(),
        "in_doubt_since": since.map(|at| at.iso_millis()),
        "rejection": refusal.map(|refusal| json!({
            "code": refusal.reason.code(),
            "provider_code": refusal.provider_code,
            "detail": refusal.detail,
        })),
    })
}

fn one_try(it: &Try) -> Value {
    let (outcome, reason, provider_code) = match &it.ended {
        None => ("under_way", None, None),
        Some(Ended::Accepted) => ("accepted", None, None),
        Some(Ended::Unknown) => ("unknown", None, None),
        Some(Ended::Refused { reason, provider_code }) => {
            ("refused", Some(reason.code()), provider_code.as_ref())
        }
    };
    json!({ "at": it.at.iso_millis(), "outcome": outcome, "code": reason, "provider_code": provider_code })
}
