//! Responses to a send, before an API formats them.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::Value;

use crate::{log::CallOutcome, serve::CutConnection, webhook::Correlation};

/// The response that the caller gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ResponsePlan {
    /// Success, with the message id.
    Success,
    /// Success without a message id.
    NoId,
    /// The status of success with half a body.
    Truncated,
    /// An error of the API.
    Error(ScriptedError),
    /// A response that no API wrote: an HTML page or an empty body.
    Page { status: u16, html: bool },
    /// No response; the connection is closed.
    Cut,
}

/// The error of a scripted fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScriptedError {
    /// An error of Meta's, by code.
    ByMeta { code: u32, http_status: Option<u16>, details: Option<String> },
    /// An error of Kaleyra's, by code; never applies to numbers of Meta's.
    ByKaleyra { code: String, http_status: Option<u16> },
    /// Rate limited, with the seconds to wait in `Retry-After`.
    TooMany { retry_after: Option<u32> },
    /// The provider fails, with this HTTP status.
    Broken { status: u16 },
    /// The caller's token or key has expired.
    Expired,
}

/// An error in the format of one API.
pub(crate) trait ErrorResponse: IntoResponse {
    /// The outcome that the log records.
    fn outcome(&self) -> CallOutcome;
}

/// How one API formats the response to a send.
pub(crate) trait ResponseFormat {
    /// The errors of this API.
    type Error: ErrorResponse;

    /// The HTTP status for an accepted message.
    const ACCEPTED: StatusCode;

    /// The id in the response, where it differs from the one on the phone.
    fn response_id(&self) -> Option<&str>;

    /// What links the status webhooks to the call.
    fn correlation(&self) -> Correlation;

    /// The body of a success. `recipient_id` is the recipient's number as Meta writes it, if known.
    fn success_body(&self, wamid: &str, recipient_id: Option<&str>) -> Value;

    /// The body of a success without a message id.
    fn without_id(&self, success_body: Value) -> Value;

    /// The response to a call that meets this error.
    fn scripted_error(&self, error: &ScriptedError) -> Self::Error;
}

impl ResponsePlan {
    /// Formats the response; `success_body` is the body of a success.
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
