//! `GET /v1/messaging-channel-connections`: the channels that a message can go out on.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::enveloped;
use crate::{
    api::common::Encoded,
    domain::channel::{Channel, ChannelName},
    service::connections::{Connection, Standing},
};

/// The connections, as the vendor documents them.
#[must_use]
pub fn connections(all: &[Connection]) -> Encoded {
    let all: Vec<Value> = all.iter().map(shape).collect();
    let body = enveloped(&json!({ "messaging_channel_connections": all }), None);
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
}

fn shape(it: &Connection) -> Value {
    json!({
        "id": it.channel.id,
        "name": name(&it.channel),
        "messaging_channel_id": "whatsapp",
        "default": it.is_default,
        "connected": match it.standing {
            Standing::Connected => true,
            Standing::Disconnected => false,
        },
    })
}

/// A channel that nobody named goes by its number.
fn name(channel: &Channel) -> String {
    let named = channel.name.as_ref().map(ChannelName::as_str).map(str::to_owned);
    named.unwrap_or_else(|| format!("WhatsApp {}", channel.number.e164()))
}
