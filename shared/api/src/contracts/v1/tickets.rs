//! `POST /v1/socket/tickets`: a ticket to open one socket, once, within a minute.

use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;

use super::errors::{Reader, answered};
use crate::app::App;
use crate::common::access::Authorized;
#[cfg(feature = "schema")]
use crate::common::schema;

/// A ticket, and until when it opens a socket.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SocketTicket", deny_unknown_fields))]
pub(super) struct TicketView {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^vt_[0-9a-f]{64}$")))]
    ticket: String,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    expires_at: String,
}

pub(super) async fn make(Authorized { app, caller, .. }: Reader, headers: HeaderMap) -> Response {
    let made = async {
        let key = App::key_of(&headers)?;
        let (ticket, expires_at) = app.core.tickets.make_ticket(&caller.tenant, &key).await?;
        Ok(TicketView { ticket, expires_at: expires_at.iso_millis() })
    };
    answered(made.await)
}
