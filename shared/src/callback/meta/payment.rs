//! What a customer paid on a message of ours (facts: template-rules.md 5.2).

use serde_json::Value;

use super::{error::errors, status};
use crate::{
    callback::lenient::{instant, number, text},
    domain::{
        inbound::PaymentReport,
        payment::{Amount, Payment, Transaction},
        time::Timestamp,
    },
};

/// Longest word or reference that is kept, in characters.
const WORD: usize = 128;

/// A payment; none where its state or the message is not told.
pub(in crate::callback) fn payment(entry: &Value, now: Timestamp) -> Option<PaymentReport> {
    let told = entry.get("payment").filter(|told| told.is_object()).unwrap_or(&Value::Null);
    Some(PaymentReport {
        wamid: status::wamid(entry)?,
        aliases: Vec::new(),
        echo: status::echo(entry),
        payment: Payment {
            reference: word(told, "reference_id"),
            transaction: told.get("transaction").filter(|it| it.is_object()).map(transaction),
            at: instant(entry, "timestamp", now),
            state: word(entry, "status")?,
            amount: told.get("amount").and_then(|amount| amount_of(amount, told)),
        },
    })
}

fn word(told: &Value, name: &str) -> Option<String> {
    let word: String = text(told, name)?.chars().take(WORD).collect();
    (!word.is_empty()).then_some(word)
}

fn transaction(told: &Value) -> Transaction {
    Transaction {
        id: word(told, "id"),
        kind: word(told, "type"),
        state: word(told, "status"),
        // A word, or an object that names its type.
        method: word(told, "method").or_else(|| word(told.get("method")?, "type")),
        error: errors(told).into_iter().next(),
    }
}

fn amount_of(told: &Value, payment: &Value) -> Option<Amount> {
    let offset = number(told, "offset").filter(|offset| *offset > 0).unwrap_or(1);
    let currency = word(told, "currency").or_else(|| word(payment, "currency"));
    Some(Amount { value: number(told, "value")?, offset, currency })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payment_is_read_whole() {
        let now = Timestamp::from_seconds(1_772_533_900);
        let told = json!({
            "id": "wamid.O", "recipient_id": "50212345678", "type": "payment", "status": "captured", "timestamp": "1772533800",
            "payment": {
                "reference_id": "order-7", "amount": { "value": 2150, "offset": 100 }, "currency": "INR",
                "transaction": { "id": "t-1", "type": "upi", "status": "success", "method": { "type": "upi" }, "error": { "code": "x", "reason": "y" } },
            },
        });
        let read = payment(&told, now).unwrap();
        let it = read.payment;
        assert_eq!(
            (read.wamid.as_str(), it.state.as_str(), it.at.seconds()),
            ("wamid.O", "captured", 1_772_533_800)
        );
        assert_eq!(it.reference.as_deref(), Some("order-7"));
        assert_eq!(it.amount, Some(Amount { value: 2150, offset: 100, currency: Some("INR".to_owned()) }));
        let transaction = it.transaction.unwrap();
        assert_eq!((transaction.id.as_deref(), transaction.method.as_deref()), (Some("t-1"), Some("upi")));
        assert_eq!(transaction.error.and_then(|it| it.details).as_deref(), Some("y"));
        assert!(payment(&json!({ "id": "wamid.O", "type": "payment", "status": "failed" }), now).is_some());
        assert_eq!(payment(&json!({ "type": "payment", "status": "failed" }), now), None);
        assert_eq!(payment(&json!({ "id": "wamid.O", "type": "payment" }), now), None);
    }
}
