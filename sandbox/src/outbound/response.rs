//! What a caller gets to see, before an endpoint puts it into its own words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::Value;

use crate::{log::Verdict, serve::CutConnection, webhook::Trail};

/// What the caller gets to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The honest answer to an accepted message.
    Success,
    /// Success without a message id.
    NoId,
    /// The status of success and half a body.
    Truncated,
    /// An error of the API.
    Refused(Refusal),
    /// A page no API wrote.
    Page { status: u16, html: bool },
    /// Nothing; the connection is closed.
    Cut,
}

/// Why a scripted fault refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
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
pub(crate) trait ErrorAnswer: IntoResponse {
    /// What the log says of the call.
    fn verdict(&self) -> Verdict;
}

/// How one API answers one call to send a message.
pub(crate) trait Dialect {
    /// Its errors.
    type Error: ErrorAnswer;

    /// The HTTP status that says the message was taken.
    const TAKEN: StatusCode;

    /// The id that the answer gives, where it is another than the one on the phone.
    fn own_id(&self) -> Option<&str>;

    /// What leads the status callbacks back to the call.
    fn trail(&self) -> Trail;

    /// The honest answer. `known_as` is the recipient's number as Meta writes it, where it is known.
    fn receipt(&self, wamid: &str, known_as: Option<&str>) -> Value;

    /// The honest answer without any message id.
    fn without_id(&self, receipt: Value) -> Value;

    /// The answer to a call that was refused for this reason.
    fn refusal(&self, refusal: &Refusal) -> Self::Error;
}

impl Answer {
    /// The response; `receipt` is the honest one.
    pub(super) fn respond<D: Dialect>(&self, dialect: &D, receipt: Value) -> Response {
        match self {
            Self::Success => (D::TAKEN, Json(receipt)).into_response(),
            Self::NoId => (D::TAKEN, Json(dialect.without_id(receipt))).into_response(),
            Self::Truncated => {
                let text = receipt.to_string();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                (D::TAKEN, [(header::CONTENT_TYPE, "application/json")], half).into_response()
            }
            Self::Refused(refusal) => dialect.refusal(refusal).into_response(),
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
