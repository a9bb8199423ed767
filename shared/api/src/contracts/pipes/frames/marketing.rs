//! `contact_opted_out` and `contact_opted_in`: a customer's choice about marketing.

use serde::Serialize;

use super::{
    frame::{Named, Telling},
    place::{Customer, Place},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{contact::Address, event::MarketingChoice, opt_out::OptOutReason},
    usecases::live::ConversationEvent,
};

/// A choice about marketing.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Choice {
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    customer: Customer,
    /// Those of the customer's numbers and user ids that it is about.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    addresses: Vec<String>,
    /// How we know: a stop or start `word`, the quick reply (`button`) of a template, WhatsApp's own `preference`, a
    /// message that was `refused` for it, an `operator`.
    reason: OptOutReason,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    since: String,
}

impl Choice {
    fn of(event: &ConversationEvent, choice: &MarketingChoice) -> Self {
        Self {
            place: event.into(),
            customer: event.into(),
            addresses: choice.addresses.iter().map(spelled).collect(),
            reason: choice.reason,
            since: choice.since.iso_millis(),
        }
    }
}

fn spelled(address: &Address) -> String {
    match address {
        Address::Number(number) => number.e164(),
        Address::Bsuid(id) | Address::Parent(id) => id.as_str().to_owned(),
    }
}

/// What a customer wants from now on, where they have a conversation: no marketing.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ContactOptedOut {
    #[serde(flatten)]
    choice: Choice,
}

impl ContactOptedOut {
    pub(super) fn of(event: &ConversationEvent, choice: &MarketingChoice) -> Self {
        Self { choice: Choice::of(event, choice) }
    }
}

impl Named for ContactOptedOut {
    const TYPE: &'static str = "contact_opted_out";
}

impl Telling for ContactOptedOut {}

/// What a customer wants from now on, where they have a conversation: marketing again.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ContactOptedIn {
    #[serde(flatten)]
    choice: Choice,
}

impl ContactOptedIn {
    pub(super) fn of(event: &ConversationEvent, choice: &MarketingChoice) -> Self {
        Self { choice: Choice::of(event, choice) }
    }
}

impl Named for ContactOptedIn {
    const TYPE: &'static str = "contact_opted_in";
}

impl Telling for ContactOptedIn {}
