//! `GET /v1/messaging-channel-connections`: the channels that a message can go out on.

use axum::response::Response;
use http::StatusCode;

use super::{
    errors::{AbcSales, Reader},
    types::{ChannelConnection, ChannelConnections, ChannelConnectionsData, done},
};
use crate::common::{access::Authorized, respond};
use ventanilla_core::{
    domain::channel::{Channel, ChannelName},
    usecases::channels::{ChannelHealth, ChannelStatus},
};

pub(super) async fn list_connections(Authorized { app, caller, .. }: Reader) -> Response {
    let found = async {
        let all = app.core.channels.connections(&caller.tenant).await?;
        let data = ChannelConnectionsData { messaging_channel_connections: all.iter().map(shown).collect() };
        Ok(done(StatusCode::OK, &ChannelConnections { data }))
    };
    respond::answered::<AbcSales>(found.await)
}

fn shown(it: &ChannelStatus) -> ChannelConnection {
    ChannelConnection {
        id: it.channel.id,
        name: name(&it.channel),
        messaging_channel_id: "whatsapp",
        is_default: it.is_default,
        connected: match it.health {
            ChannelHealth::Connected => true,
            ChannelHealth::Disconnected => false,
        },
    }
}

/// The name of a channel; for one without, its number.
fn name(channel: &Channel) -> String {
    let named = channel.name.as_ref().map(ChannelName::as_str).map(str::to_owned);
    named.unwrap_or_else(|| format!("WhatsApp {}", channel.number.e164()))
}
