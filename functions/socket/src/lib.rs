//! Sockets, in the contract of Pipes.bot: who may open one, what comes over it, and its end.

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
        files::Files,
        sockets::{Posts, Sockets},
    },
    usecases::{Connect, Disconnect, FrameOrder, Tickets},
};

/// What this function works with.
#[derive(Clone)]
pub struct SocketFunction {
    connect: Connect,
    tickets: Tickets,
    ordering: FrameOrder,
    disconnect: Disconnect,
    commands: Arc<CarriesOut>,
    sockets: Arc<dyn Sockets>,
    connections: Arc<dyn Posts>,
    clock: Arc<dyn Clock>,
}

impl SocketFunction {
    /// Builds it of these.
    #[must_use]
    pub fn new(app: App, bucket: &Arc<dyn Files>, connections: &Arc<dyn Posts>) -> Self {
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

/// Deals with an event of the gateway's. Only the answer to an opening is heard: any but 200 refuses it.
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

/// What the gateway may forget to tell.
async fn gone(disconnect: &Disconnect, socket: &SocketId) -> StatusCode {
    match disconnect.forget_socket(socket).await {
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
