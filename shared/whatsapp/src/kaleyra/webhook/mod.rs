//! Kaleyra's webhooks (facts: kaleyra.md 4). They are not signed: a secret in the URL authenticates them.
//! API V2 wraps Meta's change into an object of its own; V1 has flat fields, in a query, a form or JSON.

mod authenticate;
mod payload;
mod placeholder;
mod source;
mod v1;
mod v2;

pub use authenticate::{Authenticated, archived, authenticate};
pub use source::KaleyraWebhooks;

use serde_json::{Value, json};

use crate::lenient::text;
use ventanilla_core::domain::{
    delivery::FactKind,
    file::MediaOrigin,
    id::{ChannelId, InboundAddress, Wamid},
    inbound::{Item, Says},
    message::MessageAddress,
    phone::Phone,
    time::Timestamp,
};

/// The items of a webhook of a channel: at least one. `now` is the time of arrival, for items without a
/// time.
#[must_use]
pub fn split(webhook: &Authenticated, channel: ChannelId, now: Timestamp) -> Vec<Item> {
    let payload = webhook.payload();
    let inbound_address = InboundAddress::of_channel(channel);
    let changes = match payload.get("meta_object") {
        Some(Value::Array(changes)) => changes.clone(),
        Some(change @ Value::Object(_)) => vec![change.clone()],
        // Without the outer object, as on an older page (facts: kaleyra.md 4.2).
        _ if payload.get("messages").or(payload.get("statuses")).is_some_and(Value::is_array) => {
            return v2::items(
                &json!({}),
                &[json!({ "field": "messages", "value": payload })],
                &inbound_address,
                now,
            );
        }
        _ => Vec::new(),
    };
    if changes.is_empty() {
        return vec![v1::item_of(payload, inbound_address, now)];
    }
    v2::items(payload, &changes, &inbound_address, now)
}

fn item(inbound_address: InboundAddress, kind: &str, says: Says, raw: &Value) -> Item {
    let business = business(raw);
    let kind = kind.chars().take(64).collect();
    Item { inbound_address: Some(inbound_address), business, kind, says, raw: raw.to_string() }
}

/// The link to a message's file: beside or in `extra_info`, empty where there is none (facts: kaleyra.md
/// 4.3).
fn link(payload: &Value) -> Option<MediaOrigin> {
    let link = text(payload, "media_url").filter(|link| (1..=LINK_LIMIT).contains(&link.len()));
    link.map(|link| MediaOrigin::Link(link.into_owned()))
}

/// Longest link that is stored, in bytes.
const LINK_LIMIT: usize = 4096;

/// The business number that a webhook names.
fn business(payload: &Value) -> Option<Phone> {
    let metadata = payload.pointer("/meta_object/value/metadata");
    let named = metadata.and_then(|metadata| text(metadata, "display_phone_number"));
    named.or_else(|| text(payload, "wanumber")).and_then(|number| Phone::parse(&number).ok())
}

/// The state for Kaleyra's word. The documents write it in capitals or not, with a space or a hyphen, and V1
/// has `0` for failed (facts: kaleyra.md 4.4 and 4.5).
fn state(word: &str) -> Option<FactKind> {
    match word.trim().to_ascii_lowercase().replace([' ', '_'], "-").as_str() {
        "0" | "not-sent" => Some(FactKind::Failed),
        other => FactKind::from_word(other),
    }
}

/// The references to a message of ours: our own reference, and every id of it that the webhook has.
struct Trail {
    echo: Option<MessageAddress>,
    ids: Vec<Wamid>,
}

impl Trail {
    /// Reads `extra_info` as well as the fields beside it.
    fn of(payload: &Value, fields: &[&str]) -> Self {
        let extra = payload.get("extra_info").unwrap_or(&Value::Null);
        let echo = [extra, payload].iter().find_map(|place| MessageAddress::from_echo(&text(place, "ref")?));
        let mut ids = Vec::new();
        for id in
            [payload, extra].iter().flat_map(|place| fields.iter().filter_map(|field| text(place, field)))
        {
            ids.extend(Wamid::of_kaleyra(&id).filter(|id| !ids.contains(id)));
        }
        Self { echo, ids }
    }
}
