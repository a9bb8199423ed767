//! Frames of sockets: replies and reactions, each answered by a `reply_status` in the order of arrival. A
//! frame that the gateway received is processed, even if its socket closed meanwhile.

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
    usecases::live::OrderError,
};

/// The wait before a frame is retried that could not be processed; each time twice as long.
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
            // The gateway calls once, and the client may be gone.
            Err(error) if error.is_transient() && function.clock.now().plus(wait) < deadline.0 => {
                tracing::warn!(%error, "a frame could not be processed; it is retried");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            Err(error) => {
                tracing::error!(metric = "frame_failed", %error,
                    "a frame could not be processed; if it is stored, the next frame's invocation does, or the sweep");
                let reply =
                    pipes::error("UNAVAILABLE", "The frame could not be dealt with now; it may still be.");
                // Best effort: the gateway may be unreachable as well.
                function.connections.send_frame(id, &reply).await.ok();
                return StatusCode::SERVICE_UNAVAILABLE;
            }
        }
    }
}

/// The row of a socket is written before the gateway accepts frames from it, and stays for longer than the
/// gateway keeps any: so the socket of every frame is known.
async fn take(
    function: &SocketFunction,
    id: &SocketId,
    event: &ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> Result<StatusCode, OrderError> {
    let Some(opened) = function.sockets.opened(id).await? else {
        turn_away(function, id).await?;
        return Ok(StatusCode::GONE);
    };
    let Some(grant) = opened.grant() else {
        turn_away(function, id).await?;
        return Ok(StatusCode::GONE);
    };
    if pipes::is_ping(event.body.as_deref().unwrap_or_default().as_bytes()) {
        function.connections.send_frame(id, &pipes::pong()).await.ok();
    } else {
        let Some(frame) = frame(&opened.tenant, id, grant, event) else { return Ok(StatusCode::BAD_REQUEST) };
        function.ordering.in_turn(frame, deadline, function.commands.as_ref()).await?;
    }
    if !opened.listens() {
        // If it is still open, its client gets no events: it should reconnect.
        function.disconnect.drop_socket(id).await?;
    }
    Ok(StatusCode::OK)
}

/// Handles a frame of an unknown socket that is still open: its client is told that nothing was done, and
/// reconnects.
async fn turn_away(function: &SocketFunction, id: &SocketId) -> Result<(), StoreError> {
    tracing::error!(metric = "frame_failed", "a frame of an unknown socket; it is not processed");
    let reply = pipes::error("CONNECTION_LOST", "Nothing was done with the frame; connect again.");
    // Best effort: it may be gone.
    function.connections.send_frame(id, &reply).await.ok();
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
