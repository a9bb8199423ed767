//! Flat callbacks: all of API V1's, and what V2 says of messages that never got to Meta
//! (facts: kaleyra.md 4.2, 4.4 and 4.5).

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Trail, item, link, state};
use crate::{
    callback::{
        lenient::{AHEAD, first_text, parse, seconds, text},
        meta,
    },
    domain::{
        caller::hex,
        contact::{Address, Identity},
        delivery::{Fact, Price},
        file::ToldFile,
        id::{LineId, Wamid},
        inbound::{InboundMessage, Item, MessageOrigin, Says, StatusReport},
        message::Direction,
        rejection::ProviderCode,
        time::Timestamp,
        words::scrubbed,
    },
};

/// Above this a time is one in milliseconds: as seconds it is the year 5138.
const MILLIS: i64 = 100_000_000_000;

/// What may differ when the same message is told again. All other fields make it what it is: there is no id.
const PASSING: [&str; 3] = ["name", "ref", "repeated"];

/// The one item of a flat callback.
pub(super) fn item_of(told: &Value, line: LineId, now: Timestamp) -> Item {
    if let Some(word) = text(told, "status") {
        let report = report(told, &word, now).map(|report| Says::Status(Box::new(report)));
        return item(line, &format!("kaleyra/flat/status/{word}"), report, told);
    }
    if text(told, "from").is_some() {
        let told = dated(told, now);
        let message = message(&told, now).map(|message| Says::Message(Box::new(message)));
        let kind =
            if message.is_some() { text(&told, "type").unwrap_or_default() } else { Cow::Borrowed("?") };
        return item(line, &format!("kaleyra/flat/message/{kind}"), message, &told);
    }
    // Number quality, template states and whatever else comes: kept as it came.
    let event = if told.get("unreadable").is_some() {
        Cow::Borrowed("?")
    } else {
        text(told, "event").unwrap_or_default()
    };
    item(line, &format!("kaleyra/flat/event/{event}"), None, told)
}

/// A message that names no time gets that of its arrival, once and for all: it is part of what the message
/// is known by.
fn dated(told: &Value, now: Timestamp) -> Value {
    let mut told = told.clone();
    if let Some(fields) = told.as_object_mut().filter(|fields| text_of(fields, "created_at").is_empty()) {
        fields.insert("created_at".to_owned(), now.seconds().to_string().into());
    }
    told
}

fn text_of<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    match fields.get(name) {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => "",
        Some(_) => "told",
    }
}

/// When a message was written: seconds since 1970, or milliseconds.
fn written(told: &Value) -> Option<Timestamp> {
    let number: i64 = text(told, "created_at")?.trim().parse().ok()?;
    Some(if number > MILLIS { Timestamp::from_millis(number) } else { Timestamp::from_seconds(number) })
}

fn report(told: &Value, word: &str, now: Timestamp) -> Option<StatusReport> {
    let kind = state(word)?;
    let Trail { echo, mut ids } = Trail::of(told, &["id", "message_id"]);
    let wamid = match (ids.is_empty(), echo) {
        (false, _) => ids.remove(0),
        // Nobody named it but we ourselves.
        (true, Some(own)) => Wamid::try_from(own.to_echo()).ok()?,
        (true, None) => return None,
    };
    Some(StatusReport {
        wamid,
        aliases: ids,
        kind,
        fact: Fact {
            at: seconds(told, "timestamp").unwrap_or(now).min(now.plus(AHEAD)),
            error_code: text(told, "code").map(|code| ProviderCode::of(&code)),
            error: text(told, "reason").map(|reason| scrubbed(&reason)),
            price: text(told, "price")
                .map(|amount| Price { amount: Some(amount.chars().take(64).collect()), ..Price::default() }),
        },
        // V1 names numbers in ways that no document explains: they teach us nothing about a contact.
        recipient: None,
        recipient_user: None,
        recipient_parent: None,
        echo,
    })
}

fn message(told: &Value, now: Timestamp) -> Option<InboundMessage> {
    // How V1 tells a user id is not documented.
    let customer = Identity::of(Address::read(&text(told, "from")?).ok()?);
    let at = written(told).unwrap_or(now).min(now.plus(AHEAD));
    let kind = kind(told);
    let content = structure(told, &kind);
    let plain = first_text(told, &["body", "message"]).map(Cow::into_owned).filter(|text| !text.is_empty());
    Some(InboundMessage {
        wamid: made_of(told)?,
        customer: Identity {
            name: text(told, "name").map(|name| name.chars().take(256).collect()),
            ..customer
        },
        direction: Direction::Inbound,
        at,
        text: plain.or_else(|| meta::words(&kind, &content)),
        parts: Box::new(meta::parts(&kind, &content, told)),
        file: file(told, &kind),
        refers_to: text(told, "reply_to").and_then(|id| Wamid::of_kaleyra(&id)),
        moved_to: None,
        origin: MessageOrigin::Live,
        kind,
    })
}

/// A file has a link and no id.
fn file(told: &Value, kind: &str) -> Option<Box<ToldFile>> {
    let file = meta::told_file(kind, told)?;
    Some(Box::new(ToldFile { whence: link(told), ..file }))
}

/// Meta's word for the kind of message; V1 says `voice` for sound.
fn kind(told: &Value) -> String {
    match text(told, "type").map(|word| word.to_ascii_lowercase()).as_deref() {
        Some("voice") => "audio".to_owned(),
        None | Some("") if text(told, "body").is_some() => "text".to_owned(),
        None | Some("") => "unsupported".to_owned(),
        Some(other) => other.chars().take(64).collect(),
    }
}

/// What stands under the kind's own name, an object or the text of one.
fn structure(told: &Value, kind: &str) -> Value {
    match told.get(kind) {
        Some(Value::String(text)) => parse(text.as_bytes()).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

/// An id made of the content, the same when the message is told again. Two that say the same within one
/// second cannot be told from one told twice.
fn made_of(told: &Value) -> Option<Wamid> {
    let mut fields: Vec<(&String, String)> = Vec::new();
    for (name, value) in told.as_object()?.iter().filter(|(name, _)| !PASSING.contains(&name.as_str())) {
        // A number may be told as text, and an empty field not at all.
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields.sort_unstable();
    let mut hasher = Sha256::new();
    for part in fields.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]) {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    Wamid::try_from(format!("content/{}", hex(&hasher.finalize()))).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_772_533_800_500;

    fn read(told: &Value) -> Item {
        item_of(told, LineId::of_channel("2".parse().unwrap()), Timestamp::from_millis(NOW))
    }

    fn message(told: &Value) -> InboundMessage {
        match read(told).says {
            Says::Message(message) => *message,
            other => panic!("{told}: {other:?}"),
        }
    }

    fn report(told: &Value) -> StatusReport {
        match read(told).says {
            Says::Status(report) => *report,
            other => panic!("{told}: {other:?}"),
        }
    }

    #[test]
    fn a_message_told_again_has_the_same_id_and_any_other_another() {
        let told = json!({ "from": "50212345678", "type": "text", "body": "ok", "created_at": "1772533700", "name": "Ana" });
        let id = |change: Value| {
            let mut told = told.clone();
            told.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            message(&told).wamid
        };
        assert_eq!(id(json!({})), id(json!({ "name": "Ana López" })));
        for other in [
            json!({ "body": "ok." }),
            json!({ "created_at": "1772533701" }),
            json!({ "from": "50212345679" }),
        ] {
            assert_ne!(id(json!({})), id(other.clone()), "{other}");
        }
        assert_eq!(message(&told).at, Timestamp::from_seconds(1_772_533_700));
    }

    #[test]
    fn a_message_without_a_time_keeps_that_of_its_arrival() {
        let first = read(&json!({ "from": "50212345678", "body": "ok" }));
        let raw: Value = serde_json::from_str(&first.raw).unwrap();
        let later =
            item_of(&raw, LineId::of_channel("2".parse().unwrap()), Timestamp::from_millis(NOW + 90_000));
        assert!(later == first);
        let millis = message(&json!({ "from": "50212345678", "body": "ok", "created_at": "1772533700123" }));
        assert_eq!(millis.at, Timestamp::from_millis(1_772_533_700_123));
    }

    #[test]
    fn flat_kinds_become_those_of_the_conversation() {
        let voice =
            message(&json!({ "from": "50212345678", "type": "voice", "media_url": "https://x/a.ogg" }));
        assert_eq!((voice.kind.as_str(), voice.text), ("audio", None));
        let bare = message(&json!({ "from": "50212345678", "body": "hola" }));
        assert_eq!((bare.kind.as_str(), bare.text.as_deref()), ("text", Some("hola")));
        let cards = json!([{ "name": { "formatted_name": "Ana" }, "phones": { "phone": "+502 1" } }]);
        let card =
            message(&json!({ "from": "50212345678", "type": "contacts", "contacts": cards.to_string() }));
        assert_eq!(card.text.as_deref(), Some("Ana, +502 1"));
        let place =
            json!({ "from": "US.13491208655302741918", "type": "location", "location": { "name": "Sol" } });
        assert_eq!(message(&place).text.as_deref(), Some("Sol"));
        assert!(message(&place).customer.bsuid.is_some());
    }

    #[test]
    fn every_spelling_of_a_state_is_understood() {
        for (word, kind) in [
            ("sent", "Sent"),
            ("DELIVERED", "Delivered"),
            ("read", "Read"),
            ("0", "Failed"),
            ("failed", "Failed"),
            ("not sent", "Failed"),
            ("NOT-SENT", "Failed"),
        ] {
            let told = report(&json!({ "id": "u-1:1", "status": word, "ref": "v1.7.1772533800123.9" }));
            assert_eq!((format!("{:?}", told.kind).as_str(), told.wamid.as_str()), (kind, "u-1"), "{word}");
            assert_eq!(told.echo.map(|echo| echo.id.get()), Some(9));
        }
    }

    #[test]
    fn a_message_that_never_got_to_meta_says_why() {
        let told = json!({
            "code": "WAV2101", "status": "not sent", "reason": "Account daily limit reached",
            "extra_info": { "ref": "v1.7.1772533800123.9" },
        });
        let report = report(&told);
        assert_eq!(report.fact.error_code, Some(ProviderCode::Word("WAV2101".to_owned())));
        assert_eq!(report.fact.error.as_deref(), Some("Account daily limit reached"));
        assert_eq!(report.wamid.as_str(), "v1.7.1772533800123.9");
    }

    #[test]
    fn what_is_neither_is_kept() {
        for told in [
            json!({ "display_phone_number": "15550100002", "event": "FLAGGED", "current_limit": "TIER_1K" }),
            json!({ "status": "submitted", "id": "u-1" }),
            json!({ "status": "sent" }),
            json!({ "from": "somebody", "body": "x" }),
            json!({}),
        ] {
            assert_eq!(read(&told).says, Says::Other, "{told}");
        }
    }
}
