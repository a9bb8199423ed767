//! Webhooks of conversations that somebody else owns, and of owners that change
//! (facts: onboarding.md 4; template-rules.md 5.3).

use serde_json::{Map, Value, json};

use super::{Webhook, meta};
use crate::{BusinessNumber, phone::Phone, routing::Handover};

/// The field of webhooks that are for listening only.
const STANDBY: &str = "standby";

/// The field of webhooks about a change of owner.
const HANDOVERS: &str = "messaging_handovers";

/// What somebody says of a handover.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandoverNotes {
    /// Up to 2,000 characters.
    pub(crate) metadata: Option<String>,
    /// What was talked about; only with what is passed.
    pub(crate) summary: Option<String>,
}

/// The field and the `value` under which the `value` of field `messages` comes to who only stands by.
pub(super) fn standby(mut value: Value) -> (&'static str, Value) {
    let mut whole = Map::new();
    let mut items = Map::new();
    for (name, item) in value.as_object_mut().map(std::mem::take).unwrap_or_default() {
        let place = if name == "messaging_product" || name == "metadata" { &mut whole } else { &mut items };
        place.insert(name, item);
    }
    whole.insert(STANDBY.into(), items.into());
    (STANDBY, whole.into())
}

impl Webhook {
    /// The webhook of a message that another responder sent, with the body it was sent with.
    pub(crate) fn standby_echo(number: &BusinessNumber, wamid: &str, sent: &Value, at: i64) -> Option<Self> {
        let echo = json!({"id": wamid, "timestamp": at.to_string(), "message": sent});
        let (field, value) = standby(meta::value(number, None, "message_echoes", echo));
        Self::change(number, wamid, field, &value)
    }

    /// The webhook of a change of owner. It has no `metadata`, and names the customer by phone number only.
    pub(crate) fn handover(
        number: &BusinessNumber,
        customer: &Phone,
        handover: Handover,
        notes: &HandoverNotes,
        at: i64,
    ) -> Option<Self> {
        let kind = handover.kind.as_str();
        let mut value = Map::new();
        value.insert("messaging_product".into(), "whatsapp".into());
        if let Some(wa_id) = &customer.wa_id {
            value.insert("sender".into(), json!({"phone_number": wa_id}));
        }
        value.insert("recipient".into(), meta::metadata(number));
        value.insert("type".into(), kind.into());
        value.insert("timestamp".into(), at.to_string().into());
        value.insert(kind.into(), owners(handover, notes));
        Self::change(number, "", HANDOVERS, &value.into())
    }
}

fn owners(handover: Handover, notes: &HandoverNotes) -> Value {
    let mut owners = Map::new();
    if let Some(previous) = handover.previous {
        owners.insert("previous_owner_role".into(), json!(previous));
    }
    owners.insert("new_owner_role".into(), json!(handover.new));
    if let Some(metadata) = &notes.metadata {
        owners.insert("metadata".into(), metadata.as_str().into());
    }
    if let Some(summary) = &notes.summary {
        let context = json!({"type": "summary", "summary": {"text": summary}});
        owners.insert("conversation_context".into(), context);
    }
    owners.into()
}
