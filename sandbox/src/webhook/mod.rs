//! Webhooks to the business: built, delivered, and retried as Meta does.
//!
//! Kaleyra documents no retries. The sandbox retries its webhooks all the same, so that a receiver recovers from one
//! failure with either provider.

mod body;
mod deliver;
mod encode;
mod handover;
mod kaleyra_v1;
mod kaleyra_v2;
mod meta;
mod statuses;
mod updates;

use serde_json::Value;

use self::body::WebhookBody;
pub(crate) use self::{
    deliver::{MAX_CONCURRENT_DELIVERIES, deliver},
    handover::HandoverNotes,
    meta::{contact, metadata},
    statuses::{Correlation, DeliveryFailure, NotSent, StatusSeries, send_statuses},
    updates::{AccountUpdate, receivers},
};
use crate::{BusinessNumber, KaleyraApi, ProviderAccount, log::WebhookKind, phone::Status};

/// The webhook field of messages and their statuses.
const MESSAGES: &str = "messages";

/// A webhook that is ready to be sent; retries and duplicates carry the same bytes.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    phone_number_id: String,
    wamid: String,
    kind: WebhookKind,
    /// Overrides the number's webhook URL.
    url: Option<String>,
    body: WebhookBody,
}

/// A customer's message, which each API formats in its own way.
#[derive(Debug, Clone)]
pub(crate) struct InboundMessage {
    pub(crate) wamid: String,
    /// The message type, such as `text`.
    pub(crate) kind: String,
    /// The entry of `contacts`; absent for the types that come without one.
    pub(crate) contact: Option<Value>,
    /// The entry of `messages`.
    pub(crate) message: Value,
    /// The download URL of the file at Kaleyra.
    pub(crate) media_url: Option<String>,
    /// Whether another responder owns the conversation, so that the business is on standby.
    pub(crate) standby: bool,
}

impl Webhook {
    /// The webhook of a customer's message.
    pub(crate) fn inbound(number: &BusinessNumber, inbound: &InboundMessage) -> Self {
        let body = match &number.provider {
            ProviderAccount::Meta { app_secret, .. } => WebhookBody::signed(
                &message_envelope(number, meta::inbound(number, inbound), inbound.standby),
                app_secret,
            ),
            ProviderAccount::Kaleyra { api: KaleyraApi::V2, .. } => {
                WebhookBody::json(&kaleyra_v2::inbound(number, inbound))
            }
            ProviderAccount::Kaleyra { api: KaleyraApi::V1, .. } => {
                WebhookBody::fields(&kaleyra_v1::inbound(number, inbound), number.webhook_method)
            }
        };
        Self::new(number, &inbound.wamid, WebhookKind::Message(inbound.kind.clone()), body)
    }

    /// The webhook of a status of a message of the business, at this time in Unix seconds.
    fn status(number: &BusinessNumber, series: &StatusSeries, status: Status, at: i64) -> Self {
        let body = match &number.provider {
            ProviderAccount::Meta { app_secret, .. } => {
                let value = meta::status(number, series, status, at);
                WebhookBody::signed(&message_envelope(number, value, series.standby), app_secret)
            }
            ProviderAccount::Kaleyra { api: KaleyraApi::V2, .. } => {
                WebhookBody::json(&kaleyra_v2::status(number, series, status, at))
            }
            ProviderAccount::Kaleyra { api: KaleyraApi::V1, .. } => {
                WebhookBody::fields(&kaleyra_v1::status(series, status), number.webhook_method)
            }
        };
        let url = kaleyra_v1::status_url(series, status);
        Self { url, ..Self::new(number, &series.wamid, WebhookKind::Status(status), body) }
    }

    /// The webhook of a change with any field and value; `None` for a number of Kaleyra's, which documents webhooks for
    /// messages and statuses only.
    pub(crate) fn change(number: &BusinessNumber, wamid: &str, field: &str, value: &Value) -> Option<Self> {
        Self::payload(number, wamid, field, &meta::envelope(number, field, value))
    }

    /// A webhook with any body, which is signed; as [`Self::change`], `None` for a number of Kaleyra's.
    pub(crate) fn payload(
        number: &BusinessNumber,
        wamid: &str,
        field: &str,
        payload: &Value,
    ) -> Option<Self> {
        let ProviderAccount::Meta { app_secret, .. } = &number.provider else { return None };
        let about = WebhookKind::Change(field.to_owned());
        Some(Self::new(number, wamid, about, WebhookBody::signed(payload, app_secret)))
    }

    /// Kaleyra's webhook for a change of a number's quality: always a GET, on either API.
    pub(crate) fn quality(number: &BusinessNumber, event: &str, current_limit: &str) -> Self {
        let fields = [
            ("display_phone_number", number.display_phone_number.clone()),
            ("event", event.to_owned()),
            ("current_limit", current_limit.to_owned()),
        ];
        Self::new(number, "", WebhookKind::Quality(event.to_owned()), WebhookBody::query(&fields))
    }

    fn new(number: &BusinessNumber, wamid: &str, kind: WebhookKind, body: WebhookBody) -> Self {
        Self {
            phone_number_id: number.phone_number_id.clone(),
            wamid: wamid.to_owned(),
            kind,
            url: None,
            body,
        }
    }
}

/// The envelope around the `value` of a message or status, for the owner of the conversation or for a business on
/// standby.
fn message_envelope(number: &BusinessNumber, value: Value, standby: bool) -> Value {
    let (field, value) = if standby { handover::standby(value) } else { (MESSAGES, value) };
    meta::envelope(number, field, &value)
}
