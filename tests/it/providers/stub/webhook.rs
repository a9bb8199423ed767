//! The stub's webhooks: a secret in their address proves them.

use secrecy::ExposeSecret;
use serde_json::Value;
use ventanilla::{
    domain::{
        channel::Origin,
        contact::{Address, Identity},
        delivery::{Fact, FactKind},
        id::{InboundAddress, Wamid},
        inbound::{InboundMessage, Item, MessageOrigin, Says, StatusReport, Unreadable},
        message::{Direction, MessageAddress},
        raw::RawItem,
        time::Timestamp,
    },
    whatsapp::webhook::{Addressing, NotAuthentic, WebhookCall, WebhookKey, WebhookSource},
};

use super::config::StubSecret;

pub(super) struct StubWebhooks;

/// A webhook whose secret was right.
pub(super) struct Authentic(Value);

impl WebhookSource for StubWebhooks {
    type Authentic<'a> = Authentic;

    const ADDRESSING: Addressing = Addressing::Channel;

    fn authenticate(&self, call: WebhookCall<'_>, key: WebhookKey<'_>) -> Result<Authentic, NotAuthentic> {
        let WebhookKey::Channel(secret) = key else { return Err(NotAuthentic) };
        let expected = secret.of::<StubSecret>().ok_or(NotAuthentic)?.callback.expose_secret();
        if call.path_secret != Some(expected) {
            return Err(NotAuthentic);
        }
        Ok(Authentic(serde_json::from_slice(call.body).unwrap_or_default()))
    }

    fn archived(&self, kept: &RawItem) -> Vec<Authentic> {
        kept.items().map(|item| Authentic(serde_json::from_str(item).unwrap_or_default())).collect()
    }

    fn split(&self, webhook: &Authentic, origin: &Origin, now: Timestamp) -> Vec<Item> {
        let Origin::Channel(channel) = origin else { return Vec::new() };
        let (kind, says) = translate(&webhook.0, now);
        let (address, raw) = (Some(InboundAddress::of_channel(*channel)), webhook.0.to_string());
        vec![Item { inbound_address: address, business: None, kind: format!("stub/{kind}"), says, raw }]
    }
}

fn translate(webhook: &Value, now: Timestamp) -> (&'static str, Says) {
    if let Some(message) = webhook.get("message") {
        let says = inbound(message, now).map(|message| Says::Message(Box::new(message)));
        return ("message", says.unwrap_or(Says::Unreadable(Unreadable::NoCustomer)));
    }
    if let Some(status) = webhook.get("status") {
        let says = report(status, now).map(|report| Says::Status(Box::new(report)));
        return ("status", says.unwrap_or(Says::Unreadable(Unreadable::NoId)));
    }
    ("other", Says::Other)
}

fn id(value: &Value) -> Option<Wamid> {
    value["id"].as_str()?.to_owned().try_into().ok()
}

fn inbound(message: &Value, now: Timestamp) -> Option<InboundMessage> {
    Some(InboundMessage {
        wamid: id(message)?,
        customer: Identity::of(Address::read(message["from"].as_str()?).ok()?),
        direction: Direction::Inbound,
        at: now,
        kind: "text".to_owned(),
        text: message["text"].as_str().map(str::to_owned),
        parts: Box::default(),
        file: None,
        refers_to: None,
        moved_to: None,
        origin: MessageOrigin::Live,
        history_status: None,
    })
}

fn report(status: &Value, now: Timestamp) -> Option<StatusReport> {
    Some(StatusReport {
        wamid: id(status)?,
        aliases: Vec::new(),
        kind: FactKind::from_word(status["word"].as_str()?)?,
        fact: Fact::at(now),
        recipient: None,
        recipient_user: None,
        recipient_parent: None,
        echo: status["ref"].as_str().and_then(MessageAddress::from_echo),
    })
}
