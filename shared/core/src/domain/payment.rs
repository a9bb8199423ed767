//! Payments of customers for a message of ours with an order (facts: template-rules.md 5.2). They say
//! nothing about the message's delivery.

use serde::{Deserialize, Serialize};

use super::{provider_error::ProviderError, time::Timestamp};

/// Most payments stored per message: an order is paid once, after some tries.
const MOST: usize = 32;

/// A payment as it was last reported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Payment {
    /// The company's own reference of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The payment transaction, where the provider reported one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<Transaction>,
    /// When it was in this state, by the provider's clock.
    pub at: Timestamp,
    /// Its state in the provider's word: `pending`, `captured`, `failed` …
    pub state: String,
    /// The amount of the order; `None` where it was not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
}

/// An amount as the provider reports it: `value` divided by `offset`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Amount {
    /// In the smallest unit that counts.
    pub value: i64,
    /// How many of these make one unit of the currency: mostly 100.
    pub offset: i64,
    /// The currency code, where it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// One attempt to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transaction {
    /// The provider's id of the transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its kind, like `upi`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its state: `pending`, `success`, `failed` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The payment method, in the provider's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The provider's error of a failed transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ProviderError>,
}

impl Payment {
    /// What identifies a payment among those of the same message.
    fn name(&self) -> (Option<&str>, Option<&str>) {
        (self.reference.as_deref(), self.transaction.as_ref().and_then(|it| it.id.as_deref()))
    }
}

/// Adds a reported payment; returns whether it was new. Of each payment the latest state stays, by the
/// provider's time and then by its content, so that neither order nor repetition matters.
pub(super) fn note(known: &mut Vec<Payment>, payment: &Payment) -> bool {
    let place = known.binary_search_by(|it| it.name().cmp(&payment.name()));
    match place {
        Ok(place) => match known.get_mut(place) {
            // A repeated report is neither new nor stored: a provider that reports no time would get another
            // one for each.
            Some(it) if Payment { at: payment.at, ..it.clone() } == *payment => false,
            Some(it) if (it.at, &*it) < (payment.at, payment) => {
                it.clone_from(payment);
                true
            }
            _ => false,
        },
        Err(place) if known.len() < MOST => {
            known.insert(place, payment.clone());
            true
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(reference: &str, at: i64, state: &str) -> Payment {
        let at = Timestamp::from_millis(at);
        Payment {
            reference: Some(reference.to_owned()),
            transaction: None,
            at,
            state: state.to_owned(),
            amount: None,
        }
    }

    #[test]
    fn of_each_payment_the_latest_state_stays_whatever_the_order() {
        let payments = [payment("b", 2, "captured"), payment("a", 1, "pending"), payment("b", 1, "pending")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut known = Vec::new();
            for index in order {
                assert!(note(&mut known, &payments[index]) || payments[index].state == "pending");
                assert!(!note(&mut known, &payments[index]), "a repetition is news");
            }
            assert_eq!(known, [payments[1].clone(), payments[0].clone()]);
        }
    }
}
