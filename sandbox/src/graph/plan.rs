//! What a scripted fault makes of a call.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::Value;

use super::error::GraphError;
use crate::{
    callback::Failure,
    fault::{CallbackShape, ErrorBody, Fault},
    log::Verdict,
    serve::CutConnection,
};

/// How a well-formed call goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the provider takes the message.
    pub(super) accept: bool,
    pub(super) failure: Option<Failure>,
    pub(super) shape: CallbackShape,
    /// The wait between taking the message and answering.
    pub(super) wait: Duration,
    pub(super) answer: Answer,
}

/// What the caller gets to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The honest answer to an accepted message.
    Success,
    /// Success without a message id.
    NoId,
    /// HTTP 200 and half a body.
    Truncated,
    /// A Graph error.
    Error(GraphError),
    /// A page no Graph API wrote.
    Page { status: u16, html: bool },
    /// Nothing; the connection is closed.
    Cut,
}

impl Plan {
    /// The plan for a call that this fault struck, or none.
    pub(super) fn of(fault: Option<Fault>) -> Self {
        match fault {
            None => Self::accepted(),
            Some(Fault::Callbacks(shape)) => Self { shape, ..Self::accepted() },
            Some(Fault::FailLater { code, after_sent }) => {
                Self { failure: Some(Failure { code, after_sent }), ..Self::accepted() }
            }
            Some(Fault::Hang { ms, accepted }) => {
                let answer = if accepted { Answer::Success } else { Answer::Error(GraphError::new(2)) };
                Self { wait: Duration::from_millis(ms), ..Self::new(accepted, answer) }
            }
            Some(Fault::NoId) => Self::new(true, Answer::NoId),
            Some(Fault::Cut { accepted }) => Self::new(accepted, Answer::Cut),
            Some(Fault::Unreadable { accepted }) => Self::new(accepted, Answer::Truncated),
            Some(Fault::ServerError { status, body, accepted }) => {
                Self::new(accepted, server_error(status, body))
            }
            Some(Fault::Refuse { code, http_status, details }) => {
                Self::new(false, Answer::Error(refusal(code, http_status, details)))
            }
            Some(Fault::RateLimit { retry_after }) => {
                let error = GraphError::new(130_429)
                    .status(429)
                    .details("Message failed to send: the throughput of the number is used up.")
                    .retry_after(retry_after);
                Self::new(false, Answer::Error(error))
            }
            Some(Fault::ExpiredToken) => {
                let message = "Error validating access token: Session has expired.";
                Self::new(false, Answer::Error(GraphError::token(message)))
            }
        }
    }

    /// What the log says of a message that was not accepted.
    pub(super) fn verdict(&self) -> Verdict {
        match &self.answer {
            Answer::Error(error) => Verdict::Refused { code: error.code },
            _ => Verdict::Lost,
        }
    }

    fn accepted() -> Self {
        Self::new(true, Answer::Success)
    }

    fn new(accept: bool, answer: Answer) -> Self {
        Self { accept, failure: None, shape: CallbackShape::default(), wait: Duration::ZERO, answer }
    }
}

impl Answer {
    /// The response; `receipt` is the honest one.
    pub(super) fn respond(self, mut receipt: Value) -> Response {
        match self {
            Self::Success => Json(receipt).into_response(),
            Self::NoId => {
                if let Some(receipt) = receipt.as_object_mut() {
                    receipt.insert("messages".into(), Value::Array(Vec::new()));
                }
                Json(receipt).into_response()
            }
            Self::Truncated => {
                let text = receipt.to_string();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                ([(header::CONTENT_TYPE, "application/json")], half).into_response()
            }
            Self::Error(error) => error.into_response(),
            Self::Page { status, html } => page(status, html),
            Self::Cut => {
                let mut response = StatusCode::BAD_GATEWAY.into_response();
                response.extensions_mut().insert(CutConnection);
                response
            }
        }
    }
}

fn server_error(status: u16, body: ErrorBody) -> Answer {
    match body {
        ErrorBody::Json => {
            let code = if status == 503 { 2 } else { 131_000 };
            Answer::Error(GraphError::new(code).status(status))
        }
        ErrorBody::Html => Answer::Page { status, html: true },
        ErrorBody::Empty => Answer::Page { status, html: false },
    }
}

fn refusal(code: u32, http_status: Option<u16>, details: Option<String>) -> GraphError {
    let error = GraphError::new(code);
    let error = match details {
        Some(details) => error.details(details),
        None => error,
    };
    match http_status {
        Some(status) => error.status(status),
        None => error,
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
