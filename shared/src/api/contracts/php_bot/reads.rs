//! What that system's own browser client reads: conversations, messages, and whether there is anything new
//! (facts: seed-apis.md 1.3). Its times are `YYYY-MM-DD HH:MM:SS`; ours are all UTC, those of rows and those of the clock.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Value, json};

use super::errors::headers;
use crate::{
    api::common::{Encoded, Fields, InputError, file::download_path},
    domain::{
        conversation::Conversation,
        file::Presence,
        handling::Handler,
        id::ConversationId,
        message::{Message, Sender},
        phone::{Bsuid, Phone},
        time::Timestamp,
    },
    service::news::News,
};

/// An answer of a route that reads.
#[must_use]
pub(super) fn answer(body: Value) -> Encoded {
    Encoded { status: StatusCode::OK, headers: headers(), body }
}

/// The list of conversations.
#[must_use]
pub fn conversations(all: &[Conversation]) -> Value {
    json!({ "success": true, "conversations": all.iter().map(conversation).collect::<Vec<_>>() })
}

fn conversation(it: &Conversation) -> Value {
    let last_at = it.last().map(|_| spelled(it.last_message_at));
    // A customer who shows no number is known by their user id.
    let number = it.number.as_ref().map(Phone::digits).or(it.bsuid.as_ref().map(Bsuid::as_str));
    json!({
        "id": it.id,
        "phone_number": number.unwrap_or_default(),
        "contact_name": it.shown_name(),
        "status": it.status,
        "ai_enabled": u8::from(it.handled_by == Handler::Bot),
        "last_message_at": spelled(it.last_message_at),
        "last_bot_message_at": it.last_bot_at.map(spelled),
        "created_at": spelled(it.created_at),
        "updated_at": spelled(it.last_message_at),
        "last_message": it.last_text(),
        "last_sender_type": it.last_sender.map(sender),
        "last_message_created_at": last_at,
    })
}

fn sender(it: Sender) -> &'static str {
    match it {
        Sender::Customer => "user",
        Sender::Human | Sender::BusinessApp => "human",
        Sender::Bot | Sender::Template | Sender::Broadcast | Sender::MetaAgent => "bot",
    }
}

/// How far back that client can go in a conversation, in messages: it counts them from the newest, so what a page costs
/// grows with the pages before it.
const DEEPEST: u32 = 2_000;

/// Which messages of a conversation are wanted, counted from the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many are left out.
    pub offset: u32,
    /// How many are wanted after those.
    pub limit: u32,
}

/// Reads which messages are wanted. What is no number counts as 0, as in PHP, and so does what is below it.
#[must_use]
pub fn slice(offset: Option<&str>, limit: Option<&str>) -> Slice {
    let number = |text: Option<&str>, usual: u32| match text.map(|text| text.trim().parse::<i64>()) {
        None => usual,
        Some(number) => u32::try_from(number.unwrap_or_default().max(0)).unwrap_or(u32::MAX),
    };
    let offset = number(offset, 0).min(DEEPEST);
    Slice { offset, limit: number(limit, 20).min(DEEPEST - offset) }
}

/// Messages of a conversation, given the newest first; that client wants them the oldest first.
#[must_use]
pub fn messages(newest_first: &[Message], total: u64, slice: Slice, now: Timestamp) -> Value {
    let reached = u64::from(slice.offset + slice.limit);
    json!({
        "success": true,
        "messages": newest_first.iter().rev().map(message).collect::<Vec<_>>(),
        "has_more": reached < total.min(u64::from(DEEPEST)),
        "total": total,
        "server_time": spelled(now),
    })
}

fn message(it: &Message) -> Value {
    let media = match it.kind.as_str() {
        "audio" | "voice" => "audio",
        "image" | "sticker" => "image",
        "video" => "video",
        "document" => "document",
        _ => "text",
    };
    json!({
        "id": it.address.id,
        "sender_type": sender(it.sender),
        "message_text": it.readable().map_or_else(|| format!("[{}]", it.kind), Cow::into_owned),
        "audio_url": audio_url(it, media),
        "media_type": media,
        "context_used": null,
        "confidence_score": null,
        "created_at": spelled(it.address.at),
    })
}

/// Where that client's player finds the sound, once it is there. It puts its own base URL before it. A player sends no
/// headers: whatever adds the key to that client's calls must stand in front of us, not in its page.
fn audio_url(it: &Message, media: &str) -> Option<String> {
    let file = it.media.as_deref().filter(|file| media == "audio" && file.presence == Presence::Here)?;
    Some(download_path(file.file))
}

/// Reads who is to answer from now on.
///
/// # Errors
/// Names the field.
pub fn toggle(body: &[u8]) -> Result<Handler, InputError> {
    let fields = Fields::read_to_send(body)?;
    match fields.value("ai_enabled") {
        None | Some(Value::Null) => Err(InputError::field("ai_enabled", "is missing")),
        Some(Value::Bool(true)) => Ok(Handler::Bot),
        Some(Value::Bool(false)) => Ok(Handler::Human),
        Some(other) => match other.as_u64() {
            Some(1) => Ok(Handler::Bot),
            Some(0) => Ok(Handler::Human),
            _ => Err(InputError::field("ai_enabled", "must be true or false")),
        },
    }
}

/// The switch was set.
#[must_use]
pub fn toggled() -> Value {
    json!({ "success": true, "message": "AI state updated successfully" })
}

/// Reads up to when a client knows everything: a time that we told it.
///
/// # Errors
/// Names the parameter.
pub fn last_check(text: &str) -> Result<Timestamp, InputError> {
    let wrong = || InputError::field("last_check", "must be a time like 2026-03-03 10:30:00");
    let (day, time) = text.split_once(' ').ok_or_else(wrong)?;
    format!("{day}T{time}Z").parse().map_err(|_| wrong())
}

/// The clock that a client starts with.
#[must_use]
pub fn clock(known: Timestamp) -> Value {
    json!({ "success": true, "has_update": false, "has_updates": false, "server_time": spelled(known) })
}

/// Whether there is anything new in a conversation, which is named as the client named it.
#[must_use]
pub fn news_of_one(has: News, asked: &str, known: Timestamp) -> Value {
    let has = has == News::Some;
    json!({ "success": true, "has_update": has, "conversation_id": asked, "server_time": spelled(known) })
}

/// In which conversations there is anything new.
#[must_use]
pub fn news_of_all(changed: &[ConversationId], known: Timestamp) -> Value {
    json!({
        "success": true,
        "has_updates": !changed.is_empty(),
        "updated_conversations": changed,
        "server_time": spelled(known),
    })
}

/// The same with what a list shows of them.
#[must_use]
pub fn news_of_list(changed: &[Conversation], known: Timestamp) -> Value {
    let updated = changed.iter().map(
        |it| json!({ "id": it.id, "last_message_at": spelled(it.last_message_at), "status": it.status }),
    );
    json!({
        "success": true,
        "has_updates": !changed.is_empty(),
        "updated_conversations": updated.collect::<Vec<_>>(),
        "server_time": spelled(known),
    })
}

fn spelled(at: Timestamp) -> String {
    at.iso_seconds().replace('T', " ").replace('Z', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_goes_to_the_client_and_back() {
        let at = Timestamp::from_millis(1_772_533_800_000);
        assert_eq!(spelled(at), "2026-03-03 10:30:00");
        assert_eq!(last_check(&spelled(at)), Ok(at));
        for bad in ["", "now", "2026-03-03", "2026-03-03 25:00:00", "2026-03-03T10:30:00Z"] {
            assert_eq!(last_check(bad).unwrap_err().place(), "last_check", "{bad}");
        }
    }

    #[test]
    fn what_is_no_number_counts_as_nothing() {
        assert_eq!(slice(None, None), Slice { offset: 0, limit: 20 });
        assert_eq!(slice(Some("x"), Some("-1")), Slice { offset: 0, limit: 0 });
        assert_eq!(slice(Some("40"), Some("99999999999")), Slice { offset: 40, limit: 1960 });
        assert_eq!(slice(Some("9999"), None), Slice { offset: 2000, limit: 0 });
    }

    #[test]
    fn the_switch_is_on_or_off() {
        assert_eq!(toggle(br#"{"ai_enabled":true}"#), Ok(Handler::Bot));
        assert_eq!(toggle(br#"{"ai_enabled":0}"#), Ok(Handler::Human));
        for bad in [&b"{}"[..], br#"{"ai_enabled":null}"#, br#"{"ai_enabled":"on"}"#, br#"{"ai_enabled":2}"#]
        {
            assert_eq!(toggle(bad).unwrap_err().place(), "ai_enabled");
        }
    }
}
