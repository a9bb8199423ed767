//! What a provider tells of a message of ours besides its state, in JSON: errors, prices, payments. The same in `/v1`, its
//! events and the frames of sockets.

use serde_json::{Map, Value, json};

use crate::domain::{
    delivery::{Fact, FactKind, Price},
    id::RequestRef,
    message::Message,
    payment::Payment,
};

/// Why a message will not arrive, in short: the first of the provider's errors.
#[must_use]
pub fn error(it: &Fact) -> Value {
    json!({ "code": it.error_code, "message": it.error })
}

/// All that the provider says went wrong.
#[must_use]
pub fn errors(it: &Fact) -> Value {
    json!(it.all_errors())
}

/// What a message costs, as far as the provider told it.
#[must_use]
pub fn pricing(it: &Price) -> Value {
    json!({
        "type": it.kind,
        "category": it.category,
        "model": it.model,
        "billable": it.billable,
        "amount": it.amount,
    })
}

/// A payment on a message, as it was last told.
#[must_use]
pub fn payment(it: &Payment) -> Value {
    json!({
        "reference_id": it.reference,
        "status": it.state,
        "at": it.at.iso_millis(),
        "amount": it.amount.as_ref().map(|it| json!({
            "value": it.value, "offset": it.offset, "currency": it.currency,
        })),
        "transaction": it.transaction.as_ref().map(|it| json!({
            "id": it.id, "type": it.kind, "status": it.state, "method": it.method,
            "error": it.error,
        })),
    })
}

/// The names that a contract has for what is told with a status.
#[derive(Debug, Clone, Copy)]
pub struct StatusWords {
    /// When the provider saw the state.
    pub reported_at: &'static str,
    /// The caller's own reference.
    pub request_id: &'static str,
}

/// What a status tells, as of that status, and whose message it is about by the caller's own words. Nothing as of a state
/// that the message does not have.
#[must_use]
pub fn status(message: &Message, status: Option<FactKind>, words: StatusWords) -> Map<String, Value> {
    let fact = status.and_then(|status| message.facts.of(status));
    let price = status.and_then(|status| message.facts.price_as_of(status));
    let failed = fact.filter(|fact| !fact.all_errors().is_empty() || status == Some(FactKind::Failed));
    let mut told = Map::new();
    told.insert(words.reported_at.to_owned(), json!(fact.map(|fact| fact.at.iso_millis())));
    told.insert("error".to_owned(), json!(failed.map(error)));
    told.insert("errors".to_owned(), failed.map_or_else(|| json!([]), errors));
    told.insert("pricing".to_owned(), json!(price.as_ref().map(pricing)));
    told.insert("references".to_owned(), json!(message.references));
    told.insert(words.request_id.to_owned(), json!(message.request.map(RequestRef::get)));
    told
}
