//! Sockets, in the contract of Pipes.bot: who may open one, what comes over it, and its end.

mod connect;
mod message;

use aws_lambda_events::apigw::{
    ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
};
use http::StatusCode;
use ventanilla::{api::app::App, domain::socket::SocketId, ports::clock::Deadline};

/// Deals with an event of the gateway's. Only the answer to an opening is heard: any but 200 refuses it.
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

/// What the gateway may forget to tell.
async fn gone(app: &App, socket: &SocketId) -> StatusCode {
    match app.core.disconnect.forget_socket(socket).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::warn!(%error, "a socket that was closed could not be forgotten; it is when it is told something");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

fn answer(status: StatusCode) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status.as_u16().into();
    response
}
