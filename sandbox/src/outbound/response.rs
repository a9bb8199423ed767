//! What a caller gets to see, before an endpoint puts it into its own words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::Value;

use crate::{log::CallOutcome, serve::CutConnection, webhook::Correlation};

/// What the caller gets to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ResponsePlan {
    /// The honest answer to an accepted message.
    Success,
    /// Success without a message id.
    NoId,
    /// The status of success and half a body.
    Truncated,
    /// An error of the API.
    Error(ScriptedError),
    /// A page no API wrote.
    Page { status: u16, html: bool },
    /// Nothing; the connection is closed.
    Cut,
}

/// Why a scripted fault refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScriptedError {
    /// For a reason of Meta's, with its code.
    ByMeta { code: u32, http_status: Option<u16>, details: Option<String> },
    /// For a reason of Kaleyra's, with its code; strikes no number of Meta's.
    ByKaleyra { code: String, http_status: Option<u16> },
    /// Too many calls; with the seconds after which to come back.
    TooMany { retry_after: Option<u32> },
    /// Something is broken on this side.
    Broken { status: u16 },
    /// The caller's token or key is no longer good.
    Expired,
}

/// An error as one API words it.
pub(crate) trait ErrorResponse: IntoResponse {
    /// What the log says of the call.
    fn outcome(&self) -> CallOutcome;
}

/// How one API answers one call to send a message.
pub(crate) trait ResponseFormat {
    /// Its errors.
    type Error: ErrorResponse;

    /// The HTTP status that says the message was taken.
    const ACCEPTED: StatusCode;

    /// The id that the answer gives, where it is another than the one on the phone.
    fn response_id(&self) -> Option<&str>;

    /// What leads the status callbacks back to the call.
    fn correlation(&self) -> Correlation;

    /// The honest answer. `known_as` is the recipient's number as Meta writes it, where it is known.
    fn success_body(&self, wamid: &str, recipient_id: Option<&str>) -> Value;

    /// The honest answer without any message id.
    fn without_id(&self, success_body: Value) -> Value;

    /// The answer to a call that was refused for this reason.
    fn scripted_error(&self, error: &ScriptedError) -> Self::Error;
}

impl ResponsePlan {
    /// The response; `receipt` is the honest one.
    pub(super) fn respond<D: ResponseFormat>(&self, format: &D, success_body: Value) -> Response {
        match self {
            Self::Success => (D::ACCEPTED, Json(success_body)).into_response(),
            Self::NoId => (D::ACCEPTED, Json(format.without_id(success_body))).into_response(),
            Self::Truncated => {
                let text = success_body.to_string();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                (D::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], half).into_response()
            }
            Self::Error(error) => format.scripted_error(error).into_response(),
            Self::Page { status, html } => page(*status, *html),
            Self::Cut => {
                let mut response = StatusCode::BAD_GATEWAY.into_response();
                response.extensions_mut().insert(CutConnection);
                response
            }
        }
    }
}

fn page(status: u16, html: bool) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !html {
        return status.into_response();
    }
    let page = format!("<!DOCTYPE html>\n<html><body><h1>{status}</h1></body></html>\n");
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
