//! What a provider reports of our messages besides the status, in JSON: errors, prices, payments. The same
//! in `/v1`, its events and, under other names, the frames of sockets.

use serde::Serialize;

use ventanilla_core::domain::{
    delivery::{Fact, FactKind, Price},
    message::Message,
    payment::{Amount, Payment},
    provider_error::ProviderError,
    rejection::ProviderCode,
    time::Timestamp,
};

/// Why a message will not arrive or was refused, by the provider's code and words. Meta's codes are numbers, Kaleyra's
/// may be words.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageError"))]
pub struct FailureView {
    /// The code of the provider's first error; ours where it was not the provider who refused.
    pub code: Option<ProviderCode>,
    /// The error's text, as the provider wrote it; null where it gave none.
    pub message: Option<String>,
}

/// What a message costs, in the provider's words, as it was told last, with whatever state. Each field is null where the
/// provider did not tell it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Pricing"))]
pub struct PricingView {
    /// What it counts as. Meta's are `regular`, `free_customer_service`, `free_entry_point`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The rate, like `marketing`, `utility`, `authentication`, `service`.
    pub category: Option<String>,
    /// How it is reckoned, like `PMP` (per message).
    pub model: Option<String>,
    /// Whether it is charged. Meta is going to leave this out.
    pub billable: Option<bool>,
    /// How much, as Kaleyra's API V1 tells it, in the currency of the account. Meta tells none.
    pub amount: Option<String>,
}

/// A payment on a message with an order in it, as it was told last. Null is what was not told.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Payment", deny_unknown_fields))]
pub struct PaymentView {
    /// Your own reference of the order.
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    reference_id: Option<String>,
    /// How far it came, in the provider's word, like `pending`, `captured`, `failed`.
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    status: String,
    #[cfg_attr(feature = "schema", schemars(with = "super::schema::Instant"))]
    at: String,
    amount: Option<AmountView>,
    transaction: Option<TransactionView>,
}

/// How much; `value` divided by `offset`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PaymentAmount", deny_unknown_fields))]
struct AmountView {
    value: i64,
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    offset: i64,
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    currency: Option<String>,
}

/// The try to pay it; `error` is why it failed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PaymentTransaction", deny_unknown_fields))]
struct TransactionView {
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    id: Option<String>,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    kind: Option<String>,
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    status: Option<String>,
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    method: Option<String>,
    error: Option<ProviderError>,
}

/// What the provider reported with a status of a message, as of that status.
#[derive(Debug)]
pub struct Reported {
    /// When it reported the status; `None` where the message does not have it.
    pub at: Option<Timestamp>,
    /// The first of its errors, where there is one.
    pub error: Option<FailureView>,
    /// All of its errors with this status.
    pub errors: Vec<ProviderError>,
    /// The price of the message as of this status.
    pub pricing: Option<PricingView>,
}

/// Why a message will not be delivered, in short: the first of the provider's errors.
#[must_use]
pub fn error(it: &Fact) -> FailureView {
    FailureView { code: it.error_code.clone(), message: it.error.clone() }
}

/// The price of a message, as far as the provider reported it.
#[must_use]
pub fn pricing(it: Price) -> PricingView {
    let Price { reported_at: _, kind, category, model, billable, amount } = it;
    PricingView { kind, category, model, billable, amount }
}

/// A payment for a message, as it was last reported.
#[must_use]
pub fn payment(it: &Payment) -> PaymentView {
    let amount =
        |it: &Amount| AmountView { value: it.value, offset: it.offset, currency: it.currency.clone() };
    PaymentView {
        reference_id: it.reference.clone(),
        status: it.state.clone(),
        at: it.at.iso_millis(),
        amount: it.amount.as_ref().map(amount),
        transaction: it.transaction.clone().map(|it| TransactionView {
            id: it.id,
            kind: it.kind,
            status: it.state,
            method: it.method,
            error: it.error,
        }),
    }
}

/// What the provider reported with a status.
#[must_use]
pub fn reported(message: &Message, status: Option<FactKind>) -> Reported {
    let fact = status.and_then(|status| message.facts.of(status));
    let failed = fact.filter(|fact| !fact.all_errors().is_empty() || status == Some(FactKind::Failed));
    Reported {
        at: fact.map(|fact| fact.at),
        error: failed.map(error),
        errors: failed.map(Fact::all_errors).unwrap_or_default(),
        pricing: status.and_then(|status| message.facts.price_as_of(status)).map(pricing),
    }
}
