//! Sockets in the contract of Pipes.bot: opening, frames, closing.

mod connect;
mod message;

use aws_lambda_events::apigw::{
    ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
};
use http::StatusCode;
use ventanilla::{api::app::App, domain::socket::SocketId, ports::clock::Deadline};

/// Handles an event of the gateway's. Only the response to an opening matters: anything but 200 rejects it.
pub async fn handle(
    app: &App,
    event: ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> ApiGatewayProxyResponse {
    let context = &event.request_context;
    let Some(socket) = named(context) else { return answer(StatusCode::BAD_REQUEST) };
    match context.event_type.as_deref() {
        Some("CONNECT") => answer(connect::connect(app, socket, &event).await),
        Some("DISCONNECT") => answer(gone(app, &socket).await),
        _ => answer(message::message(app, &socket, event, deadline).await),
    }
}

fn named(context: &ApiGatewayWebsocketProxyRequestContext) -> Option<SocketId> {
    context.connection_id.clone()?.try_into().ok()
}

/// Handles a close, which the gateway may fail to report.
async fn gone(app: &App, socket: &SocketId) -> StatusCode {
    match app.core.disconnect.forget_socket(socket).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::warn!(%error, "the rows of a closed socket could not be deleted; the next push to it does");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

fn answer(status: StatusCode) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status.as_u16().into();
    response
}
