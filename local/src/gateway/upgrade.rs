//! A client asks for a socket.

use aws_lambda_events::{apigw::ApiGatewayProxyResponse, encodings::Body};
use axum::{
    extract::{Request, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{Door, LONGEST_FRAME, LONGEST_MESSAGE, call, connection::Life, event::Connection};

/// Asks the function first: its 200 opens the socket, anything else is the answer.
pub(super) async fn open(State(door): State<Door>, upgrade: WebSocketUpgrade, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let connection = Connection::new(door.app.clock.now(), &parts.headers);
    let event = connection.connect(&parts.headers, parts.uri.query());
    match call(&door.app, event).await {
        Ok(answer) if answer.status_code == 200 => {
            let protocol = answer.headers.get(header::SEC_WEBSOCKET_PROTOCOL).cloned();
            welcome(door, connection, upgrade, protocol)
        }
        Ok(answer) => refusal(answer),
        Err(_) => broken(&connection),
    }
}

/// Opens the socket. It can be spoken to before the client hears of it, so whoever has just heard can count on
/// it; what is said meanwhile waits for the end of the hand-shake.
fn welcome(
    door: Door,
    connection: Connection,
    mut upgrade: WebSocketUpgrade,
    protocol: Option<HeaderValue>,
) -> Response {
    if let Some(protocol) = protocol {
        upgrade.set_selected_protocol(protocol);
    }
    let orders = door.gateway.enter(&connection);
    let life = Life::new(door.gateway, door.app, connection);
    let stillborn = life.clone();
    upgrade
        .max_frame_size(LONGEST_FRAME)
        .max_message_size(LONGEST_MESSAGE)
        .on_failed_upgrade(move |_: axum::Error| stillborn.end_unopened())
        .on_upgrade(move |socket| life.live(socket, orders))
}

/// The function's no, as it said it.
fn refusal(answer: ApiGatewayProxyResponse) -> Response {
    let status = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.filter(|status| !status.is_informational()).unwrap_or(StatusCode::BAD_GATEWAY);
    let body = match answer.body {
        Some(Body::Text(text)) => text.into_bytes(),
        Some(Body::Binary(bytes)) => bytes,
        _ => Vec::new(),
    };
    (status, answer.headers, body).into_response()
}

/// The function broke off.
fn broken(connection: &Connection) -> Response {
    let body = json!({ "message": "Internal server error", "connectionId": connection.id });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_GATEWAY, json, body.to_string()).into_response()
}
