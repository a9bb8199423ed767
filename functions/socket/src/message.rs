//! What comes over a socket: replies and reactions, each answered by a `reply_status` in the order in which they
//! came. What the gateway had is carried out, whatever the socket does next: it may have ended before this is run.

use std::time::Duration;

use super::SocketFunction;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use http::StatusCode;
use ventanilla::{
    api::contracts::pipes,
    domain::{
        frame::Frame,
        id::TenantId,
        socket::{Grant, SocketId},
        time::Timestamp,
    },
    ports::{clock::Deadline, store::StoreError},
};

/// How soon the store is asked again that failed; each time twice as late.
const AGAIN_AFTER: Duration = Duration::from_millis(250);

pub(super) async fn message(
    function: &SocketFunction,
    id: &SocketId,
    event: ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> StatusCode {
    let mut wait = AGAIN_AFTER;
    loop {
        match take(function, id, &event, deadline).await {
            Ok(status) => return status,
            // The gateway calls once, and whoever sent it may be gone.
            Err(error @ StoreError::Unavailable(_)) if function.clock.now().plus(wait) < deadline.0 => {
                tracing::warn!(%error, "a frame could not be dealt with; it is tried again");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            Err(error) => {
                tracing::error!(metric = "frame_failed", %error,
                    "a frame could not be dealt with; if it is on record, the next one's call will, or the sweep");
                let told =
                    pipes::error("UNAVAILABLE", "The frame could not be dealt with now; it may still be.");
                // Best effort: the gateway may be out of reach as well.
                function.connections.post(id, &told).await.ok();
                return StatusCode::SERVICE_UNAVAILABLE;
            }
        }
    }
}

/// The row of a socket is written before the gateway takes anything from it, and stays for longer than the gateway
/// keeps any: so whatever came over it is found to have been opened.
async fn take(
    function: &SocketFunction,
    id: &SocketId,
    event: &ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> Result<StatusCode, StoreError> {
    let Some(opened) = function.sockets.opened(id).await? else {
        turn_away(function, id).await?;
        return Ok(StatusCode::GONE);
    };
    let Some(grant) = opened.grant() else {
        turn_away(function, id).await?;
        return Ok(StatusCode::GONE);
    };
    if pipes::is_ping(event.body.as_deref().unwrap_or_default().as_bytes()) {
        function.connections.post(id, &pipes::pong()).await.ok();
    } else {
        let Some(frame) = frame(&opened.tenant, id, grant, event) else { return Ok(StatusCode::BAD_REQUEST) };
        function.ordering.in_turn(frame, deadline, function.commands.as_ref()).await?;
    }
    if !opened.listens() {
        // Should it be open still, its client hears nothing of what happens: they had better come again.
        function.disconnect.drop_socket(id).await?;
    }
    Ok(StatusCode::OK)
}

/// What comes over a socket of which nothing is known, though it is open: its client hears that nothing was done,
/// and comes again.
async fn turn_away(function: &SocketFunction, id: &SocketId) -> Result<(), StoreError> {
    tracing::error!(
        metric = "frame_failed",
        "a frame of a socket of which nothing is known; nothing was done with it"
    );
    let told = pipes::error("CONNECTION_LOST", "Nothing was done with the frame; connect again.");
    // Best effort: it may be gone.
    function.connections.post(id, &told).await.ok();
    function.disconnect.drop_socket(id).await
}

fn frame(
    tenant: &TenantId,
    socket: &SocketId,
    grant: Grant,
    event: &ApiGatewayWebsocketProxyRequest,
) -> Option<Frame> {
    let context = &event.request_context;
    Some(Frame {
        tenant: tenant.clone(),
        socket: socket.clone(),
        came_at: Timestamp::from_millis(context.request_time_epoch),
        name: context.message_id.clone().or_else(|| context.request_id.clone())?,
        body: event.body.clone().unwrap_or_default(),
        grant: Some(grant),
    })
}
