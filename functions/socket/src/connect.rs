//! Opens sockets: `?apiKey=`, `Authorization` or a single-use `?ticket=`, and the audience. Keys and tickets
//! are never logged.

use super::SocketFunction;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use http::{HeaderMap, StatusCode, header};
use ventanilla::{
    api::contracts::pipes::ids,
    domain::{caller::KeyHash, socket::SocketId},
    ports::credentials::Freshness,
    usecases::live::{ConnectError, ConnectRequest},
};

/// Whether a socket may be opened: 401 without a valid key or ticket, 403 for a foreign conversation or
/// channel, 400 for an invalid parameter (facts: seed-apis.md 3.2).
pub(super) async fn connect(
    function: &SocketFunction,
    socket: SocketId,
    event: &ApiGatewayWebsocketProxyRequest,
) -> StatusCode {
    let opened = async {
        let entry = entry(function, socket, event).await?;
        function.connect.open_socket(entry).await
    };
    match opened.await {
        Ok(socket) => {
            tracing::info!(tenant = %socket.tenant, "a socket was opened");
            StatusCode::OK
        }
        Err(ConnectError::Unknown) => StatusCode::UNAUTHORIZED,
        Err(ConnectError::Forbidden) => StatusCode::FORBIDDEN,
        Err(ConnectError::Unreadable) => StatusCode::BAD_REQUEST,
        Err(error @ (ConnectError::NameTaken | ConnectError::Store(_))) => {
            tracing::error!(%error, "a socket could not be opened");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn entry(
    function: &SocketFunction,
    socket: SocketId,
    event: &ApiGatewayWebsocketProxyRequest,
) -> Result<ConnectRequest, ConnectError> {
    let asked = |name: &str| event.query_string_parameters.first(name).filter(|value| !value.is_empty());
    let key = match (asked("ticket"), asked("apiKey"), bearer(&event.headers)) {
        (Some(ticket), ..) => function.tickets.take_ticket(ticket).await?,
        (None, Some(key), _) | (None, None, Some(key)) => KeyHash::of(key).ok_or(ConnectError::Unknown)?,
        (None, None, None) => return Err(ConnectError::Unknown),
    };
    function.connect.listener(&key, Freshness::Cached).await?;
    // An invalid id gets the same status as a foreign one.
    let conversation = asked("conversationId").map(ids::read_conversation).transpose();
    let channel = asked("poolNumberId").map(ids::read_pool_number).transpose();
    let resume_from = asked("resume_from").map(str::parse).transpose();
    Ok(ConnectRequest {
        socket,
        key,
        conversation: conversation.map_err(|_| ConnectError::Forbidden)?,
        channel: channel.map_err(|_| ConnectError::Forbidden)?,
        resume_from: resume_from.map_err(|_| ConnectError::Unreadable)?,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
