//! Accepts or rejects new sockets.

use aws_lambda_events::{apigw::ApiGatewayProxyResponse, encodings::Body};
use axum::{
    extract::{Request, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, RouteState, connection::Connection, event::ConnectionInfo};

/// Invokes the function first: its 200 accepts the socket, anything else is the response.
pub(super) async fn connect(
    State(state): State<RouteState>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let connection = ConnectionInfo::new(state.invoker.clock.now(), &parts.headers);
    let event = connection.connect(&parts.headers, parts.uri.query());
    match state.invoker.invoke(event).await {
        Ok(answer) if answer.status_code == 200 => {
            let protocol = answer.headers.get(header::SEC_WEBSOCKET_PROTOCOL).cloned();
            accept(state, connection, upgrade, protocol)
        }
        Ok(answer) => rejection(answer),
        Err(_) => broken(&connection),
    }
}

/// Accepts the socket. It is registered before the client gets the response, so a client can rely on it; messages until
/// then wait for the end of the handshake.
fn accept(
    state: RouteState,
    connection: ConnectionInfo,
    mut upgrade: WebSocketUpgrade,
    protocol: Option<HeaderValue>,
) -> Response {
    if let Some(protocol) = protocol {
        upgrade.set_selected_protocol(protocol);
    }
    let commands = state.gateway.register(&connection);
    let connection = Connection::new(state.gateway, state.invoker, connection);
    let failed = connection.clone();
    upgrade
        .max_frame_size(MAX_FRAME_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .on_failed_upgrade(move |_: axum::Error| failed.fail_handshake())
        .on_upgrade(move |socket| connection.run(socket, commands))
}

/// Passes on the function's rejection.
fn rejection(answer: ApiGatewayProxyResponse) -> Response {
    let status = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.filter(|status| !status.is_informational()).unwrap_or(StatusCode::BAD_GATEWAY);
    let body = match answer.body {
        Some(Body::Text(text)) => text.into_bytes(),
        Some(Body::Binary(bytes)) => bytes,
        _ => Vec::new(),
    };
    (status, answer.headers, body).into_response()
}

/// The response when the function panicked.
fn broken(connection: &ConnectionInfo) -> Response {
    let body = json!({ "message": "Internal server error", "connectionId": connection.id });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_GATEWAY, json, body.to_string()).into_response()
}
