//! Sockets in the contract of Pipes.bot: opening, frames, closing.

mod connect;
mod message;

use std::sync::Arc;

use aws_lambda_events::apigw::{
    ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
};
use http::StatusCode;
use ventanilla::{
    api::{
        app::{App, SendUseCases},
        contracts::pipes::socket_commands::CarriesOut,
    },
    domain::socket::SocketId,
    ports::{
        clock::{Clock, Deadline},
        files::FileStore,
        sockets::{Connections, SocketRecords},
    },
    usecases::{Connect, Disconnect, FrameOrder, Tickets},
};

/// What this function works with.
pub struct SocketFunction {
    connect: Connect,
    tickets: Tickets,
    ordering: FrameOrder,
    disconnect: Disconnect,
    commands: Arc<CarriesOut>,
    sockets: Arc<dyn SocketRecords>,
    connections: Arc<dyn Connections>,
    clock: Arc<dyn Clock>,
}

impl SocketFunction {
    /// Builds it of these.
    #[must_use]
    pub fn new(app: App, bucket: &Arc<dyn FileStore>, connections: &Arc<dyn Connections>) -> Self {
        let ports = &app.core.ports;
        let send = Arc::new(SendUseCases::new(ports, bucket));
        Self {
            connect: Connect::new(ports, connections),
            tickets: Tickets::new(ports),
            ordering: FrameOrder::new(ports, connections),
            disconnect: Disconnect::new(ports, connections),
            sockets: Arc::clone(&ports.sockets),
            connections: Arc::clone(connections),
            clock: Arc::clone(&app.clock),
            commands: Arc::new(CarriesOut::new(app, send, connections)),
        }
    }
}

/// Handles an event of the gateway's. Only the response to an opening matters: anything but 200 rejects it.
pub async fn handle(
    function: &SocketFunction,
    event: ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> ApiGatewayProxyResponse {
    let context = &event.request_context;
    let Some(socket) = named(context) else { return answer(StatusCode::BAD_REQUEST) };
    match context.event_type.as_deref() {
        Some("CONNECT") => answer(connect::connect(function, socket, &event).await),
        Some("DISCONNECT") => answer(gone(&function.disconnect, &socket).await),
        _ => answer(message::message(function, &socket, event, deadline).await),
    }
}

fn named(context: &ApiGatewayWebsocketProxyRequestContext) -> Option<SocketId> {
    context.connection_id.clone()?.try_into().ok()
}

/// Handles a close, which the gateway may fail to report.
async fn gone(disconnect: &Disconnect, socket: &SocketId) -> StatusCode {
    match disconnect.forget_socket(socket).await {
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
