//! Flat webhooks: all of API V1's, and V2's about messages that never reached Meta (facts: kaleyra.md 4.2,
//! 4.4 and 4.5).

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Trail, item, link, placeholder::filled, state};
use crate::{
    lenient::{first_text, instant, parse, text},
    meta::webhook as meta,
};
use ventanilla_core::domain::{
    caller::hex,
    contact::{Address, Identity},
    delivery::{Fact, FactKind, Price},
    file::InboundFile,
    id::{InboundAddress, Wamid},
    inbound::{InboundMessage, Item, MessageOrigin, Says, StatusReport, Unreadable},
    message::Direction,
    provider_error::ProviderError,
    redact::redacted,
    rejection::ProviderCode,
    time::Timestamp,
};

/// The fields that may differ when the same message is repeated. All others identify it: there is no id.
const PASSING: [&str; 3] = ["name", "ref", "repeated"];

/// The one item of a flat webhook.
pub(super) fn item_of(payload: &Value, inbound_address: InboundAddress, now: Timestamp) -> Item {
    let filled = &filled(payload);
    if payload.get("unreadable").is_some() {
        return item(
            inbound_address,
            "kaleyra/flat/unreadable",
            Says::Unreadable(Unreadable::NoWebhook),
            payload,
        );
    }
    if let Some(word) = text(filled, "status") {
        return item(
            inbound_address,
            &format!("kaleyra/flat/status/{word}"),
            status(filled, &word, now),
            payload,
        );
    }
    if text(filled, "from").is_some() {
        let payload = dated(payload, now);
        let message = message(&payload, now).map(|message| Says::Message(Box::new(message)));
        let kind = text(filled, "type").unwrap_or_default();
        let says = message.unwrap_or(Says::Unreadable(Unreadable::NoCustomer));
        return item(inbound_address, &format!("kaleyra/flat/message/{kind}"), says, &payload);
    }
    // Number quality, template states and everything else: stored unparsed.
    let event = text(filled, "event").unwrap_or_default();
    item(inbound_address, &format!("kaleyra/flat/event/{event}"), Says::Other, payload)
}

/// The meaning of a status: the state of a message, or of a payment on it.
fn status(payload: &Value, word: &str, now: Timestamp) -> Says {
    if payload.get("payment").is_some_and(Value::is_object)
        || text(payload, "type").is_some_and(|it| it == "payment")
    {
        return meta::payment(payload, now).map_or(Says::Other, |report| Says::Payment(Box::new(report)));
    }
    match state(word) {
        // An unknown word is stored unparsed.
        None => Says::Other,
        Some(kind) => report(kind, payload, now)
            .map_or(Says::Unreadable(Unreadable::NoId), |report| Says::Status(Box::new(report))),
    }
}

/// A message without a time gets that of its arrival, once and for all: it is part of the message's
/// identity.
fn dated(payload: &Value, now: Timestamp) -> Value {
    let untold = filled(payload).as_object().is_some_and(|fields| text_of(fields, "created_at").is_empty());
    let mut payload = payload.clone();
    if let Some(fields) = payload.as_object_mut().filter(|_| untold) {
        fields.insert("created_at".to_owned(), now.seconds().to_string().into());
    }
    payload
}

fn text_of<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    match fields.get(name) {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => "",
        Some(_) => "told",
    }
}

fn report(kind: FactKind, payload: &Value, now: Timestamp) -> Option<StatusReport> {
    let Trail { echo, mut ids } = Trail::of(payload, &["id", "message_id"]);
    let wamid = match (ids.is_empty(), echo) {
        (false, _) => ids.remove(0),
        // Only we named it.
        (true, Some(own)) => Wamid::try_from(own.to_echo()).ok()?,
        (true, None) => return None,
    };
    Some(StatusReport {
        wamid,
        aliases: ids,
        kind,
        fact: Fact {
            price: price(payload),
            ..Fact::at(instant(payload, "timestamp", now)).with_errors(failings(payload))
        },
        // V1 names numbers in ways that no document explains: they are not used for a contact's addresses.
        recipient: None,
        recipient_user: None,
        recipient_parent: None,
        echo,
    })
}

/// The errors: a code and a reason beside the status, and Meta's own errors.
fn failings(payload: &Value) -> Vec<ProviderError> {
    let code = text(payload, "code").filter(|code| !code.is_empty()).map(|code| ProviderCode::of(&code));
    let details = text(payload, "reason").map(|reason| redacted(&reason)).filter(|reason| !reason.is_empty());
    let own = ProviderError { code, details, ..ProviderError::default() };
    std::iter::once(own).filter(|own| !own.is_empty()).chain(meta::errors(payload)).collect()
}

/// The price: V1 has only an amount, in a field of its own.
fn price(payload: &Value) -> Option<Price> {
    let own = |name| payload.get(name).filter(|it| it.is_object()).map(meta::price);
    let price = own("pricing").or_else(|| own("price")).unwrap_or_default();
    let amount = text(payload, "price").map(|amount| amount.chars().take(64).collect::<String>());
    let amount = price.amount.clone().or(amount).filter(|amount| !amount.is_empty());
    Some(Price { amount, ..price }).filter(|price| !price.is_empty())
}

fn message(came: &Value, now: Timestamp) -> Option<InboundMessage> {
    let payload = &filled(came);
    // The format of user ids in V1 is not documented.
    let customer = Identity::of(Address::read(&text(payload, "from")?).ok()?);
    let at = instant(payload, "created_at", now);
    let kind = kind(payload);
    let content = structure(payload, &kind);
    let plain =
        first_text(payload, &["body", "message"]).map(Cow::into_owned).filter(|text| !text.is_empty());
    Some(InboundMessage {
        wamid: made_of(came)?,
        customer: Identity {
            name: text(payload, "name").map(|name| name.chars().take(256).collect()),
            ..customer
        },
        direction: Direction::Inbound,
        at,
        text: plain.or_else(|| meta::words(&kind, &content)),
        parts: Box::new(meta::parts(&kind, &content, payload)),
        file: file(payload, &kind),
        refers_to: text(payload, "reply_to").and_then(|id| Wamid::of_kaleyra(&id)),
        moved_to: None,
        origin: MessageOrigin::Live,
        history_status: None,
        kind,
    })
}

/// A file has a link and no id.
fn file(payload: &Value, kind: &str) -> Option<Box<InboundFile>> {
    let file = meta::file(kind, payload)?;
    Some(Box::new(InboundFile { origin: link(payload), ..file }))
}

/// Meta's word for the kind of message; V1 says `voice` for audio.
fn kind(payload: &Value) -> String {
    match text(payload, "type").map(|word| word.to_ascii_lowercase()).as_deref() {
        Some("voice") => "audio".to_owned(),
        None | Some("") if text(payload, "body").is_some() => "text".to_owned(),
        None | Some("") => "unsupported".to_owned(),
        Some(other) => other.chars().take(64).collect(),
    }
}

/// The value under the kind's own name, an object or the text of one.
fn structure(payload: &Value, kind: &str) -> Value {
    match payload.get(kind) {
        Some(Value::String(text)) => parse(text.as_bytes()).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

/// An id derived from the content, the same when the message is repeated. Two messages with the same content
/// within one second cannot be distinguished from one that is repeated.
fn made_of(payload: &Value) -> Option<Wamid> {
    let mut fields: Vec<(&String, String)> = Vec::new();
    for (name, value) in payload.as_object()?.iter().filter(|(name, _)| !PASSING.contains(&name.as_str())) {
        // A number may be spelled as text, and an empty field may be absent.
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

    fn read(payload: &Value) -> Item {
        item_of(payload, InboundAddress::of_channel("2".parse().unwrap()), Timestamp::from_millis(NOW))
    }

    fn message(payload: &Value) -> InboundMessage {
        match read(payload).says {
            Says::Message(message) => *message,
            other => panic!("{payload}: {other:?}"),
        }
    }

    fn report(payload: &Value) -> StatusReport {
        match read(payload).says {
            Says::Status(report) => *report,
            other => panic!("{payload}: {other:?}"),
        }
    }

    #[test]
    fn a_repeated_message_has_the_same_id_and_any_other_another() {
        let payload = json!({ "from": "50212345678", "type": "text", "body": "ok", "created_at": "1772533700", "name": "Ana" });
        let id = |change: Value| {
            let mut payload = payload.clone();
            payload.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            message(&payload).wamid
        };
        assert_eq!(id(json!({})), id(json!({ "name": "Ana López" })));
        for other in [
            json!({ "body": "ok." }),
            json!({ "created_at": "1772533701" }),
            json!({ "from": "50212345679" }),
        ] {
            assert_ne!(id(json!({})), id(other.clone()), "{other}");
        }
        assert_eq!(message(&payload).at, Timestamp::from_seconds(1_772_533_700));
    }

    #[test]
    fn a_message_without_a_time_keeps_that_of_its_arrival() {
        let first = read(&json!({ "from": "50212345678", "body": "ok" }));
        let raw: Value = serde_json::from_str(&first.raw).unwrap();
        let later = item_of(
            &raw,
            InboundAddress::of_channel("2".parse().unwrap()),
            Timestamp::from_millis(NOW + 90_000),
        );
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
            let status = report(&json!({ "id": "u-1:1", "status": word, "ref": "v1.7.1772533800123.9" }));
            assert_eq!(
                (format!("{:?}", status.kind).as_str(), status.wamid.as_str()),
                (kind, "u-1"),
                "{word}"
            );
            assert_eq!(status.echo.map(|echo| echo.id.get()), Some(9));
        }
    }

    #[test]
    fn a_message_that_never_got_to_meta_says_why() {
        let payload = json!({
            "code": "WAV2101", "status": "not sent", "reason": "Account daily limit reached",
            "extra_info": { "ref": "v1.7.1772533800123.9" },
        });
        let report = report(&payload);
        assert_eq!(report.fact.error_code, Some(ProviderCode::Word("WAV2101".to_owned())));
        assert_eq!(report.fact.error.as_deref(), Some("Account daily limit reached"));
        assert_eq!(report.wamid.as_str(), "v1.7.1772533800123.9");
    }

    #[test]
    fn an_unfilled_variable_says_nothing() {
        let payload = json!({
            "from": "50212345678", "type": "text", "body": "hola", "name": "<name>", "reply_to": "<reply_to>", "created_at": "<created_at>",
            "media_url": "<media_url>", "status": "<status>",
        });
        let read = message(&payload);
        assert_eq!((read.refers_to, read.customer.name, read.at.millis()), (None, None, NOW - NOW % 1000));
        assert_eq!(read.text.as_deref(), Some("hola"));
        let payload = json!({ "id": "u-1", "status": "sent", "price": "<price>", "ref": "<ref>", "code": "<code>", "reason": "<reason>" });
        let read = report(&payload);
        assert_eq!((&read.fact.price, read.fact.all_errors().len(), read.echo), (&None, 0, None));
        assert!(self::read(&payload).raw.contains("<price>"), "it is kept as it came");
    }

    #[test]
    fn other_webhooks_are_kept() {
        for (payload, says) in [
            (
                json!({ "display_phone_number": "15550100002", "event": "FLAGGED", "current_limit": "TIER_1K" }),
                Says::Other,
            ),
            (json!({ "status": "submitted", "id": "u-1" }), Says::Other),
            (json!({}), Says::Other),
            (json!({ "status": "sent" }), Says::Unreadable(Unreadable::NoId)),
            (json!({ "from": "somebody", "body": "x" }), Says::Unreadable(Unreadable::NoCustomer)),
            (json!({ "unreadable": "<xml/>" }), Says::Unreadable(Unreadable::NoWebhook)),
        ] {
            assert_eq!(read(&payload).says, says, "{payload}");
        }
    }

    #[test]
    fn a_payment_is_no_delivery_and_a_price_is_kept_with_any_state() {
        let paid = json!({ "id": "u-1", "status": "failed", "type": "payment", "payment": { "reference_id": "o-1" } });
        assert!(matches!(read(&paid).says, Says::Payment(_)));
        for (price, amount) in
            [(json!("0.05"), "0.05"), (json!(0.05), "0.05"), (json!({ "amount": "0.05" }), "0.05")]
        {
            let status = report(
                &json!({ "id": "u-1", "status": "read", "price": price, "timestamp": "1772533700123" }),
            );
            assert_eq!(status.fact.price.and_then(|price| price.amount).as_deref(), Some(amount), "{price}");
            assert_eq!(status.fact.at, Timestamp::from_millis(1_772_533_700_123));
        }
        let status = report(
            &json!({ "id": "u-1", "status": "failed", "code": "WAV2101", "reason": "x", "errors": [{ "code": 131_026 }] }),
        );
        let codes: Vec<_> = status.fact.all_errors().into_iter().map(|it| it.code).collect();
        assert_eq!(codes, [Some(ProviderCode::Word("WAV2101".to_owned())), Some(131_026.into())]);
    }
}
