//! Webhooks of conversations that another responder owns, and of changes of the owner (facts: onboarding.md 4;
//! template-rules.md 5.3).

use serde_json::{Map, Value, json};

use super::{Webhook, meta};
use crate::{BusinessNumber, phone::Phone, routing::Handover};

/// The webhook field for a business on standby.
const STANDBY: &str = "standby";

/// The webhook field for changes of the owner.
const HANDOVERS: &str = "messaging_handovers";

/// What the responder says about a handover.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandoverNotes {
    /// Free text of up to 2,000 characters.
    pub(crate) metadata: Option<String>,
    /// A summary of the conversation; only for passed ones.
    pub(crate) summary: Option<String>,
}

/// Turns the `value` of field `messages` into the field and `value` for a business on standby.
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
    /// The webhook of a message that another responder sent, with the body of its request.
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
