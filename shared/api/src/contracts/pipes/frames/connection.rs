//! Frames about the socket itself: it is open, it closes soon, it has missed events for good.

use serde::Serialize;

use super::{
    super::types::{LogCursor, PoolNumberId},
    frame::{Named, TypeOf},
};
use crate::common::ids;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    log::Cursor,
    socket::{Audience, Socket},
};

/// The socket is open.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Connected {
    #[serde(rename = "type")]
    kind: TypeOf<Self>,
    /// `user_` and the company's id.
    user_id: String,
    connection_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_number_id: Option<PoolNumberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ConversationId>"))]
    conversation_id: Option<String>,
    scope: SocketScope,
    /// What follows it will be told.
    cursor: LogCursor,
    /// How far the log went just now.
    log_end: LogCursor,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
enum SocketScope {
    User,
    Conversation,
}

impl Named for Connected {
    const TYPE: &'static str = "connected";
}

impl Connected {
    pub(super) fn of(socket: &Socket, end: Cursor) -> Self {
        let (pool_number_id, conversation_id, scope) = match socket.audience {
            Audience::Tenant => (None, None, SocketScope::User),
            Audience::Channel { of_channel } => (Some(of_channel.into()), None, SocketScope::User),
            Audience::Conversation { of_conversation } => {
                (None, Some(ids::conversation_id(of_conversation)), SocketScope::Conversation)
            }
        };
        Self {
            kind: TypeOf::default(),
            user_id: format!("user_{}", socket.tenant),
            connection_id: socket.id.as_str().to_owned(),
            pool_number_id,
            conversation_id,
            scope,
            // A client without a cursor starts at the end of the log at the time of its opening.
            cursor: socket.since().unwrap_or(end).into(),
            log_end: end.into(),
        }
    }
}

/// The gateway ends the socket soon.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Reconnect {
    #[serde(rename = "type")]
    kind: TypeOf<Self>,
    /// When the gateway ends it at the latest.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    #[serde(rename = "reconnectAt")]
    ends_at: String,
    /// Where the socket came in: a place that you have certainly passed. The highest cursor that you met yourself
    /// spares you hearing twice what followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<LogCursor>,
}

impl Named for Reconnect {
    const TYPE: &'static str = "reconnect";
}

impl From<&Socket> for Reconnect {
    fn from(socket: &Socket) -> Self {
        Self {
            kind: TypeOf::default(),
            ends_at: socket.closes_at().iso_millis(),
            cursor: socket.since().map(LogCursor::from),
        }
    }
}

/// What follows the client's cursor is not kept any more.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct ResyncRequired {
    #[serde(rename = "type")]
    kind: TypeOf<Self>,
    cursor: LogCursor,
}

impl Named for ResyncRequired {
    const TYPE: &'static str = "resync_required";
}

impl From<Cursor> for ResyncRequired {
    fn from(end: Cursor) -> Self {
        Self { kind: TypeOf::default(), cursor: end.into() }
    }
}

/// So many messages that waited were dropped.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[cfg_attr(feature = "schema", schemars(inline))]
pub(super) struct MessagesDropped {
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub(super) count: u64,
}

impl Named for MessagesDropped {
    const TYPE: &'static str = "messages_dropped";
}

/// The answer to a ping.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Pong {
    #[serde(rename = "type")]
    kind: TypeOf<Self>,
}

impl Named for Pong {
    const TYPE: &'static str = "pong";
}
