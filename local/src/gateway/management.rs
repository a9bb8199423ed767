//! The management API, over which the function speaks to sockets.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection, ws::Utf8Bytes},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::json;
use ventanilla::api::common::request::{PathParams, path_param};

use super::{Door, Gone, Health, LONGEST_MESSAGE, connection::NORMAL};

/// The parameter of the path.
const CONNECTION: &str = "connection";

impl IntoResponse for Gone {
    /// API Gateway names the exception in a header and leaves the body empty.
    fn into_response(self) -> Response {
        (StatusCode::GONE, [("x-amzn-errortype", "GoneException")]).into_response()
    }
}

/// Writes the body to the socket as one text.
pub(super) async fn post(
    State(door): State<Door>,
    params: PathParams,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(body) = body.ok().filter(|body| body.len() <= LONGEST_MESSAGE) else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", "Payload too large");
    };
    let Ok(text) = Utf8Bytes::try_from(body) else {
        return refused(StatusCode::BAD_REQUEST, "BadRequestException", "Not UTF-8");
    };
    if door.gateway.health() == Health::Down {
        return down();
    }
    match door.gateway.write(path_param(&params, CONNECTION), text).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(gone) => gone.into_response(),
    }
}

/// Tells of the socket.
pub(super) async fn get(State(door): State<Door>, params: PathParams) -> Response {
    let told = door.gateway.with(path_param(&params, CONNECTION), |live| {
        json!({
            "connectedAt": live.connection.connected_at.iso_millis(),
            "identity": { "sourceIp": "127.0.0.1", "userAgent": live.connection.user_agent },
            "lastActiveAt": live.active_at.iso_millis(),
        })
    });
    match told {
        Ok(told) => ([(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response(),
        Err(gone) => gone.into_response(),
    }
}

/// Closes the socket.
pub(super) async fn delete(State(door): State<Door>, params: PathParams) -> Response {
    if door.gateway.health() == Health::Down {
        return down();
    }
    match door.gateway.close(path_param(&params, CONNECTION), NORMAL) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(gone) => gone.into_response(),
    }
}

fn down() -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", "Service unavailable")
}

fn refused(status: StatusCode, exception: &'static str, message: &str) -> Response {
    let headers = [("x-amzn-errortype", exception), ("content-type", "application/json")];
    (status, headers, json!({ "message": message }).to_string()).into_response()
}
