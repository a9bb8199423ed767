//! What `/v1` says of receipts, files and attempts.

use crate::{
    api::{
        common::{
            file::{self, Words},
            ids::media_id,
        },
        contracts::v1::{self, Include},
    },
    domain::{
        attempt::{Attempt, DeliveryPolicy, Ended, State, Try},
        file::Attachment,
    },
    port::provider::Typing,
    service::{
        files::Download,
        handling::{Receipt, Tell},
        inbox::MessageDetail,
    },
};
use serde_json::{Map, Value, json};

/// What became of telling a customer that their message was read, and whether they see that somebody types.
pub(crate) fn receipt(it: Receipt, asked: Tell) -> Value {
    let (state, code) = match it {
        Receipt::Told(_) => ("told", None),
        Receipt::NotWanted => ("not_wanted", None),
        Receipt::NothingToTell => ("nothing_to_tell", None),
        Receipt::Unsupported => ("unsupported", None),
        Receipt::Failed(reason) => ("failed", Some(reason.code())),
    };
    let typing = match (it, asked) {
        (Receipt::Told(Typing::On), _) => "on",
        (Receipt::Told(Typing::Off) | Receipt::Unsupported, Tell::Read(Typing::On)) => "unsupported",
        _ => "off",
    };
    json!({ "state": state, "typing": typing, "code": code })
}

/// A file, and where it can be read.
pub(crate) fn download(it: &Download) -> Value {
    let mut shape = file_shape(&it.file);
    shape.insert("url".to_owned(), it.url.as_str().into());
    shape.insert("expires_at".to_owned(), it.until.iso_millis().into());
    shape.into()
}

fn file_shape(it: &Attachment) -> Map<String, Value> {
    let mut shape = file::attachment(it, Words { mime: "mime", name: "file_name", size: "size" });
    shape.insert("id".to_owned(), media_id(it.file).into());
    shape
}

/// A message, and how it was sent if it is ours. Of one that was refused there is nothing but its attempt.
pub(crate) fn detail(it: &MessageDetail, include: Include) -> Value {
    let mut shape = json!(v1::message_detail(&it.message, &it.sources, it.conversation.as_ref(), include));
    if let Some(object) = shape.as_object_mut() {
        if let Some(rejection) = it.attempt.as_ref().and_then(rejection) {
            object.insert("error".to_owned(), rejection);
        }
        object.insert("attempt".to_owned(), json!(it.attempt.as_ref().map(attempt)));
        object.insert("aliases".to_owned(), json!(it.message.aliases));
    }
    shape
}

/// Why a message was refused.
fn rejection(it: &Attempt) -> Option<Value> {
    let State::Rejected { rejection } = &it.state else { return None };
    let code =
        rejection.provider_code.as_ref().map_or_else(|| rejection.reason.code().into(), |code| json!(code));
    Some(json!({ "code": code, "message": rejection.detail }))
}

fn attempt(it: &Attempt) -> Value {
    let (state, since, refusal) = match &it.state {
        State::Sending { .. } => ("sending", None, None),
        State::Accepted { .. } => ("accepted", None, None),
        State::Rejected { rejection } => ("failed", None, Some(rejection)),
        State::Unknown { since } | State::Unresolved { since } => ("unknown", Some(since), None),
        // For the caller a repeat is part of the doubt.
        State::Repeating { .. } => ("unknown", None, None),
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
            ("failed", Some(reason.code()), provider_code.as_ref())
        }
    };
    json!({ "at": it.at.iso_millis(), "outcome": outcome, "code": reason, "provider_code": provider_code })
}
