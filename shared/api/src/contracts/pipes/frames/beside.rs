//! Fields that the vendor's frames do not have. They are ours, named like in `/v1`.

use serde::Serialize;
#[cfg(feature = "schema")]
use serde_json::Value;

use super::message::subject;
use ventanilla_core::domain::{
    message::Message,
    parts::{Forwarded, Interactive, Order, Referral, ReferredProduct, SystemNotice, Unsupported},
    provider_error::ProviderError,
};

/// What a message holds besides.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Beside {
    /// Ours: the tapped button or row with its id, a quick reply's payload, a Flow's answers; as in `/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    interactive: Option<Interactive>,
    /// Ours: catalogue and items, as in `/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    order: Option<Order>,
    /// Ours: the ad or post that the customer came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    referral: Option<Referral>,
    /// Ours: the product that the customer asks about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    referred_product: Option<ReferredProduct>,
    /// Ours: what WhatsApp tells of the customer, such as a new number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    system: Option<SystemNotice>,
    /// Ours: what WhatsApp could not hand over, and its errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    unsupported: Option<Unsupported>,
    /// Ours; only of forwarded messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded: Option<bool>,
    /// Ours: forwarded more than five times.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequently_forwarded: Option<bool>,
    /// Ours: the message that it quotes, by our id, or by the provider's where it is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<ReplyTo>,
    /// Ours: what the provider reports as wrong with the message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Value>"))]
    errors: Vec<ProviderError>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
struct ReplyTo {
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    message_id: Option<String>,
}

impl From<&Message> for Beside {
    fn from(message: &Message) -> Self {
        let parts = (*message.parts).clone();
        let quotes = message.as_update().is_none() && message.refers_to.is_some();
        Self {
            interactive: parts.interactive,
            order: parts.order,
            referral: parts.referral,
            referred_product: parts.referred_product,
            system: parts.system,
            unsupported: parts.unsupported,
            forwarded: parts.forwarded.map(|_| true),
            frequently_forwarded: parts.forwarded.map(|how| how == Forwarded::Frequently),
            reply_to: quotes.then(|| ReplyTo { message_id: subject(message) }),
            errors: parts.errors,
        }
    }
}

impl Beside {
    /// Removes what can be large.
    pub(super) fn cut(&mut self) {
        self.interactive = None;
        self.order = None;
        self.referral = None;
        self.system = None;
        self.unsupported = None;
        self.errors.clear();
    }
}
