//! The management API, with which the function writes to sockets and closes them.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection, ws::Utf8Bytes},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::json;
use ventanilla::api::common::request::{PathParams, path_param};

use super::{Availability, Gone, MAX_MESSAGE_BYTES, RouteState, connection::NORMAL};

/// The name of the path parameter.
const CONNECTION: &str = "connection";

impl IntoResponse for Gone {
    /// API Gateway names the exception in a header, with an empty body.
    fn into_response(self) -> Response {
        (StatusCode::GONE, [("x-amzn-errortype", "GoneException")]).into_response()
    }
}

/// Writes the body to the socket as one text message.
pub(super) async fn post(
    State(state): State<RouteState>,
    params: PathParams,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(body) = body.ok().filter(|body| body.len() <= MAX_MESSAGE_BYTES) else {
        return aws_error(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", "Payload too large");
    };
    let Ok(text) = Utf8Bytes::try_from(body) else {
        return aws_error(StatusCode::BAD_REQUEST, "BadRequestException", "Not UTF-8");
    };
    if state.gateway.availability() == Availability::Down {
        return down();
    }
    match state.gateway.write(path_param(&params, CONNECTION), text).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(gone) => gone.into_response(),
    }
}

/// Returns the properties of the socket.
pub(super) async fn get(State(state): State<RouteState>, params: PathParams) -> Response {
    let result = state.gateway.with_socket(path_param(&params, CONNECTION), |live| {
        json!({
            "connectedAt": live.connection.connected_at.iso_millis(),
            "identity": { "sourceIp": "127.0.0.1", "userAgent": live.connection.user_agent },
            "lastActiveAt": live.active_at.iso_millis(),
        })
    });
    match result {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response(),
        Err(gone) => gone.into_response(),
    }
}

/// Closes the socket with code 1000.
pub(super) async fn delete(State(state): State<RouteState>, params: PathParams) -> Response {
    if state.gateway.availability() == Availability::Down {
        return down();
    }
    match state.gateway.close(path_param(&params, CONNECTION), NORMAL) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(gone) => gone.into_response(),
    }
}

fn down() -> Response {
    aws_error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", "Service unavailable")
}

fn aws_error(status: StatusCode, exception: &'static str, message: &str) -> Response {
    let headers = [("x-amzn-errortype", exception), ("content-type", "application/json")];
    (status, headers, json!({ "message": message }).to_string()).into_response()
}
