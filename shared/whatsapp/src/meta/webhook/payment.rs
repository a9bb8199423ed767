//! A customer's payment on a message of ours (facts: template-rules.md 5.2).

use serde_json::Value;

use super::{error::errors, status};
use crate::lenient::{instant, number, text};
use ventanilla_core::domain::{
    inbound::PaymentReport,
    payment::{Amount, Payment, Transaction},
    time::Timestamp,
};

/// Longest word or reference that is stored, in characters.
const WORD: usize = 128;

/// A payment; `None` without its state or the message.
pub(crate) fn payment(entry: &Value, now: Timestamp) -> Option<PaymentReport> {
    let value = entry.get("payment").filter(|value| value.is_object()).unwrap_or(&Value::Null);
    Some(PaymentReport {
        wamid: status::wamid(entry)?,
        aliases: Vec::new(),
        echo: status::echo(entry),
        payment: Payment {
            reference: word(value, "reference_id"),
            transaction: value.get("transaction").filter(|it| it.is_object()).map(transaction),
            at: instant(entry, "timestamp", now),
            state: word(entry, "status")?,
            amount: value.get("amount").and_then(|amount| amount_of(amount, value)),
        },
    })
}

fn word(value: &Value, name: &str) -> Option<String> {
    let word: String = text(value, name)?.chars().take(WORD).collect();
    (!word.is_empty()).then_some(word)
}

fn transaction(value: &Value) -> Transaction {
    Transaction {
        id: word(value, "id"),
        kind: word(value, "type"),
        state: word(value, "status"),
        // A word, or an object that names its type.
        method: word(value, "method").or_else(|| word(value.get("method")?, "type")),
        error: errors(value).into_iter().next(),
    }
}

fn amount_of(value: &Value, payment: &Value) -> Option<Amount> {
    let offset = number(value, "offset").filter(|offset| *offset > 0).unwrap_or(1);
    let currency = word(value, "currency").or_else(|| word(payment, "currency"));
    Some(Amount { value: number(value, "value")?, offset, currency })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payment_is_read_whole() {
        let now = Timestamp::from_seconds(1_772_533_900);
        let value = json!({
            "id": "wamid.O", "recipient_id": "50212345678", "type": "payment", "status": "captured", "timestamp": "1772533800",
            "payment": {
                "reference_id": "order-7", "amount": { "value": 2150, "offset": 100 }, "currency": "INR",
                "transaction": { "id": "t-1", "type": "upi", "status": "success", "method": { "type": "upi" }, "error": { "code": "x", "reason": "y" } },
            },
        });
        let read = payment(&value, now).unwrap();
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
