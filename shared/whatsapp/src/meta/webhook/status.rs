//! One entry of `statuses`: a delivery state of a message, a payment, or something else (facts: meta.md
//! 4.6).

use serde_json::Value;

use super::{customer::addresses, error::errors, payment::payment};
use crate::lenient::{instant, text};
use ventanilla_core::domain::{
    delivery::{Fact, FactKind, Price},
    id::Wamid,
    inbound::{Says, StatusReport, Unreadable},
    message::MessageAddress,
    time::Timestamp,
};

/// The meaning of an entry. Only the delivery of one message to one customer changes that message.
pub(super) fn status(entry: &Value, now: Timestamp) -> Says {
    // One of many recipients in a group, or of a call: stored unparsed.
    let of_group = text(entry, "recipient_type").is_some_and(|word| word == "group")
        || entry.get("recipient_participant_id").is_some_and(|it| !it.is_null());
    let of_call = text(entry, "id").is_some_and(|id| id.starts_with("wacid."));
    match text(entry, "type").as_deref() {
        _ if of_group || of_call => Says::Other,
        Some("payment") => payment(entry, now).map_or(Says::Other, |it| Says::Payment(Box::new(it))),
        None | Some("" | "message") => delivery(entry, now),
        Some(_) => Says::Other,
    }
}

fn delivery(entry: &Value, now: Timestamp) -> Says {
    let Some(word) = text(entry, "status").filter(|word| !word.is_empty()) else {
        return Says::Unreadable(Unreadable::NoStatus);
    };
    // An unknown word is stored unparsed.
    let Some(kind) = FactKind::from_word(&word) else { return Says::Other };
    report(kind, entry, now).map_or(Says::Unreadable(Unreadable::NoId), |it| Says::Status(Box::new(it)))
}

/// A delivery state; `None` where no message is named.
fn report(kind: FactKind, entry: &Value, now: Timestamp) -> Option<StatusReport> {
    let recipient = addresses("statuses", entry);
    let price = entry.get("pricing").filter(|pricing| pricing.is_object()).map(price);
    let fact = Fact::at(instant(entry, "timestamp", now)).with_errors(errors(entry));
    Some(StatusReport {
        wamid: wamid(entry)?,
        aliases: Vec::new(),
        kind,
        fact: Fact { price: price.filter(|price| !price.is_empty()), ..fact },
        recipient: recipient.number,
        recipient_user: recipient.bsuid,
        recipient_parent: recipient.parent,
        echo: echo(entry),
    })
}

/// The provider's id of the message that an entry is about.
pub(super) fn wamid(entry: &Value) -> Option<Wamid> {
    Wamid::try_from(text(entry, "id")?.into_owned()).ok()
}

/// Our own `biz_opaque_callback_data`, where an entry returns it.
pub(super) fn echo(entry: &Value) -> Option<MessageAddress> {
    text(entry, "biz_opaque_callback_data").and_then(|echo| MessageAddress::from_echo(&echo))
}

/// Longest word of a price that is stored, in characters.
const PRICE_WORD: usize = 64;

/// A price as in Meta's statuses, without an amount so far.
pub(crate) fn price(value: &Value) -> Price {
    let part = |name| {
        let word = text(value, name).map(|word| word.chars().take(PRICE_WORD).collect::<String>());
        word.filter(|word| !word.is_empty())
    };
    Price {
        reported_at: None,
        kind: part("type"),
        category: part("category"),
        model: part("pricing_model").or_else(|| part("model")),
        billable: value.get("billable").and_then(truth),
        amount: part("amount").or_else(|| part("price")),
    }
}

/// A boolean, also one spelled as text.
fn truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.to_ascii_lowercase().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_772_533_900;

    fn read(value: &Value) -> Says {
        status(value, Timestamp::from_seconds(NOW))
    }

    fn report(value: &Value) -> StatusReport {
        match read(value) {
            Says::Status(report) => *report,
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn the_explanation_of_a_failure_contains_no_number() {
        let value = json!({ "status": "failed", "id": "wamid.X", "timestamp": "1772533800", "errors": [
            { "code": 131_026, "title": "Undeliverable", "error_data": { "details": "+502 1234-5678 is not reachable" } }
        ] });
        let report = report(&value);
        assert_eq!(report.fact.error.as_deref(), Some("…78 is not reachable"));
        assert_eq!(report.fact.error_code, Some(131_026.into()));
    }

    #[test]
    fn only_a_delivery_to_one_customer_is_a_delivery() {
        let value = json!({ "id": "wamid.X", "status": "failed", "timestamp": "1772533800", "recipient_id": "50212345678" });
        let with = |more: Value| {
            let mut value = value.clone();
            value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(&value)
        };
        for delivery in [
            json!({}),
            json!({ "type": "message" }),
            json!({ "type": null }),
            json!({ "recipient_type": "individual" }),
        ] {
            assert!(matches!(with(delivery.clone()), Says::Status(_)), "{delivery}");
        }
        assert!(matches!(with(json!({ "type": "payment" })), Says::Payment(_)));
        for other in [
            json!({ "type": "call" }),
            json!({ "type": "of a version to come" }),
            json!({ "recipient_type": "group" }),
            json!({ "recipient_participant_id": "50212345678" }),
            json!({ "id": "wacid.X" }),
            json!({ "type": "payment", "status": "" }),
            json!({ "status": "in_orbit" }),
        ] {
            assert_eq!(with(other.clone()), Says::Other, "{other}");
        }
        assert_eq!(with(json!({ "id": null })), Says::Unreadable(Unreadable::NoId));
        assert_eq!(with(json!({ "status": null })), Says::Unreadable(Unreadable::NoStatus));
    }

    #[test]
    fn a_price_is_read_with_every_state() {
        for status in ["sent", "delivered", "read", "played", "failed"] {
            let pricing = json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility", "amount": 0.02 });
            let report = report(&json!({ "id": "wamid.X", "status": status, "pricing": pricing }));
            let price = report.fact.price.unwrap();
            assert_eq!(
                (price.kind.as_deref(), price.category.as_deref()),
                (Some("regular"), Some("utility"))
            );
            assert_eq!((price.model.as_deref(), price.amount.as_deref()), (Some("PMP"), Some("0.02")));
            assert_eq!(price.billable, Some(true));
        }
        assert_eq!(report(&json!({ "id": "wamid.X", "status": "sent", "pricing": {} })).fact.price, None);
    }
}
